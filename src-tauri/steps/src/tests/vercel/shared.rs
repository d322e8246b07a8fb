//! The variables of a customer whose later runs write more than the first, in a project that all customers share.

use fabrik_domain::{
    blueprint::StepKind,
    resource::{Found as Existing, Origin, ResourceKind, ResourceState},
};
use fabrik_engine::step::{Created, Found};
use serde_json::{Value, json};

use super::environment::{keys_left, project_with};
use crate::{
    testing::{Asked, Scene, Vendor},
    tests::{build, existing, made, not_found, plan, rebuild, undone_twice},
    vercel_environment,
};

const PROJECT: &str = "shared";

fn scene() -> Scene {
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let setting = ("vercel.project".to_owned(), PROJECT.to_owned());
    scene.snapshot.settings.extend([setting]);
    scene
}

/// Secrets of these names and values, for production.
fn secrets(variables: &[(&str, &str)]) -> Value {
    let variables: Vec<_> = variables
        .iter()
        .map(|(key, value)| {
            json!({"key": key, "value": format!("secret:{value}"), "targets": ["production"]})
        })
        .collect();
    json!({"project": PROJECT, "variables": variables})
}

impl Scene {
    /// Puts what a run has written into the records, and begins another.
    fn ends(&mut self, made: &Existing, origin: Origin, state: ResourceState) {
        let hash = made.content_hash.as_deref();
        let kind = ResourceKind::VercelEnvironment;
        let mut row = self.row(kind, &made.id, &made.name, hash);
        (row.origin, row.state) = (origin, state);
        if state == ResourceState::Live {
            self.known.insert(0, row.clone());
        }
        self.all.push(row);
        self.evidence = None;
    }
}

async fn wrote(scene: &mut Scene, vendor: &Vendor, with: &Value) -> Existing {
    let step = build(&vercel_environment::ENTRY, &vendor.base, with);
    made(scene, step.as_ref()).await
}

/// One run has written `A`, and another beside it `B`, which was rolled back if so.
async fn two_runs(rolled_back: bool) -> (Scene, Vendor, Existing) {
    let vendor = Vendor::start(project_with(&json!([]))).await;
    let mut scene = scene();
    let first = wrote(&mut scene, &vendor, &secrets(&[("A", "1")])).await;
    scene.ends(&first, Origin::Created, ResourceState::Live);
    let second = wrote(&mut scene, &vendor, &secrets(&[("B", "2")])).await;
    let state = if rolled_back {
        ResourceState::LetGo
    } else {
        ResourceState::Live
    };
    scene.ends(&second, Origin::Adopted, state);
    (scene, vendor, first)
}

#[tokio::test]
async fn what_a_run_that_was_rolled_back_has_left_is_not_in_the_way_of_the_next() {
    let (scene, vendor, _) = two_runs(true).await;
    let next = secrets(&[("B", "3")]);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &next);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
    // Somebody has written it since: it is theirs.
    let by_hand = build(&vercel_environment::ENTRY, &vendor.base, &next);
    by_hand.create(&scene.context()).await.unwrap();
    let found = step.find(&scene.context()).await.unwrap();
    assert!(
        matches!(&found, Found::Foreign(problem) if problem.code() == "name_taken"),
        "{found:?}"
    );
}

#[tokio::test]
async fn what_the_owner_has_let_go_of_is_not_ours_any_more() {
    let (mut scene, vendor, _) = two_runs(true).await;
    scene.all[1].origin = Origin::Created;
    let next = secrets(&[("B", "3")]);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &next);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Foreign(_)), "{found:?}");
}

#[tokio::test]
async fn what_later_runs_have_added_goes_with_the_first_ones() {
    for rolled_back in [false, true] {
        let (scene, vendor, first) = two_runs(rolled_back).await;
        let with = secrets(&[("A", "1")]);
        let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
        undone_twice(&scene, undoing.as_ref(), &first, "gone").await;
        assert_eq!(keys_left(&vendor).await, [""; 0], "{rolled_back}");
    }
}

#[tokio::test]
async fn what_later_runs_have_added_stays_where_it_was_touched_since() {
    let (scene, vendor, first) = two_runs(false).await;
    let hand = secrets(&[("B", "by hand")]);
    let hand = build(&vercel_environment::ENTRY, &vendor.base, &hand);
    hand.create(&scene.context()).await.unwrap();
    let with = secrets(&[("A", "1")]);
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    undone_twice(&scene, undoing.as_ref(), &first, "changed_since").await;
    assert_eq!(keys_left(&vendor).await, ["B"]);
}

#[tokio::test]
async fn a_secret_that_was_another_in_between_is_written_again() {
    for between in [ResourceState::Live, ResourceState::LetGo] {
        let vendor = Vendor::start(project_with(&json!([]))).await;
        let mut scene = scene();
        let (one, other) = (secrets(&[("A", "1")]), secrets(&[("A", "2")]));
        let first = wrote(&mut scene, &vendor, &one).await;
        scene.ends(&first, Origin::Created, ResourceState::Live);
        let second = wrote(&mut scene, &vendor, &other).await;
        scene.ends(&second, Origin::Adopted, between);
        let find = async |with: &Value| {
            let step = build(&vercel_environment::ENTRY, &vendor.base, with);
            step.find(&scene.context()).await.unwrap()
        };
        let found = find(&one).await;
        assert!(
            matches!(found, Found::Absent { .. }),
            "{between:?}: the other is there: {found:?}"
        );
        let found = find(&other).await;
        assert!(matches!(found, Found::Ours(_)), "{between:?}: {found:?}");
    }
}

