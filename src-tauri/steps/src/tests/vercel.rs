//! A project, its variables, its deployments, its domain: found, made, and taken away.

use fabrik_domain::{blueprint::StepKind, failure::Outcome, resource::ResourceKind};
use fabrik_engine::step::{Created, Found, Parent, Readiness, Undone};
use serde_json::{Value, json};

use super::{build, existing, not_found, rebuild};
use crate::{
    custom_domain,
    testing::{Asked, Scene, Vendor},
    vercel_deployment, vercel_environment, vercel_project,
};

#[tokio::test]
async fn a_project_is_ours_by_the_variable_it_was_made_with() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let mark = scene.mark().to_string();
    for (value, ours) in [(mark.as_str(), true), ("fabrik:other:customer", false)] {
        let value = value.to_owned();
        let vendor = Vendor::start(move |asked| match asked.path.as_str() {
            "/v9/projects/akermark" => (200, json!({"id": "prj_1", "name": "akermark"})),
            "/v10/projects/akermark/env" => (200, json!({"envs": [
                {"key": "FABRIK_MARK", "type": "plain", "value": value, "target": ["production"]},
            ]})),
            _ => not_found(),
        })
        .await;
        let with = json!({"name": "akermark", "repository": "acme/akermark"});
        let step = build(&vercel_project::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), ours, "{found:?}");
        assert_eq!(matches!(found, Found::Foreign(_)), !ours, "{found:?}");
    }
}

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

#[tokio::test]
async fn a_deployment_older_than_the_variables_does_not_serve() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    for (changed, adopted) in [(10, true), (30, false)] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v7/deployments" => (200, json!({"deployments": [
                {"uid": "dpl_1", "state": "READY", "created": 20, "url": "a-1.vercel.app"},
            ]})),
            "/v10/projects/prj_1/env" => (200, json!({"envs": [
                {"key": "URL", "type": "plain", "value": "x", "target": ["production"], "updatedAt": changed},
            ]})),
            _ => not_found(),
        })
        .await;
        let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), adopted, "{found:?}");
    }
}

#[tokio::test]
async fn a_blocked_deployment_fails_and_a_building_one_is_waited_on() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    for (state, ready) in [
        ("BLOCKED", "failed"),
        ("BUILDING", "not yet"),
        ("READY", "ready"),
    ] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v13/deployments/dpl_1" => (
                200,
                json!({"id": "dpl_1", "readyState": state, "alias": ["a.vercel.app"]}),
            ),
            "/v9/projects/prj_1/domains" => (
                200,
                json!({"domains": [{"name": "a.vercel.app", "verified": true}]}),
            ),
            _ => not_found(),
        })
        .await;
        let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let row = existing("dpl_1", "a", None);
        let readiness = step
            .await_ready(&scene.context(), Some(&row))
            .await
            .unwrap();
        let got = match &readiness {
            Readiness::Failed(problem) if problem.code() == "deployment_failed" => "failed",
            Readiness::NotYet { .. } => "not yet",
            Readiness::Ready(_) => "ready",
            Readiness::Deferred { .. } => "deferred",
            Readiness::Failed(_) => "failed otherwise",
        };
        assert_eq!(got, ready, "{state}: {readiness:?}");
    }
}

#[tokio::test]
async fn a_project_whose_mark_may_be_hidden_is_neither_ours_nor_anothers() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let vendor = Vendor::start(|asked| match asked.path.as_str() {
        "/v9/projects/akermark" => (200, json!({"id": "prj_1", "name": "akermark"})),
        "/v10/projects/akermark/env" => (200, json!({"envs": [], "hiddenProductionEnvCount": 2})),
        _ => not_found(),
    })
    .await;
    let with = json!({"name": "akermark", "repository": "acme/akermark"});
    let step = build(&vercel_project::ENTRY, &vendor.base, &with);
    let found = step.find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::CannotSee(problem) if problem.code() == "cannot_see"));
}

