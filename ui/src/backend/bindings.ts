// Made from the Rust types by `make bindings`; not to be edited.

/**
 * What a run would do about a step.
 */
export type Action = "create" | "adopt" | "skip" | "conflict" | "blocked";

/**
 * A run, in the frame.
 */
export type ActiveRun = { 
/**
 * The run.
 */
run: RunId, 
/**
 * Whose.
 */
customer: CustomerId, 
/**
 * The customer's name.
 */
customer_name: string, 
/**
 * Where it stands.
 */
state: RunState, 
/**
 * Which interruption it stands at: another each time that it went on and is interrupted again.
 */
interruption?: number, };

/**
 * An entry of a customer's activity.
 */
export type Activity = { 
/**
 * RFC 3339, UTC.
 */
at: string, 
/**
 * Who.
 */
operator: string, 
/**
 * The audit log's verb: `customer.added`, `run.succeeded` …
 */
action: string, 
/**
 * The run it is about.
 */
run?: RunId, 
/**
 * The run's number, for people.
 */
run_number?: number, 
/**
 * Fields that were changed, or other facts by name.
 */
facts: { [key in string]: string }, };

/**
 * How the vendors' limits let runs go.
 */
export type Allowance = { 
/**
 * Whose limit is the tightest.
 */
provider: Provider, 
/**
 * How many runs an hour the documented limits allow.
 */
per_hour: number, 
/**
 * When the last of them could be done. RFC 3339, UTC.
 */
done_at: string, };

/**
 * A text in both languages.
 */
export type Bilingual = { 
/**
 * Swedish.
 */
sv: string, 
/**
 * English.
 */
en: string, };

/**
 * What is wrong with a blueprint, its SQL tried on a database.
 */
export type BlueprintCheck = { 
/**
 * Each fault; none where it is well.
 */
faults: Array<BlueprintFault>, 
/**
 * RFC 3339, UTC.
 */
checked_at: string, };

/**
 * A blueprint, to be read and changed.
 */
export type BlueprintContents = { 
/**
 * Its name.
 */
name: string, 
/**
 * In the workspace's own folder: a built-in one is copied, not changed.
 */
own: boolean, 
/**
 * Of all files, as a run compares it.
 */
hash: string, 
/**
 * In the order of their paths, the manifest first.
 */
files: Array<BlueprintFile>, 
/**
 * How many customers have it.
 */
customers: number, };

/**
 * A fault of a blueprint, in the command line's words.
 */
export type BlueprintFault = { 
/**
 * The file, relative to the blueprint's folder.
 */
file: string, 
/**
 * From 1, where it is known.
 */
line?: number, 
/**
 * The step, where it is about one.
 */
step?: string, 
/**
 * The place in the manifest.
 */
place?: string, 
/**
 * What is wrong.
 */
message: string, 
/**
 * What to do about it.
 */
hint: string, };

/**
 * A text of a blueprint.
 */
export type BlueprintFile = { 
/**
 * From the blueprint's folder, with `/` on every system.
 */
path: string, 
/**
 * The whole of it.
 */
text: string, };

/**
 * A blueprint of the workspace, also one that can't be used.
 */
export type BlueprintOnShelf = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is; none where it can't be used.
 */
summary?: BlueprintSummary, 
/**
 * Why it can't be used.
 */
problem?: Problem, 
/**
 * How many customers have it.
 */
customers: number, };

/**
 * A blueprint in a list.
 */
export type BlueprintSummary = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: number, 
/**
 * For people.
 */
title: Bilingual, 
/**
 * For people.
 */
description: Bilingual, 
/**
 * Its plans, the default first.
 */
plans: Array<PlanSummary>, 
/**
 * Its modules.
 */
modules: Array<string>, 
/**
 * The vendors it needs.
 */
providers: Array<Provider>, 
/**
 * Its steps, by short name and kind.
 */
steps: Array<StepSummary>, 
/**
 * The longest chain of usual times, in seconds.
 */
expected_seconds: number, };

/**
 * A version of a blueprint that another took the place of.
 */
export type BlueprintVersion = { 
/**
 * As its manifest counts; 0 where that can't be read.
 */
version: number, 
/**
 * The beginning of its files' hash, by which it is known.
 */
hash: string, 
/**
 * When another took its place: RFC 3339, UTC.
 */
replaced_at: string, };

/**
 * How something in a customer's database stands open.
 */
export type Breach = "no_canary" | "readable" | "writable" | "callable" | "served" | "foreign_key";

/**
 * A connected table.
 */
export type ConnectedSource = { 
/**
 * The database's address, without a password.
 */
place: string, 
/**
 * What means what.
 */
mapping: Mapping, 
/**
 * When this process last looked at it.
 */
seen_at?: string, 
/**
 * What stood in the way then.
 */
problem?: Problem, 
/**
 * What came of it.
 */
report?: SourceReport, 
/**
 * How many runs have ended whose results are still to be written.
 */
untold: number, };

/**
 * A provider's credential. The value itself never comes back.
 */
export type Credential = { 
/**
 * The provider.
 */
provider: Provider, 
/**
 * Where it stands.
 */
state: CredentialState, 
/**
 * Where the token comes from.
 */
source: CredentialSource, 
/**
 * The keyring holds one too, which that of the environment goes before.
 */
overruled: boolean, 
/**
 * The last four characters, where there is a token of at least twelve.
 */
last_four?: string, 
/**
 * Whose account it is, as the vendor says.
 */
account?: string, 
/**
 * The scopes it was seen to have, where the vendor says.
 */
scopes: Array<string>, 
/**
 * The scopes that are needed.
 */
needed_scopes: Array<string>, 
/**
 * When it ends, where the vendor says.
 */
expires_at?: string, 
/**
 * When it was last tried.
 */
checked_at?: string, 
/**
 * What was wrong then; or why the keyring could not be read now.
 */
problem?: Problem, 
/**
 * The vendor's page where a token is made.
 */
token_page: string, 
/**
 * What a token begins with, such as `sbp_`.
 */
prefix: string, 
/**
 * A blueprint in use needs it: one that customers have, or before the first of them the one they would get.
 */
needed: boolean, };

/**
 * Where a token comes from.
 */
export type CredentialSource = "none" | "keyring" | "environment" | "sandbox";

/**
 * Where a credential stands.
 */
export type CredentialState = "missing" | "untested" | "works" | "expires_soon" | "rejected" | "waits" | "unreachable";

/**
 * The credentials page.
 */
export type CredentialsPage = { 
/**
 * The workspace is the sandbox, whose tokens are made up.
 */
sandbox: boolean, 
/**
 * The keyring.
 */
keyring: KeyringView, 
/**
 * A row per provider.
 */
credentials: Array<Credential>, };

/**
 * A customer. Optional instance fields may be edited by hand.
 */
export type Customer = { 
/**
 * Ours.
 */
id: CustomerId, 
/**
 * The id in an older system: a cuid, uuid or number.
 */
external_id?: string, 
/**
 * The agency's own table that it was taken over from: server, database and table. `external_id` is its id there.
 */
source?: string, 
/**
 * The name as the customer writes it.
 */
name: string, 
/**
 * Made from the name once, unique, never changed.
 */
slug: string, 
/**
 * A DNS label, unique.
 */
subdomain: string, 
/**
 * What the instance is.
 */
status: CustomerStatus, 
/**
 * A plan of the blueprint.
 */
plan: string, 
/**
 * The blueprint's name.
 */
blueprint: string, 
/**
 * Who hears of the instance.
 */
contact_email: string, 
/**
 * That person's name.
 */
contact_name?: string, 
/**
 * The language of the mail to the customer.
 */
language: Language, 
/**
 * Credits left.
 */
credits: number, 
/**
 * Enabled modules of the blueprint.
 */
modules: Array<string>, 
/**
 * Where the instance answers.
 */
production_url?: string, 
/**
 * The repository's page.
 */
github_repo_url?: string, 
/**
 * The Supabase project's ref.
 */
supabase_project_ref?: string, 
/**
 * Where the database URL of an older system is kept; never the URL itself: it holds a password.
 */
database_url?: string, 
/**
 * RFC 3339, UTC.
 */
created_at: string, 
/**
 * RFC 3339, UTC.
 */
updated_at: string, };

/**
 * How many customers there are, by what a list can be narrowed by.
 */
export type CustomerCounts = { 
/**
 * Of each state, those that no customer is in too.
 */
states: Array<StateCount>, 
/**
 * Of each plan, the most first.
 */
plans: Array<NameCount>, 
/**
 * Of each blueprint, the most first.
 */
blueprints: Array<NameCount>, };

/**
 * A customer with everything the detail screen shows.
 */
export type CustomerDetail = { 
/**
 * As in the list.
 */
row: CustomerRow, 
/**
 * Links to the instance, by what they open.
 */
links: Array<InstanceLink>, 
/**
 * A card per vendor of the blueprint, in the blueprint's order.
 */
cards: Array<InstanceCard>, 
/**
 * Its domains that wait for their DNS records.
 */
domains: Array<DomainView>, 
/**
 * Everything that was made or adopted for it, the newest first.
 */
resources: Array<Resource>, 
/**
 * Its runs, the newest first.
 */
runs: Array<Run>, 
/**
 * What happened to it, the newest first.
 */
activity: Array<Activity>, 
/**
 * Its modules are others than a run has brought its instance, in whole or in part: the next one brings the change.
 */
modules_changed: boolean, 
/**
 * Its plan is another than a run has brought its instance, in whole or in part: the next one brings the change.
 */
plan_changed: boolean, 
/**
 * It has an instance with members, to which more can be imported.
 */
takes_members: boolean, 
/**
 * The blueprint's title and version.
 */
blueprint?: BlueprintSummary, };

/**
 * A customer.
 */
export type CustomerId = string;

/**
 * What an import of customers did, or would do.
 */
export type CustomerImport = { 
/**
 * A row per row of the file; in a window, of a long file, those that are refused first, and not all.
 */
rows: Array<ImportedRow>, 
/**
 * How many were (or would be) added.
 */
added: number, 
/**
 * How many were refused.
 */
refused: number, 
/**
 * Nothing was kept.
 */
dry_run: boolean, 
/**
 * The blueprint of the rows that name none, where there are several and nobody chose one.
 */
assumed?: string, };

/**
 * A part of the customer list.
 */
export type CustomerPage = { 
/**
 * The rows asked for.
 */
customers: Array<CustomerRow>, 
/**
 * How many match.
 */
total: number, };

/**
 * A change of a customer: `None` leaves a field as it is. For the optional fields `Some(None)`
 * empties it.
 */
export type CustomerPatch = { 
/**
 * See [`Customer::name`]. The slug stays.
 */
name?: string, 
/**
 * See [`Customer::subdomain`].
 */
subdomain?: string, 
/**
 * See [`Customer::contact_email`].
 */
contact_email?: string, 
/**
 * See [`Customer::contact_name`].
 */
contact_name?: string | null, 
/**
 * See [`Customer::status`].
 */
status?: CustomerStatus, 
/**
 * See [`Customer::plan`].
 */
plan?: string, 
/**
 * See [`Customer::blueprint`].
 */
blueprint?: string, 
/**
 * See [`Customer::language`].
 */
language?: Language, 
/**
 * See [`Customer::credits`].
 */
credits?: number, 
/**
 * See [`Customer::modules`].
 */
modules?: Array<string>, 
/**
 * See [`Customer::external_id`]. With another one it is nobody's in the table that it came from.
 */
external_id?: string | null, 
/**
 * See [`Customer::production_url`].
 */
production_url?: string | null, 
/**
 * See [`Customer::github_repo_url`].
 */
github_repo_url?: string | null, 
/**
 * See [`Customer::supabase_project_ref`].
 */
supabase_project_ref?: string | null, };

