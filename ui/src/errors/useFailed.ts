/** Says in a message why something could not be done, where no page has a place for it. */

import { problemOf } from "@/backend/errors";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { present } from "./presentation";

export function useFailed(): (error: unknown) => void {
  const { t, language } = useI18n();
  const toaster = useToaster();
  return (error) => {
    const problem = problemOf(error);
    if (problem === undefined) {
      toaster.failed(t.errors.lost);
      return;
    }
    const { title, text, words } = present(problem, language);
    toaster.failed(title, words === undefined ? text : `${text} ${words}`);
  };
}
