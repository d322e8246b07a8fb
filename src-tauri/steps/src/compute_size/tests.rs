//! The size of a project that stands, against a vendor on this machine.

use fabrik_domain::resource::{Origin, ResourceState};
use fabrik_engine::step::Occasion;
use serde_json::json;

use super::*;
use crate::testing::{Addons, PROJECT, Scene, clouds, parameters};

fn step(base: &str, size: &str, occasion: Occasion) -> Box<dyn Step> {
    let with = parameters(&json!({ "project": PROJECT, "size": size }));
    (ENTRY.build)(&clouds(base), &with.on(occasion)).unwrap()
}

fn scene() -> Scene {
    Scene::new(StepKind::ComputeSize, "size")
}

/// What an undo says that has asked for the size before.
fn resizing() -> Undone {
    let status = RESIZING.to_owned();
    Undone::NotYet { status }
}

/// A customer whose project stands; an earlier run gave it this size.
fn standing(given: Option<&str>) -> Scene {
    let mut scene = scene();
    scene.snapshot.customer.supabase_project_ref = Some(PROJECT.to_owned());
    if let Some(size) = given {
        scene.knows(ResourceKind::ComputeSize, PROJECT, size, Some(size));
    }
    scene
}

/// So much later, by the scene's clock.
fn passes(scene: &Scene, time: SignedDuration) {
    *scene.clock.0.lock().unwrap() += time;
}

#[tokio::test]
async fn what_the_run_makes_has_the_size_it_was_made_with() {
    let vendor = Addons::default().start().await;
    for size in ["", "nano"] {
        let step = step(&vendor.base, size, Occasion::Run);
        let found = step.find(&scene().context()).await.unwrap();
        assert_eq!(found, Found::Satisfied, "{size:?}");
    }
    let step = step(&vendor.base, "medium", Occasion::Run);
    let Found::Ours(made) = step.find(&scene().context()).await.unwrap() else {
        panic!("it was asked for as the project was")
    };
    assert_eq!(made.content_hash.as_deref(), Some("medium"), "by a run");
    let ready = step.await_ready(&scene().context(), Some(&made)).await;
    assert_eq!(ready.unwrap(), Readiness::Ready(Outputs::new()));
    assert!(vendor.asked().is_empty(), "nobody is asked");
}

#[tokio::test]
async fn another_plan_brings_another_size_up_or_down() {
    for (has, given, wanted, asked) in [
        ("micro", None, "medium", "ci_medium"),
        ("medium", Some("medium"), "small", "ci_small"),
        ("medium", Some("medium"), "", "ci_micro"),
    ] {
        let vendor = Addons::default().size(has).start().await;
        let mut scene = standing(given);
        let step = step(&vendor.base, wanted, Occasion::Run);
        let found = step.find(&scene.context()).await.unwrap();
        scene.intends(found);
        let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
            panic!("it is a resource")
        };
        assert_eq!(made.id, PROJECT);
        let changes = vendor.changes();
        assert_eq!(changes.len(), 1, "one call");
        let body = json!({ "addon_type": "compute_instance", "addon_variant": asked });
        assert_eq!(changes[0].body, body, "{has} to {wanted:?}");
        passes(&scene, LAG);
        let ready = step.await_ready(&scene.context(), Some(&made)).await;
        assert_eq!(ready.unwrap(), Readiness::Ready(Outputs::new()));
        // Killed after the call, it finds that it was made.
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(found, Found::Ours(made));
    }
}

#[tokio::test]
async fn a_change_that_was_just_asked_for_is_not_taken_for_ready() {
    let vendor = Addons::default().size("micro").start().await;
    let mut scene = standing(None);
    let step = step(&vendor.base, "medium", Occasion::Run);
    let found = step.find(&scene.context()).await.unwrap();
    scene.intends(found);
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it is a resource")
    };
    // It lists the new size, and calls the project healthy.
    let second = SignedDuration::from_secs(1);
    for (passed, is_ready) in [
        (SignedDuration::ZERO, false),
        (LAG - second, false),
        (second, true),
        // Set back to before it was asked for.
        (-(LAG + second), true),
    ] {
        passes(&scene, passed);
        let ready = step.await_ready(&scene.context(), Some(&made)).await;
        let ready = ready.unwrap();
        let told = ready == Readiness::Ready(Outputs::new());
        assert_eq!(told, is_ready, "after {passed:?}: {ready:?}");
    }
}

