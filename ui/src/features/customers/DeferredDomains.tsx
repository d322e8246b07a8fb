/** Domains that wait for their DNS records: what to put where, since when, and another look. */

import { RotateCw } from "lucide-react";

import type { CustomerId, DnsRecord, DomainView } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { shortAddress } from "@/components/address";
import { Button } from "@/components/Button";
import { CopyButton, CopyField } from "@/components/CopyField";
import { Icon } from "@/components/Icon";
import { StatusShape } from "@/components/StatusShape";
import { useToaster } from "@/components/Toast";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

const MINUTE_MS = 60_000;

/** The records that a domain waits for; none where it waits for something else. */
function wanted({ problem }: DomainView): readonly DnsRecord[] {
  return problem?.code === "domain_pending" ? problem.records : [];
}

interface RecordsProps {
  domain: string;
  records: readonly DnsRecord[];
  /** Where the instance is; none where that is not known. */
  address: string | undefined;
}

function Records({ domain, records, address }: RecordsProps) {
  const { t } = useI18n();
  // An app that customers share has an address of its own, which is none of theirs: they have the domain alone.
  const isAddress = address !== undefined && shortAddress(address) === shortAddress(`https://${domain}`);
  const meanwhile = address === undefined ? undefined : isAddress ? t.domains.nowhereElse : t.domains.elsewhere;
  const head = "py-1 pr-3 text-left text-caption font-normal text-text-3";
  return (
    <>
      <p className="mt-1 text-text-2">{[t.domains.text, meanwhile].filter(Boolean).join(" ")}</p>
      <table aria-label={t.domains.records(domain)} className="mt-2 w-full table-fixed">
        <thead>
          <tr>
            <th scope="col" className={`${head} w-20`}>{t.domains.kind}</th>
            <th scope="col" className={`${head} w-2/5`}>{t.domains.name}</th>
            <th scope="col" className={head}>{t.domains.value}</th>
          </tr>
        </thead>
        <tbody>
          {records.map(({ kind, name, value }) => (
            <tr key={`${kind} ${name} ${value}`}>
              <td className="mono pr-3">{kind}</td>
              <td className="py-0.5 pr-3">
                <CopyField text={name} />
              </td>
              <td className="py-0.5">
                <CopyField text={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="mt-2">
        <CopyButton small text={records.map(({ kind, name, value }) => `${name}\t${kind}\t${value}`).join("\n")}>
          {t.domains.copyAll}
        </CopyButton>
      </div>
    </>
  );
}

interface DomainProps {
  waiting: DomainView;
  address: string | undefined;
  busy: boolean;
  onCheck(): void;
}

function Domain({ waiting, address, busy, onCheck }: DomainProps) {
  const { t, language, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const { domain, since, problem } = waiting;
  const records = wanted(waiting);
  return (
    <article aria-label={domain} className="rounded-card border border-border p-3">
      <header className="flex flex-wrap items-center gap-2">
        <StatusShape shape="defer" tone="idle" />
        <h3 className="font-medium wrap-anywhere">{domain}</h3>
        {since !== undefined && <span className="text-text-2">{t.domains.waits(format.moment(since, now))}</span>}
        <span className="ml-auto">
          <Button small disabled={busy} onClick={onCheck}>
            <Icon of={RotateCw} small />
            {busy ? t.domains.checking : t.domains.check}
          </Button>
        </span>
      </header>
      {records.length === 0 ? (
        <p className="mt-1 text-text-2">{problem === undefined ? t.domains.spreading : present(problem, language).text}</p>
      ) : (
        <Records domain={domain} records={records} address={address} />
      )}
    </article>
  );
}

interface DeferredDomainsProps {
  customer: CustomerId;
  /** The instance's own, as its last run left it. */
  address: string | undefined;
  domains: readonly DomainView[];
}

export function DeferredDomains({ customer, address, domains: given }: DeferredDomainsProps) {
  const { t } = useI18n();
  const toaster = useToaster();
  const check = useCommand("domains_check");
  const problem = problemOf(check.error);
  const domains = given.filter(({ verified }) => !verified);
  if (domains.length === 0) return null;
  const look = () =>
    check.mutate(
      { customer },
      {
        onSuccess: (checked) => {
          const verified = checked.filter((one) => one.verified).map((one) => one.domain);
          if (verified.length === 0) toaster.waits(({ t }) => t.domains.stillWaits);
          else toaster.done(({ t, format }) => t.domains.verified(format.list(verified)));
        },
      },
    );
  return (
    <section aria-label={t.domains.title} className="mb-5 grid gap-3">
      <h2 className="flex min-h-6 items-center text-heading font-semibold">{t.domains.title}</h2>
      {domains.map((waiting) => (
        <Domain key={waiting.domain} waiting={waiting} address={address} busy={check.isPending} onCheck={look} />
      ))}
      {problem !== undefined && <ErrorDisplay problem={problem} />}
    </section>
  );
}
