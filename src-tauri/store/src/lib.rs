//! The central database: customers, runs and their journal, resources, audit, settings.
//!
//! [`Store`] is what the rest sees: no SQL dialect, path or lock shows through it, so that SQLite
//! (the embedded default) and `PostgreSQL` can stand behind it alike. The only SQL about our own
//! records is here.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test that can't go on should fail where it stands"
    )
)]

mod audit;
mod base_names;
mod changes;
mod customers;
mod inbox;
mod leases;
mod mails;
mod moving;
mod outbox;
mod postgres;
mod progress;
mod removals;
mod requests;
mod runs;
mod sqlite;
mod subscriptions;
mod text;
mod value;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerPatch, InstanceState, NewCustomer},
    event::RunEvent,
    id::{CustomerId, RunId, WorkspaceId},
    mail::Mail,
    resource::Resource,
    run::{Run, RunState, Snapshot, StepRecord},
    secret::SecretRef,
};
use tokio::sync::watch;

pub use self::{
    audit::{
        Audit, AuditAnchor, AuditExamination, AuditFault, AuditKey, AuditLink, AuditRow,
        AuditTrail, AuditVerdict, KeptAnchor, NewAudit,
    },
    changes::{Change, Heard, Topic},
    customers::{CustomerQuery, CustomerSort, Inserted, NameCounts, Neighbours, Page},
    inbox::Inbox,
    mails::MailClaim,
    moving::{TableContent, moved_from, to_file, to_server},
    outbox::{Outbox, PendingWrite},
    postgres::{
        Address, PostgresStore, Source, SourceColumn, SourceMark, SourceRow, SourceWrite, Written,
    },
    progress::Progress,
    removals::Removals,
    requests::{Approval, DueRequest, RequestQuery, Verdict},
    runs::{Gone, Hold, JournalEntry, Lease, NewRun, RunChange, RunQuery},
    sqlite::{FileHold, SqliteStore, copy_file, empty_log, look_at_file},
    subscriptions::{StripeEvent, StripeReading, Taken, Told},
};

/// The central database.
///
/// Every call that changes a record also adds to `changes`. Errors are [`Problem`]s of the database's
/// codes, or of the rule that was broken: `subdomain_taken`, `slug_taken`, `customer_unknown`,
/// `run_active`, `run_unknown`, `lease_lost` …
#[async_trait]
pub trait Store: Inbox + Outbox + Removals + AuditTrail {
    /// The workspace this database belongs to: an id made when it was first opened.
    fn workspace(&self) -> WorkspaceId;

    /// Sets which blueprints call a customer's things by its external id, in place of those that were set: whoever knows
    /// blueprints says it before customers are written, since they may change while the database is open. Of their customers
    /// no two are added, or changed, that would have one base name: `external_id_alike`, or `slug_taken`.
    fn set_named_by_external_id(&self, blueprints: BTreeSet<String>);

    /// Adds a customer. The rules of the fields were checked; uniqueness of slug, subdomain and external id is checked here.
    async fn add_customer(
        &self,
        new: NewCustomer,
        slug: String,
        audit: NewAudit,
    ) -> Result<Customer, Problem>;

    /// Adds many in one transaction; each row has its own verdict, in the order given. With `dry_run` nothing is kept, nor
    /// where `progress` is told to stop: `import_stopped`.
    async fn import_customers(
        &self,
        rows: Vec<(NewCustomer, String)>,
        dry_run: bool,
        audit: NewAudit,
        progress: Arc<Progress>,
    ) -> Result<Vec<Inserted>, Problem>;

    /// Changes a customer and returns it. Its subdomain stays for as long as something goes by it: `subdomain_in_use`.
    async fn edit_customer(
        &self,
        id: CustomerId,
        patch: CustomerPatch,
        audit: NewAudit,
    ) -> Result<Customer, Problem>;

    /// Changes many in one transaction, each or not at all; gives why a rule refused one, in the order given.
    async fn edit_customers(
        &self,
        edits: Vec<(CustomerId, CustomerPatch, NewAudit)>,
    ) -> Result<Vec<Option<Problem>>, Problem>;

    /// Removes a customer's record, and the records of its ended runs. Refused with `customer_has_instance`
    /// while it has resources that a run created, or asked for, and that are not removed, and with `run_active` while a run has not ended.
    async fn remove_customer(&self, id: CustomerId, audit: NewAudit) -> Result<(), Problem>;

    /// A customer by id.
    async fn customer(&self, id: CustomerId) -> Result<Customer, Problem>;

    /// A customer by id or subdomain, as people type it; also by slug or external id where that is unique.
    async fn find_customer(&self, text: &str) -> Result<Customer, Problem>;

    /// Customers, filtered, sorted and cut.
    async fn customers(&self, query: CustomerQuery) -> Result<Page<Customer>, Problem>;