#[tokio::test]
async fn what_is_so_or_more_by_somebodys_wish_stays() {
    for (has, given, wanted) in [
        ("small", Some("small"), "small"),
        ("large", Some("small"), "small"),
        ("large", None, "small"),
        ("large", Some("medium"), ""),
        ("of-tomorrow", Some("small"), "medium"),
    ] {
        let vendor = Addons::default().size(has).start().await;
        let scene = standing(given);
        let step = step(&vendor.base, wanted, Occasion::Run);
        let found = step.find(&scene.context()).await.unwrap();
        let told = match &found {
            Found::Ours(there) => there.name == has,
            Found::Satisfied => true,
            _ => false,
        };
        assert!(told, "{has} for {wanted:?}: {found:?}");
    }
}

#[tokio::test]
async fn a_free_project_has_nothing_to_change() {
    let vendor = Addons::default().start().await;
    let step = step(&vendor.base, "", Occasion::Run);
    let found = step.find(&standing(None).context()).await.unwrap();
    assert_eq!(found, Found::Satisfied);
    assert!(vendor.asked().is_empty(), "nor needs the scope to ask");
}

#[tokio::test]
async fn an_undo_puts_back_what_was_and_leaves_what_was_changed_since() {
    // Where nothing was billed, the least that is stands for it.
    for (before, is) in [(Some("small"), "ci_small"), (None, "ci_micro")] {
        let addons = before.map_or_else(Addons::default, |size| Addons::default().size(size));
        let vendor = addons.start().await;
        let mut scene = standing(None);
        let step_in = step(&vendor.base, "medium", Occasion::Run);
        let found = step_in.find(&scene.context()).await.unwrap();
        scene.intends(found);
        let Created::Resource(made) = step_in.create(&scene.context()).await.unwrap() else {
            panic!("it is a resource")
        };
        let back = step(&vendor.base, "medium", Occasion::Undo);
        let undone = back.undo(&scene.context(), &made).await.unwrap();
        let status = ASKED_FOR.to_owned();
        let early = Undone::NotYet { status };
        assert_eq!(undone, early, "{before:?}: it may not have begun");
        passes(&scene, LAG);
        let undone = back.undo(&scene.context(), &made).await.unwrap();
        assert_eq!(undone, resizing(), "{before:?}: its database is away");
        for _ in 0..2 {
            let undone = back.undo(&scene.context(), &made).await.unwrap();
            assert_eq!(undone, Undone::Gone, "{before:?}");
        }
        let changes = vendor.changes();
        assert_eq!(changes.len(), 2, "there and back: {changes:?}");
        assert_eq!(changes[1].body["addon_variant"], is);
    }
    let vendor = Addons::default().size("large").start().await;
    let mut scene = standing(None);
    scene.evidence = Some(json!({ "before": "micro" }));
    let ours = Existing {
        id: PROJECT.to_owned(),
        name: "medium".to_owned(),
        url: None,
        content_hash: Some("medium".to_owned()),
    };
    let back = step(&vendor.base, "medium", Occasion::Undo);
    let undone = back.undo(&scene.context(), &ours).await.unwrap();
    assert!(matches!(undone, Undone::Refused(_)), "{undone:?}");
    let found = back.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
    assert!(vendor.changes().is_empty(), "nothing was changed");
}

#[tokio::test]
async fn more_that_somebody_chose_meanwhile_is_ready_and_no_undo_lessens_it() {
    let vendor = Addons::default().size("large").start().await;
    let mut scene = standing(None);
    // Intended, and killed; somebody has chosen more before it went on.
    scene.evidence = Some(json!({ "before": "micro" }));
    let step_in = step(&vendor.base, "medium", Occasion::Run);
    let found = step_in.find(&scene.context()).await.unwrap();
    let Found::Ours(there) = found else {
        panic!("it has enough: {found:?}")
    };
    let ready = step_in.await_ready(&scene.context(), Some(&there)).await;
    assert_eq!(ready.unwrap(), Readiness::Ready(Outputs::new()));
    let back = step(&vendor.base, "medium", Occasion::Undo);
    let undone = back.undo(&scene.context(), &there).await.unwrap();
    assert!(matches!(undone, Undone::Refused(_)), "{undone:?}");
    assert!(vendor.changes().is_empty(), "nothing was changed");
}

#[tokio::test]
async fn what_somebody_set_back_meanwhile_is_not_waited_for_without_end() {
    let vendor = Addons::default().size("large").start().await;
    let mut scene = standing(Some("large"));
    let down = step(&vendor.base, "small", Occasion::Run);
    let found = down.find(&scene.context()).await.unwrap();
    scene.intends(found);
    // Asked for, and set back before it was looked at.
    let asked = scene.all[0].found();
    passes(&scene, LAG);
    let early = down.await_ready(&scene.context(), Some(&asked)).await;
    assert!(matches!(early.unwrap(), Readiness::NotYet { .. }));
    passes(&scene, OVERRULED);
    let name = "large".to_owned();
    let changed = Problem::from(Cause::ChangedSince { name }).by(Provider::Supabase);
    let late = down.await_ready(&scene.context(), Some(&asked)).await;
    assert_eq!(late.unwrap(), Readiness::Failed(changed));
}

