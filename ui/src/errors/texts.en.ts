/** The problems' texts in English: what failed and what to do. */

import { expectedOf, fieldName } from "@/i18n/fields";
import { enFields, enMemberWords } from "@/i18n/fields.en";
import { enSettings } from "@/i18n/settings.en";

import { isAdoptable, isOnOwnServer, names, settingName, type ProblemText, type ProblemTexts } from "./texts";

const say = (title: string, text: string): ProblemText => ({ title, text });

const setting = (key: string) => settingName(key, enSettings.settings.names);

const field = (name: string) => fieldName(enFields, name);

/** What a column of the agency's own table is to hold, as it is called where columns are selected. */
const held = (name: string) => fieldName({ ...enSettings.source.results, ...enSettings.source.fields }, name);

const NAME_FAULTS = {
  empty: "Type a name.",
  too_long: "A name has at most 120 characters.",
  deceptive: "The name has invisible characters or lost letters. Type it by hand.",
  no_letters: "The name needs at least one letter or digit.",
  login: "That is an address with a password. Type a name.",
} as const;

const SUBDOMAIN_FAULTS = {
  empty: "Type a subdomain.",
  too_long: "A subdomain has at most 63 characters.",
  characters: "Only lower-case letters a–z, digits and hyphens.",
  hyphen: "It can neither begin nor end with a hyphen.",
  punycode: "It can't have two hyphens in the third and fourth place.",
  reserved: "It is reserved. Choose another.",
} as const;

const BREACHES = {
  no_canary: (subject: string) => `${subject} has no row in canary.sql`,
  readable: (subject: string) => `anybody can read ${subject}`,
  writable: (subject: string) => `anybody can change ${subject}`,
  callable: (subject: string) => `anybody can call ${subject}`,
  served: (subject: string) => `${subject} is served to the public key`,
  foreign_key: (subject: string) => `${subject} takes another customer's key`,
} as const;

/** What can go wrong with a new version. */
const UPDATE_FAULTS = {
  unreachable: say("Can't check for a new version", "Check the network and try again."),
  unreadable: say("The information about the new version can't be read", "Try again later, or install the new version by hand."),
  untrusted: say("The new version isn't properly signed", "It was not installed. Don't install it by hand either; ask whoever releases Fabrik."),
  not_installed: say("The new version could not be installed", "The version you have is untouched. Try again, or install the new one by hand."),
} as const;

const REQUEST_STATES = { open: "open", archived: "archived", approved: "approved", rejected: "rejected", withdrawn: "withdrawn", settled: "settled" } as const;

/** A question that was lost did nothing; whether anything else was done is not known. */
const unanswered = (p: { operation: string; reads: boolean }): string =>
  p.reads ? `${p.operation} only asked, and nothing was changed. Try again; a run asks again.` : `It isn't known whether ${p.operation} was done. Fabrik looks before anything is done again.`;

