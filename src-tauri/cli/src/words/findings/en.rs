//! English.

use fabrik_domain::{finding::Flaw, language::Language};

use super::{expected, part};
use crate::words::{Text, listed};

/// What is wrong, and what to do about it.
pub(super) fn flaw(flaw: &Flaw) -> Text {
    let text = Text::new;
    let names = |names: &[String]| listed(names, "and");
    match flaw {
        Flaw::ManifestMissing => text(
            "there is no blueprint.toml".into(),
            "Begin with a copy: fabrik blueprints new NAME --from factory.",
        ),
        Flaw::FileUnreadable { why } => text(
            format!("can't be read: {why}"),
            "A blueprint holds UTF-8 texts of up to 1 MiB, and no links.",
        ),
        Flaw::FileMissing { missing } => text(
            format!("{missing} is not in the folder"),
            "Add the file, or name another.",
        ),
        Flaw::SecretWritten => text(
            "this looks like a token: every customer's blueprint would hold it".into(),
            "Take it out and replace it at its vendor; a secret comes from a step's output.",
        ),
        Flaw::TomlBroken { why } => text(
            format!("this is not TOML: {why}"),
            "Fix the line; the rest of the file is read after that.",
        ),
        Flaw::FieldUnknown { field, known } => text(
            format!("there is no field {field}"),
            &format!("The fields here are {}.", names(known)),
        ),
        Flaw::FieldMissing { field } => text(format!("the field {field} is missing"), "Add it."),
        Flaw::FieldInvalid { expected: wanted } => text(
            "the value doesn't fit".into(),
            &format!("It must be {}.", expected(Language::En, *wanted)),
        ),
        Flaw::FieldEmpty => text("this is empty".into(), "Give it content, or leave it out."),
        Flaw::NameTwice { name } => text(
            format!("{name} occurs twice"),
            "Give one of them another name.",
        ),
        Flaw::PlanParameterUnknown { parameter } => text(
            format!("the blueprint has no parameter {parameter}"),
            "Give it a default under [parameters]; a plan then changes it.",
        ),
        Flaw::SettingUnknown { setting } => text(
            format!("there is no setting {setting}"),
            "fabrik settings get shows them all.",
        ),
        Flaw::KindUnknown { kind, known } => text(
            format!("there is no kind of step {kind}"),
            &format!("There are {}.", names(known)),
        ),
        Flaw::ParameterUnknown {
            kind,
            parameter,
            known,
        } => text(
            format!("a step {kind} has no parameter {parameter}"),
            &format!("It has {}.", names(known)),
        ),
        Flaw::ParameterMissing { kind, parameter } => text(
            format!("a step {kind} needs the parameter {parameter}"),
            "Add it under [steps.with].",
        ),
        Flaw::ParameterEmpty => text(
            "this is empty for a customer with only what is required".into(),
            "Give a default, or name the setting that it comes from under settings.",
        ),
        Flaw::StepUnknown { unknown } => text(
            format!("there is no step {unknown}"),
            "Write the id of a step of this blueprint.",
        ),
        Flaw::Cycle { steps } => text(
            format!("the steps {} wait for each other", names(steps)),
            "Remove one of the references or one after.",
        ),
        Flaw::IsolationMissing => text(
            "nothing proves that nobody from outside sees what is in the database".into(),
            "Add a step isolation-check after it, as in the blueprint factory; a run works without it.",
        ),
        Flaw::WorkflowBroken { why } => text(
            format!("not a workflow: {why}"),
            "Export it from n8n again: it has a name, nodes and connections.",
        ),
        Flaw::TimeZoneUnknown { name } => text(
            format!("{name} is not a time zone"),
            "Name one such as Europe/Stockholm: otherwise n8n would run the workflow's schedules without end.",
        ),
        Flaw::TemplateBroken { why } => text(
            format!("this is not a template: {why}"),
            "A name stands between {{ and }}, a condition between {% and %}.",
        ),
        Flaw::NameUnknown { name } => text(
            format!("{name} is not a name that has a value"),
            "There are customer.…, parameters.…, settings.…, mark, and the outputs of steps.",
        ),
        Flaw::OutputUnknown { name, kind, known } => text(
            format!("{name}: a step {kind} doesn't hand that on"),
            &if known.is_empty() {
                "It hands on nothing: say after instead.".to_owned()
            } else {
                format!("It hands on {}.", names(known))
            },
        ),
        Flaw::ValueMissing { name } => text(
            format!("the step gives the mail no value {name}"),
            "Add it under [steps.with.values].",
        ),
        Flaw::NotRendered {
            plan,
            language,
            why,
        } => text(
            format!("fails for a customer of the plan {plan} with the language {language}: {why}"),
            "Think of customers without modules, without a contact's name, without optional settings.",
        ),
        Flaw::SecretExposed { name } => text(
            format!("{name} is a secret, and would be seen here"),
            "Secrets go into Vercel's variables that no browser gets, into mail bodies and keys.",
        ),
        Flaw::StatementForbidden { statement } => text(
            format!("\"{statement}\" has no place in a blueprint"),
            "A file is applied whole, as its owner, to the customer's own schemas alone.",
        ),
        Flaw::TenancyWord { name } => text(
            format!("{name} tells tenants apart, and the customer is alone in its database"),
            "Take it out, or name it after what it is.",
        ),
        Flaw::SqlRefused { again, state, why } => {
            if *again {
                text(
                    format!("PostgreSQL refuses it the second time: {why} ({state})"),
                    "Write it so that it can run again: if not exists, or replace, on conflict.",
                )
            } else {
                text(
                    format!("PostgreSQL refuses it: {why} ({state})"),
                    "Fix the SQL; what comes after it was not tried.",
                )
            }
        }
        Flaw::SqlEndless { seconds } => text(
            format!("the SQL is not done after {seconds} s: it may never end"),
            "Take out what waits or runs without end; what comes after it was not tried.",
        ),
        Flaw::SqlBroke { why } => text(
            format!("the check's database breaks off at this file: {why}"),
            "It can't catch errors: write what stands in a block with exception so that no error arises (if not exists, if). What comes after it was not tried.",
        ),
        Flaw::NotRepeatable { part: differs } => text(
            format!(
                "applied a second time, it changes {}",
                part(Language::En, *differs)
            ),
            "Write it so that it can run again and changes nothing then.",
        ),
        Flaw::TableMissing { table } => text(
            format!("the SQL makes no table {table}"),
            "Correct the name, or remove it from with.tables.",
        ),
        Flaw::TableUnlisted { table } => text(
            format!("the table {table} is not in with.tables"),
            "Add it there: a run looks for the tables that are listed.",
        ),
        Flaw::RowSecurityMissing { table } => text(
            format!("the table {table} has no row-level security"),
            &format!("Add: alter table public.{table} enable row level security."),
        ),
        Flaw::PolicyMissing { table } => text(
            format!("the table {table} has no policy: nobody can read it"),
            "Add one; if nobody should, say so with: using (false).",
        ),
        Flaw::ServerShutOut { table } => text(
            format!("the secret key has no right to the table {table}"),
            &format!(
                "Add: grant select, insert, update, delete on public.{table} to service_role."
            ),
        ),
        Flaw::ViewPastPolicies { view } => text(
            format!("the view {view} shows rows past the policies of its tables"),
            "Make it with (security_invoker = true), or take the right to read it away.",
        ),
        Flaw::NameForbidden { name } => text(
            format!("the step forbids {name}"),
            "Take it out of the SQL.",
        ),
        Flaw::CanaryMissing { table } => text(
            format!("canary.sql puts no row into {table}: an empty table proves nothing"),
            "Add an insert.",
        ),
        Flaw::OpenToAll { table } => text(
            format!("whoever has not signed in can read or change {table}"),
            "Take the right away from anon, or have the policy ask who signed in: (select auth.uid()) is not null.",
        ),
        Flaw::FunctionOpen { function } => text(
            format!("whoever has not signed in can call {function}"),
            "Put it into the schema private, or: revoke execute … from public, anon.",
        ),
        Flaw::SearchPathLoose { function } => text(
            format!("{function} runs as its owner, with names that its caller can redirect"),
            "Add: set search_path = '', and write every name with its schema.",
        ),
        Flaw::OutsideTouched { what } => text(
            format!("{what} is made or changed"),
            "auth, roles and other databases are not the blueprint's: its own schemas are.",
        ),
    }
}
