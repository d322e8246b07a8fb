//! Runs: planned, begun, resumed, cancelled, shown.

use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard, PoisonError},
};

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    gate::add_demand,
    id::{CustomerId, RunId},
    run::{Allowance, OnFailure, Plan, Run, RunState, Snapshot},
};
use fabrik_engine::{graph::longest_chain, step::StepFactory};
use fabrik_store::{Lease, RunQuery};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    App,
    going_back::Way,
    liveness::ExpiredLeases,
    reports::of_run,
    timeline::{expected_seconds, step_views},
    views::RunDetail,
};

/// Events that the run screen shows.
const EVENTS_SHOWN: u32 = 500;

impl App {
    /// See the table of commands.
    pub async fn plan(&self, customer: CustomerId) -> Result<Plan, Problem> {
        self.plan_of(self.store.customer(customer).await?).await
    }

    /// What a run for this customer would do, who need not be there yet.
    pub(crate) async fn plan_of(&self, customer: Customer) -> Result<Plan, Problem> {
        let (snapshot, factory) = self.prepare_for(customer).await?;
        let usual = self.store.usual_seconds().await?;
        let mut plan = self.engine.plan(&factory, &snapshot, &usual).await?;
        let missing = Self::faults_of_run(&snapshot);
        // A step that needs the setting says so too.
        plan.missing
            .retain(|problem| missing.iter().all(|other| other.cause != problem.cause));
        let active = self.refuse_while_active(snapshot.customer.id).await;
        plan.missing
            .splice(0..0, active.err().into_iter().chain(missing));
        let own = self.assert_own_projects(&snapshot.customer).await;
        plan.missing.extend(own.err());
        plan.price_before = self.price_before(&snapshot).await?;
        plan.judge();
        Ok(plan)
    }

    /// See the table of commands.
    pub async fn allowance(
        &self,
        customers: Vec<CustomerId>,
    ) -> Result<Option<Allowance>, Problem> {
        let usual = self.store.usual_seconds().await?;
        let (mut demand, mut longest, mut runs) = (Vec::new(), 0.0_f64, 0);
        for customer in customers {
            let (snapshot, factory) = self.prepare(customer).await?;
            let of_one = self.engine.demand(&factory, &snapshot, |_| true).await;
            add_demand(&mut demand, of_one);
            longest = longest.max(expected_seconds(&snapshot.blueprint, &usual));
            runs += 1;
        }
        Ok(self.engine.allowance(&demand, runs, longest))
    }

