/** Says in a message why something could not be done, where no page has a place for it. */

import { problemOf } from "@/backend/errors";
import { useToaster } from "@/components/Toast";

import { present } from "./presentation";

export function useFailed(): (error: unknown) => void {
  const toaster = useToaster();
  return (error) => {
    const problem = problemOf(error);
    if (problem === undefined) {
      toaster.failed(({ t }) => t.errors.lost);
      return;
    }
    toaster.failed(
      ({ language }) => present(problem, language).title,
      ({ language }) => {
        const { text, words } = present(problem, language);
        return words === undefined ? text : `${text} ${words}`;
      },
    );
  };
}
