//! Back: what a run made is taken away again, whatever is killed or refused meanwhile, and nothing else.

use std::{cell::Cell, collections::BTreeMap, pin::pin, time::Duration};

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    customer::{Customer, CustomerStatus},
    event::{Happening, RunEvent},
    ports::Clock,
    resource::{Origin, Resource, ResourceState},
    run::{Decision, Fate, OnFailure, Run, RunState, StepState, WaitReason},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, Stuck, snapshot, step},
    world::{World, at_every_point, polled, until},
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
async fn a_run_that_was_rolled_back_uses_nothing_any_more() {
    let (world, customer, first) = World::with_a_failed_run().await;
    // The second adopts everything, and fails where the first did.
    let second = world.driven("second", &customer, OnFailure::Rollback).await;
    assert_eq!(second.state, RunState::RolledBack);
    let first = world.taken_back(&first).await;
    assert_eq!(first.state, RunState::RolledBack, "{:?}", first.error);
    assert_eq!(world.cloud.resources(), []);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_a_later_one_lives_on_is_not_taken_back_whatever_the_clocks_said() {
    // Where the file was made again, the first one's lies in what the later run uses.
    for remade in [false, true] {
        let (world, customer, first) = World::with_a_failed_run().await;
        if remade {
            let file = world.row(&customer, "file").await;
            world.cloud.remove(&file.id);
        }
        world.cloud.mend("mail");
        world.clock.set(-3600);
        let engine = world.engine("second");
        let second = world.provision(&engine, &customer).await;
        assert_eq!(second.state, RunState::Succeeded);
        let before = world.rows(&customer).await;
        let expected = Cause::RunSuperseded {
            run: first.id,
            number: second.number,
        };
        let refused = engine.take_back(first.id, None).await.unwrap_err();
        assert_eq!(*refused.cause, expected, "made again: {remade}");
        let refused = engine.let_go(first.id, "site", "test", None).await;
        assert_eq!(*refused.unwrap_err().cause, expected);
        let now = world.store.run(first.id).await.unwrap();
        assert_eq!(now.state, RunState::Failed, "it stands as it did");
        let told = engine.taken_over_by(&now).await.unwrap();
        assert_eq!(told, Some(second.number), "who looks at it is told before");
        assert_eq!(world.rows(&customer).await, before, "nothing is left over");
        world.cloud.assert_one_of_each("a later run lives on it");
        let (_, lease) = world.begin_removal(&customer).await;
        let removal = world.drive("first", lease).await;
        assert_eq!(removal.state, RunState::Succeeded, "{:?}", removal.error);
        assert_eq!(world.cloud.names(), ["mail"], "and it is removed whole");
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_later_run_uses_goes_and_what_one_uses_is_not_let_go() {
    for stuck in [false, true] {
        let world = World::new();
        let customer = world.customer().await;
        let mut begun = snapshot(customer.clone());
        let address = step("address", StepKind::CustomDomain, &["site"]);
        begun.blueprint.steps.insert(4, address);
        begun.blueprint.steps[5].needs.push("address".to_owned());
        world.cloud.fault_always("mail", Fault::Refused);
        let engine = world.engine("first");
        let (first, lease) = engine
            .begin(&world.cloud, begun, OnFailure::Keep, "test")
            .await
            .unwrap();
        assert_eq!(world.drive("first", lease).await.state, RunState::Failed);
        world.cloud.mend("mail");
        // It has no address.
        let second = world.provision(&engine, &customer).await;
        assert_eq!(second.state, RunState::Succeeded);
        if stuck {
            world.cloud.stick("address", Stuck::Refused);
        }
        let run = world.taken_back(&first).await;
        assert_eq!(run.state, RunState::Leftovers);
        if stuck {
            for name in ["site", "file"] {
                let refused = engine.let_go(first.id, name, "test", None).await;
                let expected = Cause::UsedByLaterRun {
                    name: name.to_owned(),
                    number: second.number,
                };
                assert_eq!(*refused.unwrap_err().cause, expected);
            }
            let address = engine.let_go(first.id, "address", "test", None).await;
            assert_eq!(address.unwrap().state, RunState::Leftovers);
        } else {
            assert_eq!(world.cloud.removed(), ["address"]);
            world
                .cloud
                .assert_one_of_each("the rest is the later run's");
        }
        let refused = engine.take_back(first.id, None).await.unwrap_err();
        assert!(
            matches!(*refused.cause, Cause::RunSuperseded { .. }),
            "nothing more can be taken back: {refused}"
        );
        let (_, lease) = world.begin_removal(&customer).await;
        let removal = world.drive("first", lease).await;
        assert_eq!(removal.state, RunState::Succeeded, "{:?}", removal.error);
        assert_eq!(world.cloud.names(), ["mail"], "all that stood is removed");
    }
}

/// As after a mend of the blueprint.
#[tokio::test(start_paused = true)]
async fn what_a_later_run_uses_stays_whatever_its_step_is_called_by_then() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.mark("site");
    world.cloud.mark("address");
    let mut wanted = snapshot(customer.clone());
    let address = step("address", StepKind::CustomDomain, &["site"]);
    wanted.blueprint.steps.insert(4, address);
    wanted.blueprint.steps[5].needs.push("address".to_owned());
    world.cloud.fault_always("mail", Fault::Refused);
    let engine = world.engine("first");
    let begin = engine.begin(&world.cloud, wanted, OnFailure::Keep, "test");
    let (first, lease) = begin.await.unwrap();
    assert_eq!(world.drive("first", lease).await.state, RunState::Failed);

    let mut wanted = snapshot(customer.clone());
    wanted.blueprint.steps = vec![
        step("site", StepKind::VercelProject, &[]),
        step("domain", StepKind::CustomDomain, &["site"]),
    ];
    let begin = engine.begin(&world.cloud, wanted, OnFailure::Keep, "test");
    let (_, lease) = begin.await.unwrap();
    let second = world.drive("first", lease).await;
    assert_eq!(second.state, RunState::Succeeded, "{:?}", second.error);
    let (address, domain) = (
        world.row(&customer, "address").await,
        world.row(&customer, "domain").await,
    );
    assert_eq!((&domain.id, domain.origin), (&address.id, Origin::Adopted));

    let run = world.taken_back(&first).await;
    assert_eq!(run.state, RunState::Leftovers);
    assert_eq!(world.cloud.names(), ["address", "site"]);
    let (_, lease) = world.begin_removal(&customer).await;
    let removal = world.drive("first", lease).await;
    assert_eq!(removal.state, RunState::Succeeded, "{:?}", removal.error);
    assert_eq!(world.cloud.resources(), [], "and goes with the instance");
}

#[tokio::test(start_paused = true)]
async fn what_was_adopted_or_is_anothers_stays() {
    let world = World::new();
    let customer = world.customer().await;
    let first = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(first.state, RunState::Succeeded);
    // Everything is there by the first run but the site, whose step fails in the second.
    let site = world.row(&customer, "site").await;
    world.cloud.remove(&site.id);
    world.cloud.fault_always("site", Fault::Refused);
    let before = world.cloud.resources();
    let run = world.driven("second", &customer, OnFailure::Rollback).await;
    assert_eq!(run.state, RunState::RolledBack);
    assert_eq!(
        world.cloud.resources(),
        before,
        "what the first run made stays"
    );
    assert!(
        world.cloud.removed().is_empty(),
        "no call took anything away"
    );
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
async fn a_cancel_follows_the_policy_and_an_interruption_does_not() {
    for (asked, keep, on_failure, expected) in [
        (true, false, OnFailure::Rollback, RunState::RolledBack),
        (true, false, OnFailure::Keep, RunState::Cancelled),
        (true, true, OnFailure::Rollback, RunState::Cancelled),
        (false, false, OnFailure::Rollback, RunState::Cancelled),
    ] {
        let world = World::new();
        let customer = world.customer().await;
        let (run, lease) = world.begin("first", &customer, on_failure).await;
        let engine = world.engine("first");
        let mut events = engine.events();
        let cancel = CancellationToken::new();
        let stop = async {
            until(&mut events, |event| {
                matches!(event.what, Happening::Created { .. })
            })
            .await;
            if asked {
                world
                    .store
                    .request_cancel(run.id, keep, World::audit())
                    .await
                    .unwrap();
            } else {
                cancel.cancel();
            }
        };
        let (run, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
        let run = run.unwrap();
        assert_eq!(
            run.state, expected,
            "asked: {asked}, to keep: {keep}, {on_failure:?}"
        );
        world.assert_told(&customer, &format!("{expected:?}")).await;
        if expected == RunState::Cancelled {
            let run = world.resume(&run, "first").await;
            world.assert_whole(&run, "resumed").await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_keep_what_a_run_made_is_kept_wherever_it_is_taken() {
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    at_every_point(async |polls| {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_always("mail", Fault::Refused);
        let (run, lease) = world.begin("first", &customer, OnFailure::Rollback).await;
        let (engine, cancel) = (world.engine("first"), CancellationToken::new());
        let mut driven = pin!(engine.drive(&world.cloud, lease, &cancel));
        if polled(polls, driven.as_mut()).await.is_some() {
            return true;
        }
        let asked = world.store.request_cancel(run.id, true, World::audit());
        let asked = asked.await;
        let run = driven.await.unwrap();
        let when = format!("cancelled after {polls} polls: {asked:?}, {:?}", run.error);
        if asked.is_ok() {
            taken.set(taken.get() + 1);
            let stands = matches!(run.state, RunState::Cancelled | RunState::Failed);
            assert!(stands, "{when}: {:?}", run.state);
            assert_eq!(run.undo_began_at, None, "{when}");
            world.assert_told(&customer, &when).await;
        } else {
            refused.set(refused.get() + 1);
            assert_eq!(run.state, RunState::RolledBack, "{when}");
        }
        false
    })
    .await;
    assert!(
        taken.get() > 30 && refused.get() > 10,
        "{taken:?} and {refused:?}"
    );
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

/// A run whose call came true while somebody made another of its name: what it is to have is ours, and the other one.
async fn asked_which(world: &World, customer: &Customer) -> (Run, [String; 2]) {
    world.cloud.fault_once("database", Fault::Late);
    let (_, lease) = world.begin("first", customer, OnFailure::Rollback).await;
    let engine = world.engine("first");
    let mut events = engine.events();
    let cancel = CancellationToken::new();
    let rival = async {
        until(&mut events, |event| {
            matches!(event.what, Happening::Settling { .. })
        })
        .await;
        // Two of the name appear between two looks.
        tokio::time::sleep(Duration::from_millis(2990)).await;
        world.cloud.put_look_alike("database")
    };
    let (ended, other) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), rival);
    let ended = ended.unwrap();
    assert_asks(&ended);
    let ours = world.cloud.resources().into_iter();
    let ours = ours.filter(|(name, id)| name == "database" && *id != other);
    let ours = ours.map(|(_, id)| id).next().unwrap();
    (ended, [ours, other])
}

fn assert_asks(run: &Run) {
    assert_eq!(
        (run.state, run.reason),
        (RunState::Waiting, Some(WaitReason::NeedsDecision)),
        "{:?}",
        run.error
    );
}

#[tokio::test(start_paused = true)]
async fn what_only_the_owner_can_tell_waits_for_the_owner() {
    for adopts in [true, false] {
        let world = World::new();
        let customer = world.customer().await;
        let (run, [ours, other]) = asked_which(&world, &customer).await;
        let engine = world.engine("first");
        let cancel = CancellationToken::new();
        let unknown = engine
            .decide(
                run.id,
                "database",
                Decision::Adopt {
                    id: "nobody's".to_owned(),
                },
                None,
            )
            .await
            .unwrap_err();
        assert!(
            matches!(*unknown.cause, Cause::CandidateUnknown { .. }),
            "{unknown}"
        );
        let decision = if adopts {
            Decision::Adopt { id: ours.clone() }
        } else {
            Decision::New
        };
        let lease = engine
            .decide(run.id, "database", decision, None)
            .await
            .unwrap();
        let run = engine.drive(&world.cloud, lease, &cancel).await.unwrap();
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        let row = world.row(&customer, "database").await;
        if adopts {
            assert_eq!((&row.id, row.origin), (&ours, Origin::Adopted));
        } else {
            assert!(row.id != ours && row.id != other, "another was made");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_one_that_is_left_of_several_is_not_ours_by_that() {
    let world = World::new();
    let customer = world.customer().await;
    let (run, [ours, other]) = asked_which(&world, &customer).await;
    // The owner knew which was whose, and took the wrong way out.
    world.cloud.remove(&ours);
    assert_asks(&world.resume(&run, "first").await);
    for round in ["going back", "tried again"] {
        let run = world.roll_back(&run, "first").await;
        assert_eq!(run.state, RunState::Leftovers, "{round}: {:?}", run.error);
        let there = world.cloud.resources();
        assert!(
            there.iter().any(|(_, id)| *id == other),
            "{round}: somebody else's stands"
        );
    }
}
