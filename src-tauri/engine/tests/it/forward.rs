//! Forward: killed at every point where it waits, answers lost, calls refused; then resumed. The cloud may
//! never hold anything twice, nor lack anything.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    event::Happening,
    ports::Clock,
    resource::Origin,
    run::{Action, OnFailure, Run, RunState, StepState, WaitReason},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, snapshot},
    world::{World, at_every_point, until},
};

#[tokio::test(start_paused = true)]
async fn killed_at_every_point_it_goes_on_without_a_duplicate() {
    let polls = at_every_point(async |polls| {
        let world = World::new();
        let customer = world.customer().await;
        let (run, lease) = world.begin("first", &customer, OnFailure::Keep).await;
        let ended = world.drive_for(polls, "first", lease).await;
        let by_itself = ended.is_some();
        let run = match ended {
            Some(run) => run,
            None => world.resume(&run, "first").await,
        };
        world
            .assert_whole(&run, &format!("killed after {polls} polls"))
            .await;
        by_itself
    })
    .await;
    assert!(polls > 40, "the run was killed at many points, not {polls}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_again() {
    for fault in [Fault::LostAfter, Fault::LostBefore, Fault::Late] {
        for step in ["database", "repository", "site", "mail"] {
            let world = World::new();
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
    let world = World::new();
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
    let world = World::new();
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
        let world = World::new();
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

/// Of its minute: the vendor wants to be left alone for longer, and the next answer is that it comes up.
#[tokio::test(start_paused = true)]
async fn what_a_vendor_puts_off_is_not_waited_for_what_it_makes() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.ask_too_often("database", 90);
    let before = world.clock.now();
    let run = world.provision(&world.engine("first"), &customer).await;
    world.assert_whole(&run, "asked too often").await;
    let took = world.clock.now().duration_since(before).as_secs();
    assert!(took >= 90, "it waited until told, not {took} s");
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
async fn nothing_is_tried_for_ever() {
    for (fault, expected) in [
        // Without a network nothing is wrong with the step: somebody has to look.
        (
            Fault::NotSent,
            (RunState::Waiting, Some(WaitReason::NotReadyYet)),
        ),
        (Fault::LostBefore, (RunState::Failed, None)),
    ] {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_always("repository", fault);
        let run = world.provision(&world.engine("first"), &customer).await;
        assert_eq!((run.state, run.reason), expected, "{fault:?}");
        let cause = run.error.map(|problem| *problem.cause);
        assert!(
            !matches!(cause, Some(Cause::DeadlinePassed { .. })),
            "{fault:?}: it says what stands in the way: {cause:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_try_is_told_by_its_number() {
    let making = World::new();
    making.cloud.fault_always("repository", Fault::NotSent);
    let asking = World::new();
    asking.cloud.silence("repository");
    for (world, what) in [(making, "what makes it"), (asking, "whether it is ready")] {
        let customer = world.customer().await;
        let run = world.provision(&world.engine("first"), &customer).await;
        let events = world.store.events_since(run.id, 0).await.unwrap();
        let tries = events.into_iter().filter_map(|event| match event.what {
            Happening::Retrying { attempt, .. } => Some(attempt),
            _ => None,
        });
        let tries: Vec<_> = tries.collect();
        assert!(tries.len() > 2, "{what}: {tries:?}");
        assert!(
            tries.iter().copied().eq((2..).take(tries.len())),
            "{what}: {tries:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_run_adopts_everything_and_makes_nothing() {
    let world = World::new();
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
    let rows = world.rows(&customer).await;
    assert!(
        rows.iter()
            .filter(|row| row.run == second.id)
            .all(|row| row.origin == Origin::Adopted)
    );
}

#[tokio::test(start_paused = true)]
async fn something_foreign_of_the_same_name_is_a_conflict() {
    let world = World::new();
    let begun = snapshot(world.customer().await);
    let (engine, usual) = (world.engine("first"), BTreeMap::new());
    let free = engine.plan(&world.cloud, &begun, &usual).await.unwrap();
    world.cloud.put_foreign("repository");
    let plan = engine.plan(&world.cloud, &begun, &usual).await.unwrap();
    assert!(!plan.can_run);
    let sooner = free.expected_seconds - plan.expected_seconds;
    assert!(
        sooner.abs() < 1e-9,
        "it takes as long once that is out of the way, not {sooner} s less"
    );
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
async fn what_a_team_that_is_not_seen_brings_about_is_not_told_beside_it() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.hide_team("site");
    let plan = world
        .engine("first")
        .plan(&world.cloud, &snapshot(customer), &BTreeMap::new())
        .await
        .unwrap();
    let site = plan.steps.iter().find(|step| step.id == "site").unwrap();
    assert_eq!(site.action, Action::Blocked);
    assert_eq!(site.because.as_slice(), plan.missing);
    let codes: Vec<_> = plan.missing.iter().map(Problem::code).collect();
    assert_eq!(codes, ["team_not_visible"]);
}

#[tokio::test(start_paused = true)]
async fn a_cancel_stops_between_calls_and_can_be_resumed() {
    let world = World::new();
    let customer = world.customer().await;
    let (_, lease) = world.begin("first", &customer, OnFailure::Keep).await;
    let engine = world.engine("first");
    let cancel = CancellationToken::new();
    let mut events = engine.events();
    let stop = async {
        // As soon as something exists.
        until(&mut events, |event| {
            matches!(event.what, Happening::Created { .. })
        })
        .await;
        cancel.cancel();
    };
    let (run, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
    let run = run.unwrap();
    assert_eq!(run.state, RunState::Cancelled);
    let run = world.resume(&run, "first").await;
    world.assert_whole(&run, "resumed after a cancel").await;
}

#[tokio::test(start_paused = true)]
async fn events_have_growing_numbers_across_a_resume() {
    let world = World::new();
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
