//! English.

use fabrik_domain::{Cause, Problem, language::Language};

use super::{Text, accounts, faults, listed, local, machine, mails, requests, undo, vendor};

/// What a problem says, and what to do next.
#[expect(
    clippy::too_many_lines,
    reason = "one arm per code: the catalogue is read as a list"
)]
pub(super) fn problem(problem: &Problem) -> Text {
    let who = vendor(problem, "the vendor");
    let text = Text::new;
    let elsewhere = undo::text(Language::En, &problem.cause)
        .or_else(|| accounts::text(Language::En, problem))
        .or_else(|| mails::text(Language::En, &problem.cause))
        .or_else(|| requests::text(Language::En, problem))
        .or_else(|| machine::text(Language::En, &problem.cause))
        .or_else(|| faults::row(Language::En, &problem.cause));
    if let Some(text) = elsewhere {
        return text;
    }
    match problem.cause.as_ref() {
        Cause::NameInvalid { fault, field } => faults::name(Language::En, *fault, field.is_some()),
        Cause::SlugTaken { slug, customer } => text(
            format!("the name would get the short name {slug}, which {customer} already has"),
            "Choose a name that differs in more than accents or spaces.",
        ),
        Cause::SubdomainInvalid { subdomain, fault } => {
            faults::subdomain(Language::En, subdomain, *fault)
        }
        Cause::SubdomainTaken {
            subdomain,
            customer,
        } => text(
            format!("the subdomain {subdomain} belongs to {customer}"),
            "Choose another.",
        ),
        Cause::SubdomainInUse { subdomain } => text(
            format!("the subdomain {subdomain} is part of the names of what the customer has"),
            "It can be changed while no run is under way and nothing is left of the instance: fabrik deprovision, and for leftovers fabrik runs rollback or let-go.",
        ),
        Cause::SubdomainChanged { before, subdomain } => text(
            format!(
                "the run names what it makes after the subdomain {before}, and the customer's is {subdomain} now"
            ),
            "Start a new run, which uses the new subdomain: fabrik provision",
        ),
        Cause::ExternalIdTaken {
            external_id,
            customer,
        } => text(
            format!("the external id {external_id} belongs to {customer}"),
            "Is this the same customer? Otherwise give another id.",
        ),
        Cause::ExternalIdAlike {
            external_id,
            slug,
            customer,
        } => text(
            format!(
                "the external id {external_id} would get the short name {slug}, which {customer} already has"
            ),
            "Give an id that differs in more than case and signs, within its first 40 characters.",
        ),
        Cause::EmailInvalid { email } => text(
            format!("{email:?} is not an e-mail address"),
            "Write it as anna@example.com.",
        ),
        Cause::LinkInvalid { field, link } => text(
            format!("{field}: {link:?} is not an https link"),
            "Begin it with https://.",
        ),
        Cause::ProjectRefInvalid { project } => text(
            format!("{project:?} is not a Supabase project ref"),
            "It is the 20 lower-case letters in the project's address.",
        ),
        Cause::PlanUnknown { plan, known } => text(
            format!("there is no plan {plan:?}"),
            &format!("Select {}.", listed(known, "or")),
        ),
        Cause::ModuleUnknown { module, known } if known.is_empty() => text(
            format!("there is no module {module:?}"),
            "This blueprint has no modules.",
        ),
        Cause::ModuleUnknown { module, known } => text(
            format!("there is no module {module:?}"),
            &format!("Select one of {}.", listed(known, "and")),
        ),
        Cause::BlueprintUnknown { blueprint, known } => text(
            format!("there is no blueprint {blueprint:?}"),
            &format!("Select {}.", listed(known, "or")),
        ),
        Cause::BlueprintInvalid { blueprint, .. } => text(
            format!("the blueprint {blueprint} can't be used"),
            &format!(
                "Fix what is wrong with it. All of it is told by: fabrik blueprints check {blueprint}"
            ),
        ),
        Cause::BlueprintNameInvalid { blueprint } => text(
            format!("{blueprint:?} can't be the name of a blueprint"),
            "Use 1–40 lower-case letters, digits and hyphens, a letter first.",
        ),
        Cause::BlueprintExists { blueprint } => text(
            format!("there is already a blueprint {blueprint}"),
            "Choose another name: nothing is overwritten.",
        ),
        Cause::BlueprintChanged { blueprint } => text(
            format!("the blueprint {blueprint} was changed by somebody else"),
            "Nothing was saved. Open it again and redo the change.",
        ),
        Cause::BlueprintVersionGone { blueprint } => text(
            format!("that version of the blueprint {blueprint} is no longer there as it was"),
            "Choose one of the versions that were kept.",
        ),
        Cause::CustomerUnknown { customer } => text(
            format!("there is no customer {customer:?}"),
            "Give a subdomain or an id; fabrik customers list shows them.",
        ),
        Cause::ConfirmationMismatch { expected } => text(
            "the confirmation doesn't match".into(),
            &format!("Type the subdomain exactly: {expected}."),
        ),
        Cause::CustomerHasInstance { customer } => text(
            format!("{customer} has an instance that would be left without an owner"),
            "Remove the instance first.",
        ),
        Cause::FileUnreadable { file, why } => text(
            format!("{file} can't be read: {why}"),
            "Check the path and the format.",
        ),
        Cause::ColumnMissing { file, column } => text(
            format!("{file} has no column {column:?}"),
            "Give the file a first row with headings.",
        ),
        Cause::NoCustomersInFile { file } => text(
            format!("{file} has no customers"),
            "It must be a list of customers: CSV, JSON or an older customer-config.json.",
        ),
        Cause::FieldUnreadable {
            field,
            value,
            expected,
        } => text(
            format!("the field {field} can't be {value:?}"),
            &format!("It can be: {expected}."),
        ),
        Cause::FieldMissing { field } => {
            text(format!("the field {field} is missing"), "Fill it in.")
        }
        Cause::MembersUnsupported { blueprint } => text(
            format!("the blueprint {blueprint} has no members"),
            "Members are imported for customers whose blueprint has the table members, as orchestra has.",
        ),
        Cause::LineUnreadable { line } => text(
            format!("line {line} can't be read"),
            "Write it as NAME=value, and close what is in quotes.",
        ),
        Cause::VariableContradicted { other } => text(
            format!(
                "{other} in the same file gives the same thing another value, which is the one used"
            ),
            "Keep the right one of the two, and import the file again.",
        ),
        Cause::SettingMissing { setting } => text(
            format!("the setting {setting} is not set"),
            &format!("Set it with: fabrik settings set {setting} …"),
        ),
        Cause::SettingUnknown { setting } => text(
            format!("there is no setting {setting:?}"),
            "fabrik settings get shows them all.",
        ),
        Cause::SettingInvalid { setting, expected } => text(
            format!("{setting} can't be that"),
            &format!("It must be: {expected}."),
        ),
        Cause::BaseUrlInsecure { url } => text(
            format!("{url} may not be called: a credential would be sent unencrypted"),
            "Use https, or an address on this machine.",
        ),
        Cause::ProviderUnknown { name } => text(
            format!("there is no provider {name:?} here"),
            &format!("Select {}.", super::providers("or")),
        ),
        Cause::LinkRefused => text(
            "the link doesn't lead to a page that Fabrik opens".into(),
            "Only https pages of the customer's own instance and vendors are opened.",
        ),
        Cause::WorkspaceInvalid { workspace } => text(
            format!("{workspace:?} can't be the name of a workspace"),
            "Use 1–40 lower-case letters, digits and hyphens.",
        ),
        Cause::ProjectFailed { status } => text(
            format!("{who} gave up on the project ({status})"),
            "Check it in the dashboard; delete it if it is still there, then resume the run, or provision again if it was rolled back.",
        ),
        Cause::SchemaRefused { file } => text(
            format!("the database refuses {file}"),
            "Fix the blueprint's SQL; nothing in the file was applied.",
        ),
        Cause::OutsideTouched { file, what } => text(
            format!(
                "{file} reaches outside the customer's own schemas: {}",
                listed(what, "and")
            ),
            "Nothing in the file was applied. Take it out of the blueprint's SQL, then resume or provision again.",
        ),
        Cause::SchemaDiffers { file } => text(
            format!("{file} was applied earlier with other content"),
            "A live schema is changed by migrations: nothing was applied.",
        ),
        Cause::TableMissing { tables } => text(
            format!(
                "tables are missing after the schema: {}",
                listed(tables, "and")
            ),
            "Check the blueprint's list of tables against its SQL.",
        ),
        Cause::RowSecurityMissing { tables } => text(
            format!(
                "tables without row-level security: {}",
                listed(tables, "and")
            ),
            "Resume the run; if it happens again, fix the blueprint's SQL.",
        ),
        Cause::Forbidden { names } => text(
            format!(
                "the schema holds what the blueprint forbids: {}",
                listed(names, "and")
            ),
            "Take it out of the blueprint's SQL.",
        ),
        Cause::AdminProofFailed { email } => text(
            format!("the administrator {email} can't sign in, or can't read its own row"),
            "Check the policies on the blueprint's table of users.",
        ),
        Cause::IsolationBroken { findings } => faults::isolation(Language::En, findings),
        Cause::DeploymentFailed { state } => text(
            format!("the deployment ended as {state}"),
            "Read the build log at Vercel, fix it, and resume the run, or provision again if it was rolled back.",
        ),
        Cause::DomainPending { domain, records } => faults::records(Language::En, domain, records),
        Cause::WorkflowNotPublished { workflow } => text(
            format!("n8n won't run {workflow}"),
            "Fix the workflow in the blueprint or in n8n, or free its webhook's path, then resume.",
        ),
        Cause::SiteUnreachable { url } => text(
            format!("{url} does not answer"),
            "Check the deployment, then resume.",
        ),
        Cause::SiteAnswersError { url, status } => text(
            format!("{url} answers with {status}"),
            "Check the deployment's log, then resume.",
        ),
        Cause::SiteProtected { url } => text(
            format!("{url} is behind Vercel's deployment protection"),
            "Turn it off for production in the project's settings, then resume.",
        ),
        Cause::Unreachable { host } => text(
            format!("no connection to {host}"),
            "Check the network and try again; a run that stopped continues with: fabrik runs resume",
        ),
        Cause::VendorSilent { host, at } => text(
            format!(
                "{who} did not answer as it should at {} ({host})",
                local(*at)
            ),
            "Check the network, and the vendor's status page.",
        ),
        Cause::TimedOut { operation, reads } => text(
            format!("{who} did not answer in time ({operation})"),
            unanswered(*reads),
        ),
        Cause::AnswerLost { operation, reads } => text(
            format!("{who}'s answer was lost ({operation})"),
            unanswered(*reads),
        ),
        Cause::Refused { operation, status } => text(
            format!("{who} refuses {operation} ({status})"),
            "The vendor's own words say why.",
        ),
        Cause::Throttled { until } => text(
            format!("{who} asks Fabrik to wait until {}", local(*until)),
            "Fabrik waits and continues automatically.",
        ),
        Cause::QuotaExceeded { quota } => text(
            format!("a limit at {who} has been reached: {quota}"),
            "Wait for it or raise it there, then try again; a run continues with: fabrik runs resume",
        ),
        Cause::VendorFailed { operation, status } => text(
            format!("{who} failed at {operation} ({status})"),
            "Try again later; a run that stopped continues with: fabrik runs resume",
        ),
        Cause::AnswerUnreadable { operation } => text(
            format!("{who} answered {operation} with something that can't be read"),
            "Try again; a newer version may know the answer.",
        ),
        Cause::RunUnknown { run } => text(
            format!("there is no run {run:?}"),
            "fabrik runs list shows them.",
        ),
        Cause::RunEnded { .. } => text(
            "the run has ended".into(),
            "If it was cancelled, go on with it: fabrik runs resume; otherwise start a new one: fabrik provision",
        ),
        Cause::NotReadyYet { name, ceiling } => text(
            format!("{name} is not ready after {ceiling} s"),
            "Nothing is lost: resume later.",
        ),
        Cause::StepChanged { step } => text(
            format!("the step {step} has changed since the run began"),
            "Finish it with the version that began it, or cancel it with fabrik runs cancel --keep and provision again.",
        ),
        Cause::LeaseLost => text(
            "another process took the run over".into(),
            "It continues there; this one has stopped.",
        ),
        // Said above.
        Cause::Ambiguous { .. }
        | Cause::NothingToDecide { .. }
        | Cause::CandidateUnknown { .. }
        | Cause::DeadlinePassed { .. }
        | Cause::OutcomeUnknown { .. }
        | Cause::RunActive { .. }
        | Cause::RunOwned { .. }
        | Cause::RunUndoing { .. }
        | Cause::RunSucceeded { .. }
        | Cause::RunSuperseded { .. }
        | Cause::NotLeftOver { .. }
        | Cause::NothingToRollBack { .. }
        | Cause::NothingToRemove { .. }
        | Cause::RequestUnknown { .. }
        | Cause::RequestDecided { .. }
        | Cause::RequestOfAnotherKind
        | Cause::PriceUnknown { .. }
        | Cause::SubscriptionUnknown { .. }
        | Cause::MailAlreadySent
        | Cause::MailUnderWay
        | Cause::NoWelcomeMail { .. }
        | Cause::InstanceMissing { .. }
        | Cause::NotOurs { .. }
        | Cause::ChangedSince { .. }
        | Cause::WasThereBefore { .. }
        | Cause::HoldsData { .. }
        | Cause::CannotSee { .. }
        | Cause::LiesInLeftover { .. }
        | Cause::UndoTookTooLong { .. }
        | Cause::UsedByLaterRun { .. }
        | Cause::DatabaseBusy
        | Cause::CredentialMissing
        | Cause::CredentialRejected
        | Cause::CredentialScopeMissing { .. }
        | Cause::CredentialUnrestricted
        | Cause::RegionNotOffered { .. }
        | Cause::OrganizationNotVisible { .. }
        | Cause::ProjectLimitReached { .. }
        | Cause::ProjectOfAnother { .. }
        | Cause::ProjectPaused { .. }
        | Cause::RecoveryStands { .. }
        | Cause::TemplateNotTemplate { .. }
        | Cause::TemplateNotVisible { .. }
        | Cause::OwnerNotVisible { .. }
        | Cause::TeamNotVisible { .. }
        | Cause::NameTaken { .. }
        | Cause::VercelAppMissing { .. }
        | Cause::VercelAppLimited { .. }
        | Cause::VercelHobby { .. }
        | Cause::LinkedElsewhere { .. }
        | Cause::RepositoryPublic { .. }
        | Cause::SenderUnverified { .. }
        | Cause::DatabaseReadOnly
        | Cause::DatabaseUnreadable
        | Cause::DatabaseNewer { .. }
        | Cause::DatabaseDamaged
        | Cause::DatabaseUrlInvalid
        | Cause::DatabaseUnreachable { .. }
        | Cause::DatabaseCertificate { .. }
        | Cause::DatabaseLoginRefused { .. }
        | Cause::DatabaseUnknown { .. }
        | Cause::DatabaseRightsMissing { .. }
        | Cause::DatabaseServerReadOnly { .. }
        | Cause::DatabaseNotEmpty { .. }
        | Cause::DatabaseMoveUnlike { .. }
        | Cause::DatabaseOnlyThere { .. }
        | Cause::DatabaseLeft
        | Cause::AuditAltered { .. }
        | Cause::AuditCut { .. }
        | Cause::AuditUnanchored
        | Cause::ImportStopped
        | Cause::DatabaseUrlKept
        | Cause::SourceAbsent
        | Cause::SourceLoginRefused { .. }
        | Cause::SourceRightsMissing { .. }
        | Cause::SourceReadOnly { .. }
        | Cause::SourceTableMissing { .. }
        | Cause::SourceRowsHidden { .. }
        | Cause::SourceRowsKeptBack { .. }
        | Cause::SourceColumnMissing { .. }
        | Cause::SourceColumnUnfit { .. }
        | Cause::SourceColumnLocked { .. }
        | Cause::SourceFieldUnmapped { .. }
        | Cause::SourceResultsNowhere { .. }
        | Cause::SourceKeyRepeated { .. }
        | Cause::SourceKeyAstray { .. }
        | Cause::SourceRowMissing { .. }
        | Cause::SourceIdTaken { .. }
        | Cause::SourceFollowed { .. }
        | Cause::SourceWordRefused { .. }
        | Cause::SourceRefused { .. }
        | Cause::RowRepeated { .. }
        | Cause::CellsSurplus { .. }
        | Cause::QuoteUnclosed { .. }
        | Cause::DiskFull
        | Cause::DatabaseFailed
        | Cause::KeyringMissing { .. }
        | Cause::KeyringLocked
        | Cause::KeyringTimedOut
        | Cause::KeyringFailed
        | Cause::SecretMissing { .. }
        | Cause::SecretTooLong
        | Cause::SandboxKeepsNoSecrets
        | Cause::SandboxTokenRefused { .. }
        | Cause::SandboxFailed
        | Cause::SandboxRefused { .. }
        | Cause::DataDirectoryUnusable { .. }
        | Cause::FileUnwritable { .. }
        | Cause::NothingOpens { .. }
        | Cause::ProgramMissing { .. }
        | Cause::BlueprintUnchecked { .. }
        | Cause::UpdateFailed { .. }
        | Cause::Internal => text(
            "this is a fault in Fabrik itself".into(),
            "Please report it with the log from the data directory.",
        ),
    }
}

/// What next where no answer came.
const fn unanswered(reads: bool) -> &'static str {
    if reads {
        "It only asked, so nothing was changed. Try again; a run asks again: fabrik runs resume"
    } else {
        "Try again; a run first finds out what became of it: fabrik runs resume"
    }
}
