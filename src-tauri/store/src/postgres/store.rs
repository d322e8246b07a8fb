//! [`Store`] for `PostgreSQL`: what reads, what writes, and whose time leases are told in.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
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

use super::{
    PostgresStore, audit, base_names, changes, customer_list, customers,
    fault::Fault,
    import, journal, leases, mails, resources, runs, settings,
    soon::Waiting,
    steps,
    turn::{Begun, Turn, reading, writing},
};
use crate::{
    Audit, Change, CustomerQuery, Gone, Heard, Inserted, JournalEntry, Lease, MailClaim,
    NameCounts, Neighbours, NewAudit, NewRun, Page, Progress, RunQuery, Store, Topic,
};

/// How many rows a list may have that is kept for a while.
const PAGE: u64 = 1000;

/// Whether so few are asked for that the answer may be kept.
const fn is_page(query: &CustomerQuery) -> bool {
    query.limit > 0 && query.limit <= PAGE
}

#[async_trait]
impl Store for PostgresStore {
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
        writing!(self, |write| base_names::add(
            &write, &new, &slug, &audit, &by_ids
        ))
    }

    async fn import_customers(
        &self,
        rows: Vec<(NewCustomer, String)>,
        dry_run: bool,
        audit: NewAudit,
        progress: Arc<Progress>,
    ) -> Result<Vec<Inserted>, Problem> {
        let by_ids = self.by_ids().await?;
        if dry_run {
            writing!(
                self,
                |write| import::import(&write, &rows, &audit, &progress, &by_ids),
                take_back
            )
        } else {
            writing!(self, |write| import::import(
                &write, &rows, &audit, &progress, &by_ids
            ))
        }
    }

    async fn edit_customer(
        &self,
        id: CustomerId,
        patch: CustomerPatch,
        audit: NewAudit,
    ) -> Result<Customer, Problem> {
        let by_ids = self.by_ids().await?;
        writing!(self, |write| base_names::edit(
            &write, id, &patch, &audit, &by_ids
        ))
    }

    async fn edit_customers(
        &self,
        edits: Vec<(CustomerId, CustomerPatch, NewAudit)>,
    ) -> Result<Vec<Option<Problem>>, Problem> {
        let by_ids = self.by_ids().await?;
        writing!(self, |write| base_names::edit_all(&write, &edits, &by_ids))
    }

    async fn set_database_url(
        &self,
        customer: CustomerId,
        reference: &SecretRef,
        audit: NewAudit,
    ) -> Result<(), Problem> {
        writing!(self, |write| customers::set_database_url(
            &write, customer, reference, &audit
        ))
    }

    async fn remove_customer(&self, id: CustomerId, audit: NewAudit) -> Result<(), Problem> {
        writing!(self, |write| customers::remove(&write, id, &audit))
    }

    async fn customer(&self, id: CustomerId) -> Result<Customer, Problem> {
        reading!(self, |session| customers::get(&session, id))
    }

    async fn find_customer(&self, text: &str) -> Result<Customer, Problem> {
        reading!(self, |session| customers::find(&session, text))
    }

    async fn customers(&self, query: CustomerQuery) -> Result<Page<Customer>, Problem> {
        let (few, question) = (is_page(&query), format!("customers {query:?}"));
        let read = async { reading!(self, |session| customer_list::page(session, &query)) };
        if few {
            self.known(question, read).await
        } else {
            read.await
        }
    }

    async fn neighbours(
        &self,
        customer: CustomerId,
        query: CustomerQuery,
    ) -> Result<Neighbours, Problem> {
        let question = format!("neighbours {customer} {query:?}");
        let read = async {
            reading!(self, |session| customer_list::neighbours(
                &session, customer, &query
            ))
        };
        self.known(question, read).await
    }

    async fn state_counts(&self) -> Result<BTreeMap<InstanceState, u64>, Problem> {
        let read = async { reading!(self, |session| customer_list::counts(&session)) };
        self.known("state_counts".to_owned(), read).await
    }

    async fn name_counts(&self) -> Result<NameCounts, Problem> {
        let read = async { reading!(self, |session| customer_list::name_counts(&session)) };
        self.known("name_counts".to_owned(), read).await
    }

    async fn subdomain_owner(&self, subdomain: &str) -> Result<Option<Customer>, Problem> {
        reading!(self, |session| customers::by(
            &session,
            "subdomain",
            subdomain
        ))
    }

    async fn project_holder(
        &self,
        reference: &str,
        customer: CustomerId,
    ) -> Result<Option<Customer>, Problem> {
        reading!(self, |session| customers::project_holder(
            &session, reference, customer
        ))
    }

    async fn add_run(
        &self,
        new: NewRun,
        owner: &str,
        lease: Duration,
    ) -> Result<(Run, Lease), Problem> {
        let begun = writing!(self, |write| runs::add(&write, &new, owner, lease));
        begun.map(|(run, lease)| (run, self.here(lease)))
    }

    async fn run(&self, id: RunId) -> Result<Run, Problem> {
        reading!(self, |session| runs::get(&session, id))
    }

    async fn run_by_number(&self, number: i64) -> Result<Option<Run>, Problem> {
        reading!(self, |session| runs::by_number(&session, number))
    }

    async fn runs(&self, query: RunQuery) -> Result<Vec<Run>, Problem> {
        reading!(self, |session| runs::list(&session, &query))
    }

    async fn run_counts(&self, query: RunQuery) -> Result<BTreeMap<RunState, u64>, Problem> {
        reading!(self, |session| runs::counts(&session, &query))
    }

    async fn last_runs(
        &self,
        customers: &[CustomerId],
    ) -> Result<BTreeMap<CustomerId, Run>, Problem> {
        reading!(self, |session| runs::last_of(&session, customers))
    }

    async fn snapshot(&self, run: RunId) -> Result<Snapshot, Problem> {
        reading!(self, |session| runs::snapshot(&session, run))
    }

    async fn steps(&self, run: RunId) -> Result<Vec<StepRecord>, Problem> {
        reading!(self, |session| steps::of_run(&session, run))
    }

    async fn take_run(
        &self,
        run: RunId,
        owner: &str,
        lease: Duration,
        gone: Gone<'_>,
    ) -> Result<Lease, Problem> {
        let taken = writing!(self, |write| leases::take(&write, run, owner, lease, gone));
        taken.map(|lease| self.here(lease))
    }

    async fn interrupt(
        &self,
        run: RunId,
        seen: Option<&Lease>,
        gone: Gone<'_>,
        audit: NewAudit,
    ) -> Result<bool, Problem> {
        let seen = seen.map(|lease| self.there(lease));
        writing!(self, |write| leases::interrupt(
            &write,
            run,
            seen.as_ref(),
            gone,
            &audit
        ))
    }

    async fn renew_lease(&self, lease: &Lease, by: Duration) -> Result<Lease, Problem> {
        let lease = self.there(lease);
        let kept = writing!(self, |write| leases::keep(&write, &lease, by));
        kept.map(|(_, lease)| self.here(lease))
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), Problem> {
        let lease = self.there(lease);
        writing!(self, |write| leases::release(&write, &lease))
    }

    async fn lease(&self, run: RunId) -> Result<Option<Lease>, Problem> {
        let lease = reading!(self, |session| leases::current(&session, run));
        lease.map(|lease| lease.map(|lease| self.here(lease)))
    }

    async fn request_cancel(&self, run: RunId, keep: bool, audit: NewAudit) -> Result<(), Problem> {
        writing!(self, |write| runs::request_cancel(
            &write, run, keep, &audit
        ))
    }

    async fn begin_undo(&self, lease: &Lease, entry: JournalEntry) -> Result<bool, Problem> {
        let lease = self.there(lease);
        let before = self.soon.take(&lease).await;
        writing!(self, |write| journal::begin_undo(
            &write, &lease, &entry, &before
        ))
    }

    async fn cancel_requested(&self, run: RunId) -> Result<bool, Problem> {
        reading!(self, |session| runs::cancel_requested(&session, run))
    }

    async fn journal(&self, lease: &Lease, entry: JournalEntry) -> Result<Lease, Problem> {
        let lease = self.there(lease);
        let before = self.soon.take(&lease).await;
        let lease = writing!(self, |write| journal::write(
            &write, &lease, &entry, &before
        ))?;
        Ok(self.here(lease))
    }

    async fn deferred_runs(&self, customer: Option<CustomerId>) -> Result<Vec<Run>, Problem> {
        reading!(self, |session| runs::deferred(&session, customer))
    }

    async fn deferred_among(&self, runs: &[RunId]) -> Result<BTreeSet<RunId>, Problem> {
        reading!(self, |session| runs::deferred_among(&session, runs))
    }

    async fn write_deferred(&self, run: RunId, step: StepRecord) -> Result<bool, Problem> {
        writing!(self, |write| steps::put_deferred(&write, run, &step))
    }

    async fn events(&self, lease: &Lease, events: Vec<RunEvent>) -> Result<(), Problem> {
        // Who slept past its lease says nothing, though it may renew it in a moment.
        if lease.expires > self.clock.now() {
            self.soon.add(Waiting::Events(self.there(lease), events));
        }
        Ok(())
    }

    async fn events_since(&self, run: RunId, number: i64) -> Result<Vec<RunEvent>, Problem> {
        reading!(self, |session| journal::events_since(&session, run, number))
    }

    async fn newest_events(&self, run: RunId, limit: u32) -> Result<Vec<RunEvent>, Problem> {
        reading!(self, |session| journal::newest_events(&session, run, limit))
    }

    async fn last_event(&self, run: RunId) -> Result<i64, Problem> {
        reading!(self, |session| journal::last_event(&session, run))
    }

    async fn resources(&self, customer: CustomerId) -> Result<Vec<Resource>, Problem> {
        reading!(self, |session| resources::of_customer(&session, customer))
    }

    async fn live_resources(&self, customers: &[CustomerId]) -> Result<Vec<Resource>, Problem> {
        let question = format!("live_resources {customers:?}");
        let read = async { reading!(self, |session| resources::live(&session, customers)) };
        self.known(question, read).await
    }

    async fn goes_by_subdomain(&self, customer: CustomerId) -> Result<bool, Problem> {
        reading!(self, |session| resources::go_by_subdomain(
            &session, customer
        ))
    }

    async fn usual_seconds(&self) -> Result<BTreeMap<String, f64>, Problem> {
        let read = async { reading!(self, |session| steps::usual_seconds(&session)) };
        self.known("usual_seconds".to_owned(), read).await
    }

    async fn add_mail(&self, mail: Mail, audit: NewAudit) -> Result<(), Problem> {
        writing!(self, |write| mails::add(&write, &mail, &audit))
    }

    async fn claim_mail(&self, claim: MailClaim, hold: Duration) -> Result<Option<Mail>, Problem> {
        writing!(self, |write| mails::claim(&write, &claim, hold))
    }

    async fn settle_mail(&self, mail: Mail, audit: Option<NewAudit>) -> Result<bool, Problem> {
        writing!(self, |write| mails::settle(&write, &mail, audit.as_ref()))
    }

    async fn due_mails(&self) -> Result<Vec<Mail>, Problem> {
        reading!(self, |session| mails::due(&session))
    }

    async fn mails(&self, customer: CustomerId) -> Result<Vec<Mail>, Problem> {
        reading!(self, |session| mails::of_customer(&session, customer))
    }

    async fn audit(&self, entry: NewAudit) -> Result<(), Problem> {
        writing!(self, |write| audit::add(&write, &entry))
    }

    async fn audit_log(
        &self,
        customer: Option<CustomerId>,
        limit: u64,
    ) -> Result<Vec<Audit>, Problem> {
        reading!(self, |session| audit::newest(&session, customer, limit))
    }

    async fn settings(&self) -> Result<BTreeMap<String, String>, Problem> {
        reading!(self, |session| settings::all(&session))
    }

    async fn set_setting(
        &self,
        key: &str,
        value: Option<&str>,
        audit: NewAudit,
    ) -> Result<(), Problem> {
        writing!(self, |write| settings::set(&write, key, value, &audit))
    }

    async fn changes_since(&self, number: i64) -> Result<Vec<Change>, Problem> {
        let changes = reading!(self, |session| changes::since(&session, number))?;
        let known = self.connections.known();
        if !changes.is_empty() {
            known.forget();
        }
        known.looked();
        Ok(changes)
    }

    async fn last_change(&self) -> Result<i64, Problem> {
        reading!(self, |session| changes::last(&session))
    }

    fn listen(&self) -> Option<watch::Receiver<Heard>> {
        Some(self.heard())
    }

    async fn announce(&self, topic: Topic, id: &str) -> Result<(), Problem> {
        writing!(self, |write| async {
            write.announce(topic, id);
            Ok::<(), Fault>(())
        })
    }

    async fn writable(&self) -> Result<(), Problem> {
        self.try_writing().await
    }

    async fn check(&self) -> Result<(), Problem> {
        self.examine().await
    }
}
