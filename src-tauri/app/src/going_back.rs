//! Back: runs cancelled and rolled back, instances removed, and the owner's word where only the owner can
//! tell.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use fabrik_domain::{
    Cause, Problem,
    id::{CustomerId, RunId},
    run::{Decision, OnFailure, RemovalPlan, Run, RunState},
};
use fabrik_engine::PLANNED_AT_ONCE;
use fabrik_store::Lease;
use futures::{StreamExt, stream};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    App,
    views::{ProvisionMany, RefusedCustomer},
};

/// Which way a run is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As its journal and its policy say.
    On,
    /// Back, whatever its policy says.
    Back,
}

impl App {
    /// See the table of commands. Where nobody drives the run, it is ended here and now: by its policy, or a removal
    /// with what it has not come to.
    pub async fn run_cancel(self: &Arc<Self>, run: RunId, keep: bool) -> Result<(), Problem> {
        self.ask_to_cancel(run, keep).await?;
        // Who drives it hears of it within a second. To stop it at once would also stop the taking back of one that fails
        // in this very moment.
        if self.driving.lock().await.contains_key(&run) {
            return Ok(());
        }
        match self.take(run).await {
            Ok(lease) => {
                self.drive_in_background(lease, Way::On);
                Ok(())
            }
            // Another process has it, and hears of it within a second.
            Err(problem) if matches!(*problem.cause, Cause::RunOwned { .. }) => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    /// As [`run_cancel`](Self::run_cancel), but where nobody drives the run it is taken, to be driven to its end; none
    /// where another process drives it.
    pub async fn cancel(&self, run: RunId, keep: bool) -> Result<Option<Lease>, Problem> {
        self.ask_to_cancel(run, keep).await?;
        match self.take(run).await {
            Ok(lease) => Ok(Some(lease)),
            Err(problem) if matches!(*problem.cause, Cause::RunOwned { .. }) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    async fn ask_to_cancel(&self, run: RunId, keep: bool) -> Result<(), Problem> {
        let facts = if keep {
            json!({ "on_failure": OnFailure::Keep })
        } else {
            json!({})
        };
        let audit = self.audit("run.cancel_requested", facts);
        self.store.request_cancel(run, keep, audit).await
    }

    /// Takes a run on that has not succeeded, to take back what it made; see [`roll_back`](Self::roll_back). The audit
    /// log says who asked.
    pub async fn take_back(&self, run: RunId) -> Result<Lease, Problem> {
        self.refuse_driven_here(run).await?;
        let dead = self.dead_owner(run).await?;
        let lease = self.engine.take_back(run, dead.as_deref()).await?;
        self.recorded(&lease, "run.rollback_requested", json!({}))
            .await?;
        Ok(lease)
    }

    /// Takes back what a run has made, to the end. `cancel` stops it between two calls.
    pub async fn roll_back(
        &self,
        lease: Lease,
        cancel: &CancellationToken,
    ) -> Result<Run, Problem> {
        self.drive_way(lease, Way::Back, cancel).await
    }

    /// See the table of commands.
    pub async fn run_rollback(self: &Arc<Self>, run: RunId) -> Result<Run, Problem> {
        let lease = self.take_back(run).await?;
        self.drive_in_background(lease, Way::Back);
        self.store.run(run).await
    }

    /// Writes what the owner decided, and takes the run to go on with it.
    pub async fn decide(
        &self,
        run: RunId,
        step: &str,
        decision: Decision,
    ) -> Result<Lease, Problem> {
        self.refuse_driven_here(run).await?;
        let dead = self.dead_owner(run).await?;
        let facts = json!({ "step": step, "decision": decision });
        let lease = self
            .engine
            .decide(run, step, decision, dead.as_deref())
            .await?;
        self.recorded(&lease, "run.decided", facts).await?;
        Ok(lease)
    }

    /// See the table of commands.
    pub async fn run_decide(
        self: &Arc<Self>,
        run: RunId,
        step: String,
        decision: Decision,
    ) -> Result<Run, Problem> {
        let lease = self.decide(run, &step, decision).await?;
        self.drive_in_background(lease, Way::On);
        self.store.run(run).await
    }

    /// See the table of commands.
    pub async fn run_let_go(&self, run: RunId, resource: String) -> Result<Run, Problem> {
        self.refuse_driven_here(run).await?;
        let dead = self.dead_owner(run).await?;
        let run = self
            .engine
            .let_go(run, &resource, &self.operator, dead.as_deref())
            .await?;
        self.end_cleared(run.customer).await;
        Ok(run)
    }

    /// Ends the customer's runs of which nothing is left any more. Where that can't be written, the next start tries
    /// again.
    pub(crate) async fn end_cleared(&self, customer: CustomerId) {
        if let Err(problem) = self.engine.end_cleared(customer).await {
            tracing::warn!(%customer, %problem, "runs without leftovers can't be ended");
        }
    }

    /// The same of all customers, once in a process: one before it may have been killed just before that.
    pub(crate) async fn end_all_cleared(&self) {
        if self.looked_for_cleared.swap(true, Ordering::Relaxed) {
            return;
        }
        match self.runs_in(vec![RunState::Leftovers]).await {
            Ok(runs) => {
                let customers: BTreeSet<_> = runs.into_iter().map(|run| run.customer).collect();
                for customer in customers {
                    self.end_cleared(customer).await;
                }
            }
            Err(problem) => tracing::warn!(%problem, "runs with leftovers can't be read"),
        }
    }

    /// See the table of commands.
    pub async fn removal_plan(&self, customer: CustomerId) -> Result<RemovalPlan, Problem> {
        let customer = self.store.customer(customer).await?;
        let settings = self.settings().await?.values();
        let factory = self.factory(&settings, customer.id).await?;
        self.engine
            .removal_plan(&factory, &customer, &settings)
            .await
    }

    /// Writes a run that removes a customer's instance, and takes it; `confirm` is its subdomain or its name,
    /// typed.
    pub async fn begin_removal(
        &self,
        customer: CustomerId,
        confirm: &str,
    ) -> Result<(Run, Lease), Problem> {
        let customer = self.store.customer(customer).await?;
        if !customer.is_typed(confirm) {
            let expected = customer.subdomain;
            return Err(Cause::ConfirmationMismatch { expected }.into());
        }
        let settings = self.settings().await?.values();
        // The run keeps these settings: where no cloud can be asked with them now, none could be later.
        self.clouds(&settings)?;
        self.engine
            .begin_removal(customer, settings, &self.operator)
            .await
    }

    /// See the table of commands.
    pub async fn deprovision(
        self: &Arc<Self>,
        customer: CustomerId,
        confirm: String,
    ) -> Result<Run, Problem> {
        let (run, lease) = self.begin_removal(customer, &confirm).await?;
        self.drive_in_background(lease, Way::On);
        Ok(run)
    }

    /// See the table of commands. What stands in the way of one is no reason not to begin the others.
    pub async fn provision_many(
        self: &Arc<Self>,
        customers: Vec<CustomerId>,
        on_failure: Option<OnFailure>,
    ) -> Result<ProvisionMany, Problem> {
        let mut answer = ProvisionMany::default();
        let begun = stream::iter(customers)
            .map(|customer| async move { (customer, self.provision(customer, on_failure).await) });
        let mut begun = begun.buffered(PLANNED_AT_ONCE);
        while let Some((customer, run)) = begun.next().await {
            match run {
                Ok(run) => answer.begun.push(run),
                Err(problem) => answer.refused.push(RefusedCustomer { customer, problem }),
            }
        }
        Ok(answer)
    }

    pub(crate) fn drive_in_background(self: &Arc<Self>, lease: Lease, way: Way) {
        let app = Arc::clone(self);
        tokio::spawn(async move {
            // What stops it is in the log.
            let _ = app.drive_way(lease, way, &CancellationToken::new()).await;
        });
    }

    /// Keeps in the audit log what was asked for of a run that was just taken. Where that can't be written, nobody
    /// drives the run, and it is given free.
    pub(crate) async fn recorded(
        &self,
        lease: &Lease,
        action: &str,
        facts: serde_json::Value,
    ) -> Result<(), Problem> {
        let written = async {
            let mut audit = self.audit(action, facts);
            audit.run = Some(lease.run);
            audit.customer = Some(self.store.run(lease.run).await?.customer);
            self.store.audit(audit).await
        };
        let written = written.await;
        if written.is_err() {
            self.give_free(lease).await;
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc, time::Duration};

    use fabrik_domain::{
        blueprint::StepKind,
        id::{ResourceId, RunId},
        provider::Provider,
        resource::{Origin, Resource, ResourceKind, ResourceState},
        run::{OnFailure, Purpose, Run, RunState, StepRecord, StepState},
    };
    use fabrik_store::{JournalEntry, NewRun};
    use tokio_util::sync::CancellationToken;

    use crate::{App, testing};

    /// Who did these, by the log.
    async fn who(app: &App, action: &str) -> Vec<String> {
        let rows = app.store.audit_rows(0, 1000).await.unwrap();
        let rows = rows.into_iter().filter(|row| row.action == action);
        rows.filter_map(|row| row.operator.split('@').next().map(ToOwned::to_owned))
            .collect()
    }

    #[tokio::test]
    async fn the_log_says_who_takes_a_run_on_or_back_that_somebody_else_began() {
        let (folder, anna) = testing::app_with(&[("USER", "anna")]).await;
        let bo = testing::app_in(&folder, &[("USER", "bo")]).await;
        let lease = testing::run(&anna, anna.engine.owner(), BTreeMap::new()).await;
        testing::put(&anna, &lease, RunState::Failed).await;
        let run = lease.run;
        anna.store.release_lease(&lease).await.unwrap();

        let lease = bo.resume(run).await.unwrap();
        assert_eq!(who(&anna, "run.resume_requested").await, ["bo"]);
        bo.store.release_lease(&lease).await.unwrap();
        let lease = anna.take_back(run).await.unwrap();
        assert_eq!(who(&bo, "run.rollback_requested").await, ["anna"]);
        anna.store.release_lease(&lease).await.unwrap();
        bo.take_back(run).await.unwrap();
        assert_eq!(who(&bo, "run.rollback_requested").await, ["anna", "bo"]);
    }

    /// A rollback that has left a repository, and a removal that has left it too.
    async fn left_twice(app: &App) -> (Run, Run) {
        let left = StepRecord {
            state: StepState::Leftover,
            ..StepRecord::new("repo".to_owned(), StepKind::GithubRepo, 1)
        };
        let owner = app.engine.owner();
        let settings = BTreeMap::new();
        let lease = testing::run_with(app, owner, settings, vec![left.clone()]).await;
        let run = app.store.run(lease.run).await.unwrap();
        let repository = Resource {
            key: ResourceId::new(),
            customer: run.customer,
            run: run.id,
            step: left.id.clone(),
            provider: Provider::GitHub,
            kind: ResourceKind::Repository,
            id: "4711".to_owned(),
            name: "norrform/akermark".to_owned(),
            url: None,
            content_hash: None,
            origin: Origin::Created,
            state: ResourceState::Leftover,
            at: app.clock.now(),
        };
        let key = repository.key.to_string();
        let entry = JournalEntry {
            resources: vec![repository],
            ..JournalEntry::default()
        };
        app.store.journal(&lease, entry).await.unwrap();
        testing::put(app, &lease, RunState::Leftovers).await;
        app.store.release_lease(&lease).await.unwrap();
        let new = NewRun {
            id: RunId::new(),
            customer: run.customer,
            purpose: Purpose::Deprovision,
            snapshot: app.store.snapshot(run.id).await.unwrap(),
            on_failure: OnFailure::Keep,
            operator: "anna@test".to_owned(),
            steps: vec![StepRecord {
                evidence: Some(key.into()),
                ..left
            }],
            at: app.clock.now(),
        };
        let begun = app.store.add_run(new, owner, Duration::from_mins(1));
        let (removal, lease) = begun.await.unwrap();
        testing::put(app, &lease, RunState::Leftovers).await;
        app.store.release_lease(&lease).await.unwrap();
        (run, removal)
    }

    #[tokio::test]
    async fn what_is_let_go_of_one_run_is_waited_for_by_no_other() {
        for killed in [false, true] {
            let (folder, app) = testing::app().await;
            let (run, removal) = left_twice(&app).await;
            assert_eq!(app.overview().await.unwrap().leftover_runs, 2);
            let name = "norrform/akermark".to_owned();
            if killed {
                let let_go = app.engine.let_go(removal.id, &name, "anna@test", None);
                let_go.await.unwrap();
                let app = testing::app_in(&folder, &[]).await;
                app.mark_interrupted().await.unwrap();
            } else {
                app.run_let_go(removal.id, name).await.unwrap();
            }
            let state = async |run: &Run| app.store.run(run.id).await.unwrap().state;
            assert_eq!(state(&removal).await, RunState::Succeeded);
            assert_eq!(state(&run).await, RunState::RolledBack, "killed: {killed}");
            assert_eq!(app.overview().await.unwrap().leftover_runs, 0);
        }
    }

    #[tokio::test]
    async fn the_wish_to_cancel_stops_no_taking_back() {
        let (_folder, app) = testing::app().await;
        let app = Arc::new(app);
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        for state in [RunState::Running, RunState::Undoing] {
            testing::put(&app, &lease, state).await;
            let cancel = CancellationToken::new();
            app.driving.lock().await.insert(lease.run, cancel.clone());
            app.run_cancel(lease.run, false).await.unwrap();
            assert!(!cancel.is_cancelled(), "{state:?}: it may have just failed");
            assert!(app.store.cancel_requested(lease.run).await.unwrap());
        }
    }
}