/**
 * Which customers are asked for, and how they are sorted.
 */
export type CustomerQuery = { 
/**
 * Words that must all be found in name, subdomain, e-mail or external id; case and accents of no weight.
 */
search?: string, 
/**
 * Only these.
 */
status?: CustomerStatus, 
/**
 * Only those in this state, as [`InstanceState::of`] tells it from the status and the newest run.
 */
state?: InstanceState, 
/**
 * Only those on this plan.
 */
plan?: string, 
/**
 * Only those of this blueprint.
 */
blueprint?: string, 
/**
 * By what they are sorted; the newest change first where nothing is said.
 */
sort: CustomerSort, 
/**
 * The other way round.
 */
descending: boolean, 
/**
 * At most so many; 0 is all.
 */
limit: number, 
/**
 * After so many.
 */
offset: number, };

/**
 * A row of the customer list.
 */
export type CustomerRow = { 
/**
 * What the row shows first.
 */
state: InstanceState, 
/**
 * The vendors of its blueprint; none where the blueprint is not known.
 */
stack: Array<StackMark>, 
/**
 * Its newest run.
 */
last_run?: Run, 
/**
 * What the vendors ask a month for its plan.
 */
monthly_price?: MonthlyPrice, 
/**
 * How long its provisioning usually takes, in seconds.
 */
expected_seconds: number, 
/**
 * How far its newest run has come, while that is under way.
 */
progress?: StepProgress, 
/**
 * Ours.
 */
id: CustomerId, 
/**
 * The id in an older system: a cuid, uuid or number.
 */
external_id?: string, 
/**
 * The agency's own table that it was taken over from: server, database and table. `external_id` is its id there.
 */
source?: string, 
/**
 * The name as the customer writes it.
 */
name: string, 
/**
 * Made from the name once, unique, never changed.
 */
slug: string, 
/**
 * A DNS label, unique.
 */
subdomain: string, 
/**
 * What the instance is.
 */
status: CustomerStatus, 
/**
 * A plan of the blueprint.
 */
plan: string, 
/**
 * The blueprint's name.
 */
blueprint: string, 
/**
 * Who hears of the instance.
 */
contact_email: string, 
/**
 * That person's name.
 */
contact_name?: string, 
/**
 * The language of the mail to the customer.
 */
language: Language, 
/**
 * Credits left.
 */
credits: number, 
/**
 * Enabled modules of the blueprint.
 */
modules: Array<string>, 
/**
 * Where the instance answers.
 */
production_url?: string, 
/**
 * The repository's page.
 */
github_repo_url?: string, 
/**
 * The Supabase project's ref.
 */
supabase_project_ref?: string, 
/**
 * Where the database URL of an older system is kept; never the URL itself: it holds a password.
 */
database_url?: string, 
/**
 * RFC 3339, UTC.
 */
created_at: string, 
/**
 * RFC 3339, UTC.
 */
updated_at: string, };

/**
 * By what customers are sorted.
 */
export type CustomerSort = "updated" | "name" | "credits" | "status" | "blueprint" | "plan";

/**
 * What the central database says of a customer's instance.
 */
export type CustomerStatus = "pending" | "active" | "inactive";

/**
 * A copy of the central database.
 */
export type DatabaseCopy = { 
/**
 * The day it was made, in UTC: `2026-11-22`.
 */
day: string, 
/**
 * How large it is.
 */
bytes: number, };

/**
 * Where the open workspace's central database is, from the next start.
 */
export type DatabaseView = { 
/**
 * A file's path, or a server's address without its password.
 */
place: string, 
/**
 * It is on a server, which several desktops can share.
 */
server: boolean, 
/**
 * What goes to the server is encrypted, and its certificate checked.
 */
encrypted: boolean, 
/**
 * Another one is open until Fabrik is started again. Where none could be opened, this one is used at once.
 */
restart: boolean, 
/**
 * What was moved there just now, table by table.
 */
moved: Array<MovedTable>, 
/**
 * The server that was left just now, whose records stay there.
 */
left?: string, 
/**
 * Who else has changed those of late, as `name@machine`.
 */
others: Array<string>, };

/**
 * How a request was decided, or put away.
 */
export type Decided = { 
/**
 * When.
 */
at: string, 
/**
 * Who: `name@machine`.
 */
by: string, 
/**
 * Why it was rejected.
 */
reason?: string, 
/**
 * What became of the instance of an ended subscription.
 */
ending?: Ending, 
/**
 * When it was written into the table that the request stands in.
 */
told_at?: string, };

/**
 * The owner's word where only the owner can tell (see `Cause::Ambiguous`).
 */
export type Decision = { "decision": "adopt", 
/**
 * The vendor's id.
 */
id: string, } | { "decision": "new" };

/**
 * How much room a row has.
 */
export type Density = "compact" | "comfortable";

/**
 * Kinds of a step's own words.
 */
export type Detail = "password_kept" | "file_applied" | "tables_verified" | "admin_proved" | "isolation_proved" | "no_neighbour" | "neighbour_refused" | "content_there" | "file_committed" | "variable_set" | "legacy_key_used" | "site_answered" | "site_check_off" | "shared_site_asked" | "no_base_domain" | "record_wanted" | "domain_verified" | "workflow_made" | "workflow_published" | "mail_sent";

/**
 * What `doctor` found.
 */
export type Diagnosis = { 
/**
 * Everything is well.
 */
healthy: boolean, 
/**
 * A row per thing looked at.
 */
findings: Array<Finding>, 
/**
 * The copies of the central database, the newest first.
 */
copies: Array<DatabaseCopy>, };

/**
 * What is shown of Fabrik to whoever helps: no secret is in it.
 */
export type DiagnosticBundle = { 
/**
 * All of it, as it would be kept.
 */
text: string, };

/**
 * A DNS record that the owner must set.
 */
export type DnsRecord = { 
/**
 * `CNAME`, `A`, `TXT`.
 */
kind: string, 
/**
 * The whole name: `akermark.norrform.se`.
 */
name: string, 
/**
 * What it says.
 */
value: string, };

/**
 * A customer's own domain that has waited for its DNS records.
 */
export type DomainView = { 
/**
 * Whose.
 */
customer: CustomerId, 
/**
 * The customer's name.
 */
customer_name: string, 
/**
 * The domain.
 */
domain: string, 
/**
 * It is verified, and the instance answers there.
 */
verified: boolean, 
/**
 * Why it isn't, with the records that are wanted.
 */
problem?: Problem, 
/**
 * Since when it has waited.
 */
since?: string, };

/**
 * A process that drives a run.
 */
export type Driver = { 
/**
 * It is this one.
 */
here: boolean, 
/**
 * The machine it runs on.
 */
machine: string, 
/**
 * Its number there.
 */
process?: number, };

/**
 * What becomes of the instance of an ended subscription.
 */
export type Ending = "kept" | "paused" | "removed";

/**
 * A line of an `.env` file.
 */
export type EnvEntry = { 
/**
 * The variable; `:` and the line's number where that can't be told.
 */
name: string, 
/**
 * What became of it.
 */
verdict: EnvVerdict, 
/**
 * Where it goes: a provider's key, a setting's key, or a customer's subdomain.
 */
target?: string, 
/**
 * The value of what is no secret; the last four characters of what is one.
 */
shown?: string, 
/**
 * What holds all the same of a setting that is kept: a variable of this process, or what the sandbox says.
 */
overruled?: SettingSource, 
/**
 * Why it was refused.
 */
problem?: Problem, };

/**
 * What an `.env` file holds, as it would be (or was) imported. No values of secrets.
 */
export type EnvImport = { 
/**
 * A row per line that was understood or not.
 */
entries: Array<EnvEntry>, 
/**
 * It was done, not only looked at.
 */
done: boolean, };

/**
 * What becomes of a line of an `.env` file.
 */
export type EnvVerdict = "credential" | "setting" | "database_url" | "ignored" | "empty" | "refused";

/**
 * As what customers are exported.
 */
export type ExportFormat = "csv" | "json";

/**
 * Something in a customer's database that stands open.
 */
export type Exposure = { 
/**
 * How.
 */
breach: Breach, 
/**
 * The table, view or function.
 */
subject: string, };

/**
 * A fact of a card.
 */
export type Fact = { 
/**
 * Of what kind: the words are the UI's.
 */
label: FactLabel, 
/**
 * Its value; a time is RFC 3339.
 */
value: string, };

/**
 * Kinds of facts.
 */
export type FactLabel = "region" | "tables" | "administrator" | "branch" | "commit" | "deployment" | "domain" | "workflows" | "recovery_days" | "created_at" | "origin";

/**
 * A thing `doctor` looked at.
 */
export type Finding = { 
/**
 * What.
 */
subject: FindingSubject, 
/**
 * Its name: a path, a provider, a backend.
 */
name: string, 
/**
 * What is wrong; none where it is well.
 */
problem?: Problem, 
/**
 * It is not needed for anything now.
 */
optional: boolean, 
/**
 * Nothing is wrong with it that waiting doesn't mend: a vendor's limit is used up.
 */
waits: boolean, };

/**
 * What `doctor` looks at.
 */
export type FindingSubject = "data_directory" | "database" | "sandbox" | "keyring" | "network" | "credential" | "setting" | "workspace";

/**
 * A folder that the window can have opened.
 */
export type Folder = "data" | "blueprints" | "downloads";

/**
 * A resource as a step sees it at the vendor.
 */
export type Found = { 
/**
 * The vendor's id.
 */
id: string, 
/**
 * The vendor's name for it.
 */
name: string, 
/**
 * Its page, for people.
 */
url?: string, 
/**
 * See [`Resource::content_hash`].
 */
content_hash?: string, };

/**
 * What happened. The words are the catalogues'.
 */
export type Happening = { "type": "run", 
/**
 * To this.
 */
state: RunState, 
/**
 * Why it waits.
 */
reason?: WaitReason, } | { "type": "step", 
/**
 * To this.
 */
state: StepState, } | { "type": "looking", 
/**
 * The name it looks for.
 */
name: string, } | { "type": "creating", 
/**
 * Its name.
 */
name: string, } | { "type": "created", 
/**
 * The vendor's id.
 */
id: string, 
/**
 * Its page.
 */
url?: string, } | { "type": "adopted", 
/**
 * The vendor's id.
 */
id: string, 
/**
 * Its page.
 */
url?: string, } | { "type": "not_yet", 
/**
 * The vendor's word for where it stands.
 */
status: string, 
/**
 * When it is asked again, in milliseconds from now.
 */
again_in_ms: number, } | { "type": "settling", 
/**
 * How long at most, in milliseconds.
 */
at_most_ms: number, } | { "type": "retrying", 
/**
 * Why.
 */
problem: Problem, 
/**
 * In milliseconds from now.
 */
in_ms: number, 
/**
 * Which attempt comes next.
 */
attempt: number, } | { "type": "removing", 
/**
 * Its name.
 */
name: string, } | { "type": "removed", 
/**
 * Its name.
 */
name: string, 
/**
 * What it lay in, where it went with that.
 */
with?: string, } | { "type": "not_there", 
/**
 * Its name.
 */
name: string, } | { "type": "left_over", 
/**
 * Its name.
 */
name: string, 
/**
 * Why.
 */
problem: Problem, } | { "type": "decided", } & ({ "decision": "adopt", 
/**
 * The vendor's id.
 */
id: string, } | { "decision": "new" }) | { "type": "detail", 
/**
 * Of what kind.
 */
detail: Detail, 
/**
 * The name of the file, table, variable …
 */
subject: string, } | { "type": "problem", 
/**
 * Why.
 */
problem: Problem, };

