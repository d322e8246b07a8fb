//! What the owner is told by mail falls due in the entry that says that a run has failed: once for each failure,
//! wherever the run is killed, and never for what the owner asked for.

use std::time::Duration;

use fabrik_domain::{
    mail::Mail,
    ports::Clock,
    run::{OnFailure, RunState},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, Stuck},
    world::{World, at_every_point},
};

impl World {
    async fn due(&self) -> Vec<Mail> {
        self.store.due_mails().await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_owes_one_mail_whatever_its_policy() {
    for (on_failure, end) in [
        (OnFailure::Keep, RunState::Failed),
        (OnFailure::Rollback, RunState::RolledBack),
    ] {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_always("mail", Fault::Refused);
        let run = world.driven("first", &customer, on_failure).await;
        assert_eq!(run.state, end);
        let due = world.due().await;
        assert_eq!(due.len(), 1, "{end:?}: {due:?}");
        assert_eq!(due[0].run, Some(run.id));
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_point_of_a_run_that_fails_one_mail_is_due() {
    at_every_point(async |polls| {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_always("mail", Fault::Refused);
        let (run, lease) = world.begin("first", &customer, OnFailure::Rollback).await;
        let ended = world.drive_for(polls, "first", lease).await;
        let by_itself = ended.is_some();
        if !by_itself {
            if world.store.run(run.id).await.unwrap().state.is_active() {
                assert!(
                    world.due().await.is_empty(),
                    "after {polls} polls: it has not ended"
                );
            }
            world.resume(&run, "first").await;
        }
        let due = world.due().await;
        assert_eq!(due.len(), 1, "killed after {polls} polls: {due:?}");
        by_itself
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn failing_again_is_news_and_what_is_asked_for_is_none() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    let run = world.driven("first", &customer, OnFailure::Keep).await;
    world.clock.sleep(Duration::from_secs(1)).await;
    let run = world.resume(&run, "first").await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(world.due().await.len(), 2, "it failed twice");

    let world = World::new();
    let customer = world.customer().await;
    world.cloud.mend("mail");
    let run = world.driven("first", &customer, OnFailure::Keep).await;
    assert_eq!(run.state, RunState::Succeeded);
    assert!(world.due().await.is_empty(), "nothing failed");
    let (run, lease) = world.begin("first", &customer, OnFailure::Rollback).await;
    let cancelled = world.store.request_cancel(run.id, false, World::audit());
    cancelled.await.unwrap();
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::RolledBack);
    assert!(
        world.due().await.is_empty(),
        "the owner knows who cancelled it"
    );
}

#[tokio::test(start_paused = true)]
async fn leftovers_are_told_once_however_often_they_are_tried_again() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    world.cloud.stick("repository", Stuck::Refused);
    let run = world.driven("first", &customer, OnFailure::Rollback).await;
    assert_eq!(run.state, RunState::Leftovers);
    for _ in 0..2 {
        let engine = world.engine("first");
        let lease = engine.take_back(run.id, None).await.unwrap();
        let cancel = CancellationToken::new();
        let run = engine.roll_back(&world.cloud, lease, &cancel).await;
        assert_eq!(run.unwrap().state, RunState::Leftovers);
    }
    let due = world.due().await;
    assert_eq!(due.len(), 1, "{due:?}");
}
