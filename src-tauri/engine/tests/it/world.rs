//! A store and a cloud in memory, and engines for them that come and go.

use std::{future::Future, pin::pin, sync::Arc, task::Poll};

use fabrik_domain::{
    Cause,
    customer::{Customer, NewCustomer},
    event::{Happening, RunEvent},
    ports::Clock,
    resource::{Resource, ResourceState},
    run::{OnFailure, Run, RunState, StepState},
};
use fabrik_engine::Engine;
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Ticking,
    cloud::{Cloud, Fault, snapshot},
    ports::{NoJitter, NoSecrets},
};

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<Ticking>,
    pub(crate) cloud: Cloud,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(Ticking::default());
        let store = SqliteStore::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        Self {
            store: Arc::new(store),
            clock,
            cloud: Cloud::default(),
        }
    }

    /// One with a customer whose run could not send its mail. What it made is kept.
    pub(crate) async fn with_a_failed_run() -> (Self, Customer, Run) {
        let world = Self::new();
        let customer = world.customer().await;
        world.cloud.fault_always("mail", Fault::Refused);
        let run = world.driven("first", &customer, OnFailure::Keep).await;
        assert_eq!(run.state, RunState::Failed);
        (world, customer, run)
    }

    pub(crate) fn engine(&self, owner: &str) -> Engine {
        Engine::new(
            Arc::clone(&self.store),
            Arc::new(NoSecrets),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::new(NoJitter),
            owner.to_owned(),
        )
    }

    pub(crate) fn audit() -> NewAudit {
        NewAudit {
            operator: "test".to_owned(),
            action: "test".to_owned(),
            customer: None,
            run: None,
            facts: serde_json::Value::Null,
        }
    }

    pub(crate) async fn customer(&self) -> Customer {
        let new = NewCustomer {
            name: "Åkermark".to_owned(),
            subdomain: "akermark".to_owned(),
            contact_email: "anna@akermark.se".to_owned(),
            blueprint: "test".to_owned(),
            plan: "starter".to_owned(),
            ..NewCustomer::default()
        };
        self.store
            .add_customer(new, "akermark".to_owned(), Self::audit())
            .await
            .unwrap()
    }

    /// Begins a run.
    pub(crate) async fn begin(
        &self,
        owner: &str,
        customer: &Customer,
        on_failure: OnFailure,
    ) -> (Run, Lease) {
        self.engine(owner)
            .begin(&self.cloud, snapshot(customer.clone()), on_failure, "test")
            .await
            .unwrap()
    }

    pub(crate) async fn drive(&self, owner: &str, lease: Lease) -> Run {
        let engine = self.engine(owner);
        let cancel = CancellationToken::new();
        engine.drive(&self.cloud, lease, &cancel).await.unwrap()
    }

    /// Begins a run and drives it, with this to do where it fails.
    pub(crate) async fn driven(
        &self,
        owner: &str,
        customer: &Customer,
        on_failure: OnFailure,
    ) -> Run {
        let (_, lease) = self.begin(owner, customer, on_failure).await;
        self.drive(owner, lease).await
    }

    /// Drives for so many polls. It is killed there, unless it has ended before.
    pub(crate) async fn drive_for(&self, polls: usize, owner: &str, lease: Lease) -> Option<Run> {
        let engine = self.engine(owner);
        let cancel = CancellationToken::new();
        let ended = polled(polls, engine.drive(&self.cloud, lease, &cancel)).await;
        ended.map(Result::unwrap)
    }

    pub(crate) async fn rows(&self, customer: &Customer) -> Vec<Resource> {
        self.store.resources(customer.id).await.unwrap()
    }

    /// What the records have of a step's resource first.
    pub(crate) async fn row(&self, customer: &Customer, step: &str) -> Resource {
        let mut rows = self.rows(customer).await.into_iter();
        rows.find(|row| row.step == step).unwrap()
    }

    /// What the run report says is what is there.
    pub(crate) async fn assert_told(&self, customer: &Customer, when: &str) {
        let mut told: Vec<_> = self
            .rows(customer)
            .await
            .into_iter()
            .filter(|row| !matches!(row.state, ResourceState::Intended | ResourceState::Removed))
            .map(|row| (row.name, row.id))
            .collect();
        told.sort();
        told.dedup();
        assert_eq!(
            told,
            self.cloud.resources(),
            "{when}: the records are the cloud"
        );
    }

    /// Drives until something happens to a step, then stops as a kill does.
    pub(crate) async fn killed_when(
        &self,
        owner: &str,
        lease: Lease,
        step: &str,
        happens: impl Fn(&Happening) -> bool,
    ) {
        let engine = self.engine(owner);
        let mut events = engine.events();
        let cancel = CancellationToken::new();
        let happened = until(&mut events, |event| {
            event.step.as_deref() == Some(step) && happens(&event.what)
        });
        tokio::select! {
            run = engine.drive(&self.cloud, lease, &cancel) => panic!("it ended: {run:?}"),
            () = happened => {}
        }
    }

    /// What a start does first: runs whose process is gone are marked. `dead` is one that is known to be.
    pub(crate) async fn marked(&self, run: &Run, dead: Option<&str>) -> bool {
        let seen = self.store.lease(run.id).await.unwrap();
        self.engine("starting")
            .mark_interrupted(run.id, seen.as_ref(), dead)
            .await
            .unwrap()
    }

    /// Takes a run back that nobody has.
    pub(crate) async fn taken_back(&self, run: &Run) -> Run {
        self.back(run, None).await
    }

    /// Takes a run back whose process is dead.
    pub(crate) async fn roll_back(&self, run: &Run, dead: &str) -> Run {
        self.back(run, Some(dead)).await
    }

    async fn back(&self, run: &Run, dead: Option<&str>) -> Run {
        let engine = self.engine("second");
        let lease = engine.take_back(run.id, dead).await.unwrap();
        engine
            .roll_back(&self.cloud, lease, &CancellationToken::new())
            .await
            .unwrap()
    }

    /// Begins a run that keeps what it made, and drives it.
    pub(crate) async fn provision(&self, engine: &Engine, customer: &Customer) -> Run {
        let (_, lease) = engine
            .begin(
                &self.cloud,
                snapshot(customer.clone()),
                OnFailure::Keep,
                "test",
            )
            .await
            .unwrap();
        engine
            .drive(&self.cloud, lease, &CancellationToken::new())
            .await
            .unwrap()
    }

    pub(crate) async fn resume(&self, run: &Run, dead: &str) -> Run {
        let engine = self.engine("second");
        let lease = match engine.take(run.id, Some(dead)).await {
            // Killed between the last entry and the return: there is nothing left to do.
            Err(problem) if matches!(*problem.cause, Cause::RunEnded { .. }) => {
                return self.store.run(run.id).await.unwrap();
            }
            lease => lease.unwrap(),
        };
        engine
            .drive(&self.cloud, lease, &CancellationToken::new())
            .await
            .unwrap()
    }

    /// Journal = cloud, and one of each.
    pub(crate) async fn assert_whole(&self, run: &Run, when: &str) {
        assert_eq!(run.state, RunState::Succeeded, "{when}: {:?}", run.error);
        self.cloud.assert_one_of_each(when);
        let rows = self.store.resources(run.customer).await.unwrap();
        let mut journal: Vec<_> = rows
            .iter()
            .filter(|row| row.state == ResourceState::Live)
            .map(|row| (row.name.clone(), row.id.clone()))
            .collect();
        journal.sort();
        assert_eq!(
            journal,
            self.cloud.resources(),
            "{when}: the journal is the cloud"
        );
        assert!(
            rows.iter().all(|row| row.state == ResourceState::Live),
            "{when}: nothing stays intended"
        );
        let steps = self.store.steps(run.id).await.unwrap();
        assert!(
            steps.iter().all(|step| step.state == StepState::Done),
            "{when}: {steps:?}"
        );
    }
}

/// Waits until something happens.
pub(crate) async fn until(
    events: &mut broadcast::Receiver<RunEvent>,
    happens: impl Fn(&RunEvent) -> bool,
) {
    while !happens(&events.recv().await.unwrap()) {}
}

/// Whether it is waited until what may have been made is to be seen.
pub(crate) fn settling(what: &Happening) -> bool {
    matches!(what, Happening::Settling { .. })
}

/// Tries it killed after one poll, after two, and so on until it ends by itself, which is what it answers. Tells after
/// how many polls it did.
pub(crate) async fn at_every_point(ends_by_itself: impl AsyncFn(usize) -> bool) -> usize {
    let mut polls = 1;
    while !ends_by_itself(polls).await {
        polls += 1;
        assert!(polls < 2000, "a run ends in fewer polls than this");
    }
    polls
}

/// Polls a future at most `polls` times: dropped then where it stands, it is killed.
pub(crate) async fn polled<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