#[tokio::test]
async fn an_attempt_without_an_end_leaves_nothing_to_be_trusted() {
    let vendor = Vendor::start(project_with(&json!([]))).await;
    let mut scene = scene();
    let with = secrets(&[("A", "1")]);
    let first = wrote(&mut scene, &vendor, &with).await;
    scene.ends(&first, Origin::Created, ResourceState::Live);
    let nothing = Existing {
        id: String::new(),
        content_hash: None,
        ..first
    };
    scene.ends(&nothing, Origin::Created, ResourceState::Removed);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
}

#[tokio::test]
async fn a_writing_that_broke_off_is_not_taken_for_a_whole_one() {
    let project = project_with(&json!([]));
    let refused = std::sync::Mutex::new(false);
    let vendor = Vendor::start(move |asked: &Asked| {
        let is_preview = asked.method == "POST" && asked.body[0]["target"] == json!(["preview"]);
        if is_preview && !std::mem::replace(&mut *refused.lock().unwrap(), true) {
            let error = json!({"code": "bad_request", "message": "no"});
            return (400, json!({ "error": error }));
        }
        project(asked)
    })
    .await;
    let mut scene = scene();
    let with = |value: &str| {
        json!({"project": PROJECT, "variables": [
            {"key": "A", "value": format!("secret:{value}"), "targets": ["production", "preview"]},
        ]})
    };
    let first = wrote_but(&mut scene, &vendor, &with("1")).await;
    // By hand the other target gets something: all names are there.
    let hand = json!({"project": PROJECT, "variables": [
        {"key": "A", "value": "secret:by hand", "targets": ["preview"]},
    ]});
    let hand = build(&vercel_environment::ENTRY, &vendor.base, &hand);
    hand.create(&scene.context()).await.unwrap();
    scene.ends(&first, Origin::Created, ResourceState::Live);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with("1"));
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
}

/// The same, of which a part is refused.
async fn wrote_but(scene: &mut Scene, vendor: &Vendor, with: &Value) -> Existing {
    let step = build(&vercel_environment::ENTRY, &vendor.base, with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    match step.create(&scene.context()).await.unwrap() {
        Created::Partly { existing, .. } => existing,
        other => panic!("a part is refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_name_that_may_be_hidden_is_not_written_over() {
    for rest in [
        json!({"hiddenProductionEnvCount": 1}),
        json!({"pagination": {"count": 0, "next": 5, "prev": null}}),
    ] {
        let mut list = rest.clone();
        list["envs"] = json!([]);
        let vendor = Vendor::start(move |asked: &Asked| match asked.path.as_str() {
            "/v2/user" => super::person("anna"),
            _ => (200, list.clone()),
        })
        .await;
        let mut scene = scene();
        let with = secrets(&[("A", "1")]);
        let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert!(
            matches!(&found, Found::CannotSee(problem) if problem.code() == "cannot_see"),
            "{rest}: {found:?}"
        );
        // By the records it is ours.
        let ours = existing(PROJECT, "A", Some("older@0"));
        scene.ends(&ours, Origin::Created, ResourceState::Live);
        let found = step.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Absent { .. }), "{rest}: {found:?}");
    }
}

#[tokio::test]
async fn a_plan_tells_what_is_taken_before_the_values_are_known() {
    const { assert!(vercel_environment::ENTRY.plans_alone) };
    let vendor = Vendor::start(project_with(&json!([]))).await;
    let mut scene = scene();
    let with = secrets(&[("A", "")]);
    let step = plan(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "free: {found:?}");

    let first = wrote(&mut scene, &vendor, &secrets(&[("A", "1")])).await;
    scene.evidence = None;
    let found = step.find(&scene.context()).await.unwrap();
    assert!(
        matches!(&found, Found::Foreign(problem) if problem.code() == "name_taken"),
        "not by the records: {found:?}"
    );
    scene.ends(&first, Origin::Created, ResourceState::Live);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "ours: {found:?}");
    let whole = build(
        &vercel_environment::ENTRY,
        &vendor.base,
        &secrets(&[("A", "1")]),
    );
    let found = whole.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Ours(_)), "known: {found:?}");
    // A project of the customer's own is no other customer's matter.
    scene.all.clear();
    scene.snapshot.settings.clear();
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "its own: {found:?}");
}

#[tokio::test]
async fn a_plan_leaves_a_project_that_is_not_seen_to_the_deployment() {
    let vendor = Vendor::start(|_| not_found()).await;
    let with = secrets(&[("A", "")]);
    let step = plan(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = step.find(&scene().context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
}
