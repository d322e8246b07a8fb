//! The table of commands: each is declared once, here. The dispatcher, the list the shell's ACL is made
//! from and the TypeScript types all come from it.

use std::sync::Arc;

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, NewCustomer},
    id::{CustomerId, RequestId, RunId},
    language::Language,
    mapping::{Mapping, Relation},
    provider::Provider,
    request::{OnboardingRequest, Wish},
    run::{Allowance, Decision, OnFailure, Plan, RemovalPlan, Run},
};
use fabrik_store::{CustomerQuery, Neighbours, RequestQuery, RunQuery};
use fabrik_vault::VaultStatus;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use ts_rs::TS;

use crate::{
    App, Preset, StripePoll,
    entered::EnteredSecret,
    views::{
        BlueprintCheck, BlueprintContents, BlueprintFile, BlueprintOnShelf, BlueprintSummary,
        BlueprintVersion, Credential, CredentialsPage, CustomerCounts, CustomerDetail,
        CustomerImport, CustomerPage, DatabaseCopy, DatabaseView, Density, Diagnosis,
        DiagnosticBundle, DomainView, EnvImport, ExportFormat, Folder, ImportProgress, LinkTarget,
        MailView, MembersImport, Overview, ProvisionMany, RequestApproval, RequestPage,
        RestoredDatabase, RunDetail, RunPage, SavedFile, SettingView, SourceLook, SourcePreview,
        SourceReport, SourceView, Theme, WelcomePreview, Workspaces,
    },
};

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        /// The commands' names.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// The commands with the names and types of their arguments, for whoever tries them all.
        #[cfg(test)]
        pub(crate) const ARGUMENTS: &[(&str, &[(&str, &str)])] =
            &[$((stringify!($name), &[$((stringify!($argument), stringify!($type))),*])),*];

        /// Runs the command `name` with its arguments as a JSON object.
        ///
        /// # Errors
        /// The command's own [`Problem`]; `internal` for a name or arguments that are not in the table.
        pub async fn dispatch(app: &Arc<App>, name: &str, arguments: Value) -> Result<Value, Problem> {
            match name {
                $(stringify!($name) => {
                    #[derive(Deserialize)]
                    #[serde(deny_unknown_fields)]
                    struct Arguments { $($argument: $type),* }
                    let Arguments { $($argument),* } = decode(name, arguments)?;
                    encode(&app.$name($($argument),*).await?)
                })*
                _ => Err(Problem::from(Cause::Internal).detail(format!("no command {name}"))),
            }
        }

        /// The types of the UI: everything the table refers to, and the table itself.
        pub fn typescript() -> String {
            let config = ts_rs::Config::new().with_large_int("number");
            let mut declarations = crate::typescript::Declarations::new(&config);
            let mut table = String::from("/** The commands. */\nexport type Commands = {\n");
            $({
                $(declarations.add::<$type>();)*
                declarations.add::<$answer>();
                let arguments: &[(&str, String)] =
                    &[$((stringify!($argument), <$type as TS>::name(&config))),*];
                let arguments: Vec<_> =
                    arguments.iter().map(|(name, text)| format!("{name}: {text}")).collect();
                table.push_str(&format!(
                    "    /**{} */\n    {}: {{ arguments: {{ {} }}; answer: {} }};\n",
                    concat!($($doc),+),
                    stringify!($name),
                    arguments.join("; "),
                    <$answer as TS>::name(&config),
                ));
            })*
            table.push_str("};\n");
            format!("// Made from the Rust types by `make bindings`; not to be edited.\n\n{}{table}", declarations.into_text())
        }
    };
}

