//! Variables: written once a target, known again, and taken back where the project stays.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Json, Router,
    http::StatusCode,
    routing::{delete, post},
};
use fabrik_clouds::vercel::Environment;
use fabrik_domain::{blueprint::StepKind, failure::Outcome, resource::ResourceKind};
use fabrik_engine::step::{Created, Found, Undone};
use serde_json::{Value, json};

use super::person;
use crate::{
    testing::{Asked, Scene, Vendor},
    tests::{build, existing, made, not_found, rebuild, undone_twice},
    vercel_environment,
};

#[tokio::test]
async fn variables_once_written_are_known_again() {
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let vendor = Vendor::start(|asked| {
        if asked.method == "POST" {
            return (201, json!({"created": [{"updatedAt": 17}], "failed": []}));
        }
        if asked.path == "/v2/user" {
            return person("anna");
        }
        let targets = json!(["production", "preview", "development"]);
        (
            200,
            json!({"envs": [
                {"key": "URL", "type": "plain", "value": "https://a", "target": targets},
                {"key": "KEY", "type": "sensitive", "target": targets},
            ]}),
        )
    })
    .await;
    let with = json!({"project": "prj_1", "variables": [
        {"key": "URL", "value": "https://a"}, {"key": "KEY", "value": "secret:s3cret"},
    ]});
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    assert!(matches!(
        step.find(&scene.context()).await.unwrap(),
        Found::Absent { .. }
    ));
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let calls = vendor.changes();
    assert_eq!(calls.len(), 3, "one call per target");
    let types = |target: &str| {
        let call = calls
            .iter()
            .find(|call| call.body[0]["target"] == json!([target]))
            .unwrap();
        (call.body[0]["type"].clone(), call.body[1]["type"].clone())
    };
    assert_eq!(types("production"), (json!("plain"), json!("sensitive")));
    assert_eq!(types("development"), (json!("plain"), json!("encrypted")));
    assert!(!format!("{made:?}").contains("s3cret"));
    let hash = made.content_hash.as_deref();
    scene.knows(ResourceKind::VercelEnvironment, "prj_1", &made.name, hash);
    assert_eq!(
        step.find(&scene.context()).await.unwrap(),
        Found::Ours(made)
    );
    assert_eq!(vendor.changes().len(), 3, "nothing is written again");
}

