/** A look at everything Fabrik stands on, faults first, and what can be sent to whoever helps; then the version and newer ones. */

import { useState } from "react";

import type { Diagnosis, Finding } from "@/backend/bindings";
import { useDiagnosis, useOverview } from "@/backend/queries";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { Skeleton, Waiting } from "@/components/layout";
import { OwnWords } from "@/components/OwnWords";
import { Status } from "@/components/states";
import { present } from "@/errors/presentation";
import { Loaded } from "@/errors/Loaded";
import { settingName } from "@/errors/texts";
import { useNextAction } from "@/errors/useNextAction";
import { useI18n } from "@/i18n/I18nProvider";

import { DatabaseCopies } from "./DatabaseCopies";
import { DiagnosticsDialog } from "./DiagnosticsDialog";
import { PageHead } from "./SettingsFrame";
import { UpdatesSection } from "./Updates";

function FindingRow({ finding, told }: { finding: Finding; told: boolean }) {
  const { t, language } = useI18n();
  const nextAction = useNextAction();
  const { problem, optional, waits } = finding;
  const shown = problem === undefined ? undefined : present(problem, language);
  // It is the page that this stands on.
  const action = shown?.action?.kind === "open_diagnosis" ? undefined : shown?.action;
  const deed = action === undefined || told ? undefined : nextAction(action);
  const called = finding.subject === "setting" ? t.settings.names[finding.name] : undefined;
  return (
    <li className="flex gap-3 px-3 py-2 not-first:border-t not-first:border-border">
      <span className="w-36 flex-none max-wide:w-24">{t.settings.subjects[finding.subject]}</span>
      <span className={classes("min-w-0 flex-1 wrap-anywhere text-text-2", called === undefined && "mono")} title={finding.name}>
        {called === undefined ? finding.name : settingName(finding.name, t.settings.names)}
      </span>
      <span className="w-64 flex-none max-wide:w-52">
        {shown === undefined ? (
          <Status look={{ shape: "ok", tone: "ok" }} word={t.settings.findingFine} />
        ) : (
          <>
            <Status
              look={optional ? { shape: "unknown", tone: "idle" } : waits ? { shape: "defer", tone: "warn" } : { shape: "fail", tone: "error" }}
              word={shown.title}
              wraps
            />
            {!told && (
              <span className="block text-caption text-text-2">
                {shown.text}
                <OwnWords words={shown.words} />
              </span>
            )}
            {deed !== undefined && (
              <Button kind="ghost" small className="-ml-2" onClick={deed.perform}>
                {deed.label}
              </Button>
            )}
          </>
        )}
      </span>
    </li>
  );
}

function Findings({ diagnosis }: { diagnosis: Diagnosis }) {
  const { t } = useI18n();
  // A keyring that fails takes every credential in it along; what to do about it is told once, with the keyring.
  const keyring = diagnosis.findings.find(({ subject, optional }) => subject === "keyring" && !optional)?.problem?.code;
  const told = ({ subject, problem }: Finding) => subject !== "keyring" && keyring !== undefined && problem?.code === keyring;
  const isFault = ({ problem, optional, waits }: Finding) => problem !== undefined && !optional && !waits;
  const faults = diagnosis.findings.filter(isFault).length;
  // Whoever comes here because something is wrong sees that first.
  const inOrder = diagnosis.findings.toSorted((one, other) => Number(isFault(other)) - Number(isFault(one)));
  return (
    <>
      <p className="mb-2 text-text-2">
        {diagnosis.healthy ? t.settings.diagnosisHealthy : faults === 0 ? t.settings.diagnosisWaits : t.settings.diagnosisFaults(faults)}
      </p>
      <ul className="rounded-card border border-border">
        {inOrder.map((finding) => (
          <FindingRow key={`${finding.subject} ${finding.name}`} finding={finding} told={told(finding)} />
        ))}
      </ul>
      <DatabaseCopies diagnosis={diagnosis} />
    </>
  );
}

export function AboutPage() {
  const { t, format } = useI18n();
  const { data: overview } = useOverview();
  const query = useDiagnosis();
  const [showing, setShowing] = useState(false);
  return (
    <>
      <PageHead title={t.settings.pages.about} />
      <div className="mb-2 flex items-center gap-2">
        <h3 className="text-heading font-semibold">{t.settings.diagnosis}</h3>
        <span className="flex-1 text-caption text-text-3">
          {query.data !== undefined && t.credentials.checkedAt(format.moment(new Date(query.dataUpdatedAt).toISOString(), Date.now()))}
        </span>
        <Button small onClick={() => setShowing(true)}>
          {t.diagnostics.open}
        </Button>
        <Button small disabled={query.isFetching} onClick={() => void query.refetch()}>
          {t.settings.checkAgain}
        </Button>
      </div>
      <Loaded query={query} skeleton={<Waiting><Skeleton className="h-40" /></Waiting>}>
        {(diagnosis) => <Findings diagnosis={diagnosis} />}
      </Loaded>
      <p className="mt-6 mb-3 text-text-2">{overview && t.settings.version(overview.version)}</p>
      <UpdatesSection />
      {showing && <DiagnosticsDialog onClose={() => setShowing(false)} />}
    </>
  );
}
