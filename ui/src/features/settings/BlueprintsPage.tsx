/** The blueprints: what customers can be given, how many have each, and what is wrong with them. The looking is the
 * command line's, which has a database to try the SQL on. */

import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, FolderOpen, RotateCw } from "lucide-react";
import { useState } from "react";

import type { BlueprintCheck, BlueprintFault, BlueprintOnShelf, BlueprintSummary } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useBlueprintChecks, useShelf } from "@/backend/queries";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { ProviderGlyph, StepGlyph } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { EmptyState, Skeleton, Waiting } from "@/components/layout";
import { Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

import { PageHead } from "./SettingsFrame";

type Check = UseQueryResult<BlueprintCheck>;

function Verdict({ one, check }: { one: BlueprintOnShelf; check: Check }) {
  const { t } = useI18n();
  if (check.isFetching) return <Status look={{ shape: "setup", tone: "info", turning: true }} word={t.shelf.checking} />;
  if (check.data === undefined) {
    return one.problem === undefined ? (
      <Status look={{ shape: "unknown", tone: "idle" }} word={t.shelf.unchecked} />
    ) : (
      <Status look={{ shape: "fail", tone: "error" }} word={t.shelf.unusable} />
    );
  }
  const count = check.data.faults.length;
  return count === 0 ? (
    <Status look={{ shape: "ok", tone: "ok" }} word={t.shelf.well} />
  ) : (
    <Status look={{ shape: "fail", tone: "error" }} word={t.shelf.faults(count)} />
  );
}

/** Where a fault is: the file with its line, then the step and the place in it. */
function Fault({ fault }: { fault: BlueprintFault }) {
  const { t } = useI18n();
  const place = [fault.step === undefined ? undefined : t.shelf.step(fault.step), fault.place].filter((part) => part !== undefined);
  return (
    <li className="px-3 py-2 not-first:border-t not-first:border-border">
      <p>
        <span className="mono wrap-anywhere">{fault.line === undefined ? fault.file : `${fault.file}:${fault.line}`}</span>
        {place.length > 0 && <span className="text-caption text-text-3">{`  ${place.join(" · ")}`}</span>}
      </p>
      <p className="wrap-anywhere">{fault.message}</p>
      <p className="text-caption wrap-anywhere text-text-2">{fault.hint}</p>
    </li>
  );
}

function Steps({ summary }: { summary: BlueprintSummary }) {
  const { t } = useI18n();
  return (
    <ol aria-label={t.shelf.showSteps(summary.name)} className="mt-2 ml-6 grid gap-0.5">
      {summary.steps.map((step, place) => (
        <li key={step.id} className="grid grid-cols-[20px_auto_minmax(0,1fr)_minmax(0,1fr)] items-baseline gap-2">
          <span className="text-right text-caption text-text-3 tabular-nums">{place + 1}</span>
          <StepGlyph provider={step.provider} />
          <span>{t.step[step.kind]}</span>
          <span className="mono truncate text-text-3" title={step.kind}>{step.kind}</span>
        </li>
      ))}
    </ol>
  );
}

function Row({ one, check }: { one: BlueprintOnShelf; check: Check }) {
  const { t, language, format } = useI18n();
  const [opened, setOpened] = useState(false);
  const { name, summary, customers } = one;
  const problem = problemOf(check.error) ?? (check.data === undefined && !check.isFetching ? one.problem : undefined);
  const meta = [
    summary && t.shelf.steps(summary.steps.length),
    summary && t.shelf.usually(format.duration(summary.expected_seconds)),
    t.shelf.usedBy(customers, format.number(customers)),
    check.data && t.shelf.checkedAt(format.moment(check.data.checked_at, Date.now())),
  ].filter((part) => part !== undefined);
  return (
    <li className="p-3 not-first:border-t not-first:border-border">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <Button
          kind="ghost"
          small
          icon
          disabled={summary === undefined}
          aria-expanded={opened}
          aria-label={t.shelf.showSteps(name)}
          onClick={() => setOpened(!opened)}
          className="-ml-1"
        >
          <Icon of={ChevronRight} small className={classes("transition-transform duration-100 motion-reduce:transition-none", opened && "rotate-90")} />
        </Button>
        <div className="min-w-60 flex-1">
          <div className="flex flex-wrap items-center gap-x-2">
            <h3 className="min-w-0 font-medium wrap-anywhere">
              <Link to="/blueprints/$name" params={{ name }} title={t.blueprintEditor.edit(name)} className="rounded-chip hover:underline">
                {name}
              </Link>
            </h3>
            {summary !== undefined && <span className="text-caption text-text-3">{t.shelf.version(summary.version)}</span>}
            {summary !== undefined && <span className="text-text-2">{summary.title[language]}</span>}
          </div>
          <p className="flex items-center gap-1.5 text-mono text-text-2">
            {summary?.providers.map((provider) => <ProviderGlyph key={provider} provider={provider} small className="flex-none text-text-3" />)}
            <span className="min-w-0">{meta.join(" · ")}</span>
          </p>
        </div>
        <span role="status" className="pt-0.5">
          <Verdict one={one} check={check} />
        </span>
        <Button
          kind="ghost"
          small
          icon
          disabled={check.isFetching}
          aria-label={t.shelf.check(name)}
          title={t.shelf.check(name)}
          onClick={() => void check.refetch()}
        >
          <Icon of={RotateCw} small />
        </Button>
      </div>
      {opened && summary !== undefined && <Steps summary={summary} />}
      {problem !== undefined && !check.isFetching && (
        <div className="mt-2">
          <ErrorDisplay problem={problem} compact quiet />
        </div>
      )}
      {check.data !== undefined && check.data.faults.length > 0 && (
        <ol aria-label={t.shelf.faults(check.data.faults.length)} className="mt-2 rounded-control border border-border">
          {check.data.faults.map((fault) => (
            <Fault key={JSON.stringify(fault)} fault={fault} />
          ))}
        </ol>
      )}
    </li>
  );
}

function Shelf({ shelf }: { shelf: readonly BlueprintOnShelf[] }) {
  const { t, language } = useI18n();
  const openFolder = useOpening("folder_open");
  const checks = useBlueprintChecks(
    shelf.map(({ name }) => name),
    language,
  );
  const busy = checks.some(({ isFetching }) => isFetching);
  return (
    <>
      <PageHead title={t.settings.pages.blueprints} text={t.shelf.text}>
        <Button onClick={() => openFolder({ folder: "blueprints" })}>
          <Icon of={FolderOpen} small />
          {t.shelf.openFolder}
        </Button>
        <Button disabled={busy || shelf.length === 0} onClick={() => checks.forEach((check) => void check.refetch())}>
          <Icon of={RotateCw} small />
          {t.shelf.checkAll}
        </Button>
      </PageHead>
      {shelf.length === 0 ? (
        <EmptyState title={t.shelf.empty} text={t.shelf.emptyText} />
      ) : (
        <ul className="rounded-card border border-border">
          {shelf.map((one, place) => {
            const check = checks[place];
            return check === undefined ? null : <Row key={one.name} one={one} check={check} />;
          })}
        </ul>
      )}
    </>
  );
}

export function BlueprintsPage() {
  const query = useShelf();
  return (
    <Loaded query={query} skeleton={<Waiting><Skeleton className="h-40" /></Waiting>}>
      {(shelf) => <Shelf shelf={shelf} />}
    </Loaded>
  );
}