    /// Plans, and begins a run where the plan says that it can: the run is written and taken, not yet
    /// driven. `cancel` stops the planning, which may wait for minutes at a vendor's limit. Where nobody has chosen
    /// what a failure brings about, [`OnFailure::usual`] does.
    ///
    /// # Errors
    /// [`Refused`](Begin::Refused) and [`Stopped`](Begin::Stopped) are answers, not errors: nothing was made.
    pub async fn begin(
        &self,
        customer: CustomerId,
        on_failure: Option<OnFailure>,
        cancel: &CancellationToken,
    ) -> Result<Begin, Problem> {
        self.refuse_while_active(customer).await?;
        // What plans only reads; what comes after it writes, and is never given up.
        let plan = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(Begin::Stopped),
            plan = self.plan(customer) => plan,
        };
        self.begin_as_planned(customer, on_failure, plan).await
    }

    async fn begin_as_planned(
        &self,
        customer: CustomerId,
        on_failure: Option<OnFailure>,
        plan: Result<Plan, Problem>,
    ) -> Result<Begin, Problem> {
        let begun = match plan {
            Ok(plan) if plan.can_run => self.write_run(customer, on_failure).await,
            Ok(plan) => Ok(Begin::Refused(Box::new(plan))),
            Err(problem) => Err(problem),
        };
        if !matches!(begun, Ok(Begin::Begun(..))) {
            // A run that began during the planning comes first: a removal takes away what was planned with.
            self.refuse_while_active(customer).await?;
        }
        begun
    }

    async fn write_run(
        &self,
        customer: CustomerId,
        on_failure: Option<OnFailure>,
    ) -> Result<Begin, Problem> {
        let (snapshot, factory) = self.prepare(customer).await?;
        let on_failure = on_failure.unwrap_or_else(|| OnFailure::usual(&snapshot.customer));
        let (run, lease) = self
            .engine
            .begin(&factory, snapshot, on_failure, &self.operator)
            .await?;
        Ok(Begin::Begun(Box::new(run), lease))
    }

    /// Drives a run that was begun or taken, to its end or until it waits. `cancel` stops it between two
    /// calls. Where it can't be driven on it is given free at once, and can be resumed.
    pub async fn drive(&self, lease: Lease, cancel: &CancellationToken) -> Result<Run, Problem> {
        self.drive_way(lease, Way::On, cancel).await
    }

    pub(crate) async fn drive_way(
        &self,
        lease: Lease,
        way: Way,
        cancel: &CancellationToken,
    ) -> Result<Run, Problem> {
        let id = lease.run;
        let held = lease.clone();
        self.driving.lock().await.insert(id, cancel.clone());
        let driven = async {
            // What other processes have used of the hour's limits by now.
            self.engine.read(|| self.shared_limits.look()).await?;
            let snapshot = self.engine.read(|| self.store.snapshot(id)).await?;
            let customer = &snapshot.customer.slug;
            tracing::info!(run = %id, customer, "the run is driven");
            let factory = self
                .factory(&snapshot.settings, snapshot.customer.id)
                .await?;
            let driven = async {
                match way {
                    Way::On => self.engine.drive(&factory, lease, cancel).await,
                    Way::Back => self.engine.roll_back(&factory, lease, cancel).await,
                }
            };
            let run = Box::pin(self.shared_limits.during(driven)).await?;
            tracing::info!(run = %id, customer, state = run.state.key(), "the run stands still");
            Ok::<Run, Problem>(run)
        };
        let driven = Box::pin(driven).await;
        self.driving.lock().await.remove(&id);
        match &driven {
            Ok(run) if !run.state.is_active() => {
                self.tell_owner_about(id).await;
                self.tell_source().await;
                self.end_cleared(run.customer).await;
                // Last, so that it covers what these write down.
                self.anchor_audit().await;
            }
            Ok(_) => {}
            Err(problem) => {
                tracing::error!(run = %id, %problem, "the run stopped");
                self.give_free(&held).await;
            }
        }
        driven
    }

    /// How many runs this process drives: what stops when it ends.
    pub async fn driven_here(&self) -> usize {
        self.driving.lock().await.len()
    }

    /// Gives a run free that can't be driven on here: shown as interrupted where it was under way, else as it
    /// stood. Where the store can't be written either, the lease ends by itself, and later looks find it.
    pub(crate) async fn give_free(&self, lease: &Lease) {
        let shown = async {
            let own = |now: &Lease| (&now.owner, now.fence) == (&lease.owner, lease.fence);
            if let Some(now) = self.store.lease(lease.run).await?.filter(own) {
                // Its calls were dropped, so it is as one that has ended.
                let dead = Some(self.engine.owner());
                self.engine
                    .mark_interrupted(lease.run, Some(&now), dead)
                    .await?;
                self.store.release_lease(&now).await?;
            }
            Ok::<(), Problem>(())
        };
        if let Err(problem) = shown.await {
            tracing::warn!(run = %lease.run, %problem, "the run could not be given free");
        }
    }

    /// See the table of commands. The first thing that stands in the way is the error; the plan has all.
    pub async fn provision(
        self: &Arc<Self>,
        customer: CustomerId,
        on_failure: Option<OnFailure>,
    ) -> Result<Run, Problem> {
        let never = CancellationToken::new();
        match self.begin(customer, on_failure, &never).await? {
            Begin::Refused(plan) => Err(refusal_of(&plan)),
            Begin::Stopped => Err(Cause::Internal.into()),
            Begin::Begun(run, lease) => {
                self.drive_in_background(lease, Way::On);
                Ok(*run)
            }
        }
    }

    /// See the table of commands.
    pub async fn run_get(&self, run: RunId) -> Result<RunDetail, Problem> {
        let run = self.store.run(run).await?;
        let (customer, steps, resources, snapshot, events, usual, driver) = tokio::try_join!(
            self.store.customer(run.customer),
            self.store.steps(run.id),
            self.store.resources(run.customer),
            self.store.snapshot(run.id),
            self.store.newest_events(run.id, EVENTS_SHOWN),
            self.store.usual_seconds(),
            self.driver(&run),
        )?;
        let rows = of_run(&run, &steps, resources);
        let views = step_views(&snapshot, steps, &events, &usual, self.clock.now());
        let longest = longest_chain(&snapshot.blueprint.steps, |spec| {
            views
                .iter()
                .find(|view| view.id == spec.id)
                .map_or(0.0, |view| view.usual_seconds)
        });
        Ok(RunDetail {
            superseded: self.engine.superseded_by(&run).await?.is_some(),
            taken_over: self.engine.taken_over_by(&run).await?.is_some(),
            renamed: self
                .engine
                .renamed_since(&run, &snapshot, &customer)
                .await?,
            instance_url: customer.production_url.clone(),
            resources: rows,
            steps: views,
            events,
            expected_seconds: longest,
            owner_mail: self.owner_mail(&run).await?,
            owned_here: self.driving.lock().await.contains_key(&run.id),
            driver,
            now: self.clock.now(),
            customer,
            run,
        })
    }

    /// Takes a run on that stopped, to go on with it. The audit log says who asked.
    pub async fn resume(&self, run: RunId) -> Result<Lease, Problem> {
        let lease = self.take(run).await?;
        self.recorded(&lease, "run.resume_requested", json!({}))
            .await?;
        Ok(lease)
    }

    /// Takes a run on that no living process owns.
    pub(crate) async fn take(&self, run: RunId) -> Result<Lease, Problem> {
        self.refuse_driven_here(run).await?;
        let dead = self.dead_owner(run).await?;
        self.engine.take(run, dead.as_deref()).await
    }

    /// A run that this process drives is not given away, not even where its lease has expired in a sleep of the
    /// machine.
    pub(crate) async fn refuse_driven_here(&self, run: RunId) -> Result<(), Problem> {
        if self.driving.lock().await.contains_key(&run) {
            return Err(Cause::RunOwned { run }.into());
        }
        Ok(())
    }

    /// See the table of commands.
    pub async fn run_resume(self: &Arc<Self>, run: RunId) -> Result<Run, Problem> {
        let lease = self.resume(run).await?;
        self.drive_in_background(lease, Way::On);
        self.store.run(run).await
    }

    /// Runs whose process is gone are marked, so that they can be offered for resuming.
    pub async fn mark_interrupted(&self) -> Result<Vec<Run>, Problem> {
        self.end_all_cleared().await;
        let states = [RunState::Queued, RunState::Running, RunState::Undoing];
        let driven = self.runs_in(states.to_vec()).await?;
        self.expired_leases().keep_only(&driven);
        for run in driven {
            if self.driving.lock().await.contains_key(&run.id) {
                continue;
            }
            let lease = self.store.lease(run.id).await?;
            let dead = self.dead(lease.as_ref());
            let gone = dead.is_some()
                || lease.as_ref().is_none_or(|lease| {
                    let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
                    self.expired_leases().has_stayed(lease, now, monotonic)
                });
            if gone {
                self.engine
                    .mark_interrupted(run.id, lease.as_ref(), dead)
                    .await?;
            }
        }
        self.runs_in(vec![RunState::Interrupted]).await
    }

    pub(crate) async fn runs_in(&self, states: Vec<RunState>) -> Result<Vec<Run>, Problem> {
        self.store
            .runs(RunQuery {
                states,
                ..RunQuery::default()
            })
            .await
    }

    fn expired_leases(&self) -> MutexGuard<'_, ExpiredLeases> {
        self.expired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything a run of the customer would begin with.
    async fn prepare(
        &self,
        customer: CustomerId,
    ) -> Result<(Snapshot, impl StepFactory + use<>), Problem> {
        self.prepare_for(self.store.customer(customer).await?).await
    }

    async fn prepare_for(
        &self,
        customer: Customer,
    ) -> Result<(Snapshot, impl StepFactory + use<>), Problem> {
        let blueprint = self.blueprints.get(&customer.blueprint)?;
        let settings = self.settings().await?.values();
        let factory = self.factory(&settings, customer.id).await?;
        Ok((
            Snapshot {
                blueprint,
                customer,
                settings,
                names: BTreeMap::new(),
            },
            factory,
        ))
    }

    /// A run that has not ended stands in the way of the next; told before the vendors are asked.
    pub(crate) async fn refuse_while_active(&self, customer: CustomerId) -> Result<(), Problem> {
        let runs = self.store.last_runs(&[customer]).await?;
        match runs.get(&customer) {
            Some(run) if run.state.is_active() => Err(Cause::RunActive { run: run.id }.into()),
            _ => Ok(()),
        }
    }
}

