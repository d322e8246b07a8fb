//! Recovery to a point in time, against a vendor on this machine.

use fabrik_engine::step::Occasion;
use serde_json::json;

use super::*;
use crate::testing::{Addons, PROJECT, Scene, Vendor, clouds, parameters};

fn step(base: &str, days: &str, occasion: Occasion) -> Box<dyn Step> {
    let with = parameters(&json!({ "project": PROJECT, "days": days }));
    (ENTRY.build)(&clouds(base), &with.on(occasion)).unwrap()
}

/// A project that has this.
async fn project(has: Option<&str>) -> Vendor {
    let has = has.map_or_else(Addons::default, |it| Addons::default().recovery(it));
    has.start().await
}

fn scene() -> Scene {
    Scene::new(StepKind::PointInTimeRecovery, "recovery")
}

#[tokio::test]
async fn a_plan_without_it_asks_for_nothing() {
    let vendor = project(None).await;
    let scene = scene();
    let step = step(&vendor.base, "", Occasion::Run);
    assert_eq!(step.find(&scene.context()).await.unwrap(), Found::Satisfied);
    assert!(vendor.asked().is_empty(), "nobody is asked");
}

#[tokio::test]
async fn it_is_asked_for_and_taken_back_to_what_was() {
    for before in [None, Some("pitr_7")] {
        let vendor = project(before).await;
        let mut scene = scene();
        let step_in = step(&vendor.base, "14", Occasion::Run);
        let found = step_in.find(&scene.context()).await.unwrap();
        scene.intends(found);
        let Created::Resource(made) = step_in.create(&scene.context()).await.unwrap() else {
            panic!("it is a resource")
        };
        assert_eq!((made.id.as_str(), made.name.as_str()), (PROJECT, "pitr_14"));
        let ready = step_in.await_ready(&scene.context(), Some(&made)).await;
        assert_eq!(ready.unwrap(), Readiness::Ready(Outputs::new()));
        let back = step(&vendor.base, "14", Occasion::Undo);
        for _ in 0..2 {
            let undone = back.undo(&scene.context(), &made).await.unwrap();
            assert_eq!(undone, Undone::Gone, "{before:?}");
        }
        let found = step_in.find(&self::scene().context()).await.unwrap();
        let evidence = json!({ "before": before });
        assert_eq!(found, Found::Absent { evidence }, "as it was");
    }
}

#[tokio::test]
async fn more_than_is_asked_for_stays_and_what_was_changed_since_too() {
    let vendor = project(Some("pitr_28")).await;
    let scene = scene();
    let found = step(&vendor.base, "7", Occasion::Run)
        .find(&scene.context())
        .await;
    let Found::Ours(there) = found.unwrap() else {
        panic!("it has enough")
    };
    assert_eq!(there.name, "pitr_28");
    let ours = Existing {
        name: "pitr_7".to_owned(),
        ..there
    };
    let back = step(&vendor.base, "7", Occasion::Undo);
    let undone = back.undo(&scene.context(), &ours).await.unwrap();
    assert!(
        matches!(undone, Undone::Refused(_)),
        "somebody has chosen another since"
    );
    assert!(vendor.changes().is_empty(), "nothing was changed");
}

#[tokio::test]
async fn an_undo_leaves_what_was_found_meanwhile_and_takes_what_a_later_run_chose() {
    // Intended, and killed; somebody has chosen more before it went on.
    let vendor = project(Some("pitr_28")).await;
    let mut scene = scene();
    scene.evidence = Some(json!({ "before": null }));
    let found = step(&vendor.base, "7", Occasion::Run)
        .find(&scene.context())
        .await;
    let Found::Ours(there) = found.unwrap() else {
        panic!("it has enough")
    };
    let back = step(&vendor.base, "7", Occasion::Undo);
    let undone = back.undo(&scene.context(), &there).await.unwrap();
    assert!(matches!(undone, Undone::Refused(_)), "{undone:?}");
    assert!(vendor.changes().is_empty(), "nothing was changed");

    let kind = ResourceKind::PointInTimeRecovery;
    scene.knows(kind, PROJECT, "pitr_28", Some("pitr_28"));
    let ours = Existing {
        name: "pitr_7".to_owned(),
        ..there
    };
    for _ in 0..2 {
        let undone = back.undo(&scene.context(), &ours).await.unwrap();
        assert_eq!(undone, Undone::Gone);
    }
    let changes = vendor.changes();
    assert!(changes.len() == 1 && changes[0].path.ends_with("pitr_28"));
}

#[tokio::test]
async fn an_intent_that_nobody_has_heard_of_is_undone_where_it_made_what_is_there() {
    for (there, ours) in [("pitr_14", true), ("pitr_28", false)] {
        let vendor = project(Some(there)).await;
        let mut scene = scene();
        scene.intends(Found::Absent {
            evidence: json!({ "before": null }),
        });
        let back = step(&vendor.base, "14", Occasion::Undo);
        let found = back.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), ours, "{there}: {found:?}");
    }
}

#[tokio::test]
async fn less_takes_the_place_of_what_a_run_gave_and_off_is_told() {
    for (days, wanted) in [("7", "pitr_7"), ("14", "pitr_14")] {
        let vendor = project(Some("pitr_14")).await;
        let mut scene = scene();
        let kind = ResourceKind::PointInTimeRecovery;
        scene.knows(kind, PROJECT, "pitr_14", Some("pitr_14"));
        let step = step(&vendor.base, days, Occasion::Run);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), days == "14", "{found:?}");
        if days == "7" {
            scene.intends(found);
            let early = step.await_ready(&scene.context(), None).await.unwrap();
            assert!(matches!(early, Readiness::NotYet { .. }), "{early:?}");
            step.create(&scene.context()).await.unwrap();
        }
        let ready = step.await_ready(&scene.context(), None).await.unwrap();
        assert_eq!(ready, Readiness::Ready(Outputs::new()));
        let found = step.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Ours(there) if there.name == wanted));
    }
    let vendor = project(None).await;
    let mut scene = scene();
    let kind = ResourceKind::PointInTimeRecovery;
    scene.knows(kind, PROJECT, "pitr_14", Some("pitr_14"));
    let step = step(&vendor.base, "", Occasion::Run);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(off) if off.name == "off" && off.content_hash.is_none()));
}

#[test]
fn too_small_an_instance_is_told_before_anything_is_made() {
    for (size, days, told) in [
        (json!("micro"), "7", true),
        (json!(""), "7", true),
        (json!("small"), "7", false),
        (json!("micro"), "", false),
    ] {
        let with = json!({ "project": PROJECT, "days": days, "size": size });
        let built = |occasion| {
            let with = parameters(&with).on(occasion);
            (ENTRY.build)(&clouds("http://127.0.0.1:9"), &with).is_err()
        };
        assert_eq!(built(Occasion::Plan), told, "{size} for {days:?}");
        assert!(!built(Occasion::Undo), "what is there goes all the same");
    }
}

#[test]
fn other_days_are_the_blueprints_fault() {
    let with = parameters(&json!({ "project": PROJECT, "days": "5" }));
    let built = (ENTRY.build)(&clouds("http://127.0.0.1:9"), &with);
    assert_eq!(built.err().unwrap().code(), "blueprint_invalid");
}
