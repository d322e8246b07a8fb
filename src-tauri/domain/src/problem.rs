//! What went wrong, as a code with parameters. The words are the command line's and the UI's, in both
//! languages: their catalogues match on [`Cause`], so a code without a text does not compile.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{id::RunId, provider::Provider, request::RequestState, resource::Found};

/// What went wrong, whose call it was, and the vendor's own words. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// The code and its parameters.
    #[serde(flatten)]
    pub cause: Box<Cause>,
    /// The vendor, where a call to one failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub provider: Option<Provider>,
    /// The vendor's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request_id: Option<String>,
    /// The vendor's (or the system's) own words: one line, cut to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
}

/// Characters of somebody else's words.
const DETAIL: usize = 500;

impl Problem {
    /// Says whose call it was.
    #[must_use]
    pub fn by(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Adds the vendor's id of the request.
    #[must_use]
    pub fn request(mut self, id: Option<impl Into<String>>) -> Self {
        self.request_id = id.map(Into::into);
        self
    }

    /// Adds the vendor's or the system's own words.
    #[must_use]
    pub fn detail(mut self, words: impl AsRef<str>) -> Self {
        let mut line = String::new();
        // What comes after it is dropped anyway, however long it is.
        for word in words.as_ref().split_whitespace() {
            if line.len() > 4 * DETAIL {
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(word.chars().take(DETAIL));
        }
        self.detail = (!line.is_empty()).then(|| line.chars().take(DETAIL).collect());
        self
    }

    /// The code as it is printed: `subdomain_taken`.
    pub fn code(&self) -> String {
        match serde_json::to_value(&self.cause) {
            Ok(value) => value["code"].as_str().unwrap_or_default().to_owned(),
            Err(_) => String::new(),
        }
    }
}

impl From<Cause> for Problem {
    fn from(cause: Cause) -> Self {
        Self {
            cause: Box::new(cause),
            provider: None,
            request_id: None,
            detail: None,
        }
    }
}

/// For logs. People read the catalogues' texts.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())?;
        if let Some(provider) = self.provider {
            write!(f, " ({provider})")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl Cause {
    /// Says something of this machine's keyring, whichever vendor's secret was asked for.
    pub const fn is_of_keyring(&self) -> bool {
        matches!(
            self,
            Self::KeyringMissing { .. }
                | Self::KeyringLocked
                | Self::KeyringTimedOut
                | Self::KeyringFailed
        )
    }
}

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NameFault {
    /// Nothing, or only spaces.
    Empty,
    /// Over 120 characters.
    TooLong,
    /// Control, bidirectional or zero-width characters.
    Deceptive,
    /// Nothing a slug can be made of.
    NoLetters,
    /// An address with a password in it, as that of a database: one that lies in the wrong field.
    Login,
}

/// Why a subdomain is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SubdomainFault {
    /// Nothing.
    Empty,
    /// Over 63 characters.
    TooLong,
    /// Something else than lower-case letters, digits and hyphens.
    Characters,
    /// A hyphen first or last.
    Hyphen,
    /// `--` in the third and fourth place.
    Punycode,
    /// On the reserved list.
    Reserved,
}

/// How something in a customer's database stands open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// The blueprint's canary leaves a table without a row: that it looks empty proves nothing.
    NoCanary,
    /// Its rows are seen without signing in.
    Readable,
    /// Rows can be added, changed or removed without signing in.
    Writable,
    /// A function can be called without signing in.
    Callable,
    /// Its rows are served to everybody who has the public key.
    Served,
    /// Another customer's key is taken.
    ForeignKey,
}

/// What went wrong with a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UpdateFault {
    /// Where new versions are told of doesn't answer, or its package could not be fetched.
    Unreachable,
    /// What is told of it can't be read, or has no package for this machine.
    Unreadable,
    /// Its package is not signed as it must be.
    Untrusted,
    /// It could not be put in the place of this one.
    NotInstalled,
}

/// Something in a customer's database that stands open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exposure {
    /// How.
    pub breach: Breach,
    /// The table, view or function.
    pub subject: String,
}