    /// Where a customer stands in the list that `query` gives, from 1, and who stands before and after it.
    async fn neighbours(
        &self,
        customer: CustomerId,
        query: CustomerQuery,
    ) -> Result<Neighbours, Problem>;

    /// How many customers there are of each [`InstanceState`] (status and newest run as one word), in one pass.
    async fn state_counts(&self) -> Result<BTreeMap<InstanceState, u64>, Problem>;

    /// How many customers each plan and each blueprint has.
    async fn name_counts(&self) -> Result<NameCounts, Problem>;

    /// Who has this subdomain.
    async fn subdomain_owner(&self, subdomain: &str) -> Result<Option<Customer>, Problem>;

    /// Whether something goes by a customer's subdomain: what was made and is neither gone nor let go of, or what a run that
    /// has not ended is about to make. A mail that was sent stays when all else is removed, and is named by nothing.
    async fn goes_by_subdomain(&self, customer: CustomerId) -> Result<bool, Problem>;

    /// Who else than `customer` has this Supabase project: by the record, or because a run has made it.
    async fn project_holder(
        &self,
        reference: &str,
        customer: CustomerId,
    ) -> Result<Option<Customer>, Problem>;

    /// Writes a run, unless the customer has one that has not ended (`run_active`). One that makes something is refused where
    /// its snapshot's subdomain is not the customer's any more: `subdomain_changed`.
    async fn add_run(
        &self,
        new: NewRun,
        owner: &str,
        lease: Duration,
    ) -> Result<(Run, Lease), Problem>;

    /// A run.
    async fn run(&self, id: RunId) -> Result<Run, Problem>;

    /// The run that people call by this number, where there is one.
    async fn run_by_number(&self, number: i64) -> Result<Option<Run>, Problem>;

    /// Runs, the newest first.
    async fn runs(&self, query: RunQuery) -> Result<Vec<Run>, Problem>;

    /// How many runs there are of each state, of those that `query` asks for but for its states, limit and offset.
    async fn run_counts(&self, query: RunQuery) -> Result<BTreeMap<RunState, u64>, Problem>;

    /// The run under way, else the newest, of each of these customers.
    async fn last_runs(
        &self,
        customers: &[CustomerId],
    ) -> Result<BTreeMap<CustomerId, Run>, Problem>;

    /// What a run began with.
    async fn snapshot(&self, run: RunId) -> Result<Snapshot, Problem>;

    /// A run's steps, in the blueprint's order.
    async fn steps(&self, run: RunId) -> Result<Vec<StepRecord>, Problem>;

    /// Takes a run that has no owner, whose lease has expired, or whose owner is known to be dead.
    /// `run_owned` where another still has it, `run_ended` where it can be neither resumed nor rolled back, `run_active` where
    /// it has ended and the customer has another that has not.
    async fn take_run(
        &self,
        run: RunId,
        owner: &str,
        lease: Duration,
        gone: Gone<'_>,
    ) -> Result<Lease, Problem>;

    /// Marks a run as interrupted that nobody drives, and makes it nobody's: one that is queued, running or
    /// undoing and whose lease is still exactly the one that was seen, neither renewed nor taken since. Whether it
    /// was.
    async fn interrupt(
        &self,
        run: RunId,
        seen: Option<&Lease>,
        gone: Gone<'_>,
        audit: NewAudit,
    ) -> Result<bool, Problem>;

    /// Keeps a lease, one that has expired too as long as nobody took it. `lease_lost` where somebody did.
    async fn renew_lease(&self, lease: &Lease, by: Duration) -> Result<Lease, Problem>;

    /// Gives a run free, for whoever resumes it. Nothing is done where another has it by now.
    async fn release_lease(&self, lease: &Lease) -> Result<(), Problem>;

    /// Who owns a run, expired or not.
    async fn lease(&self, run: RunId) -> Result<Option<Lease>, Problem>;

    /// Asks whoever owns the run to cancel it between two calls. With `keep` what it made is kept, whatever its
    /// policy was: that becomes its policy, unless it goes back already.
    async fn request_cancel(&self, run: RunId, keep: bool, audit: NewAudit) -> Result<(), Problem>;

    /// Writes the entry with which a run begins to go back, as [`journal`](Self::journal) does: from then on no wish to
    /// keep what it made is taken. `false`, and nothing is written, where whoever cancelled it has had that wish already.
    async fn begin_undo(&self, lease: &Lease, entry: JournalEntry) -> Result<bool, Problem>;

    /// Whether a cancel was asked for.
    async fn cancel_requested(&self, run: RunId) -> Result<bool, Problem>;

    /// Writes one entry of the journal, durably, before it returns, and gives the lease as it is then.
    /// `lease_lost` where the fence is stale, or the lease has expired and the entry doesn't keep it: then nothing
    /// is written. An event whose number is there already stays as it was.
    async fn journal(&self, lease: &Lease, entry: JournalEntry) -> Result<Lease, Problem>;

