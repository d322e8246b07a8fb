/** Opens what is outside the window: a page, a folder. Where the system can't, a message says so with the address. */

import type { Arguments } from "@/backend/port";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { present } from "./presentation";

type Opening = "link_open" | "candidate_open" | "resource_open" | "token_page_open" | "folder_open";

export function useOpening<Name extends Opening>(name: Name): (given: Arguments<Name>) => void {
  const { t, language } = useI18n();
  const toaster = useToaster();
  const open = useCommand(name);
  return (given) =>
    open.mutate(given, {
      onError: (error) => {
        const problem = problemOf(error);
        if (problem === undefined) {
          toaster.failed(t.errors.lost);
          return;
        }
        const { title, text } = present(problem, language);
        toaster.failed(title, text);
      },
    });
}
