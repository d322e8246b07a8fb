//! Which of several of the name is ours: only the owner can tell.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    customer::Customer,
    resource::Origin,
    run::{Decision, OnFailure, Run, RunState, WaitReason},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::Fault,
    world::{World, settling, until},
};

/// A run whose call came true while somebody made another of its name: what it is to have is ours, and the other one.
async fn asked_which(world: &World, customer: &Customer) -> (Run, [String; 2]) {
    world.cloud.fault_once("database", Fault::Late);
    let (_, lease) = world.begin("first", customer, OnFailure::Rollback).await;
    let engine = world.engine("first");
    let mut events = engine.events();
    let cancel = CancellationToken::new();
    let rival = async {
        until(&mut events, |event| settling(&event.what)).await;
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
