/** The fields of a customer, for the dialogs that add and edit one. */

import type { BlueprintSummary } from "@/backend/bindings";
import { Checkbox } from "@/components/Checkbox";
import { Field, Input } from "@/components/Field";
import { Select } from "@/components/Select";
import { Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";
import { LANGUAGES } from "@/i18n/languages";

import { wordsByField } from "./customerForm";
import type { CustomerForm } from "./useCustomerForm";

function SubdomainState({ form }: { form: CustomerForm }) {
  const { t } = useI18n();
  if (form.draft.subdomain === "") return null;
  if (form.checking) return <Status look={{ shape: "setup", tone: "info", turning: true }} word={t.newCustomer.checking} />;
  return form.free ? <Status look={{ shape: "done", tone: "ok" }} word={t.newCustomer.subdomainFree} /> : null;
}

function PlanFields({ form, blueprints }: { form: CustomerForm; blueprints: readonly BlueprintSummary[] }) {
  const { t, language, format } = useI18n();
  const { draft, set } = form;
  const faults = wordsByField(form.problems, language);
  const blueprint = blueprints.find((one) => one.name === draft.blueprint);
  return (
    <>
      <div className="grid grid-cols-2 gap-4">
        <Field label={t.newCustomer.blueprint} faults={faults.blueprint} help={blueprint?.title[language]}>
          {(tied) => (
            <Select
              {...tied}
              value={draft.blueprint}
              options={blueprints.map((one) => ({ value: one.name, label: one.name }))}
              onChange={(name) => {
                const chosen = blueprints.find((one) => one.name === name);
                set({ blueprint: name, plan: chosen?.plans[0]?.name ?? "", modules: chosen?.modules ?? [] });
              }}
            />
          )}
        </Field>
        <Field
          label={t.newCustomer.plan}
          faults={faults.plan}
          help={((price) => price && t.newCustomer.perMonth(format.money(price)))(
            blueprint?.plans.find((plan) => plan.name === draft.plan)?.monthly_price,
          )}
        >
          {(tied) => (
            <Select
              {...tied}
              value={draft.plan}
              options={(blueprint?.plans ?? []).map((plan) => ({
                value: plan.name,
                label: plan.title[language],
                note: plan.monthly_price && format.money(plan.monthly_price),
              }))}
              onChange={(plan) => set({ plan })}
            />
          )}
        </Field>
      </div>
      {(blueprint?.modules.length ?? 0) > 0 && (
        <Field label={t.newCustomer.modules} faults={faults.modules}>
          {(tied) => (
            <div id={tied.id} role="group" aria-label={t.newCustomer.modules} className="flex flex-wrap gap-x-5 gap-y-1">
              {blueprint?.modules.map((module) => (
                <Checkbox
                  key={module}
                  label={t.modules[module] ?? module}
                  checked={draft.modules.includes(module)}
                  onChange={(on) =>
                    set({ modules: on ? [...draft.modules, module] : draft.modules.filter((one) => one !== module) })
                  }
                />
              ))}
            </div>
          )}
        </Field>
      )}
    </>
  );
}

/** Who it is and where it will answer: the subdomain follows the name, and is checked while one types. */
export function NameFields({ form }: { form: CustomerForm }) {
  const { t, language } = useI18n();
  const { draft, set } = form;
  const faults = wordsByField(form.problems, language);
  return (
    <>
      <Field label={t.newCustomer.name} faults={faults.name}>
        {(tied) => <Input {...tied} value={draft.name} onChange={(event) => set({ name: event.target.value })} />}
      </Field>
      <Field label={t.newCustomer.subdomain} faults={faults.subdomain} help={form.isNamed ? t.newCustomer.subdomainStays : t.newCustomer.subdomainHelp}>
        {(tied) => (
          <Input
            {...tied}
            mono
            disabled={form.isNamed}
            value={draft.subdomain}
            after={form.isNamed ? undefined : <SubdomainState form={form} />}
            onChange={(event) => set({ subdomain: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

/** Who hears of the instance. */
export function EmailField({ form }: { form: CustomerForm }) {
  const { t, language } = useI18n();
  const { draft, set } = form;
  return (
    <Field label={t.newCustomer.email} faults={wordsByField(form.problems, language).contact_email}>
      {(tied) => (
        <Input {...tied} type="email" value={draft.contact_email} onChange={(event) => set({ contact_email: event.target.value })} />
      )}
    </Field>
  );
}

interface CustomerFieldsProps {
  form: CustomerForm;
  blueprints: readonly BlueprintSummary[];
}

export function CustomerFields({ form, blueprints }: CustomerFieldsProps) {
  const { t, language } = useI18n();
  const { draft, set } = form;
  const faults = wordsByField(form.problems, language);
  return (
    <>
      <NameFields form={form} />
      <div className="grid grid-cols-2 gap-4">
        <EmailField form={form} />
        <Field
          label={`${t.newCustomer.contactName} (${t.common.optional})`}
          faults={faults.contact_name}
        >
          {(tied) => (
            <Input {...tied} value={draft.contact_name} onChange={(event) => set({ contact_name: event.target.value })} />
          )}
        </Field>
      </div>
      <PlanFields form={form} blueprints={blueprints} />
      <Field label={t.newCustomer.language} faults={faults.language}>
        {(tied) => (
          <Select
            {...tied}
            // One that nobody has chosen yet can be, whichever it is.
            value={faults.language === undefined ? draft.language : undefined}
            placeholder={t.requests.notChosen}
            options={LANGUAGES.map((value) => ({ value, label: t.settings.languages[value] }))}
            onChange={(chosen) => set({ language: chosen })}
          />
        )}
      </Field>
      {form.whole !== undefined && <ErrorDisplay problem={form.whole} compact />}
    </>
  );
}