#[tokio::test]
async fn a_project_is_deleted_by_its_id_with_its_mark_alone() {
    let scene = Scene::new(StepKind::VercelProject, "site");
    let mark = scene.mark().to_string();
    // Whether it is there, its mark, whether the team is seen; what becomes of it, and by how many calls.
    for (there, value, team, expected, deletions) in [
        (true, mark.as_str(), true, "gone", 1),
        (true, "fabrik:other:customer", true, "not_ours", 0),
        (false, mark.as_str(), true, "gone", 0),
        (false, mark.as_str(), false, "cannot_see", 0),
    ] {
        let value = value.to_owned();
        let vendor = Vendor::start(move |asked| {
            let path = asked.path.split('?').next().unwrap();
            match (asked.method.as_str(), path) {
                (_, "/v2/teams/acme") if team => (200, json!({"id": "team_1", "slug": "acme"})),
                ("DELETE", "/v9/projects/prj_1") => (204, Value::Null),
                ("GET", "/v9/projects/prj_1") if there => {
                    (200, json!({"id": "prj_1", "name": "renamed"}))
                }
                (_, "/v10/projects/prj_1/env") => (
                    200,
                    json!({"envs": [
                        {"key": "FABRIK_MARK", "type": "plain", "value": value, "target": ["production"]},
                    ]}),
                ),
                _ => not_found(),
            }
        })
        .await;
        let with = json!({"name": "akermark", "team": "acme", "repository": "acme/akermark"});
        let step = build(&vercel_project::ENTRY, &vendor.base, &with);
        let row = existing("prj_1", "akermark", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected);
        assert_eq!(vendor.changes().len(), deletions, "{expected}");
    }
}

/// Whose token it is.
fn person(id: &str) -> (u16, Value) {
    (200, json!({"user": {"id": id, "username": id}}))
}

#[tokio::test]
async fn what_is_no_teams_is_gone_for_the_person_alone_who_made_it() {
    for (who, expected) in [("anna", "gone"), ("bo", "cannot_see")] {
        // Vercel hides what is another's by a 404.
        let nothing = |who: &'static str| {
            Vendor::start(move |asked| match asked.path.as_str() {
                "/v2/user" => person(who),
                _ => not_found(),
            })
        };
        let mut scene = Scene::new(StepKind::VercelProject, "site");
        let with = json!({"name": "akermark", "repository": "acme/akermark"});
        let annas = nothing("anna").await;
        let step = build(&vercel_project::ENTRY, &annas.base, &with);
        scene.intends(step.find(&scene.context()).await.unwrap());
        let later = nothing(who).await;
        let step = build(&vercel_project::ENTRY, &later.base, &with);
        let row = existing("prj_1", "akermark", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected, "a project, for {who}");
        let found = step.find(&scene.context()).await.unwrap();
        let absent = matches!(found, Found::Absent { .. });
        assert_eq!(absent, who == "anna", "nor is it made again: {found:?}");
        let with = json!({"project": "prj_1", "variables": []});
        let step = rebuild(&vercel_environment::ENTRY, &later.base, &with);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected, "variables, for {who}");
        let with = json!({"project": "prj_1", "domain": "a.se"});
        let step = rebuild(&custom_domain::ENTRY, &later.base, &with);
        let row = existing("a.se", "a.se", None);
        let undone = step.undo(&scene.context(), &row).await.unwrap();
        assert_eq!(told(undone), expected, "a domain, for {who}");
    }
}

fn told(undone: Undone) -> String {
    match undone {
        Undone::Gone => "gone".to_owned(),
        Undone::Stays => "stays".to_owned(),
        Undone::NotYet { status } => status,
        Undone::Refused(problem) | Undone::CannotSee(problem) => problem.code(),
    }
}

// --- Variables in a project that stays ---

/// A project with these variables; each change is a millisecond after the one before.
fn project_with(variables: &Value) -> impl Fn(&Asked) -> (u16, Value) + use<> {
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

#[tokio::test]
async fn in_a_shared_project_only_our_variables_go() {
    let vendor = Vendor::start(project_with(&anothers())).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    for turn in ["once", "twice"] {
        let undone = undoing.undo(&scene.context(), &made).await.unwrap();
        assert_eq!(undone, Undone::Gone, "{turn}");
    }
    let left = crate::testing::vercel(&vendor.base)
        .variables(None, "shared")
        .await
        .unwrap();
    let keys: Vec<_> = left.variables.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["URL_B"], "another customer's is not touched");
}