commands! {
    /// The frame: workspace, language, theme, counts, runs under way.
    overview() -> Overview;
    /// Customers, filtered, sorted and cut.
    customers_list(query: CustomerQuery) -> CustomerPage;
    /// One customer, with its instance.
    customer_get(customer: CustomerId) -> CustomerDetail;
    /// Where a customer stands in a list, and beside whom.
    customer_neighbours(customer: CustomerId, query: CustomerQuery) -> Neighbours;
    /// Adds a customer.
    customer_add(new: NewCustomer) -> Customer;
    /// Changes a customer.
    customer_edit(customer: CustomerId, patch: CustomerPatch) -> Customer;
    /// Removes a customer's record; `confirm` is its subdomain or its name, typed.
    customer_remove(customer: CustomerId, confirm: String) -> ();
    /// What is wrong with a name and a subdomain, while typing; nothing where they are free and valid.
    customer_check(name: String, subdomain: String, except: Option<CustomerId>) -> Vec<Problem>;
    /// A subdomain for a name that is free.
    subdomain_suggest(name: String) -> String;
    /// How many customers each state, plan and blueprint has.
    customer_counts() -> CustomerCounts;
    /// Keeps customers as a file in the folder for downloads; all of them where none is named.
    customers_save(format: ExportFormat, customers: Vec<CustomerId>) -> SavedFile;
    /// Imports customers from the text of a CSV or JSON file; `blueprint` and `plan` are of those rows that name none.
    customers_import(file_name: String, content: String, dry_run: bool, blueprint: Option<String>, plan: Option<String>) -> CustomerImport;
    /// Adds the rows of a CSV file to the members of a customer's instance; with `dry_run` tells what would become of each.
    members_import(customer: CustomerId, file_name: String, content: String, dry_run: bool) -> MembersImport;
    /// Requests of the inbox: the undecided before the decided, of each the newest first.
    requests_list(query: RequestQuery) -> RequestPage;
    /// One request.
    request_get(request: RequestId) -> OnboardingRequest;
    /// Writes a request that somebody typed in.
    request_add(wish: Wish) -> OnboardingRequest;
    /// Changes what an open request wishes for.
    request_edit(request: RequestId, wish: Wish) -> OnboardingRequest;
    /// What provisioning its customer would do, with this subdomain where one is given: asks the vendors whether the names are free.
    request_review(request: RequestId, subdomain: Option<String>) -> Plan;
    /// Adds the customer that is asked for, and begins its provisioning; each request once, whoever approves.
    request_approve(request: RequestId, subdomain: Option<String>, on_failure: Option<OnFailure>) -> RequestApproval;
    /// Rejects a request.
    request_reject(request: RequestId, reason: String) -> OnboardingRequest;
    /// Settles the end of a subscription: the customer is marked as paused, or kept as it is.
    request_settle(request: RequestId, pause: bool) -> OnboardingRequest;
    /// Puts an open request away undecided, also the end of a subscription: nobody is told.
    request_archive(request: RequestId) -> OnboardingRequest;
    /// Opens a request again that was put away.
    request_restore(request: RequestId) -> OnboardingRequest;
    /// Reads what has happened at Stripe since the last time.
    stripe_read() -> StripePoll;
    /// How far the import that is under way has come; none where none is.
    import_progress() -> Option<ImportProgress>;
    /// Stops the import that is under way: nothing of it is kept.
    import_stop() -> ();
    /// Keeps what became of each row of the last import, as CSV in the folder for downloads.
    import_save() -> SavedFile;
    /// The blueprints.
    blueprints_list() -> Vec<BlueprintSummary>;
    /// Every blueprint, also those that can't be used, with how many customers have it.
    blueprints_shelf() -> Vec<BlueprintOnShelf>;
    /// Has the command line look for what is wrong with a blueprint, its SQL tried on a database.
    blueprint_check(name: String) -> BlueprintCheck;
    /// A blueprint's files, to be read and, where it is the workspace's own, changed.
    blueprint_open(name: String) -> BlueprintContents;
    /// Makes a blueprint of the workspace's own, a copy of another.
    blueprint_copy(name: String, from: String) -> BlueprintContents;
    /// As `blueprint_check`, of files that are not saved yet.
    blueprint_draft_check(name: String, files: Vec<BlueprintFile>) -> BlueprintCheck;
    /// Puts files in the place of those that the hash is of, as the blueprint's next version.
    blueprint_save(name: String, hash: String, files: Vec<BlueprintFile>) -> BlueprintContents;
    /// The versions of a blueprint that others took the place of, the newest first.
    blueprint_versions(name: String) -> Vec<BlueprintVersion>;
    /// The files of one of them.
    blueprint_version(name: String, hash: String) -> Vec<BlueprintFile>;
    /// What a run would do.
    plan(customer: CustomerId) -> Plan;
    /// How the vendors' limits let runs for these customers go; none where they don't limit them.
    allowance(customers: Vec<CustomerId>) -> Option<Allowance>;
    /// Plans, then starts a run and returns at once. Where nothing is chosen, a failure keeps what there is of an instance that stands, and takes a first one back.
    provision(customer: CustomerId, on_failure: Option<OnFailure>) -> Run;
    /// Plans and starts runs for many, and returns when all are begun or refused. Where nothing is chosen, each goes by its own instance.
    provision_many(customers: Vec<CustomerId>, on_failure: Option<OnFailure>) -> ProvisionMany;
    /// Looks again at domains that wait for their DNS records, of one customer or of all.
    domains_check(customer: Option<CustomerId>) -> Vec<DomainView>;
    /// A customer's welcome mail as it would go out now, with a mask for each secret.
    welcome_preview(customer: CustomerId) -> WelcomePreview;
    /// Sends a customer's welcome mail once more, with a new sign-in link; the links before are worth nothing then.
    welcome_resend(customer: CustomerId) -> MailView;
    /// Runs, the newest first, filtered and cut.
    runs_list(query: RunQuery) -> RunPage;
    /// One run, with its steps, resources and log.
    run_get(run: RunId) -> RunDetail;
    /// Takes an interrupted, waiting or failed run on.
    run_resume(run: RunId) -> Run;
    /// Stops a run between two calls, then follows its policy; with `keep` what it made is kept.
    run_cancel(run: RunId, keep: bool) -> ();
    /// Takes back what a run made that has not succeeded; also what was left over the last time.
    run_rollback(run: RunId) -> Run;
    /// The owner's word where several resources could be ours; the run goes on with it.
    run_decide(run: RunId, step: String, decision: Decision) -> Run;
    /// The owner's word that something left over may stay: `resource` is its key, the vendor's id or its name.
    run_let_go(run: RunId, resource: String) -> Run;
    /// What removing a customer's instance would take away, and what would stay.
    removal_plan(customer: CustomerId) -> RemovalPlan;
    /// Removes a customer's instance; `confirm` is its subdomain or its name, typed. Returns at once.
    deprovision(customer: CustomerId, confirm: String) -> Run;
    /// The credentials page.
    credentials_list() -> CredentialsPage;
    /// How this machine's keyring is, whichever workspace is open. Asks nobody for a password.
    keyring_check() -> VaultStatus;
    /// Puts a provider's token into the keyring and tries it.
    credential_set(provider: Provider, token: EnteredSecret) -> Credential;
    /// Tries a provider's token.
    credential_test(provider: Provider) -> Credential;
    /// Removes a provider's token.
    credential_remove(provider: Provider) -> Credential;
    /// Reads the text of an `.env` file; with `dry_run` nothing is kept.
    env_import(content: EnteredSecret, dry_run: bool) -> EnvImport;
    /// The settings.
    settings_list() -> Vec<SettingView>;
    /// Stores a setting, or drops it.
    setting_set(key: String, value: Option<String>) -> Vec<SettingView>;
    /// Keeps a secret setting in the keyring, or drops it.
    setting_secret_set(key: String, secret: EnteredSecret) -> Vec<SettingView>;
    /// Chooses the language of the window; none follows the system.
    language_set(language: Option<Language>) -> Overview;
    /// Chooses the theme of the window.
    theme_set(theme: Theme) -> Overview;
    /// Chooses how much room a row has.
    density_set(density: Density) -> Overview;
    /// The workspaces, and which is opened at the next start.
    workspaces_list() -> Workspaces;
    /// Chooses the workspace of the next start; one that is not there yet is made.
    workspace_choose(name: String) -> Workspaces;
    /// Where the central database is, from the next start.
    database() -> DatabaseView;
    /// Goes over to a server from the next start, with all records where `bring` says so; `local` goes back.
    database_set(url: EnteredSecret, password: Option<EnteredSecret>, bring: bool) -> DatabaseView;
    /// The copies of the central database, the newest first.
    database_copies() -> Vec<DatabaseCopy>;
    /// Goes back to the copy of a day; only where the workspace is not open.
    database_restore(day: String) -> RestoredDatabase;
    /// The agency's own table of customers, where one is connected.
    source_get() -> SourceView;
    /// The tables at an address, and a proposal of what means what; without an address, at the one that is connected.
    source_look(url: Option<EnteredSecret>, password: Option<EnteredSecret>, preset: Option<Preset>, table: Option<Relation>) -> SourceLook;
    /// A mapping whose results go to another table: columns are proposed of that one, and what was said of the key and the words stays.
    source_results_to(url: Option<EnteredSecret>, password: Option<EnteredSecret>, preset: Option<Preset>, mapping: Mapping, table: Relation) -> Mapping;
    /// What is wrong with a mapping, and ten rows as customers.
    source_preview(url: Option<EnteredSecret>, password: Option<EnteredSecret>, mapping: Mapping) -> SourcePreview;
    /// Connects a table: from now on customers come from it too, and a run's end is written to it.
    source_connect(url: Option<EnteredSecret>, password: Option<EnteredSecret>, mapping: Mapping) -> SourceView;
    /// Keeps the password of the connected table's server in this desktop's keyring.
    source_password(password: EnteredSecret) -> SourceView;
    /// Takes customers over from the connected table now, and writes what is still to be written.
    source_refresh() -> SourceReport;
    /// Lets the table be. Customers that came from it stay.
    source_disconnect() -> SourceView;
    /// Looks at everything Fabrik stands on.
    doctor() -> Diagnosis;
    /// What is wrong on this machine now, and which vendors gave no answer the last time. No vendor is asked for it.
    standing() -> Vec<Problem>;
    /// What whoever helps needs to know, without secrets, to be shown before it is kept.
    diagnostics() -> DiagnosticBundle;
    /// Keeps what was last shown of it as a file in the folder for downloads.
    diagnostics_save() -> SavedFile;
    /// Opens a folder of Fabrik's in the system's file manager.
    folder_open(folder: Folder) -> ();
    /// Opens a link to a customer's instance in the system's browser.
    link_open(customer: CustomerId, target: LinkTarget) -> ();
    /// Opens a resource's page at its vendor in the system's browser.
    resource_open(customer: CustomerId, resource: String) -> ();
    /// Opens the page of a resource that could be the customer's, while a run asks which is.
    candidate_open(run: RunId, step: String, id: String) -> ();
    /// Opens the vendor's page where a token is made in the system's browser.
    token_page_open(provider: Provider) -> ();
    /// Opens the page at GitHub where Vercel's GitHub app is installed, and shown repositories, in the system's browser.
    vercel_app_open() -> ();
}

fn decode<T: DeserializeOwned>(command: &str, arguments: Value) -> Result<T, Problem> {
    let arguments = if arguments.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        arguments
    };
    // The error's text may quote a value, and a value may be a secret: only the command is named.
    serde_json::from_value(arguments)
        .map_err(|_| Problem::from(Cause::Internal).detail(format!("arguments of {command}")))
}

fn encode<T: Serialize>(answer: &T) -> Result<Value, Problem> {
    serde_json::to_value(answer)
        .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))
}

#[cfg(test)]
mod spoiled;
