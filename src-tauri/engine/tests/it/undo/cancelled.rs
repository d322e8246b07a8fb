//! A run that its owner cancels, by its policy or to keep what it made.

use std::{cell::Cell, pin::pin};

use fabrik_domain::{
    event::Happening,
    run::{OnFailure, RunState, WaitReason},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, Stuck},
    world::{World, at_every_point, polled, until},
};

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
async fn what_a_cancelled_run_waited_for_on_its_way_back_is_not_why_it_ended() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.stick("database", Stuck::Offline);
    let (run, lease) = world.begin("first", &customer, OnFailure::Rollback).await;
    let engine = world.engine("first");
    let mut events = engine.events();
    let cancel = CancellationToken::new();
    let stop = async {
        until(&mut events, |event| {
            event.step.as_deref() == Some("database")
                && matches!(event.what, Happening::Created { .. })
        })
        .await;
        let asked = world.store.request_cancel(run.id, false, World::audit());
        asked.await.unwrap();
    };
    let (waits, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
    let waits = waits.unwrap();
    assert_eq!(
        (waits.state, waits.reason),
        (RunState::Waiting, Some(WaitReason::NotReadyYet))
    );
    assert!(waits.error.is_some(), "it says for what");
    world.cloud.loosen("database");
    let run = world.resume(&waits, "first").await;
    assert_eq!(run.state, RunState::RolledBack);
    assert_eq!(run.error, None, "nothing has failed");
    assert_eq!(world.cloud.resources(), []);
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
