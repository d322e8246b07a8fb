//! A removal that its owner stops: it ends where it stands, and tells what is gone by then.

use fabrik_domain::{
    Cause,
    event::Happening,
    resource::ResourceState,
    run::{Run, RunState, StepState},
};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::Stuck,
    world::{World, until},
};

impl World {
    async fn ask_to_cancel(&self, run: &Run) {
        let asked = self.store.request_cancel(run.id, false, Self::audit());
        asked.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_ends_a_removal_where_it_stands() {
    // Asked for while it is driven, or after it was halted.
    for driven in [true, false] {
        let world = World::new();
        let customer = world.customer().await;
        world.provision(&world.engine("first"), &customer).await;
        let (removal, lease) = world.begin_removal(&customer).await;
        let engine = world.engine("first");
        let mut events = engine.events();
        let cancel = CancellationToken::new();
        world.cloud.stick("site", Stuck::NotYet(2));
        let stop = async {
            until(&mut events, |event| {
                matches!(event.what, Happening::Removed { .. })
            })
            .await;
            if driven {
                world.ask_to_cancel(&removal).await;
            } else {
                cancel.cancel();
            }
        };
        let (run, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
        let mut run = run.unwrap();
        let there = world.cloud.resources();
        if !driven {
            assert_eq!(run.state, RunState::Interrupted, "it was not asked for");
            world.ask_to_cancel(&removal).await;
            let lease = engine.take(removal.id, None).await.unwrap();
            run = world.drive("first", lease).await;
        }
        assert_eq!(run.state, RunState::Cancelled, "driven: {driven}");
        assert!(there.len() > 1, "there was more to take away");
        assert_eq!(world.cloud.resources(), there, "and nothing more was");
        world.assert_told(&customer, "cancelled").await;
        let steps = world.store.steps(run.id).await.unwrap();
        assert!(
            steps.iter().all(|step| step.state != StepState::Undoing),
            "nobody is at work on it: {steps:?}"
        );
        // It is over: a new run may begin, after which the removal can't be taken on again.
        let again = world.provision(&world.engine("first"), &customer).await;
        assert_eq!(again.state, RunState::Succeeded, "{:?}", again.error);
        for taken in [
            engine.take(removal.id, None).await,
            engine.take_back(removal.id, None).await,
        ] {
            let refused = taken.unwrap_err();
            assert!(
                matches!(*refused.cause, Cause::RunSuperseded { .. }),
                "it would remove the new one: {refused}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_removal_cancelled_between_two_tries_tells_of_no_try() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    world.cloud.stick("site", Stuck::Lost);
    let (removal, lease) = world.begin_removal(&customer).await;
    let engine = world.engine("first");
    let mut events = engine.events();
    let cancel = CancellationToken::new();
    let stop = async {
        until(&mut events, |event| {
            matches!(event.what, Happening::Retrying { .. })
        })
        .await;
        world.ask_to_cancel(&removal).await;
    };
    let (run, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
    assert_eq!(run.unwrap().state, RunState::Cancelled);
    let steps = world.store.steps(removal.id).await.unwrap();
    let site = steps.iter().find(|step| step.id == "site").unwrap();
    assert_eq!(site.state, StepState::Pending);
    assert_eq!((site.not_before, &site.error), (None, &None));
}

#[tokio::test(start_paused = true)]
async fn what_went_with_something_is_told_gone_where_the_removal_is_stopped_too() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    let (removal, lease) = world.begin_removal(&customer).await;
    // It is still at work on the database when the repository goes, and its file with it.
    world.cloud.stick("database", Stuck::NotYet(u32::MAX));
    let engine = world.engine("first");
    let mut events = engine.events();
    let cancel = CancellationToken::new();
    let stop = async {
        until(
            &mut events,
            |event| matches!(&event.what, Happening::Removed { name, .. } if name == "repository"),
        )
        .await;
        cancel.cancel();
    };
    let (run, ()) = tokio::join!(engine.drive(&world.cloud, lease, &cancel), stop);
    assert_eq!(run.unwrap().state, RunState::Interrupted);
    assert_eq!(world.cloud.names(), ["database", "mail"]);
    let file = world.row(&customer, "file").await;
    assert_eq!(file.state, ResourceState::Removed);
    world.assert_told(&customer, "stopped").await;
    let steps = world.store.steps(removal.id).await.unwrap();
    let file = steps.iter().find(|step| step.id == "file").unwrap();
    assert_eq!(file.state, StepState::Undone);
    // And the rest goes when it is taken on again.
    world.cloud.loosen("database");
    let run = world.resume(&removal, "first").await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    assert_eq!(world.cloud.names(), ["mail"], "only what was sent stays");
}