/**
 * How far an import has come.
 */
export type ImportProgress = { 
/**
 * Pieces of work that are done: each row is read, then written.
 */
done: number, 
/**
 * Of so many; 0 while that is not known.
 */
total: number, };

/**
 * A row of an import.
 */
export type ImportedRow = { 
/**
 * Its line (CSV) or place (JSON) in the file, from 1.
 */
line: number, 
/**
 * The name in it.
 */
name: string, 
/**
 * The customer, where it was added.
 */
customer?: Customer, 
/**
 * Why it was refused: every fault.
 */
problems: Array<Problem>, };

/**
 * A vendor's card on the detail screen.
 */
export type InstanceCard = { 
/**
 * The vendor.
 */
provider: Provider, 
/**
 * What there is of it.
 */
state: MarkState, 
/**
 * The name of its main resource.
 */
name?: string, 
/**
 * Its page at the vendor.
 */
url?: string, 
/**
 * What is worth copying: project ref, `owner/name`, host.
 */
copy?: string, 
/**
 * Facts, label over value.
 */
facts: Array<Fact>, 
/**
 * What is wrong with it.
 */
problem?: Problem, };

/**
 * A link to the instance. Opened by Rust, which checks it again.
 */
export type InstanceLink = { 
/**
 * What it opens.
 */
target: LinkTarget, 
/**
 * Where.
 */
url: string, };

/**
 * What a customer's row shows first: the status and the newest run, as one word.
 */
export type InstanceState = "needs_you" | "setting_up" | "active" | "stopped" | "new" | "paused";

/**
 * The keyring, as the credentials page and `doctor` show it.
 */
export type KeyringView = { 
/**
 * Its name: `Secret Service, GNOME Keyring` …
 */
backend: string, 
/**
 * It can be used.
 */
usable: boolean, 
/**
 * How many of the workspace's tokens are in it.
 */
tokens: number, 
/**
 * What mends it, where something is wrong.
 */
hint?: VaultHint, 
/**
 * The system that it is of: each is mended in a way of its own.
 */
system: System, 
/**
 * What is wrong.
 */
problem?: Problem, };

/**
 * A language of the product, and of the mail it sends.
 */
export type Language = "sv" | "en";

/**
 * What a link opens.
 */
export type LinkTarget = "production" | "github" | "supabase" | "vercel";

/**
 * Where a mail stands.
 */
export type MailState = "due" | "sending" | "sent" | "not_sent" | "unknown" | "unaddressed" | "overtaken";

/**
 * A mail, without its text.
 */
export type MailView = { 
/**
 * Where it stands.
 */
state: MailState, 
/**
 * The address, once it is known.
 */
to?: string, 
/**
 * When it fell due or was asked for.
 */
at: string, 
/**
 * When it was sent or given up.
 */
ended_at?: string, 
/**
 * Why it is not sent, or not yet.
 */
problem?: Problem, };

/**
 * An agency's own table, as Fabrik reads and writes it.
 */
export type Mapping = { 
/**
 * Where customers are read from.
 */
table: Relation, 
/**
 * The columns that are read.
 */
columns: { [key in SourceField]?: string }, 
/**
 * What the words in the column of statuses mean, in lower case, beyond those that everybody uses.
 */
statuses: { [key in string]: Meaning }, 
/**
 * The blueprint of all of them; the first there is where none is named.
 */
blueprint?: string, 
/**
 * The plan of those that say none.
 */
plan?: string, 
/**
 * Where results go; nowhere where there is none.
 */
results?: ResultMapping, };

/**
 * What there is of a vendor.
 */
export type MarkState = "absent" | "setting_up" | "deferred" | "live" | "needs_you";

/**
 * What a word in the column of statuses means.
 */
export type Meaning = "pending" | "active" | "inactive" | "request" | "none";

/**
 * What a file may say of a member.
 */
export type MemberField = "name" | "email" | "phone" | "role" | "standing" | "language" | "joined_on" | "left_on" | "instruments";

/**
 * A row of an import of members.
 */
export type MemberRow = { 
/**
 * Its line in the file, from 1.
 */
line: number, 
/**
 * The name in it.
 */
name: string, 
/**
 * The address in it.
 */
email?: string, 
/**
 * What became, or would become, of it.
 */
verdict: MemberVerdict, 
/**
 * In what somebody who is there differs from it: they stay as they are.
 */
differs: Array<MemberField>, 
/**
 * Why it was refused: every fault.
 */
problems: Array<Problem>, };

/**
 * What becomes of a row.
 */
export type MemberVerdict = "added" | "unchanged" | "different" | "refused";

/**
 * What an import of members did, or would do.
 */
export type MembersImport = { 
/**
 * A row per row of the file.
 */
rows: Array<MemberRow>, 
/**
 * Columns of the file that say nothing of a member, or that the instance has no room for.
 */
ignored: Array<string>, 
/**
 * Nothing was kept.
 */
dry_run: boolean, };

/**
 * What the vendors ask a month, as of a day.
 */
export type MonthlyPrice = { 
/**
 * A decimal number as text, such as `25.00`.
 */
amount: string, 
/**
 * ISO 4217.
 */
currency: string, 
/**
 * The day the prices were read, `2026-11-21`.
 */
as_of: string, };

/**
 * A table whose records were moved.
 */
export type MovedTable = { 
/**
 * Its name.
 */
table: string, 
/**
 * How many rows, each compared.
 */
rows: number, };

/**
 * How many there are of a name.
 */
export type NameCount = { 
/**
 * The name.
 */
name: string, 
/**
 * How many.
 */
count: number, };

/**
 * Why a name is refused.
 */
export type NameFault = "empty" | "too_long" | "deceptive" | "no_letters" | "login";

/**
 * Where a customer stands in a list.
 */
export type Neighbours = { 
/**
 * From 1; none where the list doesn't have it.
 */
place?: number, 
/**
 * How many the list has.
 */
total: number, 
/**
 * Who stands before it.
 */
previous?: CustomerId, 
/**
 * Who stands after it.
 */
next?: CustomerId, };

/**
 * What is asked for when a customer is added. [`NewCustomer::check`] holds it against the rules.
 */
export type NewCustomer = { 
/**
 * See [`Customer::name`].
 */
name: string, 
/**
 * See [`Customer::subdomain`].
 */
subdomain: string, 
/**
 * See [`Customer::contact_email`].
 */
contact_email: string, 
/**
 * See [`Customer::contact_name`].
 */
contact_name?: string, 
/**
 * See [`Customer::blueprint`].
 */
blueprint: string, 
/**
 * See [`Customer::plan`].
 */
plan: string, 
/**
 * See [`Customer::language`].
 */
language: Language, 
/**
 * See [`Customer::modules`].
 */
modules: Array<string>, 
/**
 * See [`Customer::credits`].
 */
credits: number, 
/**
 * See [`Customer::external_id`].
 */
external_id?: string, 
/**
 * See [`Customer::status`].
 */
status: CustomerStatus, 
/**
 * See [`Customer::production_url`].
 */
production_url?: string, 
/**
 * See [`Customer::github_repo_url`].
 */
github_repo_url?: string, 
/**
 * See [`Customer::supabase_project_ref`].
 */
supabase_project_ref?: string, 
/**
 * See [`Customer::database_url`].
 */
database_url?: string, };

/**
 * What to do when a step fails for good.
 */
export type OnFailure = "rollback" | "keep";

/**
 * A request of the inbox: typed in, of a subscription, or from the agency's own table.
 */
export type OnboardingRequest = { 
/**
 * Ours.
 */
id: RequestId, 
/**
 * What is asked.
 */
kind: RequestKind, 
/**
 * Where it stands.
 */
state: RequestState, 
/**
 * Where it comes from.
 */
origin: RequestOrigin, 
/**
 * Why it can't be approved as it stands, or was not approved by itself.
 */
problem?: Problem, 
/**
 * How it was decided, or put away.
 */
decided?: Decided, 
/**
 * The customer that it made, or that it is about; none where that is removed.
 */
customer?: CustomerId, 
/**
 * It is to be approved without anybody's word.
 */
at_once: boolean, 
/**
 * Its customer's provisioning is still to be begun, by this policy.
 */
begins?: OnFailure, 
/**
 * RFC 3339, UTC.
 */
created_at: string, 
/**
 * RFC 3339, UTC.
 */
updated_at: string, 
/**
 * The customer's name.
 */
name: string, 
/**
 * The subdomain wished for.
 */
subdomain: string, 
/**
 * The administrator's address.
 */
contact_email: string, 
/**
 * The administrator's name.
 */
contact_name?: string, 
/**
 * The blueprint.
 */
blueprint: string, 
/**
 * A plan of it.
 */
plan: string, 
/**
 * The language of the mail to the customer.
 */
language: Language, 
/**
 * Modules of the blueprint.
 */
modules: Array<string>, 
/**
 * What the sender wrote.
 */
message?: string, };

/**
 * Whether we made it. Only what a run itself created may ever be undone by that run.
 */
export type Origin = "created" | "adopted";

/**
 * The frame of the window: where we are and what is going on.
 */
export type Overview = { 
/**
 * Fabrik's version.
 */
version: string, 
/**
 * The workspace's name.
 */
workspace: string, 
/**
 * Nothing is made for real.
 */
sandbox: boolean, 
/**
 * The language chosen, else the system's.
 */
language: Language, 
/**
 * The language chosen; none follows the system.
 */
chosen_language?: Language, 
/**
 * The theme chosen.
 */
theme: Theme, 
/**
 * How much room a row has.
 */
density: Density, 
/**
 * How many customers there are.
 */
customers: number, 
/**
 * Runs under way now, in this or another process, and those that wait for somebody.
 */
active_runs: Array<ActiveRun>, 
/**
 * Runs that a process left in the middle and that can be resumed.
 */
interrupted_runs: Array<ActiveRun>, 
/**
 * How many runs left something over that the owner is to see to.
 */
leftover_runs: number, 
/**
 * How many requests wait for the owner.
 */
open_requests: number, };

/**
 * A dry run.
 */
