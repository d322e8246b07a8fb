/** Says where a file was kept, with the way there; or why it was not. */

import type { SavedFile } from "@/backend/bindings";
import { useToaster } from "@/components/Toast";

import { useFailed } from "./useFailed";
import { useOpening } from "./useOpening";

export interface Saved {
  onSuccess(file: SavedFile): void;
  onError(error: Error): void;
}

export function useSaved(): Saved {
  const toaster = useToaster();
  const openFolder = useOpening("folder_open");
  const failed = useFailed();
  return {
    onSuccess: ({ name, path }) =>
      toaster.done(({ t }) => t.saved.toDownloads(name), {
        text: () => path,
        // All lie in one folder: the message of the newest leads to the others too.
        place: { name: "saved", about: path },
        action: { label: ({ t }) => t.saved.show, perform: () => openFolder({ folder: "downloads" }) },
      }),
    onError: failed,
  };
}
