/** Changes by hand what Fabrik knows of an instance. */

import { useEffect, useRef, useState } from "react";

import type { Customer, CustomerStatus } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm, Unsaved } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { Select } from "@/components/Select";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";
import { submitByKey } from "@/shell/shortcuts";

const STATUSES: readonly CustomerStatus[] = ["pending", "active", "inactive"];
const FIELDS = ["production_url", "github_repo_url", "supabase_project_ref"] as const;
type InstanceField = (typeof FIELDS)[number];

export function EditInstanceDialog({ customer: newest, onClose }: { customer: Customer; onClose(): void }) {
  // What the form opened with: what a run writes meanwhile is no change of the owner's.
  const [customer] = useState(newest);
  const { t, language } = useI18n();
  const toaster = useToaster();
  const edit = useCommand("customer_edit");
  const [status, setStatus] = useState(customer.status);
  const [values, setValues] = useState<Record<InstanceField, string>>({
    production_url: customer.production_url ?? "",
    github_repo_url: customer.github_repo_url ?? "",
    supabase_project_ref: customer.supabase_project_ref ?? "",
  });
  const labels: Record<InstanceField, string> = {
    production_url: t.editInstance.productionUrl,
    github_repo_url: t.editInstance.repoUrl,
    supabase_project_ref: t.editInstance.projectRef,
  };
  const problem = problemOf(edit.error);
  const faulty: InstanceField | undefined =
    problem?.code === "project_ref_invalid"
      ? "supabase_project_ref"
      : problem?.code === "link_invalid"
        ? FIELDS.find((field) => field === problem.field)
        : undefined;

  // The field that was refused gets the focus, once its fault is drawn.
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (faulty !== undefined) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [faulty, problem]);

  const save = () => {
    const patch = {
      ...(status === customer.status ? {} : { status }),
      ...Object.fromEntries(
        FIELDS.filter((field) => values[field].trim() !== (customer[field] ?? "")).map((field) => [field, values[field].trim() || null]),
      ),
    };
    if (Object.keys(patch).length === 0) {
      onClose();
      return;
    }
    edit.mutate(
      { customer: customer.id, patch },
      {
        onSuccess: () => {
          toaster.done(({ t }) => t.editInstance.saved);
          onClose();
        },
      },
    );
  };

  return (
    <Dialog open onClose={onClose} title={t.editInstance.title} description={t.editInstance.text}>
      <DialogForm
        ref={form}
        noValidate
        onKeyDown={submitByKey}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Unsaved when={status !== customer.status || FIELDS.some((field) => values[field] !== (customer[field] ?? ""))} />
        <DialogBody>
          {FIELDS.map((field) => (
            <Field
              key={field}
              label={labels[field]}
              faults={problem !== undefined && faulty === field ? [present(problem, language).text] : []}
            >
              {(tied) => (
                <Input
                  {...tied}
                  mono
                  value={values[field]}
                  onChange={(event) => setValues({ ...values, [field]: event.target.value })}
                />
              )}
            </Field>
          ))}
          <Field label={t.editInstance.status}>
            {(tied) => (
              <Select
                {...tied}
                value={status}
                options={STATUSES.map((value) => ({ value, label: t.customerStatus[value] }))}
                onChange={(chosen) => setStatus(chosen)}
              />
            )}
          </Field>
          {problem !== undefined && faulty === undefined && <ErrorDisplay problem={problem} compact />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button kind="primary" type="submit" disabled={edit.isPending}>
            {t.common.save}
          </Button>
        </DialogFooter>
      </DialogForm>
    </Dialog>
  );
}