#[tokio::test]
async fn a_variable_that_was_touched_since_stays() {
    let vendor = Vendor::start(project_with(&json!([]))).await;
    let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
    let with = shared(&mut scene);
    let step = build(&vercel_environment::ENTRY, &vendor.base, &with);
    scene.intends(step.find(&scene.context()).await.unwrap());
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    // Somebody sets the secret one anew: its value can't be read, its time tells.
    let by_hand = json!({"project": "shared", "variables": [
        {"key": "KEY_A", "value": "secret:other", "targets": ["production"]},
    ]});
    let hand = build(&vercel_environment::ENTRY, &vendor.base, &by_hand);
    hand.create(&scene.context()).await.unwrap();
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    for turn in ["once", "twice"] {
        let undone = undoing.undo(&scene.context(), &made).await.unwrap();
        assert_eq!(told(undone), "changed_since", "{turn}");
    }
    let left = crate::testing::vercel(&vendor.base)
        .variables(None, "shared")
        .await
        .unwrap();
    let keys: Vec<_> = left.variables.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["KEY_A"], "what nobody touched is gone");
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
    scene.intends(step.find(&scene.context()).await.unwrap());
    let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
        panic!("it has an id")
    };
    let undoing = rebuild(&vercel_environment::ENTRY, &vendor.base, &with);
    for turn in ["once", "twice"] {
        let undone = undoing.undo(&scene.context(), &made).await.unwrap();
        assert_eq!(undone, Undone::Gone, "{turn}");
    }
    let left = crate::testing::vercel(&vendor.base)
        .variables(None, "shared")
        .await
        .unwrap();
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
        let left = crate::testing::vercel(&vendor.base)
            .variables(None, "shared")
            .await
            .unwrap();
        let keys: Vec<_> = left.variables.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["URL_B"], "{status}: no secret is left behind");
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
    let left = crate::testing::vercel(&vendor.base)
        .variables(None, "shared")
        .await
        .unwrap();
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

// --- Deployments ---

#[tokio::test]
async fn a_push_between_two_looks_is_not_taken_for_ours() {
    let mut scene = Scene::new(StepKind::VercelDeployment, "deploy");
    scene.evidence = Some(json!({"before": ["dpl_old"]}));
    let mark = scene.mark().to_string();
    let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
    for (meta, ours) in [
        (json!({"githubCommitSha": "c1"}), false),
        (json!({"fabrikMark": mark}), true),
    ] {
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            "/v7/deployments" => (
                200,
                json!({"deployments": [
                    {"uid": "dpl_new", "state": "BUILDING", "created": 20, "meta": meta},
                    {"uid": "dpl_old", "state": "READY", "created": 10, "meta": meta},
                ]}),
            ),
            _ => (200, json!({"envs": []})),
        })
        .await;
        let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(
            matches!(&found, Found::Ours(one) if one.id == "dpl_new"),
            ours,
            "{found:?}"
        );
        assert_eq!(matches!(found, Found::Absent { .. }), !ours, "{found:?}");
    }
}

#[tokio::test]
async fn a_deployment_bears_the_mark_and_stays_in_a_project_that_stays() {
    let scene = Scene::new(StepKind::VercelDeployment, "deploy");
    let vendor = Vendor::start(|_| (200, json!({"id": "dpl_1", "readyState": "QUEUED"}))).await;
    let with = json!({"project": "prj_1", "name": "a", "repo_id": "7", "ref": "main"});
    let step = build(&vercel_deployment::ENTRY, &vendor.base, &with);
    step.create(&scene.context()).await.unwrap();
    let body = &vendor.changes()[0].body;
    assert_eq!(body["meta"]["fabrikMark"], scene.mark().to_string());
    let parent = Parent::covering(ResourceKind::VercelProject, "prj_1");
    assert_eq!(step.within(), Some(parent));
    let undone = step
        .undo(&scene.context(), &existing("dpl_1", "a", None))
        .await
        .unwrap();
    assert_eq!(undone, Undone::Stays);
    assert_eq!(vendor.changes().len(), 1, "visitors may meet it");
}
