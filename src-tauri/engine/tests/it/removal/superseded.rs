//! What is not taken on again: a run that a later one took over, and one by an earlier subdomain.

use fabrik_domain::{
    Cause,
    customer::CustomerPatch,
    run::{OnFailure, RunState},
};

use crate::{cloud::Fault, world::World};

#[tokio::test(start_paused = true)]
async fn a_run_is_not_resumed_once_what_it_left_is_gone_or_taken_over() {
    for removed in [true, false] {
        let (world, customer, run) = World::with_a_failed_run().await;
        world.cloud.mend("mail");
        let engine = world.engine("first");
        assert_eq!(engine.superseded_by(&run).await.unwrap(), None);
        let later = if removed {
            let (_, lease) = world.begin_removal(&customer).await;
            world.drive("first", lease).await
        } else {
            world.provision(&engine, &customer).await
        };
        assert_eq!(later.state, RunState::Succeeded);
        let refused = engine.take(run.id, None).await.unwrap_err();
        let expected = Cause::RunSuperseded {
            run: run.id,
            number: later.number,
        };
        assert_eq!(*refused.cause, expected);
    }
}

/// Else what the newest made could be taken back under the instance that the older one finished with it.
#[tokio::test(start_paused = true)]
async fn only_the_newest_run_is_resumed() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("repository", Fault::Refused);
    let older = world.driven("first", &customer, OnFailure::Keep).await;
    world.cloud.mend("repository");
    world.cloud.fault_always("mail", Fault::Refused);
    let newest = world.driven("first", &customer, OnFailure::Keep).await;
    assert_eq!(
        (older.state, newest.state),
        (RunState::Failed, RunState::Failed)
    );
    world.cloud.mend("mail");
    let refused = world.engine("first").take(older.id, None).await;
    let expected = Cause::RunSuperseded {
        run: older.id,
        number: newest.number,
    };
    assert_eq!(*refused.unwrap_err().cause, expected);
    let newest = world.resume(&newest, "first").await;
    assert_eq!(newest.state, RunState::Succeeded);
}

/// Somebody else may have the old one by now: two customers would aim at one domain.
#[tokio::test(start_paused = true)]
async fn a_run_makes_nothing_more_by_an_earlier_subdomain() {
    let world = World::new();
    let customer = world.customer().await;
    let first = ["database", "repository"];
    for step in first {
        world.cloud.fault_always(step, Fault::Refused);
    }
    let failed = world.driven("first", &customer, OnFailure::Keep).await;
    assert_eq!(failed.state, RunState::Failed, "{:?}", failed.error);
    let patch = CustomerPatch {
        subdomain: Some("annat".to_owned()),
        ..CustomerPatch::default()
    };
    let edited = world
        .store
        .edit_customer(customer.id, patch, World::audit());
    let renamed = edited.await.expect("nothing was made");
    let refused = world.engine("first").take(failed.id, None).await;
    let expected = Cause::SubdomainChanged {
        before: customer.subdomain.clone(),
        subdomain: renamed.subdomain.clone(),
    };
    assert_eq!(*refused.unwrap_err().cause, expected);
    let lease = world.store.lease(failed.id).await.unwrap();
    assert_eq!(lease, None, "it is nobody's");
    for step in first {
        world.cloud.mend(step);
    }
    let anew = world.provision(&world.engine("first"), &renamed).await;
    assert_eq!(anew.state, RunState::Succeeded, "{:?}", anew.error);
}
