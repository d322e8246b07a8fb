//! What another run made or uses: it stays, whichever was first.

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    resource::Origin,
    run::{OnFailure, RunState},
};

use crate::{
    cloud::{Fault, Stuck, snapshot, step},
    world::World,
};

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