export type Plan = { 
/**
 * Whose.
 */
customer: Customer, 
/**
 * A run would begin.
 */
can_run: boolean, 
/**
 * The steps, in the blueprint's order.
 */
steps: Array<PlannedStep>, 
/**
 * Everything that stands in the way, all at once.
 */
missing: Array<Problem>, 
/**
 * The longest chain of steps, in seconds.
 */
expected_seconds: number, 
/**
 * How long the vendors' limits make it take, where they limit it.
 */
limits?: Allowance, 
/**
 * What the vendors will ask a month.
 */
monthly_price?: MonthlyPrice, 
/**
 * What they ask until then, where the instance stands and was provisioned in another plan.
 */
price_before?: MonthlyPrice, };

/**
 * A plan of a blueprint.
 */
export type PlanSummary = { 
/**
 * Its name, as stored.
 */
name: string, 
/**
 * For people.
 */
title: Bilingual, 
/**
 * What the vendors ask a month for it.
 */
monthly_price?: MonthlyPrice, };

/**
 * A resource in the plan of a removal.
 */
export type PlannedRemoval = { 
/**
 * What.
 */
resource: Resource, } & ({ "fate": "removed" } | { "fate": "covered", 
/**
 * The name of what it lies in.
 */
by: string, } | { "fate": "adopted" } | { "fate": "sent" } | { "fate": "stays" });

/**
 * A step of a plan.
 */
export type PlannedStep = { 
/**
 * The blueprint's short name of the step.
 */
id: string, 
/**
 * Its kind.
 */
kind: StepKind, 
/**
 * The vendor; none for Fabrik's own steps.
 */
provider?: Provider, 
/**
 * What would be done.
 */
action: Action, 
/**
 * The name of what would be made.
 */
name?: string, 
/**
 * Why it can't.
 */
because?: Problem, 
/**
 * How long it usually takes, in seconds.
 */
expected_seconds: number, };

/**
 * A system that an agency has today, by the blueprint that replaces it.
 */
export type Preset = "factory" | "agency" | "orchestra" | "client-stack";

/**
 * What went wrong, whose call it was, and the vendor's own words. Holds no secret.
 */
export type Problem = { 
/**
 * The vendor, where a call to one failed.
 */
provider?: Provider, 
/**
 * The vendor's id of the request, for its support.
 */
request_id?: string, 
/**
 * The vendor's (or the system's) own words: one line, cut to 500 characters.
 */
detail?: string, } & ({ "code": "name_invalid", 
/**
 * Why.
 */
fault: NameFault, 
/**
 * Whose it is, where it is not the customer's own: `contact_name`.
 */
field?: string, } | { "code": "slug_taken", 
/**
 * The slug both give.
 */
slug: string, 
/**
 * The other customer's name.
 */
customer: string, } | { "code": "subdomain_invalid", 
/**
 * As it was typed.
 */
subdomain: string, 
/**
 * Why.
 */
fault: SubdomainFault, } | { "code": "subdomain_taken", 
/**
 * As it was typed.
 */
subdomain: string, 
/**
 * The other customer's name.
 */
customer: string, } | { "code": "subdomain_in_use", 
/**
 * The one that it has, and keeps.
 */
subdomain: string, } | { "code": "subdomain_changed", 
/**
 * The run's.
 */
before: string, 
/**
 * The customer's by now.
 */
subdomain: string, } | { "code": "external_id_taken", 
/**
 * As it was typed.
 */
external_id: string, 
/**
 * The other customer's name.
 */
customer: string, } | { "code": "external_id_alike", 
/**
 * As it was typed.
 */
external_id: string, 
/**
 * The slug that it gives.
 */
slug: string, 
/**
 * The other customer's name.
 */
customer: string, } | { "code": "email_invalid", 
/**
 * As it was typed.
 */
email: string, } | { "code": "link_invalid", 
/**
 * The field's name.
 */
field: string, 
/**
 * As it was typed.
 */
link: string, } | { "code": "project_ref_invalid", 
/**
 * As it was typed.
 */
project: string, } | { "code": "plan_unknown", 
/**
 * As it was typed.
 */
plan: string, 
/**
 * The blueprint's plans.
 */
known: Array<string>, } | { "code": "module_unknown", 
/**
 * As it was typed.
 */
module: string, 
/**
 * The blueprint's modules.
 */
known: Array<string>, } | { "code": "blueprint_unknown", 
/**
 * As it was typed.
 */
blueprint: string, 
/**
 * Those there are.
 */
known: Array<string>, } | { "code": "blueprint_invalid", 
/**
 * Its name.
 */
blueprint: string, 
/**
 * What is wrong, with the file.
 */
why: string, } | { "code": "blueprint_name_invalid", 
/**
 * As it was typed.
 */
blueprint: string, } | { "code": "blueprint_exists", 
/**
 * As it was typed.
 */
blueprint: string, } | { "code": "blueprint_changed", 
/**
 * Its name.
 */
blueprint: string, } | { "code": "blueprint_version_gone", 
/**
 * The blueprint's name.
 */
blueprint: string, } | { "code": "customer_unknown", 
/**
 * As it was typed.
 */
customer: string, } | { "code": "confirmation_mismatch", 
/**
 * What had to be typed.
 */
expected: string, } | { "code": "customer_has_instance", 
/**
 * The customer's name.
 */
customer: string, } | { "code": "file_unreadable", 
/**
 * Its path.
 */
file: string, 
/**
 * Why.
 */
why: string, } | { "code": "column_missing", 
/**
 * Its path.
 */
file: string, 
/**
 * The column.
 */
column: string, } | { "code": "no_customers_in_file", 
/**
 * Its path.
 */
file: string, } | { "code": "field_missing", 
/**
 * The field.
 */
field: string, } | { "code": "field_unreadable", 
/**
 * The field.
 */
field: string, 
/**
 * What it holds.
 */
value: string, 
/**
 * What it may hold.
 */
expected: string, } | { "code": "row_repeated", 
/**
 * The line of that row.
 */
line: number, } | { "code": "cells_surplus", 
/**
 * Its line.
 */
line: number, 
/**
 * How many cells it has.
 */
cells: number, 
/**
 * How many headings there are.
 */
columns: number, } | { "code": "quote_unclosed", 
/**
 * The file's path.
 */
file: string, 
/**
 * The line it stands on.
 */
line: number, } | { "code": "members_unsupported", 
/**
 * The blueprint's name.
 */
blueprint: string, } | { "code": "request_unknown", 
/**
 * As it was typed.
 */
request: string, } | { "code": "request_decided", 
/**
 * How.
 */
state: RequestState, 
/**
 * By whom, `name@machine`.
 */
by?: string, 
/**
 * When.
 */
at: string, } | { "code": "request_of_another_kind" } | { "code": "price_unknown", 
/**
 * The price's id at Stripe.
 */
price: string, } | { "code": "subscription_unknown", 
/**
 * Its id at Stripe.
 */
subscription: string, } | { "code": "line_unreadable", 
/**
 * Its number, from 1.
 */
line: number, } | { "code": "variable_contradicted", 
/**
 * The one that stands before it, and counts.
 */
other: string, } | { "code": "database_url_kept" } | { "code": "credential_missing" } | { "code": "credential_rejected" } | { "code": "credential_scope_missing", 
/**
 * The scopes that are missing.
 */
scopes: Array<string>, } | { "code": "credential_unrestricted" } | { "code": "setting_missing", 
/**
 * Its key, such as `supabase.organization`.
 */
setting: string, } | { "code": "setting_unknown", 
/**
 * As it was typed.
 */
setting: string, } | { "code": "setting_invalid", 
/**
 * Its key.
 */
setting: string, 
/**
 * What it must look like.
 */
expected: string, } | { "code": "base_url_insecure", 
/**
 * The URL, without user info.
 */
url: string, } | { "code": "provider_unknown", 
/**
 * As it was typed.
 */
name: string, } | { "code": "link_refused" } | { "code": "workspace_invalid", 
/**
 * As it was typed.
 */
workspace: string, } | { "code": "region_not_offered", 
/**
 * As the blueprint or setting says.
 */
region: string, 
/**
 * Those there are.
 */
offered: Array<string>, } | { "code": "organization_not_visible", 
/**
 * As the setting says.
 */
organization: string, 
/**
 * Those it sees.
 */
visible: Array<string>, } | { "code": "project_limit_reached", 
/**
 * How many there may be.
 */
limit: number, } | { "code": "template_not_template", 
/**
 * `owner/name`.
 */
template: string, } | { "code": "template_not_visible", 
/**
 * `owner/name`.
 */
template: string, } | { "code": "owner_not_visible", 
/**
 * As the setting says.
 */
owner: string, } | { "code": "team_not_visible", 
/**
 * As the setting says.
 */
team: string, } | { "code": "name_taken", 
/**
 * The name.
 */
name: string, } | { "code": "vercel_app_missing", 
/**
 * The owner of the repositories.
 */
owner: string, } | { "code": "vercel_app_limited", 
/**
 * `owner/name`.
 */
repository: string, } | { "code": "vercel_hobby", 
/**
 * As the setting says; none is the personal account of the token.
 */
team?: string, 
/**
 * The organization that owns the repositories.
 */
owner: string, } | { "code": "linked_elsewhere", 
/**
 * The project's name.
 */
name: string, } | { "code": "repository_public", 
/**
 * `owner/name`.
 */
repository: string, } | { "code": "sender_unverified", 
/**
 * The address.
 */
sender: string, } | { "code": "project_failed", 
/**
 * Its status.
 */
status: string, } | { "code": "project_of_another", 
/**
 * Its ref.
 */
reference: string, 
/**
 * Whose it is, by name.
 */
customer: string, } | { "code": "project_paused", 
/**
 * Its name there.
 */
name: string, } | { "code": "recovery_stands", 
/**
 * The project's name there.
 */
name: string, 
/**
 * What stands: `pitr_7`.
 */
recovery: string, 
/**
 * What the plan has: `micro`.
 */
size: string, } | { "code": "schema_refused", 
/**
 * The file.
 */
file: string, } | { "code": "outside_touched", 
/**
 * The file.
 */
file: string, 
/**
 * What it made or changed: `role x`, `trigger t on auth.users`. A few, where it is many.
 */
what: Array<string>, } | { "code": "schema_differs", 
/**
 * The file.
 */
file: string, } | { "code": "table_missing", 
/**
 * The tables.
 */
tables: Array<string>, } | { "code": "row_security_missing", 
/**
 * The tables.
 */
tables: Array<string>, } | { "code": "forbidden", 
/**
 * The tables or columns.
 */
names: Array<string>, } | { "code": "admin_proof_failed", 
/**
 * The address.
 */
email: string, } | { "code": "isolation_broken", 
/**
 * What stands open.
 */
findings: Array<Exposure>, } | { "code": "deployment_failed", 
/**
 * Its state.
 */
state: string, } | { "code": "domain_pending", 
/**
 * The domain.
 */
domain: string, 
/**
 * The records that are wanted.
 */
records: Array<DnsRecord>, } | { "code": "workflow_not_published", 
/**
 * Its name.
 */
workflow: string, } | { "code": "site_unreachable", 
/**
 * The URL.
 */
url: string, } | { "code": "site_answers_error", 
/**
 * The URL.
 */
url: string, 
/**
 * The HTTP status.
 */
status: number, } | { "code": "site_protected", 
/**
 * The URL.
 */
url: string, } | { "code": "mail_already_sent" } | { "code": "mail_under_way" } | { "code": "no_welcome_mail", 
/**
 * Its name.
 */
blueprint: string, } | { "code": "instance_missing", 
/**
 * The customer's name.
 */
customer: string, } | { "code": "unreachable", 
/**
 * The host.
 */
host: string, } | { "code": "vendor_silent", 
/**
 * The host.
 */
host: string, 
/**
 * When that was known.
 */
at: string, } | { "code": "timed_out", 
/**
 * The operation.
 */
operation: string, 
/**
 * It only asked, and changed nothing.
 */
reads: boolean, } | { "code": "answer_lost", 
/**
 * The operation.
 */
operation: string, 
/**
 * It only asked, and changed nothing.
 */
reads: boolean, } | { "code": "refused", 
/**
 * The operation.
 */
operation: string, 
/**
 * The HTTP status.
 */
status: number, } | { "code": "throttled", 
/**
 * When to try again.
 */
until: string, } | { "code": "quota_exceeded", 
/**
 * Which.
 */
quota: string, } | { "code": "vendor_failed", 
/**
 * The operation.
 */
operation: string, 
/**
 * The HTTP status.
 */
status: number, } | { "code": "answer_unreadable", 
/**
 * The operation.
 */
operation: string, } | { "code": "run_unknown", 
/**
 * As it was typed.
 */
run: string, } | { "code": "run_active", 
/**
 * That run.
 */
run: RunId, } | { "code": "run_owned", 
/**
 * That run.
 */
run: RunId, } | { "code": "run_ended", 
/**
 * That run.
 */
run: RunId, } | { "code": "run_undoing", 
/**
 * That run.
 */
run: RunId, } | { "code": "ambiguous", 
/**
 * The name.
 */
name: string, 
/**
 * Those that could be.
 */
candidates: Array<Found>, } | { "code": "nothing_to_decide", 
/**
 * The step.
 */
step: string, } | { "code": "candidate_unknown", 
/**
 * As it was typed.
 */
id: string, 
/**
 * The ids that were offered.
 */
candidates: Array<string>, } | { "code": "deadline_passed", 
/**
 * The deadline, in minutes.
 */
minutes: number, } | { "code": "outcome_unknown", 
/**
 * That run.
 */
run: RunId, 
/**
 * Its number.
 */
number: number, 
/**
 * The name of what was asked for.
 */
name: string, } | { "code": "run_succeeded", 
/**
 * That run.
 */
run: RunId, } | { "code": "run_superseded", 
/**
 * That run.
 */
run: RunId, 
/**
 * The number of the later one.
 */
number: number, } | { "code": "nothing_to_roll_back", 
/**
 * That run.
 */
run: RunId, } | { "code": "not_left_over", 
/**
 * As it was typed.
 */
resource: string, 
/**
 * The names of what it has left over.
 */
left: Array<string>, } | { "code": "nothing_to_remove", 
/**
 * The customer's name.
 */
customer: string, } | { "code": "not_ours", 
/**
 * Its name.
 */
name: string, } | { "code": "changed_since", 
/**
 * Its name.
 */
name: string, } | { "code": "was_there_before", 
/**
 * Its name.
 */
name: string, } | { "code": "holds_data", 
/**
 * Its name.
 */
name: string, } | { "code": "cannot_see", 
/**
 * Its name.
 */
name: string, } | { "code": "lies_in_leftover", 
/**
 * The name of what it lies in.
 */
name: string, } | { "code": "undo_took_too_long", 
/**
 * Its name.
 */
name: string, 
/**
 * How long it was tried, in minutes.
 */
minutes: number, } | { "code": "used_by_later_run", 
/**
 * Its name.
 */
name: string, 
/**
 * That run's number.
 */
number: number, } | { "code": "not_ready_yet", 
/**
 * What is waited for.
 */
name: string, 
/**
 * The ceiling, in seconds.
 */
ceiling: number, } | { "code": "step_changed", 
/**
 * The step.
 */
step: string, } | { "code": "lease_lost" } | { "code": "database_busy" } | { "code": "database_read_only" } | { "code": "database_unreadable" } | { "code": "database_newer", 
/**
 * Its version.
 */
found: number, 
/**
 * Ours.
 */
known: number, } | { "code": "database_damaged" } | { "code": "database_url_invalid" } | { "code": "database_unreachable", 
/**
 * Its name and port.
 */
server: string, } | { "code": "database_certificate", 
/**
 * Its name and port.
 */
server: string, } | { "code": "database_login_refused", 
/**
 * Its name and port.
 */
server: string, 
/**
 * Who.
 */
user: string, } | { "code": "database_unknown", 
/**
 * Its name and port.
 */
server: string, } | { "code": "database_rights_missing", 
/**
 * Who.
 */
user: string, } | { "code": "database_server_read_only", 
/**
 * Its name and port.
 */
server: string, } | { "code": "database_not_empty", 
/**
 * Its name and port, or its file.
 */
place: string, } | { "code": "database_move_unlike", 
/**
 * The table.
 */
table: string, } | { "code": "database_only_there", 
/**
 * The server's address.
 */
place: string, } | { "code": "database_left" } | { "code": "audit_altered", 
/**
 * After this entry, or 0 for the beginning.
 */
after: number, 
/**
 * Through this one.
 */
through: number, } | { "code": "audit_cut", 
/**
 * The last entry it covers.
 */
through: number, } | { "code": "audit_unanchored" } | { "code": "import_stopped" } | { "code": "source_absent" } | { "code": "source_login_refused", 
/**
 * Its name and port.
 */
server: string, 
/**
 * Who.
 */
user: string, } | { "code": "source_rights_missing", 
/**
 * Who.
 */
user: string, } | { "code": "source_read_only", 
/**
 * Its name and port.
 */
server: string, } | { "code": "source_table_missing", 
/**
 * Its schema and name.
 */
table: string, } | { "code": "source_rows_hidden", 
/**
 * Its schema and name; of a view's tables the one whose rows are kept back.
 */
table: string, 
/**
 * From whom: us, or a view's owner.
 */
user: string, } | { "code": "source_rows_kept_back", 
/**
 * Its schema and name; of a view's tables the one whose rows may be kept back.
 */
table: string, 
/**
 * From whom: us, or a view's owner.
 */
user: string, } | { "code": "source_column_missing", 
/**
 * The table.
 */
table: string, 
/**
 * The column.
 */
column: string, 
/**
 * What it was to hold.
 */
field: string, } | { "code": "source_column_unfit", 
/**
 * The column.
 */
column: string, 
/**
 * What it was to hold.
 */
field: string, 
/**
 * Its type.
 */
found: string, } | { "code": "source_column_locked", 
/**
 * The table.
 */
table: string, 
/**
 * The column.
 */
column: string, } | { "code": "source_field_unmapped", 
/**
 * What.
 */
field: string, } | { "code": "source_results_nowhere", 
/**
 * The table that results go to.
 */
table: string, } | { "code": "source_key_repeated", 
/**
 * The column.
 */
column: string, 
/**
 * One that is there twice.
 */
value: string, } | { "code": "source_key_astray", 
/**
 * The table that results go to.
 */
table: string, 
/**
 * The column.
 */
column: string, 
/**
 * A customer's id that leads to another's row, or to none.
 */
value: string, } | { "code": "source_row_missing", 
/**
 * The table that results go to.
 */
table: string, 
/**
 * The column that rows are found by.
 */
column: string, 
/**
 * The customer's id.
 */
value: string, } | { "code": "source_id_taken", 
/**
 * The id.
 */
id: string, 
/**
 * The customer's name.
 */
customer: string, } | { "code": "source_followed", 
/**
 * The table.
 */
table: string, 
/**
 * What.
 */
field: string, } | { "code": "source_word_refused", 
/**
 * The column.
 */
column: string, 
/**
 * The word.
 */
word: string, 
/**
 * The result that it is the word for: `succeeded`.
 */
outcome: string, } | { "code": "source_refused", 
/**
 * The table.
 */
table: string, } | { "code": "disk_full" } | { "code": "database_failed" } | { "code": "keyring_missing", 
/**
 * What would keep one, where that is there: it has no default keyring yet.
 */
service?: string, 
/**
 * The variable that would say where the session's bus is, and is not set or leads nowhere: nothing can be asked
 * for a keyring.
 */
variable?: string, } | { "code": "keyring_locked" } | { "code": "keyring_timed_out" } | { "code": "keyring_failed" } | { "code": "secret_missing", 
/**
 * The reference to it.
 */
reference: string, 
/**
 * The variable of an `.env` file by which it can be brought back, where there is one.
 */
variable?: string, } | { "code": "secret_too_long" } | { "code": "sandbox_keeps_no_secrets" } | { "code": "sandbox_token_refused", 
/**
 * The host that was asked for.
 */
host: string, } | { "code": "sandbox_failed" } | { "code": "sandbox_refused", 
/**
 * What stands against it, in English.
 */
why: string, } | { "code": "data_directory_unusable", 
/**
 * Its path.
 */
path: string, } | { "code": "file_unwritable", 
/**
 * Its path.
 */
file: string, } | { "code": "nothing_opens", 
/**
 * Its address or path.
 */
what: string, } | { "code": "program_missing", 
/**
 * Its file name.
 */
program: string, } | { "code": "blueprint_unchecked", 
/**
 * Its name.
 */
blueprint: string, } | { "code": "update_failed", 
/**
 * What went wrong.
 */
fault: UpdateFault, } | { "code": "internal" });