/// A DNS record that the owner must set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DnsRecord {
    /// `CNAME`, `A`, `TXT`.
    pub kind: String,
    /// The whole name: `akermark.norrform.se`.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Every code, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Cause {
    // --- Customers and what is typed in ---
    /// A name that can't be one.
    NameInvalid {
        /// Why.
        fault: NameFault,
        /// Whose it is, where it is not the customer's own: `contact_name`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        field: Option<String>,
    },
    /// Another customer's name gives the same slug.
    SlugTaken {
        /// The slug both give.
        slug: String,
        /// The other customer's name.
        customer: String,
    },
    /// A subdomain that can't be one.
    SubdomainInvalid {
        /// As it was typed.
        subdomain: String,
        /// Why.
        fault: SubdomainFault,
    },
    /// Another customer has it.
    SubdomainTaken {
        /// As it was typed.
        subdomain: String,
        /// The other customer's name.
        customer: String,
    },
    /// What is made for the customer is called by it, or is about to be: names are worked out once.
    SubdomainInUse {
        /// The one that it has, and keeps.
        subdomain: String,
    },
    /// What a run would make is called by a subdomain that the customer has no more.
    SubdomainChanged {
        /// The run's.
        before: String,
        /// The customer's by now.
        subdomain: String,
    },
    /// Another customer has that id of an older system.
    ExternalIdTaken {
        /// As it was typed.
        external_id: String,
        /// The other customer's name.
        customer: String,
    },
    /// Another customer is called by what that id of an older system gives: what is made for both would have one name.
    ExternalIdAlike {
        /// As it was typed.
        external_id: String,
        /// The slug that it gives.
        slug: String,
        /// The other customer's name.
        customer: String,
    },
    /// No address one can write to.
    EmailInvalid {
        /// As it was typed.
        email: String,
    },
    /// No `https` link.
    LinkInvalid {
        /// The field's name.
        field: String,
        /// As it was typed.
        link: String,
    },
    /// No ref of a Supabase project.
    ProjectRefInvalid {
        /// As it was typed.
        project: String,
    },
    /// The blueprint has no such plan.
    PlanUnknown {
        /// As it was typed.
        plan: String,
        /// The blueprint's plans.
        known: Vec<String>,
    },
    /// The blueprint has no such module.
    ModuleUnknown {
        /// As it was typed.
        module: String,
        /// The blueprint's modules.
        known: Vec<String>,
    },
    /// No blueprint of that name.
    BlueprintUnknown {
        /// As it was typed.
        blueprint: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A blueprint that can't be used.
    BlueprintInvalid {
        /// Its name.
        blueprint: String,
        /// What is wrong, with the file.
        why: String,
    },
    /// A name that a new blueprint can't have.
    BlueprintNameInvalid {
        /// As it was typed.
        blueprint: String,
    },
    /// There is a blueprint of that name.
    BlueprintExists {
        /// As it was typed.
        blueprint: String,
    },
    /// A blueprint was saved that is another by now, or that is not the workspace's own.
    BlueprintChanged {
        /// Its name.
        blueprint: String,
    },
    /// A version of a blueprint that others took the place of is not kept any more, or is not what it was.
    BlueprintVersionGone {
        /// The blueprint's name.
        blueprint: String,
    },
    /// No customer with that id or subdomain.
    CustomerUnknown {
        /// As it was typed.
        customer: String,
    },
    /// A removal was confirmed with another name.
    ConfirmationMismatch {
        /// What had to be typed.
        expected: String,
    },
    /// The customer has resources that a removal would leave without an owner.
    CustomerHasInstance {
        /// The customer's name.
        customer: String,
    },
    /// A file that can't be read or is none of the kinds known.
    FileUnreadable {
        /// Its path.
        file: String,
        /// Why.
        why: String,
    },
    /// A file of customers without the column that names them.
    ColumnMissing {
        /// Its path.
        file: String,
        /// The column.
        column: String,
    },
    /// A file that holds no customers.
    NoCustomersInFile {
        /// Its path.
        file: String,
    },
    /// A row of an import without a field it needs.
    FieldMissing {
        /// The field.
        field: String,
    },
    /// A row of an import with a field that holds something else than it may.
    FieldUnreadable {
        /// The field.
        field: String,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: String,
    },
    /// A row of an import about somebody whom a row before it is about.
    RowRepeated {
        /// The line of that row.
        line: u64,
    },
    /// A row of an import with more cells than there are headings: a separator within a cell moves those behind it.
    CellsSurplus {
        /// Its line.
        #[ts(type = "number")]
        line: u64,
        /// How many cells it has.
        #[ts(type = "number")]
        cells: u64,
        /// How many headings there are.
        #[ts(type = "number")]
        columns: u64,
    },
    /// A quotation mark in a file that takes the rows below it into its cell.
    QuoteUnclosed {
        /// The file's path.
        file: String,
        /// The line it stands on.
        #[ts(type = "number")]
        line: u64,
    },
    /// The customer's blueprint gives it no table of members.
    MembersUnsupported {
        /// The blueprint's name.
        blueprint: String,
    },

    // --- Requests ---
    /// No request with that id, or several that it could mean.
    RequestUnknown {
        /// As it was typed.
        request: String,
    },
    /// The request was decided before.
    RequestDecided {
        /// How.
        state: RequestState,
        /// By whom, `name@machine`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        by: Option<String>,
        /// When.
        #[ts(type = "string")]
        at: Timestamp,
    },
    /// It is no request to become a customer.
    RequestOfAnotherKind,
    /// A subscription's price stands for no plan.
    PriceUnknown {
        /// The price's id at Stripe.
        price: String,
    },
    /// A subscription ended that no customer is known by.
    SubscriptionUnknown {
        /// Its id at Stripe.
        subscription: String,
    },

    // --- Credentials and settings ---
    /// A line of an `.env` file that can't be read. Its text may be a secret, and is not told.
    LineUnreadable {
        /// Its number, from 1.
        #[ts(type = "number")]
        line: u64,
    },
    /// Two variables of an `.env` file are about the same, and say different things.
    VariableContradicted {
        /// The one that stands before it, and counts.
        other: String,
    },
    /// The records know another address of the customer's database: a run's.
    DatabaseUrlKept,
    /// No token for the provider.
    CredentialMissing,
    /// The provider refuses the token.
    CredentialRejected,
    /// The token may not do what is needed.
    CredentialScopeMissing {
        /// The scopes that are missing.
        scopes: Vec<String>,
    },
    /// The key may do anything, and only one that may do little is taken.
    CredentialUnrestricted,
    /// A setting that the blueprint needs.
    SettingMissing {
        /// Its key, such as `supabase.organization`.
        setting: String,
    },
    /// No such setting.
    SettingUnknown {
        /// As it was typed.
        setting: String,
    },
    /// A value the setting can't have.
    SettingInvalid {
        /// Its key.
        setting: String,
        /// What it must look like.
        expected: String,
    },
    /// A base URL that is neither `https` nor on this machine.
    BaseUrlInsecure {
        /// The URL, without user info.
        url: String,
    },
    /// A provider that is none.
    ProviderUnknown {
        /// As it was typed.
        name: String,
    },
    /// A link that is not to a page we know.
    LinkRefused,
    /// The workspace has a name that can't be one.
    WorkspaceInvalid {
        /// As it was typed.
        workspace: String,
    },

    // --- What is known before anything is made ---
    /// The account does not offer the region.
    RegionNotOffered {
        /// As the blueprint or setting says.
        region: String,
        /// Those there are.
        offered: Vec<String>,
    },
    /// The token can't see the organisation.
    OrganizationNotVisible {
        /// As the setting says.
        organization: String,
        /// Those it sees.
        visible: Vec<String>,
    },
    /// The plan allows no more projects.
    ProjectLimitReached {
        /// How many there may be.
        limit: u32,
    },
    /// The repository is not marked as a template.
    TemplateNotTemplate {
        /// `owner/name`.
        template: String,
    },
    /// The token can't see the template.
    TemplateNotVisible {
        /// `owner/name`.
        template: String,
    },
    /// The token can't see the owner of repositories.
    OwnerNotVisible {
        /// As the setting says.
        owner: String,
    },
    /// The token can't see the team.
    TeamNotVisible {
        /// As the setting says.
        team: String,
    },
    /// Something of that name is there and not ours.
    NameTaken {
        /// The name.
        name: String,
    },
    /// Vercel's GitHub app is not installed on the owner, or the token's user has no GitHub login at Vercel: it says
    /// the same of both.
    VercelAppMissing {
        /// The owner of the repositories.
        owner: String,
    },
    /// Vercel's GitHub app doesn't see the repository.
    VercelAppLimited {
        /// `owner/name`.
        repository: String,
    },
    /// The Vercel account is on Hobby, which deploys no private repository of an organization's.
    VercelHobby {
        /// As the setting says; none is the personal account of the token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        team: Option<String>,
        /// The organization that owns the repositories.
        owner: String,
    },
    /// The customer's Vercel project is linked to another repository than the customer's.
    LinkedElsewhere {
        /// The project's name.
        name: String,
    },
    /// Anybody reads the repository, and nobody shall.
    RepositoryPublic {
        /// `owner/name`.
        repository: String,
    },
    /// The sender's domain is not verified.
    SenderUnverified {
        /// The address.
        sender: String,
    },

    // --- What a step found ---
    /// The vendor gave the project up.
    ProjectFailed {
        /// Its status.
        status: String,
    },
    /// The Supabase project on the customer's record is another customer's.
    ProjectOfAnother {
        /// Its ref.
        reference: String,
        /// Whose it is, by name.
        customer: String,
    },
    /// The project is paused, as free ones are that nobody uses.
    ProjectPaused {
        /// Its name there.
        name: String,
    },
    /// Recovery to a point in time stands in the project, which the run doesn't turn off, and the plan's instance is too
    /// small for it.
    RecoveryStands {
        /// The project's name there.
        name: String,
        /// What stands: `pitr_7`.
        recovery: String,
        /// What the plan has: `micro`.
        size: String,
    },
    /// The schema was refused.
    SchemaRefused {
        /// The file.
        file: String,
    },
    /// The file reached out of the customer's own schemas, and was not applied.
    OutsideTouched {
        /// The file.
        file: String,
        /// What it made or changed: `role x`, `trigger t on auth.users`. A few, where it is many.
        what: Vec<String>,
    },
    /// The file was applied to the database in another version.
    SchemaDiffers {
        /// The file.
        file: String,
    },
    /// A table that the schema promises is not there.
    TableMissing {
        /// The tables.
        tables: Vec<String>,
    },
    /// Tables without row-level security.
    RowSecurityMissing {
        /// The tables.
        tables: Vec<String>,
    },
    /// Something the blueprint forbids is in the schema.
    Forbidden {
        /// The tables or columns.
        names: Vec<String>,
    },
    /// The administrator can't sign in, or can't read its own row.
    AdminProofFailed {
        /// The address.
        email: String,
    },
    /// Somebody could see or change what is the customer's alone.
    IsolationBroken {
        /// What stands open.
        findings: Vec<Exposure>,
    },
    /// The deployment failed.
    DeploymentFailed {
        /// Its state.
        state: String,
    },
    /// The domain waits for its DNS records.
    DomainPending {
        /// The domain.
        domain: String,
        /// The records that are wanted.
        records: Vec<DnsRecord>,
    },
    /// n8n has the workflow, and won't run it.
    WorkflowNotPublished {
        /// Its name.
        workflow: String,
    },
    /// The instance does not answer.
    SiteUnreachable {
        /// The URL.
        url: String,
    },
    /// The instance answers with an error.
    SiteAnswersError {
        /// The URL.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The instance hides behind Vercel's deployment protection.
    SiteProtected {
        /// The URL.
        url: String,
    },
    /// A mail with that key was sent with another body.
    MailAlreadySent,
    /// The customer's welcome mail is being sent right now.
    MailUnderWay,
    /// The blueprint sends no welcome mail.
    NoWelcomeMail {
        /// Its name.
        blueprint: String,
    },
    /// The customer has no instance yet, or none any more.
    InstanceMissing {
        /// The customer's name.
        customer: String,
    },

    // --- Calls ---
    /// No connection.
    Unreachable {
        /// The host.
        host: String,
    },
    /// The newest call to the vendor got no answer.
    VendorSilent {
        /// The host.
        host: String,
        /// When that was known.
        #[ts(type = "string")]
        at: Timestamp,
    },
    /// No answer in time: whether it was done is not known, unless it only asked.
    TimedOut {
        /// The operation.
        operation: String,
        /// It only asked, and changed nothing.
        #[serde(default)]
        reads: bool,
    },
    /// The connection ended before the answer: whether it was done is not known, unless it only asked.
    AnswerLost {
        /// The operation.
        operation: String,
        /// It only asked, and changed nothing.
        #[serde(default)]
        reads: bool,
    },
    /// The vendor said no.
    Refused {
        /// The operation.
        operation: String,
        /// The HTTP status.
        status: u16,
    },
    /// Too many calls.
    Throttled {
        /// When to try again.
        #[ts(type = "string")]
        until: Timestamp,
    },
    /// A quota that only time or money mends.
    QuotaExceeded {
        /// Which.
        quota: String,
    },
    /// The vendor failed.
    VendorFailed {
        /// The operation.
        operation: String,
        /// The HTTP status.
        status: u16,
    },
    /// An answer that can't be understood.
    AnswerUnreadable {
        /// The operation.
        operation: String,
    },

    // --- Runs ---
    /// No run with that id.
    RunUnknown {
        /// As it was typed.
        run: String,
    },
    /// The customer has a run that has not ended.
    RunActive {
        /// That run.
        run: RunId,
    },
    /// Another process owns the run.
    RunOwned {
        /// That run.
        run: RunId,
    },
    /// The run has ended.
    RunEnded {
        /// That run.
        run: RunId,
    },
    /// The run goes back already: what it made can't be kept any more.
    RunUndoing {
        /// That run.
        run: RunId,
    },
    /// Several resources could be ours.
    Ambiguous {
        /// The name.
        name: String,
        /// Those that could be.
        candidates: Vec<Found>,
    },
    /// No question is open there.
    NothingToDecide {
        /// The step.
        step: String,
    },
    /// The owner's word named something that was not offered.
    CandidateUnknown {
        /// As it was typed.
        id: String,
        /// The ids that were offered.
        candidates: Vec<String>,
    },
    /// The run took longer than a run may.
    DeadlinePassed {
        /// The deadline, in minutes.
        #[ts(type = "number")]
        minutes: u64,
    },
    /// What an ended run asked a vendor for may be there or not; only that run can tell.
    OutcomeUnknown {
        /// That run.
        run: RunId,
        /// Its number.
        #[ts(type = "number")]
        number: i64,
        /// The name of what was asked for.
        name: String,
    },
    /// A run that succeeded is not rolled back; its customer's instance is removed.
    RunSucceeded {
        /// That run.
        run: RunId,
    },
    /// What the run left is gone, or is a later run's by now.
    RunSuperseded {
        /// That run.
        run: RunId,
        /// The number of the later one.
        #[ts(type = "number")]
        number: i64,
    },
    /// The run can't be rolled back (any more).
    NothingToRollBack {
        /// That run.
        run: RunId,
    },
    /// The run has left no such thing over, or several of that name.
    NotLeftOver {
        /// As it was typed.
        resource: String,
        /// The names of what it has left over.
        left: Vec<String>,
    },
    /// The customer has nothing that could be removed.
    NothingToRemove {
        /// The customer's name.
        customer: String,
    },

    // --- Undo ---
    /// What stands there doesn't bear our mark, so it stays.
    NotOurs {
        /// Its name.
        name: String,
    },
    /// It was changed after we wrote it, so it stays as it is.
    ChangedSince {
        /// Its name.
        name: String,
    },
    /// It was there before the run that is taken back, and no other has it to take away.
    WasThereBefore {
        /// Its name.
        name: String,
    },
    /// It is in a database that this run did not make, and may hold data by now.
    HoldsData {
        /// Its name.
        name: String,
    },
    /// Whether it is gone can't be seen with this token.
    CannotSee {
        /// Its name.
        name: String,
    },
    /// What it lies in could not be removed.
    LiesInLeftover {
        /// The name of what it lies in.
        name: String,
    },
    /// The vendor did not let go of it in time.
    UndoTookTooLong {
        /// Its name.
        name: String,
        /// How long it was tried, in minutes.
        #[ts(type = "number")]
        minutes: u64,
    },
    /// Another run of the customer uses it by now.
    UsedByLaterRun {
        /// Its name.
        name: String,
        /// That run's number.
        #[ts(type = "number")]
        number: i64,
    },
    /// Not ready past its ceiling.
    NotReadyYet {
        /// What is waited for.
        name: String,
        /// The ceiling, in seconds.
        #[ts(type = "number")]
        ceiling: u64,
    },
    /// The step was changed since the run began, and can't go on from there.
    StepChanged {
        /// The step.
        step: String,
    },
    /// The run's lease went to another process.
    LeaseLost,

    // --- Store ---
    /// Held by another process for too long.
    DatabaseBusy,
    /// Can't be written.
    DatabaseReadOnly,
    /// Its file may not even be read.
    DatabaseUnreadable,
    /// Made by a newer version.
    DatabaseNewer {
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Damaged.
    DatabaseDamaged,
    /// The text that should say where the central database is does not; the detail says why.
    DatabaseUrlInvalid,
    /// The server does not answer.
    DatabaseUnreachable {
        /// Its name and port.
        server: String,
    },
    /// The server's certificate is not one that this machine trusts, or is another server's.
    DatabaseCertificate {
        /// Its name and port.
        server: String,
    },
    /// The server does not let this user in, or not with this password.
    DatabaseLoginRefused {
        /// Its name and port.
        server: String,
        /// Who.
        user: String,
    },
    /// The server has no database of this name.
    DatabaseUnknown {
        /// Its name and port.
        server: String,
    },
    /// The user may not do in the database what Fabrik must.
    DatabaseRightsMissing {
        /// Who.
        user: String,
    },
    /// The server takes no writings: a copy of another, or shut.
    DatabaseServerReadOnly {
        /// Its name and port.
        server: String,
    },
    /// It holds records already; what was to be moved there stays where it is.
    DatabaseNotEmpty {
        /// Its name and port, or its file.
        place: String,
    },
    /// What arrived in a move is not what was sent; everything stays where it was.
    DatabaseMoveUnlike {
        /// The table.
        table: String,
    },
    /// They were moved to the server and are nowhere else: what is left in the file here is older.
    DatabaseOnlyThere {
        /// The server's address.
        place: String,
    },
    /// The records are in another place by now, and this process has the one of before open: nothing is written there.
    DatabaseLeft,
    /// Entries of the audit log that were anchored are not what they were: changed, removed, added or in another order.
    AuditAltered {
        /// After this entry, or 0 for the beginning.
        after: i64,
        /// Through this one.
        through: i64,
    },
    /// The keyring knows of an anchor of the audit log that is not there: the log was cut, or is an older copy.
    AuditCut {
        /// The last entry it covers.
        through: i64,
    },
    /// No anchor of the audit log can be checked with the keyring of this computer.
    AuditUnanchored,
    /// Somebody stopped an import: nothing of it is kept.
    ImportStopped,
    /// No table of the agency's own is connected.
    SourceAbsent,
    /// The server of the agency's own table does not let this user in, or not with this password.
    SourceLoginRefused {
        /// Its name and port.
        server: String,
        /// Who.
        user: String,
    },
    /// The user may not do in the agency's own database what Fabrik must.
    SourceRightsMissing {
        /// Who.
        user: String,
    },
    /// The server of the agency's own database takes no writings, and is read all the same.
    SourceReadOnly {
        /// Its name and port.
        server: String,
    },
    /// There is no such table or view, or it may not be read.
    SourceTableMissing {
        /// Its schema and name.
        table: String,
    },
    /// Row security keeps the table's rows, or some of them, from whoever reads it.
    SourceRowsHidden {
        /// Its schema and name; of a view's tables the one whose rows are kept back.
        table: String,
        /// From whom: us, or a view's owner.
        user: String,
    },
    /// Row security shows what a policy lets through, which may be some of the table's rows: nobody counts as gone.
    SourceRowsKeptBack {
        /// Its schema and name; of a view's tables the one whose rows may be kept back.
        table: String,
        /// From whom: us, or a view's owner.
        user: String,
    },
    /// The table has no such column, or it may not be read.
    SourceColumnMissing {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What it was to hold.
        field: String,
    },
    /// The column is of a type that can't hold this.
    SourceColumnUnfit {
        /// The column.
        column: String,
        /// What it was to hold.
        field: String,
        /// Its type.
        found: String,
    },
    /// The column may not be written: no right to it, or it is a view's.
    SourceColumnLocked {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// No column is named for something that every customer must have.
    SourceFieldUnmapped {
        /// What.
        field: String,
    },
    /// The mapping says where results go, and nothing of them would be written there.
    SourceResultsNowhere {
        /// The table that results go to.
        table: String,
    },
    /// Two rows have one id.
    SourceKeyRepeated {
        /// The column.
        column: String,
        /// One that is there twice.
        value: String,
    },
    /// The column that results are found by leads to rows of others.
    SourceKeyAstray {
        /// The table that results go to.
        table: String,
        /// The column.
        column: String,
        /// A customer's id that leads to another's row, or to none.
        value: String,
    },
    /// The table has no row for what a run came to.
    SourceRowMissing {
        /// The table that results go to.
        table: String,
        /// The column that rows are found by.
        column: String,
        /// The customer's id.
        value: String,
    },
    /// A customer that comes from elsewhere has the id of a row.
    SourceIdTaken {
        /// The id.
        id: String,
        /// The customer's name.
        customer: String,
    },
    /// The connected table says this of a customer, so it is changed there.
    SourceFollowed {
        /// The table.
        table: String,
        /// What.
        field: String,
    },
    /// The column's type knows no such word.
    SourceWordRefused {
        /// The column.
        column: String,
        /// The word.
        word: String,
        /// The result that it is the word for: `succeeded`.
        outcome: String,
    },
    /// The table refuses a run's results; the detail has its own words.
    SourceRefused {
        /// The table.
        table: String,
    },
    /// No room left.
    DiskFull,
    /// Any other fault of the database.
    DatabaseFailed,

    // --- Vault ---
    /// No keyring on this machine.
    KeyringMissing {
        /// What would keep one, where that is there: it has no default keyring yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        service: Option<String>,
        /// The variable that would say where the session's bus is, and is not set or leads nowhere: nothing can be asked
        /// for a keyring.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        variable: Option<String>,
    },
    /// It is locked.
    KeyringLocked,
    /// It did not answer.
    KeyringTimedOut,
    /// Any other fault of it.
    KeyringFailed,
    /// A secret that was there is not.
    SecretMissing {
        /// The reference to it.
        reference: String,
        /// The variable of an `.env` file by which it can be brought back, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        variable: Option<String>,
    },
    /// Too long for the keyring.
    SecretTooLong,
    /// The sandbox keeps no secrets of others: its vault is a file.
    SandboxKeepsNoSecrets,
    /// The sandbox's made-up tokens go to this machine alone.
    SandboxTokenRefused {
        /// The host that was asked for.
        host: String,
    },

    // --- The machine ---
    /// The sandbox can't be started.
    SandboxFailed,
    /// The sandbox can't be started as it was asked for.
    SandboxRefused {
        /// What stands against it, in English.
        why: String,
    },
    /// The data directory can't be used.
    DataDirectoryUnusable {
        /// Its path.
        path: String,
    },
    /// A file that was to be kept for the owner can't be written.
    FileUnwritable {
        /// Its path.
        file: String,
    },
    /// Nothing on this machine opens a page or a folder.
    NothingOpens {
        /// Its address or path.
        what: String,
    },
    /// The command line is not beside the app.
    ProgramMissing {
        /// Its file name.
        program: String,
    },
    /// A blueprint could not be looked at.
    BlueprintUnchecked {
        /// Its name.
        blueprint: String,
    },
    /// A new version could not be looked for, or not be installed.
    UpdateFailed {
        /// What went wrong.
        fault: UpdateFault,
    },
    /// A fault of Fabrik's own.
    Internal,
}
