//! [`Store`] for SQLite: which connection does what.

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

use rusqlite::Connection;

use super::{
    SqliteStore, audit, base_names, cancels, changes, customer_list, customers, fault::Fault,
    import, journal, leases, mails, resources, runs, settings, steps, writer::Write,
};
use crate::{
    Audit, Change, CustomerQuery, Gone, Inserted, JournalEntry, Lease, MailClaim, NameCounts,
    Neighbours, NewAudit, NewRun, Page, Progress, RunQuery, Store, Topic,
};

impl SqliteStore {
    async fn read<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.readers.read(work).await
    }

    async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Write<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.writer.write(work).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    fn set_named_by_external_id(&self, blueprints: BTreeSet<String>) {
        self.by_ids.set(blueprints);
    }

    async fn add_customer(
        &self,
        new: NewCustomer,
        slug: String,
        audit: NewAudit,
    ) -> Result<Customer, Problem> {
        let by_ids = self.by_ids().await?;
        self.write(move |write| base_names::add(write, new, slug, audit, &by_ids))
            .await
    }

    async fn import_customers(
        &self,
        rows: Vec<(NewCustomer, String)>,
        dry_run: bool,
        audit: NewAudit,
        progress: Arc<Progress>,
    ) -> Result<Vec<Inserted>, Problem> {
        let by_ids = self.by_ids().await?;
        self.write(move |write| import::import(write, rows, dry_run, &audit, &progress, &by_ids))
            .await
    }

    async fn edit_customer(
        &self,
        id: CustomerId,
        patch: CustomerPatch,
        audit: NewAudit,
    ) -> Result<Customer, Problem> {
        let by_ids = self.by_ids().await?;
        self.write(move |write| base_names::edit(write, id, patch, audit, &by_ids))
            .await
    }

    async fn edit_customers(
        &self,
        edits: Vec<(CustomerId, CustomerPatch, NewAudit)>,
    ) -> Result<Vec<Option<Problem>>, Problem> {
        let by_ids = self.by_ids().await?;
        self.write(move |write| base_names::edit_all(write, edits, &by_ids))
            .await
    }

    async fn set_database_url(
        &self,
        customer: CustomerId,
        reference: &SecretRef,
        audit: NewAudit,
    ) -> Result<(), Problem> {
        let reference = reference.clone();
        self.write(move |write| customers::set_database_url(write, customer, reference, audit))
            .await
    }

    async fn remove_customer(&self, id: CustomerId, audit: NewAudit) -> Result<(), Problem> {
        self.write(move |write| customers::remove(write, id, audit))
            .await
    }

    async fn customer(&self, id: CustomerId) -> Result<Customer, Problem> {
        self.read(move |connection| customers::get(connection, id))
            .await
    }

    async fn find_customer(&self, text: &str) -> Result<Customer, Problem> {
        let text = text.to_owned();
        self.read(move |connection| customers::find(connection, &text))
            .await
    }

    async fn customers(&self, query: CustomerQuery) -> Result<Page<Customer>, Problem> {
        let index = self.customer_index.clone();
        self.read(move |connection| customer_list::page(connection, &index, &query))
            .await
    }

    async fn neighbours(
        &self,
        customer: CustomerId,
        query: CustomerQuery,
    ) -> Result<Neighbours, Problem> {
        let index = self.customer_index.clone();
        self.read(move |connection| customer_list::neighbours(connection, &index, customer, &query))
            .await
    }

    async fn state_counts(&self) -> Result<BTreeMap<InstanceState, u64>, Problem> {
        let index = self.customer_index.clone();
        self.read(move |connection| {
            // Asked for after each change.
            index.renew(connection)?;
            customer_list::counts(connection)
        })
        .await
    }

    async fn name_counts(&self) -> Result<NameCounts, Problem> {
        self.read(customer_list::name_counts).await
    }

    async fn subdomain_owner(&self, subdomain: &str) -> Result<Option<Customer>, Problem> {
        let subdomain = subdomain.to_owned();
        self.read(move |connection| customers::by(connection, "subdomain", &subdomain))
            .await
    }

    async fn project_holder(
        &self,
        reference: &str,
        customer: CustomerId,
    ) -> Result<Option<Customer>, Problem> {
        let reference = reference.to_owned();
        self.read(move |connection| customers::project_holder(connection, &reference, customer))
            .await
    }

    async fn add_run(
        &self,
        new: NewRun,
        owner: &str,
        lease: Duration,
    ) -> Result<(Run, Lease), Problem> {
        let owner = owner.to_owned();
        self.write(move |write| runs::add(write, new, owner, lease))
            .await
    }

    async fn run(&self, id: RunId) -> Result<Run, Problem> {
        self.read(move |connection| runs::get(connection, id)).await
    }

    async fn run_by_number(&self, number: i64) -> Result<Option<Run>, Problem> {
        self.read(move |connection| runs::by_number(connection, number))
            .await
    }

    async fn runs(&self, query: RunQuery) -> Result<Vec<Run>, Problem> {
        self.read(move |connection| runs::list(connection, &query))
            .await
    }

    async fn run_counts(&self, query: RunQuery) -> Result<BTreeMap<RunState, u64>, Problem> {
        self.read(move |connection| runs::counts(connection, &query))
            .await
    }

    async fn last_runs(
        &self,
        customers: &[CustomerId],
    ) -> Result<BTreeMap<CustomerId, Run>, Problem> {
        let customers = customers.to_vec();
        self.read(move |connection| runs::last_of(connection, &customers))
            .await
    }

    async fn snapshot(&self, run: RunId) -> Result<Snapshot, Problem> {
        self.read(move |connection| runs::snapshot(connection, run))
            .await
    }

    async fn steps(&self, run: RunId) -> Result<Vec<StepRecord>, Problem> {
        self.read(move |connection| steps::of_run(connection, run))
            .await
    }

    async fn take_run(
        &self,
        run: RunId,
        owner: &str,
        lease: Duration,
        gone: Gone<'_>,
    ) -> Result<Lease, Problem> {
        let owner = owner.to_owned();
        let (dead, late) = (gone.dead.map(str::to_owned), gone.late);
        self.write(move |write| {
            let dead = dead.as_deref();
            leases::take(write, run, owner, lease, Gone { dead, late })
        })
        .await
    }

    async fn interrupt(
        &self,
        run: RunId,
        seen: Option<&Lease>,
        gone: Gone<'_>,
        audit: NewAudit,
    ) -> Result<bool, Problem> {
        let seen = seen.cloned();
        let (dead, late) = (gone.dead.map(str::to_owned), gone.late);
        self.write(move |write| {
            let dead = dead.as_deref();
            leases::interrupt(write, run, seen.as_ref(), Gone { dead, late }, &audit)
        })
        .await
    }

    async fn renew_lease(&self, lease: &Lease, by: Duration) -> Result<Lease, Problem> {
        let lease = lease.clone();
        self.write(move |write| leases::keep(write, &lease, by).map(|(_, lease)| lease))
            .await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), Problem> {
        let lease = lease.clone();
        self.write(move |write| leases::release(write, &lease))
            .await
    }

    async fn lease(&self, run: RunId) -> Result<Option<Lease>, Problem> {
        self.read(move |connection| leases::current(connection, run))
            .await
    }

    async fn request_cancel(&self, run: RunId, keep: bool, audit: NewAudit) -> Result<(), Problem> {
        self.write(move |write| cancels::request_cancel(write, run, keep, audit))
            .await
    }

    async fn begin_undo(&self, lease: &Lease, entry: JournalEntry) -> Result<bool, Problem> {
        let lease = lease.clone();
        self.write(move |write| journal::begin_undo(write, &lease, &entry))
            .await
    }

    async fn cancel_requested(&self, run: RunId) -> Result<bool, Problem> {
        self.read(move |connection| cancels::cancel_requested(connection, run))
            .await
    }

    async fn journal(&self, lease: &Lease, entry: JournalEntry) -> Result<Lease, Problem> {
        let lease = lease.clone();
        // Freed here: the writer has enough to do.
        let entry = Arc::new(entry);
        let written = Arc::clone(&entry);
        let work = move |write: &Write<'_>| journal::write(write, &lease, &written);
        let lease = self.writer.write_repeatable(work).await;
        drop(entry);
        lease
    }

    async fn deferred_runs(&self, customer: Option<CustomerId>) -> Result<Vec<Run>, Problem> {
        self.read(move |connection| runs::deferred(connection, customer))
            .await
    }

    async fn deferred_among(&self, runs: &[RunId]) -> Result<BTreeSet<RunId>, Problem> {
        let runs = runs.to_vec();
        self.read(move |connection| runs::deferred_among(connection, &runs))
            .await
    }

    async fn write_deferred(&self, run: RunId, step: StepRecord) -> Result<bool, Problem> {
        self.write(move |write| steps::put_deferred(write.connection, run, &step))
            .await
    }

    async fn events(&self, lease: &Lease, events: Vec<RunEvent>) -> Result<(), Problem> {
        let lease = lease.clone();
        self.writer
            .write_soon(move |write| journal::events(write, &lease, &events))
    }

    async fn events_since(&self, run: RunId, number: i64) -> Result<Vec<RunEvent>, Problem> {
        self.read(move |connection| journal::events_since(connection, run, number))
            .await
    }

    async fn newest_events(&self, run: RunId, limit: u32) -> Result<Vec<RunEvent>, Problem> {
        self.read(move |connection| journal::newest_events(connection, run, limit))
            .await
    }

    async fn last_event(&self, run: RunId) -> Result<i64, Problem> {
        self.read(move |connection| journal::last_event(connection, run))
            .await
    }

    async fn resources(&self, customer: CustomerId) -> Result<Vec<Resource>, Problem> {
        self.read(move |connection| resources::of_customer(connection, customer))
            .await
    }

    async fn live_resources(&self, customers: &[CustomerId]) -> Result<Vec<Resource>, Problem> {
        let customers = customers.to_vec();
        self.read(move |connection| resources::live(connection, &customers))
            .await
    }

    async fn goes_by_subdomain(&self, customer: CustomerId) -> Result<bool, Problem> {
        self.read(move |connection| resources::go_by_subdomain(connection, customer))
            .await
    }

    async fn usual_seconds(&self) -> Result<BTreeMap<String, f64>, Problem> {
        self.read(steps::usual_seconds).await
    }

    async fn add_mail(&self, mail: Mail, audit: NewAudit) -> Result<(), Problem> {
        self.write(move |write| mails::add(write, &mail, &audit))
            .await
    }

    async fn claim_mail(&self, claim: MailClaim, hold: Duration) -> Result<Option<Mail>, Problem> {
        self.write(move |write| mails::claim(write, &claim, hold))
            .await
    }

    async fn settle_mail(&self, mail: Mail, audit: Option<NewAudit>) -> Result<bool, Problem> {
        self.write(move |write| mails::settle(write, &mail, audit.as_ref()))
            .await
    }

    async fn due_mails(&self) -> Result<Vec<Mail>, Problem> {
        self.read(mails::due).await
    }

    async fn mails(&self, customer: CustomerId) -> Result<Vec<Mail>, Problem> {
        self.read(move |connection| mails::of_customer(connection, customer))
            .await
    }

    async fn audit(&self, entry: NewAudit) -> Result<(), Problem> {
        self.write(move |write| audit::add(write, &entry)).await
    }

    async fn audit_log(
        &self,
        customer: Option<CustomerId>,
        limit: u64,
    ) -> Result<Vec<Audit>, Problem> {
        self.read(move |connection| audit::newest(connection, customer, limit))
            .await
    }

    async fn settings(&self) -> Result<BTreeMap<String, String>, Problem> {
        self.read(settings::all).await
    }

    async fn set_setting(
        &self,
        key: &str,
        value: Option<&str>,
        audit: NewAudit,
    ) -> Result<(), Problem> {
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        self.write(move |write| settings::set(write, &key, value.as_deref(), &audit))
            .await
    }

    async fn changes_since(&self, number: i64) -> Result<Vec<Change>, Problem> {
        self.read(move |connection| changes::since(connection, number))
            .await
    }

    async fn last_change(&self) -> Result<i64, Problem> {
        self.read(changes::last).await
    }

    async fn announce(&self, topic: Topic, id: &str) -> Result<(), Problem> {
        let id = id.to_owned();
        self.write(move |write| changes::add(write.connection, topic, &id))
            .await
    }

    async fn writable(&self) -> Result<(), Problem> {
        self.try_writing().await
    }

    async fn check(&self) -> Result<(), Problem> {
        self.examine().await
    }
}