/// Why a plan can't run.
pub(crate) fn refusal_of(plan: &Plan) -> Problem {
    let refusal = plan.refusal().cloned();
    refusal.unwrap_or_else(|| Cause::Internal.into())
}

/// How the beginning of a run went.
pub enum Begin {
    /// The plan says that it can't: nothing was made.
    Refused(Box<Plan>),
    /// The planning was stopped: nothing was made.
    Stopped,
    /// It is written and this process has it.
    Begun(Box<Run>, Lease),
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        hints::FIRST_LIVENESS,
        testing::{self, DEAD},
    };

    #[tokio::test]
    async fn a_planning_that_is_stopped_begins_no_run() {
        let (_folder, app) = testing::app().await;
        let customer = app.customer_add(testing::new_customer()).await.unwrap();
        let stopped = CancellationToken::new();
        stopped.cancel();
        let begun = app.begin(customer.id, None, &stopped).await;
        assert!(matches!(begun, Ok(Begin::Stopped)), "nobody waits for it");
        let runs = app.store.runs(RunQuery::default()).await.unwrap();
        assert!(runs.is_empty(), "{runs:?}");
    }

    #[tokio::test]
    async fn a_run_that_began_during_the_planning_is_told_before_what_it_took_away() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        let run = app.store.run(lease.run).await.unwrap();
        let customer = app.store.customer(run.customer).await.unwrap();
        let missing = || {
            Problem::from(Cause::SecretMissing {
                reference: "keyring:v1/test".to_owned(),
                variable: None,
            })
        };
        let refused = Plan {
            customer,
            can_run: false,
            steps: Vec::new(),
            missing: vec![missing()],
            expected_seconds: 0.0,
            limits: None,
            monthly_price: None,
            price_before: None,
        };
        for plan in [Ok(refused), Err(missing())] {
            let begun = app.begin_as_planned(run.customer, None, plan.clone()).await;
            let Err(problem) = begun else {
                panic!("it is no refusal of the plan's: {plan:?}")
            };
            assert_eq!(*problem.cause, Cause::RunActive { run: run.id });
        }
        // With nothing under way the plan's own word stands.
        testing::put(&app, &lease, RunState::Failed).await;
        let begun = app.begin_as_planned(run.customer, None, Err(missing()));
        let Err(problem) = begun.await else {
            panic!("nothing was planned")
        };
        assert_eq!(problem.code(), "secret_missing");
    }

    #[tokio::test]
    async fn a_run_that_cannot_be_driven_on_is_free_at_once() {
        let (_folder, app) = testing::app().await;
        // Its settings name no vendor's address, so that no client can be made.
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        let run = lease.run;
        let driven = app.drive(lease, &CancellationToken::new()).await;
        assert!(driven.is_err(), "{driven:?}");
        assert_eq!(
            app.store.run(run).await.unwrap().state,
            RunState::Interrupted
        );
        assert!(app.take(run).await.is_ok(), "anybody can take it on");
    }

    #[tokio::test]
    async fn the_log_tells_of_a_run_and_why_it_stopped() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let log = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(file.reopen().unwrap())
            .finish();
        // For the whole process: what a thread of another test registers without a log would stay silent here.
        tracing::subscriber::set_global_default(log).unwrap();
        let (_folder, app) = testing::app().await;
        // Its settings name no vendor's address, so that no client can be made.
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        let run = lease.run.to_string();
        let driven = app.drive(lease, &CancellationToken::new()).await;
        assert!(driven.is_err(), "{driven:?}");
        let text = std::fs::read_to_string(file.path()).unwrap();
        for said in ["INFO", "ERROR"] {
            let mut of_it = text.lines().filter(|line| line.contains(&run));
            assert!(of_it.any(|line| line.contains(said)), "{said}: {text}");
        }
    }

    #[tokio::test]
    async fn a_run_that_had_ended_or_waits_stays_so_where_it_cannot_be_driven() {
        for state in [RunState::Failed, RunState::Waiting, RunState::Cancelled] {
            let (_folder, app) = testing::app().await;
            let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
            let run = lease.run;
            testing::put(&app, &lease, state).await;
            // As `runs rollback` does, with settings that name no vendor's address.
            let driven = app.roll_back(lease, &CancellationToken::new()).await;
            assert!(driven.is_err(), "{driven:?}");
            assert_eq!(app.store.run(run).await.unwrap().state, state);
            assert_eq!(app.store.lease(run).await.unwrap(), None, "and it is free");
        }
    }

    #[tokio::test]
    async fn a_living_process_keeps_its_run_when_the_machine_has_slept() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        let run = lease.run;
        testing::put(&app, &lease, RunState::Running).await;
        // On waking the clock is far ahead, and the look may come before the renewal.
        let expired = app.store.renew_lease(&lease, Duration::ZERO).await.unwrap();
        let driving = CancellationToken::new();
        app.driving.lock().await.insert(run, driving);
        app.mark_interrupted().await.unwrap();
        let refused = app.take(run).await.unwrap_err();
        assert_eq!(*refused.cause, Cause::RunOwned { run });
        // The same of another process, whose renewal comes a second later.
        app.driving.lock().await.clear();
        for _ in 0..3 {
            app.mark_interrupted().await.unwrap();
        }
        assert_eq!(app.store.run(run).await.unwrap().state, RunState::Running);
        assert_eq!(app.store.lease(run).await.unwrap(), Some(expired));
    }

    #[tokio::test]
    async fn a_run_whose_process_has_ended_is_told_to_an_open_window() {
        let (_folder, app) = testing::app().await;
        let app = Arc::new(app);
        let mut hints = app.hints();
        let run = testing::run(&app, DEAD, BTreeMap::new()).await.run;
        while app.store.run(run).await.unwrap().state != RunState::Interrupted {
            let hint = hints.recv().await;
            assert!(hint.is_some(), "the window is told until it is so");
        }
    }

    /// Within the five seconds of the next start (P1), though at its first look the other was not gone yet.
    #[tokio::test]
    async fn a_process_that_ended_only_as_the_window_opened_is_noticed_soon() {
        let (_folder, app) = testing::app().await;
        let app = Arc::new(app);
        let ending = app.presence.of_another();
        let lease = testing::run(&app, ending.name(), BTreeMap::new()).await;
        let interrupted = app.mark_interrupted().await.unwrap();
        assert!(interrupted.is_empty(), "it lives: {interrupted:?}");
        let mut hints = app.hints();
        let begun = std::time::Instant::now();
        drop(ending);
        while app.store.run(lease.run).await.unwrap().state != RunState::Interrupted {
            let hint = hints.recv().await;
            assert!(hint.is_some(), "the window is told until it is so");
        }
        let took = begun.elapsed();
        // The next look comes twice as long after the first.
        assert!(
            took < FIRST_LIVENESS * 3,
            "by the first look, not after {took:?}"
        );
    }
}
