//! An undo that is refused, cut off or put off: the others go on, and it is tried again.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    event::{Happening, RunEvent},
    ports::Clock,
    run::{OnFailure, RunState, StepState, WaitReason},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, Stuck},
    world::{World, until},
};

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_lets_the_others_go_on_and_can_be_tried_again() {
    for stuck in [
        Stuck::Refused,
        Stuck::Unauthorized,
        Stuck::CannotSee,
        Stuck::Lost,
        Stuck::NotYet(u32::MAX),
    ] {
        for step in ["database", "repository", "site"] {
            let when = format!("{stuck:?} at {step}");
            let world = World::new();
            let customer = world.customer().await;
            world.cloud.fault_always("mail", Fault::Refused);
            world.cloud.stick(step, stuck);
            let run = world.driven("first", &customer, OnFailure::Rollback).await;
            assert_eq!(run.state, RunState::Leftovers, "{when}");
            world.assert_told(&customer, &when).await;
            let expected: &[&str] = if step == "repository" {
                &["file", "repository"]
            } else {
                &[step]
            };
            assert_eq!(world.cloud.names(), expected, "{when}: the others are gone");
            let steps = world.store.steps(run.id).await.unwrap();
            let step_now = steps.iter().find(|row| row.id == step).unwrap();
            assert_eq!(step_now.state, StepState::Leftover, "{when}");
            assert!(step_now.error.is_some(), "{when}: it says why");

            world.cloud.loosen(step);
            let run = world.roll_back(&run, "first").await;
            assert_eq!(run.state, RunState::RolledBack, "{when}: tried again");
            assert_eq!(world.cloud.resources(), [], "{when}: tried again");
            let steps = world.store.steps(run.id).await.unwrap();
            let told: Vec<_> = steps
                .iter()
                .filter(|row| row.state == StepState::Leftover)
                .map(|row| &row.id)
                .collect();
            assert_eq!(told, [""; 0], "{when}: no step says that something is left");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_puts_it_off_is_waited_for() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    world.cloud.stick("database", Stuck::NotYet(20));
    let run = world.driven("first", &customer, OnFailure::Rollback).await;
    assert_eq!(run.state, RunState::RolledBack);
    assert_eq!(world.cloud.resources(), []);
}

#[tokio::test(start_paused = true)]
async fn without_a_network_a_rollback_waits_and_gives_nothing_up() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    world.cloud.stick("site", Stuck::Offline);
    let run = world.driven("first", &customer, OnFailure::Rollback).await;
    assert_eq!(
        (run.state, run.reason),
        (RunState::Waiting, Some(WaitReason::NotReadyYet))
    );
    let removed = world.cloud.removed();
    assert_eq!(
        removed,
        ["database"],
        "what must go after the site waits with it"
    );
    world.assert_told(&customer, "offline").await;
    let steps = world.store.steps(run.id).await.unwrap();
    let site = steps.iter().find(|step| step.id == "site").unwrap();
    assert!(site.error.is_some(), "it says why");
    assert_eq!(site.not_before, None, "who resumes it waits for nothing");
    world.cloud.loosen("site");
    let run = world.resume(&run, "first").await;
    assert_eq!(run.state, RunState::RolledBack);
    assert_eq!(world.cloud.resources(), []);
    let told = run.error.as_ref().map(|problem| &*problem.cause);
    assert!(
        matches!(told, Some(Cause::Refused { .. })),
        "what it failed at, not what it waited for: {told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_a_kill_cut_off_waits_for_the_rest_of_its_time() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    world.cloud.stick("site", Stuck::Lost);
    let (removal, lease) = world.begin_removal(&customer).await;
    let (engine, cancel) = (world.engine("first"), CancellationToken::new());
    let mut events = engine.events();
    let killed = async {
        // The half minute between the last tries.
        until(
            &mut events,
            |event| matches!(event.what, Happening::Retrying { in_ms, .. } if in_ms > 20_000),
        )
        .await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    };
    tokio::select! {
        run = engine.drive(&world.cloud, lease, &cancel) => panic!("it ended: {run:?}"),
        () = killed => {}
    }
    let site = async || {
        let mut steps = world.store.steps(removal.id).await.unwrap().into_iter();
        steps.find(|step| step.id == "site").unwrap()
    };
    let waits = site().await;
    assert_eq!(waits.state, StepState::Undoing);
    assert!(waits.error.is_some(), "it says why");
    let not_before = waits.not_before.unwrap();
    assert!(not_before > world.clock.now(), "it is told until when");

    world.cloud.loosen("site");
    let run = world.resume(&removal, "first").await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let gone = site().await;
    assert!(gone.finished_at.unwrap() >= not_before, "{gone:?}");
    assert_eq!((gone.not_before, gone.error), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_kill_gives_no_new_hour_to_what_a_vendor_puts_off() {
    // Taken on at once, or a day later.
    for (away, minutes) in [
        (Duration::ZERO, 15..30_u64),
        (Duration::from_hours(24), 10..20),
    ] {
        let world = World::new();
        let customer = world.customer().await;
        world.provision(&world.engine("first"), &customer).await;
        world.cloud.stick("database", Stuck::NotYet(u32::MAX));
        let (removal, lease) = world.begin_removal(&customer).await;
        let driving = world.drive("first", lease);
        let killed = tokio::time::timeout(Duration::from_mins(40), driving).await;
        assert!(killed.is_err(), "it was under way");
        tokio::time::sleep(away).await;
        let begun = world.clock.monotonic();
        let run = world.resume(&removal, "first").await;
        assert_eq!(run.state, RunState::Leftovers, "{:?}", run.error);
        let took = world.clock.monotonic().saturating_sub(begun);
        let took = took.as_secs() / 60;
        assert!(minutes.contains(&took), "{took} minutes after {away:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_answers_again_tells_no_more_what_it_failed_at() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    world.cloud.stick("site", Stuck::Lost);
    let (removal, lease) = world.begin_removal(&customer).await;
    let (engine, cancel) = (world.engine("first"), CancellationToken::new());
    let mut events = engine.events();
    let put_off = async {
        let retries = |event: &RunEvent| matches!(event.what, Happening::Retrying { .. });
        until(&mut events, retries).await;
        world.cloud.stick("site", Stuck::NotYet(3));
        let put_off = |event: &RunEvent| matches!(event.what, Happening::NotYet { .. });
        until(&mut events, put_off).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let steps = world.store.steps(removal.id).await.unwrap();
        steps.into_iter().find(|step| step.id == "site").unwrap()
    };
    let (run, site) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), put_off);
    assert_eq!(run.unwrap().state, RunState::Succeeded);
    assert_eq!(site.state, StepState::Undoing);
    assert_eq!((site.not_before, site.error), (None, None));
}