/**
 * A vendor.
 */
export type Provider = "supabase" | "github" | "vercel" | "n8n" | "gitea" | "resend" | "stripe";

/**
 * What came of beginning many runs.
 */
export type ProvisionMany = { 
/**
 * Those under way, in the order asked for.
 */
begun: Array<Run>, 
/**
 * Those that could not begin; nothing was made for them.
 */
refused: Array<RefusedCustomer>, };

/**
 * What a run is for.
 */
export type Purpose = "provision" | "deprovision";

/**
 * A customer whose run could not begin.
 */
export type RefusedCustomer = { 
/**
 * Whose.
 */
customer: CustomerId, 
/**
 * The first thing that stands in the way.
 */
problem: Problem, };

/**
 * A row that was refused.
 */
export type RefusedSourceRow = { 
/**
 * Its id there.
 */
key: string, 
/**
 * The name in it.
 */
name: string, 
/**
 * Every fault.
 */
problems: Array<Problem>, };

/**
 * A table or view: `public.organizations`. A name may hold anything, capitals and dots too.
 */
export type Relation = { 
/**
 * Its schema.
 */
schema: string, 
/**
 * Its name, as the database has it.
 */
name: string, };

/**
 * The plan of a removal, in the order in which it would go.
 */
export type RemovalPlan = { 
/**
 * Whose.
 */
customer: Customer, 
/**
 * What goes and what stays.
 */
resources: Array<PlannedRemoval>, 
/**
 * Settings that name what all customers share; it is never touched.
 */
shared: Array<string>, };

/**
 * What an approval brought about.
 */
export type RequestApproval = { 
/**
 * The request.
 */
request: OnboardingRequest, 
/**
 * Its customer.
 */
customer: Customer, 
/**
 * The run that was begun.
 */
run?: Run, 
/**
 * Why none was: the customer is there all the same.
 */
problem?: Problem, };

/**
 * How many requests are in a state.
 */
