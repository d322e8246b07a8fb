//! What a removal has left: it is told, taken away later, or let be by its owner.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause,
    customer::{CustomerPatch, CustomerStatus},
    id::ResourceId,
    resource::{Resource, ResourceState},
    run::{OnFailure, RunState, StepState},
};
use fabrik_store::JournalEntry;
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, Stuck, snapshot},
    world::World,
};

#[tokio::test(start_paused = true)]
async fn the_customers_record_tells_what_is_left() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    let patch = CustomerPatch {
        status: Some(CustomerStatus::Active),
        production_url: Some(Some("https://akermark.example".to_owned())),
        github_repo_url: Some(Some("https://github.example/akermark".to_owned())),
        supabase_project_ref: Some(Some("abcdefghijklmnopqrst".to_owned())),
        ..CustomerPatch::default()
    };
    let edited = world
        .store
        .edit_customer(customer.id, patch, World::audit());
    let customer = edited.await.unwrap();
    world.cloud.stick("database", Stuck::Refused);
    let (_, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Leftovers);
    let now = world.store.customer(customer.id).await.unwrap();
    assert_eq!(now.status, CustomerStatus::Inactive, "nothing answers");
    assert_eq!(now.production_url, None);
    assert_eq!(now.github_repo_url, None, "it is gone");
    assert_eq!(
        now.supabase_project_ref, customer.supabase_project_ref,
        "it is still there"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_is_at_its_end_once_another_took_away_what_it_left() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    world.cloud.stick("database", Stuck::Refused);
    let run = world.driven("first", &customer, OnFailure::Rollback).await;
    assert_eq!(run.state, RunState::Leftovers);
    let engine = world.engine("first");
    let now = async || {
        engine.end_cleared(customer.id).await.unwrap();
        world.store.run(run.id).await.unwrap()
    };
    assert_eq!(now().await, run, "the database is left");
    world.cloud.loosen("database");
    let (_, lease) = world.begin_removal(&customer).await;
    let removal = world.drive("first", lease).await;
    assert_eq!(removal.state, RunState::Succeeded);
    let ended = now().await;
    assert_eq!(ended.state, RunState::RolledBack);
    assert_eq!(ended.finished_at, run.finished_at, "when it stopped");
    let steps = world.store.steps(run.id).await.unwrap();
    assert!(steps.iter().all(|step| step.state != StepState::Leftover));
    assert_eq!(now().await, ended, "once");
}

#[tokio::test(start_paused = true)]
async fn what_its_owner_lets_be_is_tried_no_more() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    world.cloud.stick("database", Stuck::Refused);
    world.cloud.stick("site", Stuck::Refused);
    let (_, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Leftovers);
    let engine = world.engine("first");
    let unknown = engine.let_go(run.id, "repository", "test", None).await;
    let unknown = unknown.unwrap_err();
    assert!(
        matches!(&*unknown.cause, Cause::NotLeftOver { left, .. } if left.len() == 2),
        "{unknown}"
    );
    let one = engine
        .let_go(run.id, "database", "test", None)
        .await
        .unwrap();
    assert_eq!(one.state, RunState::Leftovers, "the site is left");
    let refused = world.store.remove_customer(customer.id, World::audit());
    assert!(refused.await.is_err(), "it still has something");
    let both = engine.let_go(run.id, "site", "test", None).await.unwrap();
    assert_eq!(both.state, RunState::Succeeded, "nothing is left to do");
    let steps = world.store.steps(run.id).await.unwrap();
    assert!(steps.iter().all(|step| step.state == StepState::Undone));
    let again = engine.begin_removal(customer.clone(), BTreeMap::new(), "test");
    let again = again.await.unwrap_err();
    assert!(
        matches!(*again.cause, Cause::NothingToRemove { .. }),
        "{again}"
    );
    let removed = world.store.remove_customer(customer.id, World::audit());
    removed.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_lies_in_what_was_let_be_is_let_be_with_it() {
    let world = World::new();
    let customer = world.customer().await;
    world.provision(&world.engine("first"), &customer).await;
    world.cloud.stick("database", Stuck::Refused);
    world.cloud.stick("repository", Stuck::Refused);
    let (_, lease) = world.begin_removal(&customer).await;
    let run = world.drive("first", lease).await;
    assert_eq!(run.state, RunState::Leftovers);
    let engine = world.engine("first");
    // As variables bear the id of the project in which they are.
    let repository = world.row(&customer, "repository").await;
    let file = Resource {
        id: repository.id.clone(),
        ..world.row(&customer, "file").await
    };
    assert_eq!(file.state, ResourceState::Leftover, "it was not tried");
    let lease = engine.take_back(run.id, None).await.unwrap();
    let entry = JournalEntry {
        resources: vec![file],
        ..JournalEntry::default()
    };
    let lease = world.store.journal(&lease, entry).await.unwrap();
    world.store.release_lease(&lease).await.unwrap();

    let one = engine
        .let_go(run.id, &repository.id, "test", None)
        .await
        .unwrap();
    assert_eq!(one.state, RunState::Leftovers, "the database is left");
    for (step, expected) in [
        ("repository", ResourceState::LetGo),
        ("file", ResourceState::LetGo),
        ("database", ResourceState::Leftover),
    ] {
        let row = world.row(&customer, step).await;
        assert_eq!(row.state, expected, "{step}");
    }
    let steps = world.store.steps(run.id).await.unwrap();
    let file = steps.iter().find(|step| step.id == "file").unwrap();
    assert_eq!((file.state, &file.error), (StepState::Undone, &None));
    let both = engine
        .let_go(run.id, "database", "test", None)
        .await
        .unwrap();
    assert_eq!(both.state, RunState::Succeeded, "nothing is left to do");
}

#[tokio::test(start_paused = true)]
async fn another_steps_thing_in_the_same_place_is_a_thing_of_its_own() {
    let world = World::new();
    let customer = world.customer().await;
    world.cloud.fault_always("mail", Fault::Refused);
    let mut begun = snapshot(customer.clone());
    let mut other = begun.blueprint.steps[3].clone();
    assert_eq!(other.id, "site");
    other.id = "site-too".to_owned();
    begun.blueprint.steps.push(other);
    let engine = world.engine("first");
    let (run, lease) = engine
        .begin(&world.cloud, begun, OnFailure::Keep, "test")
        .await
        .unwrap();
    world.drive("first", lease).await;
    // As variables in a shared project: each step's bear the project's id.
    let site = world.row(&customer, "site").await;
    let lease = engine.take_back(run.id, None).await.unwrap();
    let same_place = Resource {
        key: ResourceId::new(),
        step: "site-too".to_owned(),
        name: "site-too".to_owned(),
        ..site
    };
    let entry = JournalEntry {
        resources: vec![same_place.clone()],
        ..JournalEntry::default()
    };
    world.store.journal(&lease, entry).await.unwrap();
    world.cloud.stick("site-too", Stuck::Refused);
    world.cloud.stick("site", Stuck::NotYet(3));
    let cancel = CancellationToken::new();
    let back = engine
        .roll_back(&world.cloud, lease, &cancel)
        .await
        .unwrap();
    assert_eq!(back.state, RunState::Leftovers);
    let rows = world.rows(&customer).await;
    let left = rows.iter().find(|row| row.key == same_place.key).unwrap();
    assert_eq!(left.state, ResourceState::Leftover, "nobody has removed it");
}
