//! A failed run is rolled back: in which order, wherever it is killed, and up to where.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    customer::CustomerStatus,
    event::Happening,
    resource::{Resource, ResourceState},
    run::{Fate, OnFailure, RunState, StepState, WaitReason},
};

use crate::{
    cloud::{Fault, Stuck, snapshot, step},
    world::{World, at_every_point},
};

#[tokio::test(start_paused = true)]
async fn a_failed_run_is_rolled_back_in_reverse_order() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    let run = world.driven("first", &customer, OnFailure::Rollback).await;
    assert_eq!(run.state, RunState::RolledBack);
    assert!(run.error.is_some(), "it says what failed");
    assert_eq!(world.cloud.resources(), [], "nothing is left");
    let removed = world.cloud.removed();
    let place = |name: &str| removed.iter().position(|removed| removed == name);
    assert!(place("site") < place("repository"), "{removed:?}");
    assert_eq!(place("file"), None, "the file goes with its repository");
    let rows = world.rows(&customer).await;
    assert!(
        rows.iter().all(|row| row.state == ResourceState::Removed),
        "{rows:?}"
    );
    let steps = world.store.steps(run.id).await.unwrap();
    let states: BTreeMap<_, _> = steps
        .iter()
        .map(|step| (step.id.as_str(), step.state))
        .collect();
    for step in ["database", "repository", "file", "site"] {
        assert_eq!(states[step], StepState::Undone, "{step}");
    }
    // And the customer can have another.
    world.cloud.mend("mail");
    let again = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(again.state, RunState::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_point_of_a_run_that_fails_nothing_is_left() {
    let polls = at_every_point(async |polls| {
        let world = World::new();
        let customer = world.customer().await;
        // Of a name like ours, and not ours.
        let other = world.cloud.put_look_alike("somebody's");
        world.cloud.fault_always("mail", Fault::Refused);
        let (run, lease) = world.begin("first", &customer, OnFailure::Rollback).await;
        let ended = world.drive_for(polls, "first", lease).await;
        let by_itself = ended.is_some();
        let run = match ended {
            Some(run) => run,
            None => world.resume(&run, "first").await,
        };
        let when = format!("killed after {polls} polls");
        let rows = world.rows(&customer).await;
        let may_be_told =
            |row: &Resource| row.step == "mail" && row.state == ResourceState::Intended;
        let run = if rows.iter().any(may_be_told) {
            assert_eq!(
                run.state,
                RunState::Failed,
                "{when}: that is the owner's to undo"
            );
            world.roll_back(&run, "first").await
        } else {
            run
        };
        assert_eq!(run.state, RunState::RolledBack, "{when}");
        assert_eq!(
            world.cloud.resources(),
            [("somebody's".to_owned(), other)],
            "{when}: what isn't ours stays, nothing else"
        );
        by_itself
    })
    .await;
    assert!(polls > 60, "the run was killed at many points, not {polls}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_settled_before_it_is_undone() {
    for (fault, step) in [
        (Fault::LostAfter, "site"),
        (Fault::Late, "site"),
        (Fault::LostBefore, "site"),
        (Fault::Late, "database"),
    ] {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_once(step, fault);
        let (run, lease) = world.begin("first", &customer, OnFailure::Keep).await;
        // Killed as soon as it doesn't know.
        let settling = |what: &Happening| *what == Happening::Settling { at_most_ms: 10_000 };
        world.killed_when("first", lease, step, settling).await;
        let run = world.roll_back(&run, "first").await;
        assert_eq!(run.state, RunState::RolledBack, "{fault:?} at {step}");
        // What comes late comes within the window.
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(world.cloud.resources(), [], "{fault:?} at {step}");
        world
            .assert_told(&customer, &format!("{fault:?} at {step}"))
            .await;
    }
}

/// As a domain before its project: it has an undo of its own, and is gone with the project all the same.
#[tokio::test(start_paused = true)]
async fn what_goes_before_its_parent_goes_with_it_where_it_could_not_go_before() {
    for stuck in [None, Some(Stuck::Refused), Some(Stuck::Lost)] {
        let when = format!("{stuck:?}");
        let world = World::new();
        let customer = world.customer().await;
        let mut begun = snapshot(customer.clone());
        let address = step("address", StepKind::CustomDomain, &["site"]);
        begun.blueprint.steps.push(address);
        world.cloud.fault_always("mail", Fault::Refused);
        if let Some(stuck) = stuck {
            world.cloud.stick("address", stuck);
        }
        let engine = world.engine("first");
        let (_, lease) = engine
            .begin(&world.cloud, begun, OnFailure::Rollback, "test")
            .await
            .unwrap();
        let run = world.drive("first", lease).await;
        assert_eq!(run.state, RunState::RolledBack, "{when}");
        assert_eq!(world.cloud.resources(), [], "{when}");
        world.assert_told(&customer, &when).await;
        let steps = world.store.steps(run.id).await.unwrap();
        let address = steps.iter().find(|step| step.id == "address").unwrap();
        assert_eq!(address.state, StepState::Undone, "{when}");
        assert_eq!(address.error, None, "{when}: nothing is wrong any more");
        let removed = world.cloud.removed();
        let place = |name: &str| removed.iter().position(|removed| removed == name);
        match stuck {
            None => assert!(place("address") < place("site"), "{when}: {removed:?}"),
            Some(_) => assert_eq!(place("address"), None, "{when}: with its site"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_version_began_waits_for_that_version() {
    let (world, _, run) = World::with_a_failed_run().await;
    let before = world.cloud.resources();
    world.cloud.rewrite();
    let run = world.taken_back(&run).await;
    assert_eq!(
        (run.state, run.reason),
        (RunState::Waiting, Some(WaitReason::NeedsVersion))
    );
    assert_eq!(world.cloud.resources(), before, "nothing is touched");
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_was_sent_ends_all_rolling_back() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("end", Fault::Refused);
    let mut begun = snapshot(customer.clone());
    let end = step("end", StepKind::Finalize, &["mail"]);
    begun.blueprint.steps.push(end);
    let engine = world.engine("first");
    let (_, lease) = engine
        .begin(&world.cloud, begun, OnFailure::Rollback, "test")
        .await
        .unwrap();
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Failed, "the customer has been told");
    world.cloud.assert_one_of_each("after the mail");
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_for_twice_is_taken_back_once_both_can_have_come_true() {
    for (fault, waits) in [(None, false), (Some(Fault::LostAfter), true)] {
        let world = World::new();
        let customer = world.customer().await;
        // A repetition changes nothing, so nothing is waited out before it.
        world.cloud.key("site");
        world.cloud.fault_always("mail", Fault::Refused);
        if let Some(fault) = fault {
            world.cloud.fault_once("site", fault);
        }
        let begun = tokio::time::Instant::now();
        let run = world.driven("first", &customer, OnFailure::Rollback).await;
        assert_eq!(run.state, RunState::RolledBack, "{fault:?}");
        assert_eq!(
            begun.elapsed() >= Duration::from_secs(45),
            waits,
            "{fault:?}: {:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_succeeded_is_not_rolled_back_but_its_instance_can_be_removed() {
    let world = World::new();
    let customer = world.customer().await;
    let first = world.provision(&world.engine("first"), &customer).await;
    let engine = world.engine("first");
    let refused = engine.take_back(first.id, None).await.unwrap_err();
    assert!(
        matches!(*refused.cause, Cause::RunSucceeded { .. }),
        "{refused}"
    );

    let plan = engine
        .removal_plan(&world.cloud, &customer, &BTreeMap::new())
        .await
        .unwrap();
    let fates: BTreeMap<_, _> = plan
        .resources
        .iter()
        .map(|planned| (planned.resource.name.as_str(), planned.fate.clone()))
        .collect();
    assert_eq!(fates["mail"], Fate::Sent);
    assert_eq!(
        fates["file"],
        Fate::Covered {
            by: "repository".to_owned()
        }
    );
    assert_eq!(fates["site"], Fate::Removed);
    let order: Vec<_> = plan
        .resources
        .iter()
        .map(|planned| planned.resource.name.as_str())
        .collect();
    let place = |name: &str| order.iter().position(|other| *other == name);
    assert!(place("site") < place("repository"), "{order:?}");

    let (removal, lease) = engine
        .begin_removal(customer.clone(), BTreeMap::new(), "test")
        .await
        .unwrap();
    // Killed in the middle, it goes on.
    let killed = world.drive_for(12, "first", lease).await;
    assert!(killed.is_none(), "it takes more than that");
    let run = world.resume(&removal, "first").await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    assert_eq!(world.cloud.names(), ["mail"], "only what was sent stays");
    let customer = world.store.customer(customer.id).await.unwrap();
    assert_eq!(customer.status, CustomerStatus::Inactive);
    let nothing = world
        .engine("second")
        .begin_removal(customer.clone(), BTreeMap::new(), "test")
        .await
        .unwrap_err();
    assert!(
        matches!(*nothing.cause, Cause::NothingToRemove { .. }),
        "{nothing}"
    );
    // And it can be provisioned anew, and the customer is told of the new one.
    let again = world.provision(&world.engine("third"), &customer).await;
    assert_eq!(again.state, RunState::Succeeded);
    let mails = world.cloud.resources();
    let mails = mails.iter().filter(|(name, _)| name == "mail").count();
    assert_eq!(mails, 2, "one for each instance");
}
