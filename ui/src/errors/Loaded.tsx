/** A query's answer, or in its place: a skeleton, the error, the lost connection. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useConnected } from "@/backend/BackendProvider";
import { problemOf } from "@/backend/errors";
import { Button } from "@/components/Button";
import { EmptyState } from "@/components/layout";
import { useI18n } from "@/i18n/I18nProvider";

import { ErrorDisplay } from "./ErrorDisplay";

interface LoadedProps<Data> {
  query: UseQueryResult<Data>;
  skeleton: ReactNode;
  /** What stands above an error where the answer would have brought its own. */
  head?: ReactNode;
  children(data: Data): ReactNode;
}

/** Data that is there stays, also while a later answer fails: then the thin bar says so. */
export function Loaded<Data>({ query, skeleton, head, children }: LoadedProps<Data>) {
  const { t } = useI18n();
  const connected = useConnected();
  // What stood there before is no answer to what is asked now: it fills the wait for one, and none comes.
  const isLost = !connected && query.isPlaceholderData;
  if (query.data !== undefined && !isLost) return children(query.data);
  if (query.error === null && !isLost) return skeleton;
  const again = (
    <Button onClick={() => void query.refetch()} disabled={query.isFetching}>
      {t.common.tryAgain}
    </Button>
  );
  const problem = problemOf(query.error);
  if (problem === undefined) {
    return (
      <>
        {head}
        <EmptyState title={t.errors.lost} text={t.errors.lostText}>
          {again}
        </EmptyState>
      </>
    );
  }
  return (
    <>
      {head}
      <div className="max-w-[720px] p-6">
        <ErrorDisplay problem={problem} actions={again} deedFirst />
      </div>
    </>
  );
}
