//! The engine against a cloud in memory and a real journal: killed at every point where it waits, answers
//! lost, calls refused; then resumed. The cloud may never hold anything twice, nor lack anything.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod cloud;

use std::{collections::BTreeMap, future::Future, path::Path, pin::pin, sync::Arc, task::Poll};

use cloud::{Cloud, Fault, Ticking, snapshot};
use fabrik_domain::{
    Cause,
    ports::{Clock, Random},
    resource::{Origin, ResourceState},
    run::{OnFailure, Run, RunState, StepState, WaitReason},
};
use fabrik_domain::{customer::NewCustomer, run::Action};
use fabrik_engine::Engine;
use fabrik_store::{NewAudit, SqliteStore, Store};
use tokio_util::sync::CancellationToken;

struct NoJitter;

impl Random for NoJitter {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(128);
    }
}

struct World {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cloud: Cloud,
}

impl World {
    fn new(folder: &Path) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Ticking::default());
        let store = SqliteStore::open(&folder.join("central.db"), Arc::clone(&clock)).unwrap();
        Self {
            store: Arc::new(store),
            clock,
            cloud: Cloud::default(),
        }
    }

    fn engine(&self, owner: &str) -> Engine {
        Engine::new(
            Arc::clone(&self.store),
            Arc::new(cloud::NoSecrets),
            Arc::clone(&self.clock),
            Arc::new(NoJitter),
            owner.to_owned(),
        )
    }

    async fn customer(&self) -> fabrik_domain::customer::Customer {
        let new = NewCustomer {
            name: "Åkermark".to_owned(),
            subdomain: "akermark".to_owned(),
            contact_email: "anna@akermark.se".to_owned(),
            blueprint: "test".to_owned(),
            plan: "starter".to_owned(),
            ..NewCustomer::default()
        };
        let audit = NewAudit {
            operator: "test".to_owned(),
            action: "customer.added".to_owned(),
            customer: None,
            run: None,
            facts: serde_json::Value::Null,
        };
        self.store
            .add_customer(new, "akermark".to_owned(), audit)
            .await
            .unwrap()
    }

    /// Begins a run and drives it.
    async fn provision(
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

    async fn resume(&self, run: &Run, dead: &str) -> Run {
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
    async fn assert_whole(&self, run: &Run, when: &str) {
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
async fn killed_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
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

#[tokio::test(start_paused = true)]
async fn killed_at_every_point_it_goes_on_without_a_duplicate() {
    let mut polls = 1;
    loop {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path());
        let customer = world.customer().await;
        let engine = world.engine("first");
        let (run, lease) = engine
            .begin(&world.cloud, snapshot(customer), OnFailure::Keep, "test")
            .await
            .unwrap();
        let cancel = CancellationToken::new();
        let ended = killed_after(polls, engine.drive(&world.cloud, lease, &cancel)).await;
        drop(engine);
        let by_itself = ended.is_some();
        let run = match ended {
            Some(run) => run.unwrap(),
            None => world.resume(&run, "first").await,
        };
        world
            .assert_whole(&run, &format!("killed after {polls} polls"))
            .await;
        if by_itself {
            break;
        }
        polls += 1;
        assert!(polls < 2000, "a run ends in fewer polls than this");
    }
    assert!(polls > 40, "the run was killed at many points, not {polls}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_again() {
    for fault in [Fault::LostAfter, Fault::LostBefore, Fault::Late] {
        for step in ["database", "repository", "site", "mail"] {
            let folder = tempfile::tempdir().unwrap();
            let world = World::new(folder.path());
            let customer = world.customer().await;
            world.cloud.fault_once(step, fault);
            let run = world.provision(&world.engine("first"), &customer).await;
            world
                .assert_whole(&run, &format!("{fault:?} at {step}"))
                .await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_what_exists_and_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let customer = world.customer().await;
    world.cloud.fault_always("site", Fault::Refused);
    let run = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(run.state, RunState::Failed);
    assert!(run.error.is_some(), "it says why");
    assert!(!world.cloud.resources().is_empty(), "what exists is kept");
    world.cloud.mend("site");
    let run = world.resume(&run, "first").await;
    world.assert_whole(&run, "resumed after a refusal").await;
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_waits_and_undoes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let customer = world.customer().await;
    world.cloud.fault_always("repository", Fault::Unauthorized);
    let run = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(
        (run.state, run.reason),
        (RunState::Waiting, Some(WaitReason::NeedsCredential))
    );
    assert!(
        world
            .cloud
            .resources()
            .iter()
            .any(|(name, _)| name == "database"),
        "other branches went on"
    );
    world.cloud.mend("repository");
    let run = world.resume(&run, "first").await;
    world.assert_whole(&run, "resumed with a new token").await;
}

#[tokio::test(start_paused = true)]
async fn throttling_waits_as_told_and_errors_are_tried_again() {
    for fault in [Fault::Throttled, Fault::NotSent] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path());
        let customer = world.customer().await;
        world.cloud.fault_once("repository", fault);
        let before = world.clock.now();
        let run = world.provision(&world.engine("first"), &customer).await;
        world.assert_whole_but_attempts(&run, fault).await;
        let took = world.clock.now().duration_since(before).as_secs();
        assert!(
            fault != Fault::Throttled || took >= 40,
            "it waited until told, not {took} s"
        );
    }
}

impl World {
    async fn assert_whole_but_attempts(&self, run: &Run, fault: Fault) {
        self.assert_whole(run, &format!("{fault:?}")).await;
        let steps = self.store.steps(run.id).await.unwrap();
        let step = steps.iter().find(|step| step.id == "repository").unwrap();
        assert_eq!(step.attempts, 2, "the second try is counted");
    }
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_ends_and_does_not_try_for_ever() {
    for fault in [Fault::NotSent, Fault::LostBefore] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path());
        let customer = world.customer().await;
        world.cloud.fault_always("repository", fault);
        let run = world.provision(&world.engine("first"), &customer).await;
        assert_eq!(run.state, RunState::Failed, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_run_adopts_everything_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let customer = world.customer().await;
    let first = world.provision(&world.engine("first"), &customer).await;
    world.assert_whole(&first, "the first run").await;
    let creates = world.cloud.creates();

    let plan = world
        .engine("second")
        .plan(&world.cloud, &snapshot(customer.clone()), &BTreeMap::new())
        .await
        .unwrap();
    assert!(plan.can_run, "{:?}", plan.missing);
    assert!(
        plan.steps.iter().all(|step| step.action == Action::Adopt),
        "{:?}",
        plan.steps
    );

    let second = world.provision(&world.engine("second"), &customer).await;
    assert_eq!(second.state, RunState::Succeeded);
    assert_eq!(world.cloud.creates(), creates, "nothing was made");
    let steps = world.store.steps(second.id).await.unwrap();
    assert!(
        steps.iter().all(|step| step.state == StepState::Adopted),
        "{steps:?}"
    );
    let rows = world.store.resources(customer.id).await.unwrap();
    assert!(
        rows.iter()
            .filter(|row| row.run == second.id)
            .all(|row| row.origin == Origin::Adopted)
    );
}

#[tokio::test(start_paused = true)]
async fn something_foreign_of_the_same_name_is_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let customer = world.customer().await;
    world.cloud.put_foreign("repository");
    let plan = world
        .engine("first")
        .plan(&world.cloud, &snapshot(customer), &BTreeMap::new())
        .await
        .unwrap();
    assert!(!plan.can_run);
    assert!(
        plan.steps
            .iter()
            .any(|step| step.action == Action::Conflict),
        "{:?}",
        plan.steps
    );
    assert!(matches!(*plan.missing[0].cause, Cause::NameTaken { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_between_calls_and_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let customer = world.customer().await;
    let engine = world.engine("first");
    let (_, lease) = engine
        .begin(&world.cloud, snapshot(customer), OnFailure::Keep, "test")
        .await
        .unwrap();
    let cancel = CancellationToken::new();
    let mut events = engine.events();
    let stop = async {
        // As soon as something exists.
        while let Ok(event) = events.recv().await {
            if matches!(event.what, fabrik_domain::event::Happening::Created { .. }) {
                cancel.cancel();
                return;
            }
        }
    };
    let (run, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
    let run = run.unwrap();
    assert_eq!(run.state, RunState::Cancelled);
    let run = world.resume(&run, "first").await;
    world.assert_whole(&run, "resumed after a cancel").await;
}

#[tokio::test(start_paused = true)]
async fn events_have_growing_numbers_across_a_resume() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let customer = world.customer().await;
    world.cloud.fault_always("site", Fault::Refused);
    let run = world.provision(&world.engine("first"), &customer).await;
    world.cloud.mend("site");
    let run = world.resume(&run, "first").await;
    let numbers: Vec<_> = world
        .store
        .events_since(run.id, 0)
        .await
        .unwrap()
        .iter()
        .map(|event| event.number)
        .collect();
    let expected: Vec<_> = (1..=i64::try_from(numbers.len()).unwrap()).collect();
    assert_eq!(numbers, expected, "no number twice, none left out");
}
