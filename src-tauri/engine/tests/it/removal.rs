//! The removal of an instance: stopped by its owner, left with a rest, and what may come after it.

use std::{cell::Cell, collections::BTreeMap, pin::pin};

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    customer::{Customer, CustomerPatch, CustomerStatus},
    event::Happening,
    id::ResourceId,
    resource::{Origin, Resource, ResourceState},
    run::{Fate, OnFailure, Purpose, Run, RunState, StepState},
};
use fabrik_store::{JournalEntry, Lease, RunQuery};
use tokio_util::sync::CancellationToken;

use crate::{
    cloud::{Fault, Stuck, snapshot, step},
    world::{World, at_every_point, polled, until},
};

impl World {
    pub(crate) async fn begin_removal(&self, customer: &Customer) -> (Run, Lease) {
        self.engine("first")
            .begin_removal(customer.clone(), BTreeMap::new(), "test")
            .await
            .unwrap()
    }

    /// Takes a run on where nothing stands in the way of that: it makes its last things, and ends. How often it was.
    async fn taken_on(&self, run: &Run) -> usize {
        let Ok(lease) = self.engine("first").take(run.id, None).await else {
            return 0;
        };
        let run = self.drive("first", lease).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        1
    }

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

#[tokio::test(start_paused = true)]
async fn what_a_run_makes_while_a_removal_is_begun_is_removed_too() {
    let made = Cell::new(0);
    at_every_point(async |polls| {
        let world = World::new();
        let customer = world.customer().await;
        world.cloud.fault_always("site", Fault::Refused);
        let run = world.driven("first", &customer, OnFailure::Keep).await;
        assert_eq!(run.state, RunState::Failed);
        world.cloud.mend("site");
        let engine = world.engine("second");
        let begun = engine.begin_removal(customer.clone(), BTreeMap::new(), "test");
        let mut begun = pin!(begun);
        if polled(polls, begun.as_mut()).await.is_some() {
            return true;
        }
        made.set(made.get() + world.taken_on(&run).await);
        let (_, lease) = begun.await.unwrap();
        let removal = world.drive("second", lease).await;
        let when = format!("after {polls} polls");
        assert_eq!(removal.state, RunState::Succeeded, "{when}");
        let there = world.cloud.names();
        assert!(there.iter().all(|name| name == "mail"), "{when}: {there:?}");
        let of_customer = RunQuery {
            customer: Some(customer.id),
            ..RunQuery::default()
        };
        let runs = world.store.runs(of_customer).await.unwrap();
        assert_eq!(runs.len(), 2, "{when}: only what is driven is written");
        false
    })
    .await;
    assert!(made.get() > 0, "something was made meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_removal_killed_while_it_is_begun_leaves_nothing_of_what_a_run_makes_meanwhile() {
    let made = Cell::new(0);
    // How far it has come when that run is taken on; then it is killed at each later point.
    for come in 1..6 {
        at_every_point(async |polls| {
            let world = World::new();
            let customer = world.customer().await;
            world.cloud.fault_always("site", Fault::Refused);
            let run = world.driven("first", &customer, OnFailure::Keep).await;
            world.cloud.mend("site");
            let ended = {
                let engine = world.engine("second");
                let begun = engine.begin_removal(customer.clone(), BTreeMap::new(), "test");
                let mut begun = pin!(begun);
                if polled(come, begun.as_mut()).await.is_some() {
                    return true;
                }
                made.set(made.get() + world.taken_on(&run).await);
                polled(polls, begun).await.is_some()
            };
            let of_customer = RunQuery {
                customer: Some(customer.id),
                ..RunQuery::default()
            };
            let newest = world.store.runs(of_customer).await.unwrap().remove(0);
            if newest.purpose == Purpose::Deprovision {
                let removal = world.resume(&newest, "second").await;
                let when = format!("killed {polls} polls after {come}");
                assert_eq!(removal.state, RunState::Succeeded, "{when}");
                let there = world.cloud.names();
                assert!(there.iter().all(|name| name == "mail"), "{when}: {there:?}");
            }
            ended
        })
        .await;
    }
    assert!(made.get() > 0, "something was made meanwhile");
}