#[tokio::test]
async fn an_undo_takes_back_what_later_runs_chose_in_its_place() {
    let vendor = Addons::default().size("small").start().await;
    let mut scene = standing(Some("medium"));
    let ours = scene.all[0].found();
    scene.evidence = Some(json!({ "before": "micro" }));
    scene.knows(ResourceKind::ComputeSize, PROJECT, "small", Some("small"));
    let back = step(&vendor.base, "medium", Occasion::Undo);
    for expected in [resizing(), Undone::Gone] {
        let undone = back.undo(&scene.context(), &ours).await.unwrap();
        assert_eq!(undone, expected);
    }
    let changes = vendor.changes();
    assert!(changes.len() == 1 && changes[0].body["addon_variant"] == "ci_micro");
}

#[tokio::test]
async fn what_a_rollback_has_left_as_its_run_chose_it_is_no_wish_of_somebodys() {
    for (state, origin, lessened) in [
        (ResourceState::LetGo, Origin::Adopted, true),
        (ResourceState::Leftover, Origin::Created, true),
        (ResourceState::LetGo, Origin::Created, false),
        (ResourceState::Removed, Origin::Created, false),
    ] {
        let vendor = Addons::default().size("small").start().await;
        let mut scene = standing(Some("medium"));
        let mut row = scene.row(ResourceKind::ComputeSize, PROJECT, "small", Some("small"));
        (row.state, row.origin) = (state, origin);
        scene.all.push(row);
        let step = step(&vendor.base, "", Occasion::Run);
        let found = step.find(&scene.context()).await.unwrap();
        let is_absent = matches!(found, Found::Absent { .. });
        assert_eq!(is_absent, lessened, "{state:?}, {origin:?}: {found:?}");
    }
}

#[tokio::test]
async fn recovery_that_the_run_does_not_turn_off_is_in_the_way_of_a_smaller_instance() {
    for (by_run, turns_off, wanted, told) in [
        (false, true, "", true),
        (true, true, "", false),
        // Nor does a run in whose blueprint no step does.
        (true, false, "", true),
        (false, true, "small", false),
    ] {
        let addons = Addons::default().size("medium").recovery("pitr_7");
        let vendor = addons.start().await;
        let mut scene = standing(Some("medium"));
        if by_run {
            let kind = ResourceKind::PointInTimeRecovery;
            let row = scene.row(kind, PROJECT, "pitr_7", Some("pitr_7"));
            scene.all.push(row);
        }
        if turns_off {
            let off = Scene::new(StepKind::RecoveryOff, "recovery_off").step;
            scene.snapshot.blueprint.steps.push(off);
        }
        let run = step(&vendor.base, wanted, Occasion::Run);
        let found = run.find(&scene.context()).await.unwrap();
        let stands = Problem::from(Cause::RecoveryStands {
            name: "n".to_owned(),
            recovery: "pitr_7".to_owned(),
            size: "micro".to_owned(),
        });
        if told {
            assert_eq!(found, Found::Foreign(stands.by(Provider::Supabase)));
        } else {
            assert!(matches!(found, Found::Absent { .. }), "{found:?}");
        }
        let back = step(&vendor.base, wanted, Occasion::Undo);
        let found = back.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Absent { .. }), "undone: {found:?}");
    }
}

#[tokio::test]
async fn only_a_project_that_the_run_has_not_made_stands() {
    let vendor = Addons::default().size("micro").start().await;
    let mut scene = scene();
    let mut row = scene.row(ResourceKind::SupabaseProject, PROJECT, "n", None);
    row.origin = Origin::Created;
    row.run = scene.run;
    scene.all.push(row);
    let step = step(&vendor.base, "small", Occasion::Run);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(_)), "its own: {found:?}");
    scene.all[0].origin = Origin::Adopted;
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "adopted: {found:?}");
    scene.all[0].origin = Origin::Created;
    scene.all[0].run = fabrik_domain::id::RunId::new();
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
}

#[test]
fn other_sizes_are_the_blueprints_fault() {
    let with = parameters(&json!({ "project": PROJECT, "size": "huge" }));
    let built = (ENTRY.build)(&clouds("http://127.0.0.1:9"), &with);
    assert_eq!(built.err().unwrap().code(), "blueprint_invalid");
}
