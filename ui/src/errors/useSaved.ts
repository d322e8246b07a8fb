/** Says where a file was kept, with the way there; or why it was not. */

import type { SavedFile } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { present } from "./presentation";
import { useOpening } from "./useOpening";

export interface Saved {
  onSuccess(file: SavedFile): void;
  onError(error: Error): void;
}

export function useSaved(): Saved {
  const { t, language } = useI18n();
  const toaster = useToaster();
  const openFolder = useOpening("folder_open");
  return {
    onSuccess: ({ name, path }) =>
      toaster.done(t.saved.toDownloads(name), {
        text: path,
        action: { label: t.saved.show, perform: () => openFolder({ folder: "downloads" }) },
      }),
    onError(error) {
      const problem = problemOf(error);
      if (problem === undefined) {
        toaster.failed(t.errors.lost);
        return;
      }
      const { title, text, words } = present(problem, language);
      toaster.failed(title, words === undefined ? text : `${text} ${words}`);
    },
  };
}