export type RequestCount = { 
/**
 * The state.
 */
state: RequestState, 
/**
 * How many.
 */
count: number, };

/**
 * A request in the inbox.
 */
export type RequestId = string;

/**
 * What is asked.
 */
export type RequestKind = "onboarding" | "cancellation";

/**
 * Where a request comes from.
 */
export type RequestOrigin = { "from": "hand", 
/**
 * Who.
 */
operator: string, } | { "from": "stripe", 
/**
 * The subscription's id: each is asked for once, and ends once.
 */
subscription: string, 
/**
 * The id of who pays.
 */
customer: string, 
/**
 * The price's id.
 */
price?: string, 
/**
 * Of an end: the customer's plan is another subscription, which this one was beside.
 */
beside: boolean, } | { "from": "source", 
/**
 * The table, as its customers know it too.
 */
table: string, 
/**
 * The row's id: each is asked for once.
 */
row: string, 
/**
 * What the row says that can be used, of what is followed: the rest is the inbox's to say.
 */
said: Array<SourceField>, };

/**
 * A part of the inbox.
 */
export type RequestPage = { 
/**
 * The requests asked for.
 */
requests: Array<OnboardingRequest>, 
/**
 * How many match.
 */
total: number, 
/**
 * How many there are of each state, whatever is asked for.
 */
counts: Array<RequestCount>, 
/**
 * How Stripe is read; none where there is no key for it.
 */
stripe?: StripeView, };

/**
 * Which requests are asked for; the undecided before the decided, of each the newest first.
 */
export type RequestQuery = { 
/**
 * Only those in one of these states; empty is all.
 */
states: Array<RequestState>, 
/**
 * At most so many; 0 is all.
 */
limit: number, 
/**
 * After so many.
 */
offset: number, };

/**
 * Where a request stands.
 */
export type RequestState = "open" | "archived" | "approved" | "rejected" | "withdrawn" | "settled";

/**
 * A row of the table `resources`.
 */
export type Resource = { 
/**
 * Ours.
 */
key: ResourceId, 
/**
 * Whose.
 */
customer: CustomerId, 
/**
 * The run that made or adopted it.
 */
run: RunId, 
/**
 * The blueprint's step.
 */
step: string, 
/**
 * The vendor.
 */
provider: Provider, 
/**
 * What it is.
 */
kind: ResourceKind, 
/**
 * The vendor's id; empty while it is only intended.
 */
id: string, 
/**
 * The vendor's name for it.
 */
name: string, 
/**
 * Its page, for people.
 */
url?: string, 
/**
 * A hash of what we wrote, for files and variables: only the untouched may be restored. Of what has several
 * parts, what is known of each; of what is chosen among few, the choice itself.
 */
content_hash?: string, 
/**
 * Whether we made it.
 */
origin: Origin, 
/**
 * Where it stands.
 */
state: ResourceState, 
/**
 * RFC 3339, UTC.
 */
at: string, };

/**
 * A resource's row in the journal; the vendor's own id is another.
 */
export type ResourceId = string;

/**
 * The kinds of resources.
 */
export type ResourceKind = "supabase_project" | "compute_size" | "point_in_time_recovery" | "database_url" | "database_schema" | "auth_settings" | "auth_user" | "repository" | "repository_file" | "vercel_project" | "vercel_environment" | "vercel_deployment" | "domain" | "workflows" | "workflow_backup" | "mail";

/**
 * Where a resource stands.
 */
export type ResourceState = "intended" | "live" | "removed" | "leftover" | "let_go";

/**
 * What going back to a copy came to.
 */
export type RestoredDatabase = { 
/**
 * The day of the copy.
 */
day: string, 
/**
 * The file in which the database is that was there before.
 */
set_aside: string, };

/**
 * What a run's end can write into a column.
 */
export type ResultField = "status" | "production_url" | "github_repo_url" | "supabase_project_ref" | "vercel_project_id" | "run" | "error" | "started_at" | "completed_at" | "provisioned_at";

/**
 * Where a run's results go.
 */
export type ResultMapping = { 
/**
 * A table, or a view that can be written.
 */
table: Relation, 
/**
 * The column that holds the customer's id there.
 */
key: string, 
/**
 * The columns that are written. No other is touched.
 */
columns: { [key in ResultField]?: string }, 
/**
 * The status of one who asked and was approved; none leaves the column as it is.
 */
approved?: string, 
/**
 * Of one who was rejected.
 */
rejected?: string, 
/**
 * Of a customer whose instance is there.
 */
succeeded?: string, 
/**
 * Of one whose run has failed.
 */
failed?: string, 
/**
 * Of one whose instance was removed.
 */
removed?: string, };

/**
 * A row of the table `runs`, without its snapshot.
 */
export type Run = { 
/**
 * Ours.
 */
id: RunId, 
/**
 * Counts the workspace's runs, for people: "run 214".
 */
number: number, 
/**
 * Whose.
 */
customer: CustomerId, 
/**
 * What it is for.
 */
purpose: Purpose, 
/**
 * Where it stands.
 */
state: RunState, 
/**
 * Why it waits.
 */
reason?: WaitReason, 
/**
 * What ended it, or what it waits for.
 */
error?: Problem, 
/**
 * What to do when a step fails.
 */
on_failure: OnFailure, 
/**
 * Who pressed the button: `name@machine`.
 */
operator: string, 
/**
 * The blueprint's name.
 */
blueprint: string, 
/**
 * RFC 3339, UTC.
 */
started_at: string, 
/**
 * RFC 3339, UTC.
 */
finished_at?: string, 
/**
 * When its undoing began: from then on it only goes back. RFC 3339, UTC.
 */
undo_began_at?: string, };

/**
 * How many runs are in a state.
 */
export type RunCount = { 
/**
 * The state.
 */
state: RunState, 
/**
 * How many.
 */
count: number, };

/**
 * A run with everything the run screen shows.
 */
export type RunDetail = { 
/**
 * The run.
 */
run: Run, 
/**
 * Whose.
 */
customer: Customer, 
/**
 * Its steps, in the blueprint's order.
 */
steps: Array<StepView>, 
/**
 * What it made, adopted or will make, in the blueprint's order.
 */
resources: Array<Resource>, 
/**
 * The run's events, the oldest first, at most the last 500.
 */
events: Array<RunEvent>, 
/**
 * Where the instance answers.
 */
instance_url?: string, 
/**
 * The longest chain of usual times, in seconds.
 */
expected_seconds: number, 
/**
 * How the owner was told by mail that it failed.
 */
owner_mail?: MailView, 
/**
 * This process drives it; else another does, or none.
 */
owned_here: boolean, 
/**
 * The process that is at work on it now; none where it stands still or has ended.
 */
driver?: Driver, 
/**
 * It can't be taken on any more: a later run has removed what it left, or has made it its own.
 */
superseded: boolean, 
/**
 * It can't be taken back any more: a later run uses all that it made.
 */
taken_over: boolean, 
/**
 * Why it can't be gone on with, where its customer has another subdomain by now.
 */
renamed?: Problem, 
/**
 * Now, by the clock that the times above are of.
 */
now: string, };

/**
 * Something that happened in a run.
 */
export type RunEvent = { 
/**
 * The run.
 */
run: RunId, 
/**
 * Grows by one within the run.
 */
number: number, 
/**
 * RFC 3339, UTC.
 */
at: string, 
/**
 * The step, where it is about one.
 */
step?: string, 
/**
 * What.
 */
what: Happening, };

/**
 * One run of a customer's blueprint.
 */
export type RunId = string;

/**
 * A part of the list of runs.
 */
export type RunPage = { 
/**
 * The rows asked for.
 */
runs: Array<RunRow>, 
/**
 * How many match.
 */
total: number, 
/**
 * How many there are of each state that is found, whatever states are asked for.
 */
counts: Array<RunCount>, };

/**
 * Which runs are asked for; the newest first.
 */
export type RunQuery = { 
/**
 * Only this customer's.
 */
customer?: CustomerId, 
/**
 * Words that must all be found in the customer's texts or the operator's name, or be the run's number; case
 * of no weight, nor accents in the customer's.
 */
search?: string, 
/**
 * Only those in one of these states; empty is all.
 */
states: Array<RunState>, 
/**
 * At most so many; 0 is all.
 */
limit: number, 
/**
 * After so many.
 */
offset: number, };

/**
 * A run in the list of runs.
 */
export type RunRow = { 
/**
 * The customer's name.
 */
customer_name: string, 
/**
 * Steps complete.
 */
steps_done: number, 
/**
 * Steps in all.
 */
steps_total: number, 
/**
 * How many things are still there of those that it left over; none of a run that has told of no such thing. The run's
 * state stays what it ended in, and with 0 another run has taken them away since.
 */
left?: number, 
/**
 * The process that is at work on it now; none where it stands still or has ended.
 */
driver?: Driver, 
/**
 * Ours.
 */
id: RunId, 
/**
 * Counts the workspace's runs, for people: "run 214".
 */
number: number, 
/**
 * Whose.
 */
customer: CustomerId, 
/**
 * What it is for.
 */
purpose: Purpose, 
/**
 * Where it stands.
 */
state: RunState, 
/**
 * Why it waits.
 */
reason?: WaitReason, 
/**
 * What ended it, or what it waits for.
 */
error?: Problem, 
/**
 * What to do when a step fails.
 */
on_failure: OnFailure, 
/**
 * Who pressed the button: `name@machine`.
 */
operator: string, 
/**
 * The blueprint's name.
 */
blueprint: string, 
/**
 * RFC 3339, UTC.
 */
started_at: string, 
/**
 * RFC 3339, UTC.
 */
finished_at?: string, 
/**
 * When its undoing began: from then on it only goes back. RFC 3339, UTC.
 */
undo_began_at?: string, };

/**
 * Where a run stands.
 */
export type RunState = "queued" | "running" | "waiting" | "undoing" | "succeeded" | "failed" | "rolled_back" | "leftovers" | "cancelled" | "interrupted";

/**
 * A file that was kept.
 */
export type SavedFile = { 
/**
 * Its name.
 */
name: string, 
/**
 * Where it is, its name included.
 */
path: string, };

/**
 * Where a setting's value comes from.
 */
export type SettingSource = "unset" | "default" | "stored" | "environment" | "sandbox";

/**
 * A setting, with where its value comes from.
 */
export type SettingView = { 
/**
 * Its key.
 */
key: string, 
/**
 * What holds; of a secret nothing is told.
 */
value?: string, 
/**
 * Where that comes from.
 */
source: SettingSource, 
/**
 * One is stored too, which that goes before: a variable, or the sandbox.
 */
overruled: boolean, 
/**
 * The variable that would win.
 */
variable: string, 
/**
 * Its value is in the keyring, and comes in by a command of its own.
 */
secret: boolean, };

/**
 * A column of a table.
 */
export type SourceColumnView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its type, as the database writes it.
 */
kind: string, };

/**
 * What a column can say of a customer.
 */
export type SourceField = "external_id" | "name" | "subdomain" | "contact_email" | "contact_name" | "status" | "plan" | "language" | "credits" | "modules" | "production_url" | "github_repo_url" | "supabase_project_ref";

/**
 * What there is to connect.
 */