/// Where a project's variables are changed by one at a time, and shown with these. Gives its address.
async fn one_at_a_time(shown: Value) -> String {
    let under_way = Arc::new(AtomicBool::new(false));
    let change = async move |answer: Value| {
        if under_way.swap(true, Ordering::SeqCst) {
            let error = json!({"code": "bad_request", "message": "an ongoing update env update"});
            return (StatusCode::BAD_REQUEST, Json(json!({ "error": error })));
        }
        // Whoever else is on the way comes in.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        under_way.store(false, Ordering::SeqCst);
        (StatusCode::OK, Json(answer))
    };
    let write = change.clone();
    let all = post(async move || {
        let created = json!({"created": [{"updatedAt": 17}], "failed": []});
        write(created).await
    });
    let all = all.get(async move || Json(json!({ "envs": shown })));
    let one = delete(async move || change(json!({})).await);
    let router = Router::new()
        .route("/v10/projects/prj_1/env", all)
        .route("/v9/projects/prj_1/env/{id}", one);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

#[tokio::test]
async fn one_change_of_a_project_waits_for_the_other() {
    let shown = |key: &str| json!({"id": key, "key": key, "type": "plain", "value": "x", "target": ["production"]});
    let base = one_at_a_time(json!([shown("A"), shown("B")])).await;
    let scene = Scene::new(StepKind::VercelEnvironment, "env");
    let everywhere =
        json!({"project": "prj_1", "variables": [{"key": "URL", "value": "https://a"}]});
    let step = build(&vercel_environment::ENTRY, &base, &everywhere);
    let made = step.create(&scene.context()).await.unwrap();
    assert!(matches!(made, Created::Resource(_)), "{made:?}");

    let several = json!({"project": "prj_1", "variables": [
        {"key": "A", "value": "x", "targets": ["production"]},
        {"key": "B", "value": "x", "targets": ["production"]},
    ]});
    let undoing = rebuild(&vercel_environment::ENTRY, &base, &several);
    let existing = existing("prj_1", "A, B", None);
    let undone = undoing.undo(&scene.context(), &existing).await.unwrap();
    assert_eq!(undone, Undone::Gone);
}

// --- In a project that stays ---

/// A project with these variables; each change is a millisecond after the one before.
pub(super) fn project_with(variables: &Value) -> impl Fn(&Asked) -> (u16, Value) + use<> {
    let state = std::sync::Mutex::new((variables.as_array().unwrap().clone(), 100));
    move |asked| {
        let mut state = state.lock().unwrap();
        let (variables, clock) = &mut *state;
        *clock += 1;
        match asked.method.as_str() {
            _ if asked.path == "/v2/user" => person("anna"),
            "POST" => {
                let mut created = Vec::new();
                for wish in asked.body.as_array().unwrap() {
                    let same = |one: &&mut Value| {
                        one["key"] == wish["key"] && one["target"] == wish["target"]
                    };
                    if let Some(one) = variables.iter_mut().find(same) {
                        one["value"] = wish["value"].clone();
                        one["updatedAt"] = json!(clock);
                        created.push(one.clone());
                        continue;
                    }
                    let mut new = wish.clone();
                    new["id"] = json!(format!("env_{}_{}", wish["key"], wish["target"]));
                    new["updatedAt"] = json!(clock);
                    variables.push(new.clone());
                    created.push(new);
                }
                (201, json!({"created": created, "failed": []}))
            }
            "DELETE" => {
                let before = variables.len();
                let path = asked.path.split('?').next().unwrap();
                let id = path.rsplit('/').next().unwrap();
                let decoded = id
                    .replace("%22", "\"")
                    .replace("%5B", "[")
                    .replace("%5D", "]");
                variables.retain(|one| one["id"] != decoded.as_str());
                if variables.len() < before {
                    (200, json!({}))
                } else {
                    not_found()
                }
            }
            _ => {
                let mut shown = variables.clone();
                for one in &mut shown {
                    if one["type"] == "sensitive" {
                        one["value"] = json!("");
                    }
                }
                (200, json!({"envs": shown}))
            }
        }
    }
}

fn shared(scene: &mut Scene) -> Value {
    let setting = ("vercel.project".to_owned(), "shared".to_owned());
    scene.snapshot.settings.extend([setting]);
    json!({"project": "shared", "variables": [
        {"key": "URL_A", "value": "https://a", "targets": ["production"]},
        {"key": "KEY_A", "value": "secret:s3cret", "targets": ["production"]},
    ]})
}

fn anothers() -> Value {
    json!([{
        "id": "env_other", "key": "URL_B", "type": "plain", "value": "https://b",
        "target": ["production"], "updatedAt": 5,
    }])
}

/// What is in the shared project by now.
async fn left(vendor: &Vendor) -> Environment {
    let vercel = crate::testing::vercel(&vendor.base);
    vercel.variables(None, "shared").await.unwrap()
}

pub(super) async fn keys_left(vendor: &Vendor) -> Vec<String> {
    let left = left(vendor).await.variables.into_iter();
    left.map(|one| one.key).collect()
}

#[tokio::test]
async fn in_a_shared_project_only_our_variables_go() {
    let vendor = Vendor::start(project_with(&anothers())).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let made = made(&mut scene, step.as_ref()).await;
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    undone_twice(&scene, undoing.as_ref(), &made, "gone").await;
    assert_eq!(
        keys_left(&vendor).await,
        ["URL_B"],
        "another customer's is not touched"
    );
}

#[tokio::test]
async fn a_variable_that_was_touched_since_stays() {
    let vendor = Vendor::start(project_with(&json!([]))).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let made = made(&mut scene, step.as_ref()).await;
    // Somebody sets the secret one anew: its value can't be read, its time tells.
    let by_hand = json!({"project": "shared", "variables": [
        {"key": "KEY_A", "value": "secret:other", "targets": ["production"]},
    ]});
    let hand = build(&vercel_environment::ENTRY, &vendor.base, &by_hand);
    hand.create(&scene.context()).await.unwrap();
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    undone_twice(&scene, undoing.as_ref(), &made, "changed_since").await;
    assert_eq!(
        keys_left(&vendor).await,
        ["KEY_A"],
        "what nobody touched is gone"
    );
}

#[tokio::test]
async fn what_comes_true_late_of_a_writing_whose_answer_was_lost_goes_too() {
    let vendor = Vendor::start(project_with(&json!([]))).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    scene.intends(found);
    // The answer to the first writing is lost: it is looked for, and written once more.
    step.find(&scene.context()).await.unwrap();
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let first = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    first.create(&scene.context()).await.unwrap();
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    undone_twice(&scene, undoing.as_ref(), &made, "gone").await;
    assert!(keys_left(&vendor).await.is_empty());
}

#[tokio::test]
async fn anothers_variable_in_a_shared_project_is_in_the_way() {
    let taken = json!([{
        "id": "env_x", "key": "URL_A", "type": "plain", "value": "https://x", "target": ["production"],
    }]);
    let vendor = Vendor::start(project_with(&taken)).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Foreign(problem) if problem.code() == "name_taken"));
    // By the records it is ours.
    scene.knows(
        ResourceKind::VercelEnvironment,
        "shared",
        "URL_A, KEY_A",
        Some("older@0"),
    );
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
}

