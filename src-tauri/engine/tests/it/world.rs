//! A store and a cloud in memory, and engines for them that come and go.

use std::{future::Future, pin::pin, sync::Arc, task::Poll};

use fabrik_domain::{
    Cause,
    customer::NewCustomer,
    event::Happening,
    ports::{Clock, Random},
    resource::ResourceState,
    run::{OnFailure, Run, RunState, StepState},
};
use fabrik_engine::Engine;
use fabrik_store::{Lease, NewAudit, SqliteStore, Store};
use tokio_util::sync::CancellationToken;

use crate::cloud::{self, Cloud, Ticking, snapshot};

struct NoJitter;

impl Random for NoJitter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(128);
    }
}

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

    pub(crate) fn engine(&self, owner: &str) -> Engine {
        Engine::new(
            Arc::clone(&self.store),
            Arc::new(cloud::NoSecrets),
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

    pub(crate) async fn customer(&self) -> fabrik_domain::customer::Customer {
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
        let happened = async {
            loop {
                let event = events.recv().await.unwrap();
                if event.step.as_deref() == Some(step) && happens(&event.what) {
                    return;
                }
            }
        };
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
        let engine = self.engine("second");
        let lease = engine.take_back(run.id, None).await.unwrap();
        engine
            .roll_back(&self.cloud, lease, &CancellationToken::new())
            .await
            .unwrap()
    }

    /// Begins a run and drives it.
    pub(crate) async fn provision(
        &self,
        engine: &Engine,
        customer: &fabrik_domain::customer::Customer,
    ) -> Run {
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

/// Polls a future at most `polls` times, then drops it where it stands, as a kill would.
pub(crate) async fn killed_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
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