export type SourceLook = { 
/**
 * The tables and views that may be read.
 */
tables: Array<Relation>, 
/**
 * The system that the proposal is made for.
 */
preset?: Preset, 
/**
 * The columns of the table that the proposal reads.
 */
columns: Array<SourceColumnView>, 
/**
 * Those of the table that results would go to.
 */
written: Array<SourceColumnView>, 
/**
 * A proposal; none where no table was named and none is known.
 */
mapping?: Mapping, };

/**
 * What a mapping would do.
 */
export type SourcePreview = { 
/**
 * Everything that is wrong with it; rows are shown where nothing is.
 */
problems: Array<Problem>, 
/**
 * That row security may keep some of its rows back.
 */
kept_back?: Problem, 
/**
 * The first ten rows.
 */
rows: Array<SourceRowView>, };

/**
 * What came of a look at the table.
 */
export type SourceReport = { 
/**
 * How many rows it has.
 */
rows: number, 
/**
 * How many customers were added.
 */
added: number, 
/**
 * How many went to the inbox.
 */
asked: number, 
/**
 * How many were changed.
 */
changed: number, 
/**
 * How many are as they were.
 */
unchanged: number, 
/**
 * How many rows are no customers, by their status.
 */
skipped: number, 
/**
 * How many rows were refused.
 */
refused: number, 
/**
 * The first hundred of them.
 */
refusals: Array<RefusedSourceRow>, 
/**
 * How many customers have an id that the table has not. They stay.
 */
absent: number, 
/**
 * How many runs' results were written.
 */
told: number, 
/**
 * Those that the table refused; they are tried again.
 */
untold: Array<RefusedSourceRow>, 
/**
 * That row security may keep some of its rows back.
 */
kept_back?: Problem, };

/**
 * A row of a table, as a customer.
 */
export type SourceRowView = { 
/**
 * Its id there.
 */
key: string, 
/**
 * The name in it.
 */
name: string, 
/**
 * The customer; none where its status says that it is none, or something is wrong.
 */
customer?: NewCustomer, 
/**
 * Whether it asks to become one, in the inbox.
 */
asks: boolean, 
/**
 * Everything that is wrong with it.
 */
problems: Array<Problem>, };

/**
 * What is connected.
 */
export type SourceView = { 
/**
 * The table; none where none is.
 */
connected?: ConnectedSource, };

/**
 * A vendor in a customer's row.
 */
export type StackMark = { 
/**
 * The vendor.
 */
provider: Provider, 
/**
 * What there is of it.
 */
state: MarkState, };

/**
 * How many customers are in a state.
 */
export type StateCount = { 
/**
 * The state.
 */
state: InstanceState, 
/**
 * How many.
 */
count: number, };

/**
 * The kinds of steps, as blueprints and `--json` name them (docs/command-line.md).
 */
export type StepKind = "supabase-project" | "recovery-off" | "compute-size" | "point-in-time-recovery" | "database-url" | "database-schema" | "isolation-check" | "auth-settings" | "admin-user" | "github-repo" | "client-config" | "vercel-project" | "vercel-environment" | "vercel-deployment" | "custom-domain" | "n8n-workflows" | "workflow-backup" | "site-check" | "welcome-email" | "finalize";

/**
 * How far a run has come.
 */
export type StepProgress = { 
/**
 * Steps that are done; of a removal, those that are undone.
 */
done: number, 
/**
 * Steps in all.
 */
total: number, };

/**
 * Where a step stands, for people.
 */
export type StepState = "pending" | "running" | "deferred" | "done" | "adopted" | "skipped" | "failed" | "undoing" | "undone" | "leftover";

/**
 * A step of a blueprint.
 */
export type StepSummary = { 
/**
 * The blueprint's short name.
 */
id: string, 
/**
 * Its kind.
 */
kind: StepKind, 
/**
 * The vendor it is done at; none for one of Fabrik's own.
 */
provider?: Provider, 
/**
 * What it needs first.
 */
needs: Array<string>, };

/**
 * A step of a run.
 */
export type StepView = { 
/**
 * The blueprint's short name.
 */
id: string, 
/**
 * Its kind.
 */
kind: StepKind, 
/**
 * The vendor; none for Fabrik's own steps.
 */
provider?: Provider, 
/**
 * Where it stands.
 */
state: StepState, 
/**
 * Calls that were begun for its action.
 */
attempts: number, 
/**
 * Until when it waits before it goes on: a vendor has asked for it, or a call is tried again then.
 */
waits_until?: string, 
/**
 * What it makes.
 */
name?: string, 
/**
 * What it needs first.
 */
needs: Array<string>, 
/**
 * How long it usually takes, in seconds.
 */
usual_seconds: number, 
/**
 * When it began.
 */
started_at?: string, 
/**
 * When it ended.
 */
finished_at?: string, 
/**
 * Why it failed or waits.
 */
error?: Problem, };

/**
 * What was read, and what followed from it.
 */
export type StripePoll = { 
/**
 * How many events were handled.
 */
events: number, 
/**
 * Requests and tasks that are in the inbox by it.
 */
added: Array<OnboardingRequest>, 
/**
 * Requests that it has withdrawn.
 */
withdrawn: Array<OnboardingRequest>, 
/**
 * Until when everything is read.
 */
read_at?: string, 
/**
 * Since when nothing had been read, where that was longer than Stripe tells of: then all subscriptions were read.
 */
missed_since?: string, };

/**
 * How far Stripe's events were read.
 */
export type StripeReading = { 
/**
 * The newest event that was handled.
 */
last_event?: string, 
/**
 * When it happened.
 */
last_event_at?: string, 
/**
 * When all that there was had been read; none until then.
 */
read_at?: string, 
/**
 * Since when nothing had been read, where that was longer than Stripe tells of.
 */
missed_since?: string, 
/**
 * When all subscriptions were read instead.
 */
missed_at?: string, 
/**
 * Whose events they are, as far as the key may say; none until all had been read.
 */
account?: string, 
/**
 * Since when nothing of theirs was missed.
 */
followed_since?: string, };

/**
 * How Stripe is read.
 */
export type StripeView = { 
/**
 * How far, and what was missed.
 */
reading: StripeReading, 
/**
 * Why it can't be read now.
 */
problem?: Problem, };

/**
 * Why a subdomain is refused.
 */
export type SubdomainFault = "empty" | "too_long" | "characters" | "hyphen" | "punycode" | "reserved";

/**
 * An operating system.
 */
export type System = "linux" | "macos" | "windows";

/**
 * Light, dark, or as the system is.
 */
export type Theme = "system" | "light" | "dark";

/**
 * What went wrong with a new version.
 */
export type UpdateFault = "unreachable" | "unreadable" | "untrusted" | "not_installed";

/**
 * What mends a keyring.
 */
export type VaultHint = "start_session" | "install_service" | "create_keyring" | "unlock" | "answer_dialog" | "restart_service";

/**
 * How a keyring was found.
 */
export type VaultState = "unlocked" | "locked" | "missing" | "timed_out" | "failed";

/**
 * The keyring as it was found, without a prompt.
 */
export type VaultStatus = { 
/**
 * Its name, for people: `Secret Service, GNOME Keyring`, `macOS Keychain` …
 */
backend: string, 
/**
 * How it was found.
 */
state: VaultState, 
/**
 * What mends it, where something is wrong.
 */
hint?: VaultHint, 
/**
 * What is wrong.
 */
problem?: Problem, };

/**
 * Why a run stands still.
 */
export type WaitReason = "needs_credential" | "needs_decision" | "not_ready_yet" | "quota" | "needs_version";

/**
 * A customer's welcome mail as it would go out now, with a mask for each secret.
 */
export type WelcomePreview = { 
/**
 * `Name <address>`.
 */
from: string, 
/**
 * One address.
 */
to: string, 
/**
 * Where answers go.
 */
reply_to?: string, 
/**
 * One line.
 */
subject: string, 
/**
 * Without markup.
 */
text: string, 
/**
 * With markup: for a file or a browser, never for the window itself.
 */
html: string, 
/**
 * The one that was sent, or asked for, last.
 */
last?: MailView, 
/**
 * Why it can't be sent now; nothing where it can.
 */
refused?: Problem, };

/**
 * What somebody asks for; what is not known yet is empty.
 */
export type Wish = { 
/**
 * The customer's name.
 */
name: string, 
/**
 * The subdomain wished for.
 */
subdomain: string, 
/**
 * The administrator's address.
 */
contact_email: string, 
/**
 * The administrator's name.
 */
contact_name?: string, 
/**
 * The blueprint.
 */
blueprint: string, 
/**
 * A plan of it.
 */
plan: string, 
/**
 * The language of the mail to the customer.
 */
language: Language, 
/**
 * Modules of the blueprint.
 */
modules: Array<string>, 
/**
 * What the sender wrote.
 */
message?: string, };

/**
 * A workspace.
 */
export type WorkspaceView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Nothing is made for real in it.
 */
sandbox: boolean, 
/**
 * It is the one that is open.
 */
open: boolean, 
/**
 * The next start opens it.
 */
next: boolean, };

/**
 * The workspaces of this data directory.
 */
export type Workspaces = { 
/**
 * Each, the sandbox first.
 */
workspaces: Array<WorkspaceView>, 
/**
 * The variable that decides which is opened, where one does.
 */
fixed_by?: string, 
/**
 * Where all of them lie.
 */
data_directory: string, 
/**
 * The open one's central database.
 */
database: string, };