#[tokio::test]
async fn what_was_there_in_a_project_of_its_own_is_put_back() {
    let earlier = json!([{
        "id": "env_1", "key": "URL_A", "type": "plain", "value": "https://earlier",
        "target": ["production"], "updatedAt": 5,
    }]);
    let vendor = Vendor::start(project_with(&earlier)).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    scene.snapshot.settings.clear();
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let made = made(&mut scene, step.as_ref()).await;
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    undone_twice(&scene, undoing.as_ref(), &made, "gone").await;
    let left = left(&vendor).await;
    assert_eq!(left.plain("URL_A"), Some("https://earlier"));
    assert_eq!(left.variables.len(), 1, "{left:?}");
}

#[tokio::test]
async fn an_intent_whose_outcome_was_lost_is_found_by_what_is_new() {
    let vendor = Vendor::start(project_with(&anothers())).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = undoing.find(&scene.context()).await.unwrap();
    assert!(
        matches!(found, Found::Absent { .. }),
        "nothing was written: {found:?}"
    );
    // The call was made, and its answer lost.
    step.create(&scene.context()).await.unwrap();
    let Found::Ours(found) = undoing.find(&scene.context()).await.unwrap() else {
        panic!("they are new")
    };
    let undone = undoing.undo(&scene.context(), &found).await.unwrap();
    assert_eq!(undone, Undone::Gone);
}

/// The same vendor, whose first answers to a writing for previews are these.
fn failing_previews(answers: Vec<(u16, Value)>) -> impl Fn(&Asked) -> (u16, Value) + use<> {
    let (project, answers) = (project_with(&anothers()), std::sync::Mutex::new(answers));
    move |asked| {
        let mut answers = answers.lock().unwrap();
        if asked.method == "POST"
            && asked.body[0]["target"] == json!(["preview"])
            && !answers.is_empty()
        {
            return answers.remove(0);
        }
        project(asked)
    }
}

