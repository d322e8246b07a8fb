//! In which order things are taken away that several runs have made.

use std::collections::BTreeMap;

use fabrik_domain::{
    blueprint::StepKind,
    resource::Origin,
    run::{OnFailure, RunState},
};

use crate::{
    cloud::{Stuck, snapshot, step},
    world::World,
};

/// As the domain of a later run on a project whose step was called otherwise when it was made.
#[tokio::test(start_paused = true)]
async fn what_lies_in_an_earlier_runs_thing_goes_before_it_whatever_its_step_was_called() {
    let world = World::new();
    let customer = world.customer().await;
    let first = world.provision(&world.engine("first"), &customer).await;
    assert_eq!(first.state, RunState::Succeeded);
    world.cloud.mark("site");
    let mut begun = snapshot(customer.clone());
    let steps = &mut begun.blueprint.steps;
    assert_eq!(steps[3].id, "site");
    steps[3].id = "web".to_owned();
    steps[4] = step("mail", StepKind::WelcomeEmail, &["database", "web"]);
    steps.push(step("address", StepKind::CustomDomain, &["web"]));
    let engine = world.engine("first");
    let (_, lease) = engine
        .begin(&world.cloud, begun, OnFailure::Keep, "test")
        .await
        .unwrap();
    let second = world.drive("first", lease).await;
    assert_eq!(second.state, RunState::Succeeded, "{:?}", second.error);
    let site = world.row(&customer, "site").await;
    let web = world.row(&customer, "web").await;
    assert_eq!((&web.id, web.origin), (&site.id, Origin::Adopted));

    let plan = engine
        .removal_plan(&world.cloud, &customer, &BTreeMap::new())
        .await
        .unwrap();
    let planned = plan.resources.into_iter();
    let planned: Vec<_> = planned.map(|planned| planned.resource.name).collect();
    world.cloud.stick("address", Stuck::NotYet(1));
    let (_, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    for order in [planned, world.cloud.removed()] {
        let place = |name: &str| order.iter().position(|other| other == name);
        assert!(place("address").is_some(), "by itself: {order:?}");
        assert!(place("address") < place("site"), "{order:?}");
    }
}

/// As the file of a customer in a repository that all share.
#[tokio::test(start_paused = true)]
async fn of_what_runs_wrote_over_each_other_the_newest_is_taken_back_first() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.layer("config");
    let engine = world.engine("first");
    let mut wrote = Vec::new();
    for _ in 0..3 {
        let mut begun = snapshot(customer.clone());
        let config = step("config", StepKind::ClientConfig, &[]);
        begun.blueprint.steps.push(config);
        let (_, lease) = engine
            .begin(&world.cloud, begun, OnFailure::Keep, "test")
            .await
            .unwrap();
        let run = world.drive("first", lease).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        wrote.push(run.id);
    }
    wrote.reverse();

    let plan = engine
        .removal_plan(&world.cloud, &customer, &BTreeMap::new())
        .await
        .unwrap();
    let planned = plan.resources.into_iter();
    let planned = planned.filter(|planned| planned.resource.step == "config");
    let planned: Vec<_> = planned.map(|planned| planned.resource.run).collect();
    assert_eq!(planned, wrote, "the newest first");
    let (_, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    assert_eq!(world.cloud.names(), ["mail"], "nothing is called changed");
}