export const enProblems: ProblemTexts = {
  name_invalid: (p) => say("The name can't be used", NAME_FAULTS[p.fault]),
  slug_taken: (p) => say("The name is too like another customer's", `${p.customer} has the short name ${p.slug}. Choose a name that differs.`),
  subdomain_invalid: (p) => say("The subdomain can't be used", SUBDOMAIN_FAULTS[p.fault]),
  subdomain_taken: (p) => say("The subdomain is taken", `${p.customer} has ${p.subdomain}. Choose another.`),
  subdomain_in_use: (p) => say("The subdomain can't be changed now", `What exists for the customer is named after ${p.subdomain}. It can be changed while no run is under way and nothing is left of the instance, leftovers included.`),
  subdomain_changed: (p) => say("The customer has another subdomain now", `The run names what it makes after ${p.before}, and the subdomain is ${p.subdomain} now. Start a new run from the customer's page.`),
  external_id_taken: (p) => say("The external id is taken", `${p.customer} has ${p.external_id}.`),
  external_id_alike: (p) => say("The external id is too like another customer's", `${p.external_id} would get the short name ${p.slug}, which ${p.customer} has. Give an id that differs in more than case and signs, within its first 40 characters.`),
  email_invalid: () => say("No mail can be sent to the address", "Type an e-mail address, like name@example.com."),
  link_invalid: () => say("The link can't be used", "Type a whole address that begins with https://."),
  project_ref_invalid: () => say("The project reference is wrong", "It is 20 lower-case letters, as in the project's address at Supabase."),
  plan_unknown: (p) => say(`There is no plan ${p.plan}`, `The blueprint's plans: ${names(p.known)}.`),
  module_unknown: (p) => say(`There is no module ${p.module}`, `The blueprint's modules: ${names(p.known)}.`),
  blueprint_unknown: (p) => say(`There is no blueprint ${p.blueprint}`, `Blueprints there are: ${names(p.known)}.`),
  blueprint_invalid: (p) => say(`The blueprint ${p.blueprint} can't be used`, "Fix the blueprint. Settings → Blueprints lists all that is wrong with it."),
  blueprint_name_invalid: (p) => say(`${p.blueprint} is no name for a blueprint`, "Use 1–40 lower-case letters, digits and hyphens, a letter first."),
  blueprint_changed: (p) =>
    say(`The blueprint ${p.blueprint} was changed by somebody else`, "Nothing was saved. Open what is there now: your changes are kept, to be reviewed again."),
  blueprint_version_gone: (p) => say(`That version of the blueprint ${p.blueprint} is no longer there as it was`, "Nothing was changed. Select another of the versions that are kept."),
  blueprint_exists: (p) => say(`There is already a blueprint ${p.blueprint}`, "Choose another name: nothing is overwritten."),
  customer_unknown: (p) => say("There is no such customer", `No customer is called ${p.customer}. It may have been deleted.`),
  confirmation_mismatch: (p) => say("The confirmation doesn't match", `Type ${p.expected} exactly.`),
  customer_has_instance: (p) => say(`${p.customer} has an instance`, "What is at the providers would be left without an owner. Remove the instance first."),
  file_unreadable: (p) => say("The file couldn't be read", `Check the file and its format: ${p.file}`),
  column_missing: (p) => say(`The file has no column ${p.column}`, `Give ${p.file} a first row with headings, ${p.column} among them.`),
  no_customers_in_file: (p) => say("The file has no customers", `${p.file} must be a list of customers: CSV, JSON or an older customer-config.json.`),
  field_missing: (p) =>
    p.provider === undefined
      ? say(`The field ${field(p.field)} is missing`, "Fill it in and try again.")
      : say("No credential was given", "Paste it and try again."),
  request_unknown: () => say("There is no such request", "Check the inbox."),
  request_decided: (p, _, moment) => say(`The request is ${REQUEST_STATES[p.state]} already`, `${p.by ?? "Somebody"} did it ${moment(p.at)}. ${p.state === "archived" ? "Restore it from the archive first." : "Nothing more is to be done."}`),
  request_of_another_kind: () => say("That can't be done with this request", "A subscription that has ended is settled; a new customer is approved or rejected."),
  price_unknown: (p) => say("Stripe's price belongs to no plan", `${p.price} is not known. Select blueprint and plan here. Or give the price the metadata blueprint and plan at Stripe, or set Stripe's prices under Settings: when Stripe is read again, all that wait for it have them.`),
  subscription_unknown: (p) => say("No customer belongs to the subscription", `Find ${p.subscription} at Stripe, see to the customer, and settle this.`),
  field_unreadable: (p) => say(`The field ${field(p.field)} can't be ${p.value}`, `It can be ${expectedOf(p.field, p.expected, enMemberWords)}.`),
  row_repeated: (p) => say(`Line ${p.line} is about the same person`, "Leave one of the rows."),
  cells_surplus: (p) => say(`Line ${p.line} has ${p.cells} cells under ${p.columns} headings`, 'Put quotation marks around a cell that has a separator in it: "1,5".'),
  quote_unclosed: (p) => say(`A quotation mark on line ${p.line} is not closed`, `Close it on that line of ${p.file} or take it away, and import the file again.`),
  members_unsupported: (p) => say(`The blueprint ${p.blueprint} has no members`, "Members are imported for customers whose blueprint has the table members, as orchestra has."),

  line_unreadable: (p) => say(`Line ${p.line} can't be read`, "Write it as NAME=value, and close what is in quotes."),
  variable_contradicted: (p) => say(`${p.other} in the same file contradicts it, and takes precedence`, "Leave the right one of the two values, and import the file again."),
  database_url_kept: () => say("The customer has a database that Fabrik created, and its address is kept", "Leave the line out: the address in the keyring is the one in use."),
  credential_missing: (_, vendor) => say(`The credential for ${vendor} is missing`, "Add it under Credentials."),
  credential_rejected: (_, vendor) => say(`${vendor} rejects the credential`, "It may have expired or been revoked. Create a new one and replace it."),
  credential_unrestricted: (_, vendor) => say(`The credential for ${vendor} may do anything in the account`, "Fabrik takes only a restricted key (rk_) that may read Events, Checkout Sessions, Subscriptions, Prices and Customers. Create one and enter it instead."),
  credential_scope_missing: (p, vendor) => say(p.scopes.length === 0 ? `The credential for ${vendor} isn't allowed to do this` : `The credential for ${vendor} lacks the scope ${names(p.scopes)}`, `Give it the scope at ${vendor} and check it again.`),
  setting_missing: (p) => say(`The setting ${setting(p.setting)} is missing`, "Set it under Settings."),
  setting_unknown: (p) => say(`There is no setting ${p.setting}`, "Check the spelling."),
  setting_invalid: (p) => say(`The setting ${setting(p.setting)} can't be used`, `It must look like this: ${p.expected}`),
  base_url_insecure: (p) => say("The address isn't secure", `${p.url} must begin with https:// or be this machine.`),
  provider_unknown: (p) => say(`There is no provider ${p.name}`, "Check the spelling."),
  link_refused: () => say("The link isn't opened", "It doesn't lead to a page that Fabrik knows."),
  workspace_invalid: (p) => say(`A workspace can't be called ${p.workspace}`, "Use lower-case letters, digits and hyphens."),

  region_not_offered: (p, vendor) => say(`${vendor} doesn't offer the region ${p.region}`, `Select one of: ${names(p.offered)}.`),
  organization_not_visible: (p) => say(`The credential doesn't see the organisation ${p.organization}`, `It sees: ${names(p.visible)}. Change the setting or the credential.`),
  project_limit_reached: (p, vendor) => say("There is no room for more projects", `The account at ${vendor} may have ${p.limit}. Remove one or upgrade.`),
  template_not_template: (p) => say(`${p.template} is no template`, "Mark it as a template in the repository's settings at GitHub."),
  template_not_visible: (p) => say(`The credential doesn't see ${p.template}`, "Check the spelling of the template and that the credential may read it."),
  owner_not_visible: (p) => say(`The credential doesn't see the owner ${p.owner}`, "Check the spelling of the owner and that the credential's account is a member there with access."),
  team_not_visible: (p) => say(`The credential doesn't see the team ${p.team}`, "Check the spelling of the team and that the credential belongs there."),
  name_taken: (p, vendor) => say(`${p.name} already exists and isn't ours`, `Rename or remove it at ${vendor}, or add the customer again under another name and subdomain.${isAdoptable(vendor, p.name) ? " If it is the customer's own, enter it on the customer's page, under Edit the instance by hand." : ""}`),
  vercel_app_missing: (p) => say(`Vercel's GitHub app isn't installed for ${p.owner}, or isn't seen`, "Install it on GitHub and try again. If it is there, the user of the Vercel token has no GitHub login connection (Vercel → Settings → Authentication)."),
  vercel_app_limited: (p) => say(`Vercel's GitHub app doesn't see ${p.repository}`, "Let the app see all repositories on GitHub and try again."),
  vercel_hobby: (p) => say(`${p.team === undefined ? "The personal Vercel account of the credential" : `The Vercel team ${p.team}`} is on the Hobby plan`, `It doesn't deploy private repositories of an organisation (${p.owner}), and is for personal, non-commercial use alone. Upgrade to Pro at Vercel and deploy something there again (Redeploy): the plan is read from the latest deployment. Or let a person own the repositories.`),
  linked_elsewhere: (p) => say(`${p.name} is linked to another repository than the customer's`, "A repository that was deleted and created again is a different one. Delete the project at Vercel, or connect it there to the customer's repository (Settings, Git), and try again."),
  repository_public: (p, vendor) => say(`${p.repository} is public`, `What goes there is not. Make the repository private in its settings at ${vendor} and try again.`),
  sender_unverified: (p) => say(`The sender ${p.sender} isn't verified`, "Verify the domain at Resend, or change the sender."),

  project_of_another: (p) => say("The project is another customer's", `The Supabase project ${p.reference} belongs to ${p.customer}. Take it off the one of them that it doesn't belong to.`),
  project_paused: (p, vendor) => say("The project is paused", `${vendor} has paused ${p.name}. Wake it there (Restore project), and try again once it is up.`),
  recovery_stands: (p, vendor) => say("Recovery is in the way of a smaller instance", `${p.name} at ${vendor} has recovery to a point in time (${p.recovery}), and the plan's instance (${p.size}) is too small for it. The run doesn't turn it off. Turn it off there (Project Settings, Add-ons) and try again, or choose a plan with a small instance or larger.`),
  project_failed: (p, vendor) => say("The project didn't come up", `${vendor} gave up with status ${p.status}. Check the project there. Retry the step, or start a new run if this one was undone.`),
  schema_refused: (p, vendor) => say(`${vendor} refused the schema`, `It stopped in the file ${p.file}. The files before it are in.`),
  outside_touched: (p) => say("The blueprint reaches out of the customer's schemas", `${p.file} creates or changes ${names(p.what)}. Nothing of the file was applied. Fix the blueprint and provision again.`),
  schema_differs: (p) => say("The database has another version of the schema", `${p.file} was applied in another version. Put the change in a new file of the blueprint.`),
  table_missing: (p) => say("Tables are missing", `The schema promises ${names(p.tables)}, but they aren't there. Fix the blueprint.`),
  row_security_missing: (p) => say("Tables lack row-level security", `Switch it on for ${names(p.tables)} in the blueprint.`),
  forbidden: (p) => say("The schema has something that isn't allowed", `Take ${names(p.names)} out of the blueprint.`),
  admin_proof_failed: (p) => say("The administrator couldn't sign in", `${p.email} didn't get in or didn't see its own row. Check the blueprint's policies.`),
  isolation_broken: (p) => say("The database isn't isolated", `Fix the blueprint's policies: ${names(p.findings.map((finding) => BREACHES[finding.breach](finding.subject)))}.`),
  deployment_failed: (p, vendor) => say("The deployment failed", `${vendor} says ${p.state}. Read the build log there and fix it. Retry the step, or start a new run if this one was undone.`),
  domain_pending: (p) => say(`${p.domain} waits for DNS`, p.records.length === 0 ? "Its records haven't propagated yet. Fabrik checks again automatically." : `Set these where the domain is kept: ${names(p.records.map((record) => `${record.name} ${record.kind} ${record.value}`))}.`),
  workflow_not_published: (p) => say(`n8n won't run ${p.workflow}`, "Fix the workflow in the blueprint or in n8n, or free its webhook's path, then resume."),
  site_unreachable: (p) => say("The site doesn't answer", `${p.url} couldn't be reached. Check the domain and try again.`),
  site_answers_error: (p) => say(`The site answers with error ${p.status}`, `Open ${p.url} and the log at Vercel.`),
  site_protected: (p) => say("The site asks for a sign-in at Vercel", `Switch off the protection of ${p.url} in the project's settings.`),
  mail_already_sent: () => say("The e-mail has already been sent", "An e-mail with the same key but another text has gone out. Nothing more is sent."),
  mail_under_way: () => say("The welcome e-mail is being sent right now", "Wait a couple of minutes and see how it went."),
  no_welcome_mail: (p) => say("No welcome e-mail is sent", `The blueprint ${p.blueprint} has no such step.`),
  instance_missing: (p) => say(`${p.customer} has no instance`, "Set the customer up first."),

  unreachable: (p) => say(`${p.host} can't be reached`, "Check the network and try again."),
  vendor_silent: (p, vendor, moment) => say(`${vendor} isn't answering as it should`, `The latest call to ${p.host}, ${moment(p.at)}, failed. Check the network and the provider's status page.`),
  timed_out: (p, vendor) => say(`${vendor} didn't answer in time`, unanswered(p)),
  answer_lost: (p, vendor) => say(`The answer from ${vendor} was lost`, unanswered(p)),
  refused: (p, vendor) => say(`${vendor} said no`, `${p.operation} gave HTTP ${p.status}. The provider's own words say why.`),
  throttled: (p, vendor, moment) => say(`Too many calls to ${vendor}`, `${vendor} asks Fabrik to wait until ${moment(p.until)}. It then continues automatically.`),
  quota_exceeded: (p, vendor) => say(`The quota ${p.quota} is used up`, `Wait or upgrade at ${vendor}, then resume.`),
  vendor_failed: (p, vendor) => say(`${vendor} has an error of its own`, `${p.operation} gave HTTP ${p.status}. Try again in a while.`),
  answer_unreadable: (p, vendor) =>
    isOnOwnServer(p.provider)
      ? say(`The answer from ${vendor} couldn't be understood`, `It was about ${p.operation}. Check that the address leads to ${vendor}, and try again.`)
      : say(`The answer from ${vendor} couldn't be understood`, `It was about ${p.operation}. Try again; report the error if it comes back.`),

  run_unknown: () => say("There is no such run", "The link may be old."),
  run_active: () => say("The customer already has a run under way", "View it, or wait until it is done."),
  run_owned: () => say("Another process owns the run", "Cancel it there, or wait until it is done."),
  run_undoing: () => say("The run is already being undone", "What it created can no longer be kept."),
  run_ended: () => say("The run has already ended", "Start a new one if more is to be done."),
  ambiguous: (p, vendor) =>
    p.candidates.length === 1
      ? say(`It isn't certain whether ${p.name} is at ${vendor}`, `The answer to a call was lost, and only you can tell whether this is the customer's.`)
      : say(`Several at ${vendor} could be ${p.name}`, `The answer to a call was lost, and only you can tell which of them is the customer's.`),
  nothing_to_decide: () => say("There is nothing to decide there", "The question may have been answered already. Load the page again."),
  candidate_unknown: (p) => say(`${p.id} is none of those offered`, `Select one of ${names(p.candidates)}.`),
  deadline_passed: (p) => say("The run took too long", `A run may take ${p.minutes} min. Resume it, or undo all.`),
  outcome_unknown: (p) => say(`It isn't known whether ${p.name} is there`, `Run ${p.number} asked for it and had no answer. Resume it or undo all, and it looks for it.`),
  not_left_over: (p) => say(`${p.resource} isn't left to do any more`, "Reload the run to see what is left."),
  run_superseded: (p) => say("The run can't be resumed", `Run ${p.number} has come after it: only a customer's newest run can be resumed, and nothing that it uses is undone. From the customer's page you can start a new one, which continues with what is there, or remove the whole instance.`),
  run_succeeded: () => say("A run that succeeded isn't undone", "Remove the instance instead, from the customer's page."),
  nothing_to_roll_back: () => say("The run has nothing left to undo", "It may have been undone already."),
  nothing_to_remove: (p) => say(`${p.customer} has nothing to remove`, "Nothing that a run created is still there."),
  not_ours: (p, vendor) => say(`${p.name} doesn't have our mark`, `So it is left alone. If it is the customer's, remove it at ${vendor}.`),
  changed_since: (p, vendor) => say(`${p.name} was changed after Fabrik wrote it`, `It is left as it is. Check at ${vendor} whether it is needed.`),
  was_there_before: (p, vendor) => say(`${p.name} was there before the run`, `So it is left alone. If it isn't needed, remove it at ${vendor}.`),
  holds_data: (p) => say(`${p.name} is left in the database`, "The run didn't create the database, and it may have been filled since."),
  cannot_see: (p, vendor) => say(`Can't tell whether ${p.name} is gone`, `The credential doesn't see that far. Give it the scope at ${vendor} and retry the removal.`),
  lies_in_leftover: (p) => say(`It lies in ${p.name}, which couldn't be removed`, `It goes when ${p.name} is gone.`),
  undo_took_too_long: (p, vendor) => say(`${vendor} didn't let go of ${p.name}`, `It was tried for ${p.minutes} min. Retry the removal in a while.`),
  used_by_later_run: (p) => say(`${p.name} is used by run ${p.number}`, "So it is left alone. Remove the whole instance if it shouldn't be there."),
  not_ready_yet: (p) => say(`${p.name} isn't ready yet`, `It has taken more than ${p.ceiling} s. The run waits and can be resumed.`),
  step_changed: (p) => say(`The step ${p.step} has changed`, "The run began with another version. Finish it with the version that began it, or cancel it, keep what exists, and provision again."),
  lease_lost: () => say("Another process took the run over", "This window only follows it."),

  database_busy: () => say("The database is busy", "Another process holds it. Try again in a while."),
  database_read_only: () => say("The database can't be written to", "Check the permissions of the data directory."),
  database_unreadable: () => say("Fabrik isn't allowed to read the database", "Check who owns the database's file and the data directory, and their permissions."),
  database_newer: (p) => say("The database was created by a newer version", `It has version ${p.found}, this version knows ${p.known}. Update Fabrik.`),
  database_url_invalid: () => say("The database's address can't be used", "It looks like this: postgres://user@server/database"),
  database_unreachable: (p) => say("The database server doesn't answer", `Check the network and that ${p.server} runs. Nothing is lost.`),
  database_certificate: (p) => say("The database server's certificate can't be trusted", `If ${p.server} has an authority of its own, add ?sslrootcert=FILE to the address.`),
  database_login_refused: (p) => say(`The database server doesn't let ${p.user} in`, `Enter the password for ${p.server} again.`),
  database_unknown: (p) => say("There is no such database", `${p.server} has none of that name. Create it, or correct the name.`),
  database_rights_missing: (p) => say(`${p.user} lacks rights in the database`, `Have its owner run: CREATE SCHEMA fabrik AUTHORIZATION ${p.user}. If the schema is there already, connect as its owner, or have the owner run GRANT USAGE ON SCHEMA fabrik TO ${p.user} and GRANT ALL on its tables and sequences.`),
  database_server_read_only: (p) => say("The database server takes no changes", `${p.server} is a copy of another server, or closed to changes. Enter the main server's address.`),
  database_not_empty: (p) => say("There are records in it already", `Move to an empty database, or join ${p.place} as it is.`),
  database_move_unlike: (p) => say("What arrived is not what was sent", `The table ${p.table} differs. Nothing has changed; try again while no other program uses the database.`),
  database_only_there: (p) => say("The records are on the server alone", `They were moved to ${p.place}. Once it answers again, fabrik settings set database local fetches them.`),
  database_left: () => say("The records are somewhere else now", "Quit Fabrik and start it again. Nothing is lost."),
  audit_altered: (p) => say("The audit log was changed", `The entries after ${p.after} through ${p.through} are not what they were. Set a copy of the database aside; an older backup shows what stood there.`),
  audit_cut: (p) => say("The audit log was cut short", `It went to entry ${p.through} at least. If the database is a restored copy, that is to be expected; otherwise entries have been removed from it.`),
  audit_unanchored: () => say("This machine has nothing to compare the audit log with", "The log is anchored when a run ends while the keyring is open."),
  import_stopped: () => say("The import was stopped", "Nothing of it is kept."),
  source_absent: () => say("No customer table of your own is connected", "Connect it with fabrik source connect."),
  source_login_refused: (p) => say(`The customer table's server doesn't let ${p.user} in`, `Enter the password for ${p.server} again.`),
  source_rights_missing: (p) => say(`${p.user} lacks rights in the customer table's database`, "Have its owner run GRANT SELECT on the table, and GRANT UPDATE on the columns that results are written to. The table's schema needs GRANT USAGE."),
  source_read_only: (p) => say("The customer table's server takes no changes", `${p.server} is a copy of another server, or closed to changes. Open it, or connect the table on the main server: the result is written then. The table is read as usual.`),
  source_table_missing: (p) => say(`There is no table ${p.table}`, "Or it may not be read: give the user the right to it (GRANT SELECT)."),
  source_rows_hidden: (p) => say(`Row security hides the rows of ${p.table}`, `Have the table's owner give the role a policy: CREATE POLICY fabrik ON ${p.table} TO ${p.user} USING (true). Or, as a superuser: ALTER ROLE ${p.user} BYPASSRLS.`),
  source_rows_kept_back: (p) => say(`Row security may hide rows of ${p.table}`, `A row that isn't seen is not taken for removed. Show all: CREATE POLICY fabrik ON ${p.table} TO ${p.user} USING (true). Or, as a superuser: ALTER ROLE ${p.user} BYPASSRLS.`),
  source_column_missing: (p) => say(`${p.table} has no column ${p.column}`, `Select another for “${held(p.field)}”.`),
  source_column_unfit: (p) => say(`The column ${p.column} is of the wrong type`, `It is ${p.found} and can't be “${held(p.field)}”. Select another.`),
  source_column_locked: (p) => say(`The column ${p.column} can't be written`, `Give the user the right to it in ${p.table} (GRANT UPDATE), or write to the table behind the view.`),
  source_field_unmapped: (p) => say(`No column is selected for “${held(p.field)}”`, "Every customer must have one."),
  source_results_nowhere: (p) => say(`Nothing of a result would be written to ${p.table}`, "Select a column that may be written, and for a status its word. If nothing there may be written, give the user the right to (GRANT UPDATE), or select no columns."),
  source_key_repeated: (p) => say("Several rows have the same id", `${p.column} is ${p.value} in more than one. Select a column in which every customer has its own value.`),
  source_key_astray: (p) => say(`${p.column} is not the customer's id`, `In ${p.table} ${p.value} leads to another customer's row, or to none. Select the column that holds the customer's id there.`),
  source_row_missing: (p) => say(`${p.table} has no row for the result`, `None has ${p.column} = ${p.value}. The result is written once there is one. Select another column that rows are found by, or, where the row is gone for good, empty the customer's external id.`),
  source_id_taken: (p) => say(`${p.customer} has the id ${p.id}`, "And doesn't come from the table. Is it the same customer? Give both the same e-mail address or subdomain. Otherwise change the customer's external id."),
  source_followed: (p) => say(`This comes from ${p.table}`, `Change ${field(p.field)} there: it is here within a minute. Or leave the field out when you connect the table.`),
  source_word_refused: (p) => say(`The column ${p.column} can't be ${p.word}`, "Enter the table's own word for it."),
  source_refused: (p) => say(`${p.table} doesn't take the result`, "The database's own words say why. It is written once nothing stands in the way."),
  database_damaged: () => say("The database is damaged", "Go back to one of the daily copies, under About."),
  disk_full: () => say("The disk is full", "Free up space and try again."),
  database_failed: () => say("The database answered with an error", "Try again; report the error if it comes back."),

  keyring_missing: (p) =>
    p.variable !== undefined
      ? say("There is no session bus", `A keyring is reached by it, and ${p.variable} is not set or leads nowhere. Log in to the desktop, or start Fabrik with dbus-run-session.`)
      : p.service === undefined
      ? say("This machine has no keyring", "Install one, such as gnome-keyring, and restart Fabrik.")
      : say("There is no default keyring", `${p.service} is there. Create a default keyring in it.`),
  keyring_locked: () => say("The keyring is locked", "Unlock it and try again."),
  keyring_timed_out: () => say("The keyring didn't answer", "It may wait for a password in another window."),
  keyring_failed: () => say("The keyring answered with an error", "The diagnosis under About Fabrik shows more."),
  secret_missing: (p) =>
    p.variable === undefined
      ? say("A secret is gone", `${p.reference} is no longer in the keyring. Enter it again.`)
      : say(
          "This machine doesn't have the database's address",
          `Write ${p.variable}=ADDRESS in an .env file, and import it under Credentials. The machine that created the database has the address in its keyring, as ${p.reference}. If nobody has it, set a new password for the database at Supabase, and take the address from there.`,
        ),
  secret_too_long: () => say("The credential is too long", "Check that only the credential was pasted."),
  sandbox_keeps_no_secrets: () => say("The sandbox keeps no real credentials", "Select a live workspace under Workspaces."),
  sandbox_token_refused: (p) => say("The sandbox's credential stays here", `It isn't sent to ${p.host}. Select a live workspace under Workspaces.`),
  sandbox_refused: ({ why }) => say(`The sandbox can't be started like that: ${why}`, "What can be given: fabrik sandbox serve --help"),
  sandbox_failed: () => say("The sandbox doesn't answer", "Fabrik tries again automatically. The diagnosis under About Fabrik shows why."),
  data_directory_unusable: (p) => say("The data directory can't be used", `Check the permissions of ${p.path}.`),
  file_unwritable: (p) => say("The file could not be saved", `Check the permissions and the free space where ${p.file} was to be saved.`),
  nothing_opens: (p) => say("Nothing on this machine opens it", `Open it by hand: ${p.what}`),
  program_missing: (p) => say("A part of Fabrik is missing", `The program ${p.program} belongs beside the app. Install Fabrik again.`),
  blueprint_unchecked: (p) => say(`${p.blueprint} could not be checked`, "That says nothing about the blueprint. Try again."),
  update_failed: (p) => UPDATE_FAULTS[p.fault],
  internal: () => say("An error in Fabrik", "Copy the error and report it. Nothing was lost."),
};
