/** Why a customer can't be provisioned: everything at once, each with its next step. */

import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { blockedTitle, type Provisioning } from "./useProvision";

export function BlockedDialog({ provisioning }: { provisioning: Provisioning }) {
  const { t } = useI18n();
  const { blocked, busy, start, dismiss } = provisioning;
  if (blocked === undefined) return null;
  const { customer, problems } = blocked;
  return (
    <Dialog open onClose={dismiss} title={blockedTitle(blocked, t)} description={t.blocked.text(problems.length)}>
      <DialogBody>
        <ul className="grid gap-2">
          {problems.map((problem) => (
            <li key={JSON.stringify(problem)}>
              <ErrorDisplay problem={problem} compact quiet />
            </li>
          ))}
        </ul>
      </DialogBody>
      <DialogFooter>
        <Button onClick={dismiss}>{t.common.close}</Button>
        <Button kind="primary" disabled={busy !== undefined} onClick={() => start(customer)}>
          {busy === undefined ? t.blocked.check : t.customers.provisioning}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