#[tokio::test]
async fn what_one_target_has_is_not_forgotten_where_another_is_refused() {
    let failed = json!({"error": {"code": "ENV_CONFLICT", "message": "no", "envVarKey": "KEY_A"}});
    let throttled = json!({"error": {"code": "rate_limited", "message": "no"}});
    for (status, answer) in [
        (429, throttled),
        (
            400,
            json!({"error": {"code": "bad_request", "message": "no"}}),
        ),
        (
            201,
            json!({"created": [{"updatedAt": 1}], "failed": [failed]}),
        ),
    ] {
        let vendor = Vendor::start(failing_previews(vec![(status, answer)])).await;
        let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
        shared(&mut scene);
        let with = json!({"project": "shared", "variables": [
            {"key": "KEY_A", "value": "secret:s3cret", "targets": ["production", "preview"]},
        ]});
        let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
        scene.intends(step.find(&scene.context()).await.unwrap());
        let Created::Partly { existing, failure } = step.create(&scene.context()).await.unwrap()
        else {
            panic!("{status}: production has the customer's secret")
        };
        assert_eq!(existing.name, "KEY_A", "{status}: {failure}");
        if status == 429 {
            let waits = step.find(&scene.context()).await.unwrap_err();
            let Outcome::Throttled(until) = waits.outcome else {
                panic!("it waits as told: {waits}")
            };
            *scene.clock.0.lock().unwrap() = until;
        }
        let found = step.find(&scene.context()).await.unwrap();
        assert!(
            matches!(found, Found::Absent { .. }),
            "{status}: it goes on, and takes its own for nobody else's: {found:?}"
        );
        // It goes back instead.
        let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
        let Found::Ours(half) = undoing.find(&scene.context()).await.unwrap() else {
            panic!("{status}: what was written is found")
        };
        let undone = undoing.undo(&scene.context(), &half).await.unwrap();
        assert_eq!(undone, Undone::Gone);
        assert_eq!(
            keys_left(&vendor).await,
            ["URL_B"],
            "{status}: no secret is left behind"
        );
    }
}

#[tokio::test]
async fn what_is_written_is_not_written_again_with_the_rest() {
    let refusal = (
        429,
        json!({"error": {"code": "rate_limited", "message": "no"}}),
    );
    let vendor = Vendor::start(failing_previews(vec![refusal])).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    shared(&mut scene);
    let with = json!({"project": "shared", "variables": [
        {"key": "URL_A", "value": "https://a", "targets": ["production", "preview"]},
    ]});
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    let first = step.create(&scene.context()).await.unwrap();
    assert!(matches!(first, Created::Partly { .. }), "{first:?}");
    step.create(&scene.context()).await.unwrap();
    let targets: Vec<_> = vendor
        .changes()
        .iter()
        .map(|asked| asked.body[0]["target"][0].clone())
        .collect();
    let count = |target: &str| targets.iter().filter(|one| **one == target).count();
    assert_eq!((count("production"), count("preview")), (1, 2));
}

#[tokio::test]
async fn a_variable_that_turns_secret_is_made_anew() {
    let shown = json!([{
        "id": "env_1", "key": "KEY_A", "type": "plain", "value": "s3cret",
        "target": ["production"], "updatedAt": 5,
    }]);
    let vendor = Vendor::start(project_with(&shown)).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    scene.knows(
        ResourceKind::VercelEnvironment,
        "shared",
        "URL_A, KEY_A",
        Some("older@5"),
    );
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    let Found::Absent { evidence } = &found else {
        panic!("{found:?}")
    };
    assert!(
        !evidence.to_string().contains("s3cret"),
        "nor is it kept: {evidence}"
    );
    scene.intends(found);
    step.create(&scene.context()).await.unwrap();
    let left = left(&vendor).await;
    let kind = left
        .variables
        .iter()
        .find(|one| one.key == "KEY_A")
        .map(|one| one.kind.as_str());
    assert_eq!(
        kind,
        Some("sensitive"),
        "an upsert would have left it plain"
    );
}