    /// The runs with a deferred step, of one customer or of all, the newest first: of each customer the last one
    /// that succeeded, which has taken over what those before it waited for. None of what is removed since, but for
    /// what a removal that was cancelled has left.
    async fn deferred_runs(&self, customer: Option<CustomerId>) -> Result<Vec<Run>, Problem>;

    /// Those of these runs that have a deferred step.
    async fn deferred_among(&self, runs: &[RunId]) -> Result<BTreeSet<RunId>, Problem>;

    /// Writes what became of a step that was deferred, of a run that has ended: no lease is needed, since only one
    /// that is still deferred is changed. Whether it was.
    async fn write_deferred(&self, run: RunId, step: StepRecord) -> Result<bool, Problem>;

    /// Writes events that stand alone (a log line). Durable soon, not at once; order is kept.
    /// Without a valid lease they are dropped.
    async fn events(&self, lease: &Lease, events: Vec<RunEvent>) -> Result<(), Problem>;

    /// A run's events after a number, the oldest first.
    async fn events_since(&self, run: RunId, number: i64) -> Result<Vec<RunEvent>, Problem>;

    /// A run's newest events, at most so many, the oldest first.
    async fn newest_events(&self, run: RunId, limit: u32) -> Result<Vec<RunEvent>, Problem>;

    /// The number of a run's newest event; 0 where it has none.
    async fn last_event(&self, run: RunId) -> Result<i64, Problem>;

    /// The resources of a customer, from all its runs, the oldest first.
    async fn resources(&self, customer: CustomerId) -> Result<Vec<Resource>, Problem>;

    /// The live resources of each of these customers.
    async fn live_resources(&self, customers: &[CustomerId]) -> Result<Vec<Resource>, Problem>;

    /// How long successful steps of each kind took, in seconds: the median of the last 20, for kinds that have three.
    async fn usual_seconds(&self) -> Result<BTreeMap<String, f64>, Problem>;

    /// Keeps the reference to a customer's imported database URL; the URL itself is in the vault.
    async fn set_database_url(
        &self,
        customer: CustomerId,
        reference: &SecretRef,
        audit: NewAudit,
    ) -> Result<(), Problem>;

    /// Writes a mail that somebody asked for, before anything of it is handed over. `mail_under_way` while another
    /// of its kind to the same customer was asked for a moment ago and is not settled.
    async fn add_mail(&self, mail: Mail, audit: NewAudit) -> Result<(), Problem>;

    /// Takes a mail that is due, to hand it over: nobody else does for as long as `hold`. Whoever comes first fixes
    /// address and content; the mail that comes back has those that are fixed. `None` where another has it, or
    /// it is settled.
    async fn claim_mail(&self, claim: MailClaim, hold: Duration) -> Result<Option<Mail>, Problem>;

    /// Writes what became of a mail: its state, when it may be tried next, and why. Nothing is written of one that
    /// is settled already. Whether it was written.
    async fn settle_mail(&self, mail: Mail, audit: Option<NewAudit>) -> Result<bool, Problem>;

    /// Mails about runs that have ended, and that are not settled, the oldest first. Some may be held.
    async fn due_mails(&self) -> Result<Vec<Mail>, Problem>;

    /// The mails beside runs about a customer, or to it, the newest first.
    async fn mails(&self, customer: CustomerId) -> Result<Vec<Mail>, Problem>;

    /// Adds to the audit log.
    async fn audit(&self, entry: NewAudit) -> Result<(), Problem>;

    /// The newest entries of the audit log, of one customer or of all.
    async fn audit_log(
        &self,
        customer: Option<CustomerId>,
        limit: u64,
    ) -> Result<Vec<Audit>, Problem>;

    /// The stored settings.
    async fn settings(&self) -> Result<BTreeMap<String, String>, Problem>;

    /// Stores a setting, or drops it.
    async fn set_setting(
        &self,
        key: &str,
        value: Option<&str>,
        audit: NewAudit,
    ) -> Result<(), Problem>;

    /// What changed after a number, the oldest first, at most 1,000.
    async fn changes_since(&self, number: i64) -> Result<Vec<Change>, Problem>;

    /// The newest change's number.
    async fn last_change(&self) -> Result<i64, Problem>;

    /// Where the database can tell of changes by itself: moves when it has, from the first call on. `None` where it
    /// can only be asked.
    fn listen(&self) -> Option<watch::Receiver<Heard>> {
        None
    }

    /// Says that something outside the database changed (a credential).
    async fn announce(&self, topic: Topic, id: &str) -> Result<(), Problem>;

    /// Whether anything can be written. One that could only be read when it was opened says why, having been tried once
    /// more; any other says that it can, and its writes say otherwise where it can't.
    async fn writable(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// Whether the database can be read and written and is sound.
    async fn check(&self) -> Result<(), Problem>;
}
