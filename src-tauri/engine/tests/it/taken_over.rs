//! Taken over from a process that is gone, as every start does it: marked first, then taken. What that process
//! may still have sent is waited for.

use std::time::Duration;

use fabrik_domain::run::{OnFailure, RunState};

use crate::{
    cloud::Fault,
    world::{World, settling, until},
};

#[tokio::test(start_paused = true)]
async fn a_sleepers_late_call_is_found_and_not_made_again() {
    for back in [false, true] {
        let world = World::new();
        let customer = world.customer().await;
        let (run, lease) = world.begin("asleep", &customer, OnFailure::Keep).await;
        world.cloud.fault_once("database", Fault::LostBefore);
        world
            .killed_when("asleep", lease, "database", settling)
            .await;
        // It wakes right after its lease has ended, with another call on its way.
        world.cloud.make_in("database", 94);
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert!(world.marked(&run, None).await, "its lease has ended");
        // The next one is killed before it has written anything.
        let second = world.engine("second");
        let taken = second.take(run.id, None).await.unwrap();
        assert!(taken.sent_until.is_some(), "back: {back}");
        assert!(
            !world.marked(&run, Some("second")).await,
            "it is interrupted already"
        );
        if back {
            let run = world.roll_back(&run, "second").await;
            assert_eq!(run.state, RunState::RolledBack);
            tokio::time::sleep(Duration::from_mins(3)).await;
            assert_eq!(world.cloud.resources(), [], "what came late is gone too");
        } else {
            let run = world.resume(&run, "second").await;
            tokio::time::sleep(Duration::from_mins(3)).await;
            world.assert_whole(&run, "after a sleep").await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_known_to_be_dead_is_not_waited_for_as_a_sleeper() {
    let world = World::new();
    let customer = world.customer().await;
    let (run, lease) = world.begin("first", &customer, OnFailure::Keep).await;
    world.cloud.fault_once("database", Fault::LostBefore);
    world
        .killed_when("first", lease, "database", settling)
        .await;
    assert!(world.marked(&run, Some("first")).await);
    let before = tokio::time::Instant::now();
    let run = world.resume(&run, "first").await;
    world.assert_whole(&run, "after a kill").await;
    let took = before.elapsed().as_secs();
    assert!(took < 40, "its own window is enough, not {took} s");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_stands_still_is_not_woken() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("repository", Fault::Unauthorized);
    let run = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(run.state, RunState::Waiting);
    assert!(!world.marked(&run, Some("first")).await);
    let now = world.store.run(run.id).await.unwrap();
    assert_eq!((now.state, now.reason), (run.state, run.reason));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_while_going_back_neither_ends_nor_holds_the_window() {
    for by in [3_600, 86_400, -86_400] {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_once("database", Fault::LateBy(8));
        let (run, lease) = world.begin("first", &customer, OnFailure::Keep).await;
        world
            .killed_when("first", lease, "database", settling)
            .await;
        assert!(world.marked(&run, Some("first")).await);
        let engine = world.engine("second");
        let lease = engine.take_back(run.id, None).await.unwrap();
        let mut events = engine.events();
        let cancel = tokio_util::sync::CancellationToken::new();
        let set = async {
            until(&mut events, |event| settling(&event.what)).await;
            world.clock.set(by);
        };
        let before = tokio::time::Instant::now();
        let (run, ()) = tokio::join!(engine.roll_back(&world.cloud, lease, &cancel), set);
        assert_eq!(run.unwrap().state, RunState::RolledBack, "set by {by} s");
        let took = before.elapsed();
        assert!(took < Duration::from_mins(10), "set by {by} s: {took:?}");
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(world.cloud.resources(), [], "set by {by} s");
    }
}
