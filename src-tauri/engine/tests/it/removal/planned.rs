//! The plan of a removal, and that it is kept: what goes, what stays, and what goes with something else.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    event::Happening,
    id::ResourceId,
    resource::{Origin, Resource, ResourceState},
    run::{Fate, OnFailure, RunState},
};
use fabrik_store::JournalEntry;

use crate::{
    cloud::{Stuck, snapshot, step},
    world::World,
};

#[tokio::test(start_paused = true)]
async fn what_is_all_customers_is_told_to_stay_and_an_account_is_no_such_thing() {
    let world = World::new();
    let customer = world.customer().await;
    let settings = BTreeMap::from(
        [
            ("github.repository", "norrform/app"),
            ("vercel.project", "unused"),
            ("gitea.owner", "norrform"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    let mut begun = snapshot(customer.clone());
    begun.blueprint.settings = ["github.repository", "gitea.owner"]
        .map(ToOwned::to_owned)
        .to_vec();
    let engine = world.engine("first");
    let (_, lease) = engine
        .begin(&world.cloud, begun, OnFailure::Keep, "test")
        .await
        .unwrap();
    world.drive("first", lease).await;
    let plan = engine
        .removal_plan(&world.cloud, &customer, &settings)
        .await
        .unwrap();
    assert_eq!(plan.shared, ["norrform/app"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_removal_leaves_where_it_lies_is_planned_to_stay() {
    let world = World::new();
    let customer = world.customer().await;
    let mut begun = snapshot(customer.clone());
    let deployment = step("deployment", StepKind::VercelDeployment, &["database"]);
    begun.blueprint.steps.push(deployment);
    let engine = world.engine("first");
    let (_, lease) = engine
        .begin(&world.cloud, begun, OnFailure::Keep, "test")
        .await
        .unwrap();
    world.drive("first", lease).await;
    let plan = engine
        .removal_plan(&world.cloud, &customer, &BTreeMap::new())
        .await
        .unwrap();
    let fate = |name: &str| {
        let mut planned = plan.resources.iter();
        let planned = planned.find(|planned| planned.resource.name == name);
        planned.map(|planned| planned.fate.clone())
    };
    assert_eq!(fate("deployment"), Some(Fate::Stays));
    assert_eq!(fate("database"), Some(Fate::Removed));

    let (_, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let deployment = world.row(&customer, "deployment").await;
    assert_eq!(deployment.state, ResourceState::LetGo, "as it was planned");
    assert_eq!(world.cloud.names(), ["deployment", "mail"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_found_in_a_thing_goes_with_it_and_nothing_else_that_was_found_does() {
    for stays in [false, true] {
        let (world, customer, run) = World::with_a_failed_run().await;
        let engine = world.engine("first");
        // Somebody's own file in the repository, as a push makes a deployment; and a database, which lies in nothing.
        let file = world.row(&customer, "file").await;
        let database = world.row(&customer, "database").await;
        let found = |name: &str, row: &Resource| Resource {
            key: ResourceId::new(),
            id: format!("{name}-of-theirs"),
            name: name.to_owned(),
            origin: Origin::Adopted,
            ..row.clone()
        };
        let (pushed, theirs) = (found("pushed", &file), found("theirs", &database));
        let lease = engine.take_back(run.id, None).await.unwrap();
        let entry = JournalEntry {
            resources: vec![pushed.clone(), theirs.clone()],
            ..JournalEntry::default()
        };
        let lease = world.store.journal(&lease, entry).await.unwrap();
        world.store.release_lease(&lease).await.unwrap();

        let fates = async || {
            let plan = engine
                .removal_plan(&world.cloud, &customer, &BTreeMap::new())
                .await
                .unwrap();
            let planned = plan.resources.into_iter();
            planned
                .map(|planned| (planned.resource.key, planned.fate))
                .collect::<Vec<_>>()
        };
        let by = "repository".to_owned();
        let planned = fates().await;
        assert!(
            planned.contains(&(pushed.key, Fate::Covered { by })),
            "{planned:?}"
        );
        assert!(
            planned.contains(&(theirs.key, Fate::Adopted)),
            "{planned:?}"
        );

        if stays {
            world.cloud.stick("repository", Stuck::Refused);
        }
        let (_, lease) = world.begin_removal(&customer).await;
        let mut removed = world.drive("first", lease).await;
        let row = async |key: ResourceId| {
            let mut rows = world.rows(&customer).await.into_iter();
            rows.find(|row| row.key == key).unwrap()
        };
        if stays {
            assert_eq!(removed.state, RunState::Leftovers);
            let untouched = row(pushed.key).await.state;
            assert_eq!(untouched, ResourceState::Live, "what it lies in is there");
            world.cloud.loosen("repository");
            removed = world.taken_back(&removed).await;
        }
        assert_eq!(removed.state, RunState::Succeeded, "{:?}", removed.error);
        assert_eq!(row(pushed.key).await.state, ResourceState::Removed);
        assert_eq!(row(theirs.key).await, theirs, "it is nobody's to touch");
        let called = world.cloud.removed();
        assert!(!called.contains(&pushed.name), "{called:?}");
        assert!(!called.contains(&theirs.name), "{called:?}");
        let planned = fates().await;
        assert!(
            planned.iter().all(|(key, _)| *key != pushed.key),
            "it is not told again: {planned:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_renamed_is_named_as_a_later_run_has_found_it() {
    let (world, customer, _) = World::with_a_failed_run().await;
    let second = world.driven("second", &customer, OnFailure::Keep).await;
    let rows = world.rows(&customer).await;
    let found = rows
        .iter()
        .find(|row| row.step == "repository" && row.run == second.id)
        .unwrap();
    assert_eq!(found.origin, Origin::Adopted);
    let renamed = Resource {
        name: "renamed".to_owned(),
        url: Some("https://github.example/renamed".to_owned()),
        ..found.clone()
    };
    let engine = world.engine("second");
    let lease = engine.take_back(second.id, None).await.unwrap();
    let entry = JournalEntry {
        resources: vec![renamed.clone()],
        ..JournalEntry::default()
    };
    let lease = world.store.journal(&lease, entry).await.unwrap();
    world.store.release_lease(&lease).await.unwrap();

    let plan = engine
        .removal_plan(&world.cloud, &customer, &BTreeMap::new())
        .await
        .unwrap();
    let planned = |name: &str| {
        let mut all = plan.resources.iter();
        all.find(|planned| planned.resource.name == name)
    };
    let repository = planned("renamed").unwrap();
    assert_eq!(repository.fate, Fate::Removed);
    assert_eq!(repository.resource.url, renamed.url);
    assert!(planned("repository").is_none(), "it is called so no more");
    let by = renamed.name.clone();
    assert_eq!(planned("file").unwrap().fate, Fate::Covered { by });

    // And so it is called by whoever tells what became of it.
    world.cloud.stick("repository", Stuck::Refused);
    let (removal, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Leftovers);
    let told = world.store.events_since(removal.id, 0).await.unwrap();
    let told = told.iter().any(
        |event| matches!(&event.what, Happening::LeftOver { name, .. } if *name == renamed.name),
    );
    assert!(told, "by the name that it has now");
    let rows = world.rows(&customer).await;
    let left = rows
        .iter()
        .find(|row| row.id == renamed.id && row.state == ResourceState::Leftover)
        .unwrap();
    assert_eq!((&left.name, &left.url), (&renamed.name, &renamed.url));
    let steps = world.store.steps(removal.id).await.unwrap();
    let file = steps.iter().find(|step| step.id == "file").unwrap();
    let expected = Cause::LiesInLeftover { name: renamed.name };
    assert_eq!(*file.error.as_ref().unwrap().cause, expected);
}