/** The commands. */
export type Commands = {
    /** The frame: workspace, language, theme, counts, runs under way. */
    overview: { arguments: {  }; answer: Overview };
    /** Customers, filtered, sorted and cut. */
    customers_list: { arguments: { query: CustomerQuery }; answer: CustomerPage };
    /** One customer, with its instance. */
    customer_get: { arguments: { customer: CustomerId }; answer: CustomerDetail };
    /** Where a customer stands in a list, and beside whom. */
    customer_neighbours: { arguments: { customer: CustomerId; query: CustomerQuery }; answer: Neighbours };
    /** Adds a customer. */
    customer_add: { arguments: { new: NewCustomer }; answer: Customer };
    /** Changes a customer. */
    customer_edit: { arguments: { customer: CustomerId; patch: CustomerPatch }; answer: Customer };
    /** Removes a customer's record; `confirm` is its subdomain or its name, typed. */
    customer_remove: { arguments: { customer: CustomerId; confirm: string }; answer: null };
    /** What is wrong with a name and a subdomain, while typing; nothing where they are free and valid. */
    customer_check: { arguments: { name: string; subdomain: string; except: CustomerId | null }; answer: Array<Problem> };
    /** A subdomain for a name that is free. */
    subdomain_suggest: { arguments: { name: string }; answer: string };
    /** How many customers each state, plan and blueprint has. */
    customer_counts: { arguments: {  }; answer: CustomerCounts };
    /** Keeps customers as a file in the folder for downloads; all of them where none is named. */
    customers_save: { arguments: { format: ExportFormat; customers: Array<CustomerId> }; answer: SavedFile };
    /** Imports customers from the text of a CSV or JSON file; `blueprint` and `plan` are of those rows that name none. */
    customers_import: { arguments: { file_name: string; content: string; dry_run: boolean; blueprint: string | null; plan: string | null }; answer: CustomerImport };
    /** Adds the rows of a CSV file to the members of a customer's instance; with `dry_run` tells what would become of each. */
    members_import: { arguments: { customer: CustomerId; file_name: string; content: string; dry_run: boolean }; answer: MembersImport };
    /** Requests of the inbox: the undecided before the decided, of each the newest first. */
    requests_list: { arguments: { query: RequestQuery }; answer: RequestPage };
    /** One request. */
    request_get: { arguments: { request: RequestId }; answer: OnboardingRequest };
    /** Writes a request that somebody typed in. */
    request_add: { arguments: { wish: Wish }; answer: OnboardingRequest };
    /** Changes what an open request wishes for. */
    request_edit: { arguments: { request: RequestId; wish: Wish }; answer: OnboardingRequest };
    /** What provisioning its customer would do, with this subdomain where one is given: asks the vendors whether the names are free. */
    request_review: { arguments: { request: RequestId; subdomain: string | null }; answer: Plan };
    /** Adds the customer that is asked for, and begins its provisioning; each request once, whoever approves. */
    request_approve: { arguments: { request: RequestId; subdomain: string | null; on_failure: OnFailure | null }; answer: RequestApproval };
    /** Rejects a request. */
    request_reject: { arguments: { request: RequestId; reason: string }; answer: OnboardingRequest };
    /** Settles the end of a subscription: the customer is marked as paused, or kept as it is. */
    request_settle: { arguments: { request: RequestId; pause: boolean }; answer: OnboardingRequest };
    /** Puts an open request away undecided, also the end of a subscription: nobody is told. */
    request_archive: { arguments: { request: RequestId }; answer: OnboardingRequest };
    /** Opens a request again that was put away. */
    request_restore: { arguments: { request: RequestId }; answer: OnboardingRequest };
    /** Reads what has happened at Stripe since the last time. */
    stripe_read: { arguments: {  }; answer: StripePoll };
    /** How far the import that is under way has come; none where none is. */
    import_progress: { arguments: {  }; answer: ImportProgress | null };
    /** Stops the import that is under way: nothing of it is kept. */
    import_stop: { arguments: {  }; answer: null };
    /** Keeps what became of each row of the last import, as CSV in the folder for downloads. */
    import_save: { arguments: {  }; answer: SavedFile };
    /** The blueprints. */
    blueprints_list: { arguments: {  }; answer: Array<BlueprintSummary> };
    /** Every blueprint, also those that can't be used, with how many customers have it. */
    blueprints_shelf: { arguments: {  }; answer: Array<BlueprintOnShelf> };
    /** Has the command line look for what is wrong with a blueprint, its SQL tried on a database. */
    blueprint_check: { arguments: { name: string }; answer: BlueprintCheck };
    /** A blueprint's files, to be read and, where it is the workspace's own, changed. */
    blueprint_open: { arguments: { name: string }; answer: BlueprintContents };
    /** Makes a blueprint of the workspace's own, a copy of another. */
    blueprint_copy: { arguments: { name: string; from: string }; answer: BlueprintContents };
    /** As `blueprint_check`, of files that are not saved yet. */
    blueprint_draft_check: { arguments: { name: string; files: Array<BlueprintFile> }; answer: BlueprintCheck };
    /** Puts files in the place of those that the hash is of, as the blueprint's next version. */
    blueprint_save: { arguments: { name: string; hash: string; files: Array<BlueprintFile> }; answer: BlueprintContents };
    /** The versions of a blueprint that others took the place of, the newest first. */
    blueprint_versions: { arguments: { name: string }; answer: Array<BlueprintVersion> };
    /** The files of one of them. */
    blueprint_version: { arguments: { name: string; hash: string }; answer: Array<BlueprintFile> };
    /** What a run would do. */
    plan: { arguments: { customer: CustomerId }; answer: Plan };
    /** How the vendors' limits let runs for these customers go; none where they don't limit them. */
    allowance: { arguments: { customers: Array<CustomerId> }; answer: Allowance | null };
    /** Plans, then starts a run and returns at once. Where nothing is chosen, a failure keeps what there is of an instance that stands, and takes a first one back. */
    provision: { arguments: { customer: CustomerId; on_failure: OnFailure | null }; answer: Run };
    /** Plans and starts runs for many, and returns when all are begun or refused. Where nothing is chosen, each goes by its own instance. */
    provision_many: { arguments: { customers: Array<CustomerId>; on_failure: OnFailure | null }; answer: ProvisionMany };
    /** Looks again at domains that wait for their DNS records, of one customer or of all. */
    domains_check: { arguments: { customer: CustomerId | null }; answer: Array<DomainView> };
    /** A customer's welcome mail as it would go out now, with a mask for each secret. */
    welcome_preview: { arguments: { customer: CustomerId }; answer: WelcomePreview };
    /** Sends a customer's welcome mail once more, with a new sign-in link; the links before are worth nothing then. */
    welcome_resend: { arguments: { customer: CustomerId }; answer: MailView };
    /** Runs, the newest first, filtered and cut. */
    runs_list: { arguments: { query: RunQuery }; answer: RunPage };
    /** One run, with its steps, resources and log. */
    run_get: { arguments: { run: RunId }; answer: RunDetail };
    /** Takes an interrupted, waiting or failed run on. */
    run_resume: { arguments: { run: RunId }; answer: Run };
    /** Stops a run between two calls, then follows its policy; with `keep` what it made is kept. */
    run_cancel: { arguments: { run: RunId; keep: boolean }; answer: null };
    /** Takes back what a run made that has not succeeded; also what was left over the last time. */
    run_rollback: { arguments: { run: RunId }; answer: Run };
    /** The owner's word where several resources could be ours; the run goes on with it. */
    run_decide: { arguments: { run: RunId; step: string; decision: Decision }; answer: Run };
    /** The owner's word that something left over may stay: `resource` is its key, the vendor's id or its name. */
    run_let_go: { arguments: { run: RunId; resource: string }; answer: Run };
    /** What removing a customer's instance would take away, and what would stay. */
    removal_plan: { arguments: { customer: CustomerId }; answer: RemovalPlan };
    /** Removes a customer's instance; `confirm` is its subdomain or its name, typed. Returns at once. */
    deprovision: { arguments: { customer: CustomerId; confirm: string }; answer: Run };
    /** The credentials page. */
    credentials_list: { arguments: {  }; answer: CredentialsPage };
    /** How this machine's keyring is, whichever workspace is open. Asks nobody for a password. */
    keyring_check: { arguments: {  }; answer: VaultStatus };
    /** Puts a provider's token into the keyring and tries it. */
    credential_set: { arguments: { provider: Provider; token: string }; answer: Credential };
    /** Tries a provider's token. */
    credential_test: { arguments: { provider: Provider }; answer: Credential };
    /** Removes a provider's token. */
    credential_remove: { arguments: { provider: Provider }; answer: Credential };
    /** Reads the text of an `.env` file; with `dry_run` nothing is kept. */
    env_import: { arguments: { content: string; dry_run: boolean }; answer: EnvImport };
    /** The settings. */
    settings_list: { arguments: {  }; answer: Array<SettingView> };
    /** Stores a setting, or drops it. */
    setting_set: { arguments: { key: string; value: string | null }; answer: Array<SettingView> };
    /** Keeps a secret setting in the keyring, or drops it. */
    setting_secret_set: { arguments: { key: string; secret: string }; answer: Array<SettingView> };
    /** Chooses the language of the window; none follows the system. */
    language_set: { arguments: { language: Language | null }; answer: Overview };
    /** Chooses the theme of the window. */
    theme_set: { arguments: { theme: Theme }; answer: Overview };
    /** Chooses how much room a row has. */
    density_set: { arguments: { density: Density }; answer: Overview };
    /** The workspaces, and which is opened at the next start. */
    workspaces_list: { arguments: {  }; answer: Workspaces };
    /** Chooses the workspace of the next start; one that is not there yet is made. */
    workspace_choose: { arguments: { name: string }; answer: Workspaces };
    /** Where the central database is, from the next start. */
    database: { arguments: {  }; answer: DatabaseView };
    /** Goes over to a server from the next start, with all records where `bring` says so; `local` goes back. */
    database_set: { arguments: { url: string; password: string | null; bring: boolean }; answer: DatabaseView };
    /** The copies of the central database, the newest first. */
    database_copies: { arguments: {  }; answer: Array<DatabaseCopy> };
    /** Goes back to the copy of a day; only where the workspace is not open. */
    database_restore: { arguments: { day: string }; answer: RestoredDatabase };
    /** The agency's own table of customers, where one is connected. */
    source_get: { arguments: {  }; answer: SourceView };
    /** The tables at an address, and a proposal of what means what; without an address, at the one that is connected. */
    source_look: { arguments: { url: string | null; password: string | null; preset: Preset | null; table: Relation | null }; answer: SourceLook };
    /** A mapping whose results go to another table: columns are proposed of that one, and what was said of the key and the words stays. */
    source_results_to: { arguments: { url: string | null; password: string | null; preset: Preset | null; mapping: Mapping; table: Relation }; answer: Mapping };
    /** What is wrong with a mapping, and ten rows as customers. */
    source_preview: { arguments: { url: string | null; password: string | null; mapping: Mapping }; answer: SourcePreview };
    /** Connects a table: from now on customers come from it too, and a run's end is written to it. */
    source_connect: { arguments: { url: string | null; password: string | null; mapping: Mapping }; answer: SourceView };
    /** Keeps the password of the connected table's server in this desktop's keyring. */
    source_password: { arguments: { password: string }; answer: SourceView };
    /** Takes customers over from the connected table now, and writes what is still to be written. */
    source_refresh: { arguments: {  }; answer: SourceReport };
    /** Lets the table be. Customers that came from it stay. */
    source_disconnect: { arguments: {  }; answer: SourceView };
    /** Looks at everything Fabrik stands on. */
    doctor: { arguments: {  }; answer: Diagnosis };
    /** What is wrong on this machine now, and which vendors gave no answer the last time. No vendor is asked for it. */
    standing: { arguments: {  }; answer: Array<Problem> };
    /** What whoever helps needs to know, without secrets, to be shown before it is kept. */
    diagnostics: { arguments: {  }; answer: DiagnosticBundle };
    /** Keeps what was last shown of it as a file in the folder for downloads. */
    diagnostics_save: { arguments: {  }; answer: SavedFile };
    /** Opens a folder of Fabrik's in the system's file manager. */
    folder_open: { arguments: { folder: Folder }; answer: null };
    /** Opens a link to a customer's instance in the system's browser. */
    link_open: { arguments: { customer: CustomerId; target: LinkTarget }; answer: null };
    /** Opens a resource's page at its vendor in the system's browser. */
    resource_open: { arguments: { customer: CustomerId; resource: string }; answer: null };
    /** Opens the page of a resource that could be the customer's, while a run asks which is. */
    candidate_open: { arguments: { run: RunId; step: string; id: string }; answer: null };
    /** Opens the vendor's page where a token is made in the system's browser. */
    token_page_open: { arguments: { provider: Provider }; answer: null };
    /** Opens the page at GitHub where Vercel's GitHub app is installed, and shown repositories, in the system's browser. */
    vercel_app_open: { arguments: {  }; answer: null };
};
