//! What a workflow is made of, and what an n8n that shows little leaves in the dark. How it fares else is tried through
//! the engine, in `tests/simulation/workflows.rs`.

use std::sync::{Arc, Mutex};

use fabrik_clouds::n8n::{NEEDED, NEEDED_FOR_CREDENTIALS};
use fabrik_domain::blueprint::StepKind;
use serde_json::json;

use super::*;
use crate::testing::{Asked, Scene, Vendor, clouds, parameters};

const BASE: &str = "http://127.0.0.1:9";

fn step(with: &Value) -> Result<N8nWorkflows, Problem> {
    N8nWorkflows::new(&clouds(BASE), &parameters(with))
}

/// A scene whose blueprint has a step `database` too, and whose step is given this.
fn scene(with: &Value) -> Scene {
    let mut scene = Scene::new(StepKind::N8nWorkflows, "flows");
    let mut database = scene.step.clone();
    database.id = "database".to_owned();
    scene.snapshot.blueprint.steps.push(database);
    scene.step.with = with.as_object().unwrap().clone();
    scene
}

#[test]
fn what_other_steps_hand_on_and_what_credentials_hold_is_told_apart_and_held_nowhere() {
    let scene = scene(&json!({
        "values": {"rest": "{{ database.url }}/rest", "client": "{{ customer.name }}", "zone": "UTC"},
    }));
    let hashes = |rest: &str, client: &str, key: &str| {
        let with = json!({
            "workflows": ["a.json"], "values": {"rest": rest, "client": client, "zone": "UTC"},
            "credentials": [{"name": "Mail", "type": "smtp", "data": {"password": format!("secret:{key}")}}],
        });
        let (step, cx) = (step(&with).unwrap(), scene.context());
        Source::ALL.map(|source| step.hash(&cx, source))
    };
    let [values, credentials] = hashes("https://a", "Åke", "k1");
    assert_eq!(
        hashes("https://a", "Åkes", "k1"),
        [values.clone(), credentials.clone()],
        "a new name is no reason to undo what people have mended"
    );
    let [other, same] = hashes("https://b", "Åke", "k1");
    assert!(other != values && same == credentials);
    let [same, other] = hashes("https://a", "Åke", "k2");
    assert!(same == values && other != credentials);
}

/// An n8n whose key may not list credentials. It has this one, if any.
async fn discreet(newer: bool, has: Option<String>) -> Vendor {
    let has = Arc::new(Mutex::new(has));
    Vendor::start(move |asked: &Asked| {
        let path = asked.path.trim_start_matches("/api/v1");
        let none = (404, json!({"message": "not found"}));
        match (asked.method.as_str(), path) {
            ("GET", "/discover") if newer => (200, json!({"data": {"scopes": []}})),
            ("GET", path) if path.starts_with("/workflows?") => {
                (200, json!({"data": [], "nextCursor": null}))
            }
            ("GET", path) if path.starts_with("/credentials") => (403, json!({"message": "no"})),
            ("DELETE", path) => {
                let there = has.lock().unwrap().take();
                let is_it = |id: &String| path == format!("/credentials/{id}");
                if there.as_ref().is_some_and(is_it) {
                    (200, json!({}))
                } else {
                    none
                }
            }
            _ => none,
        }
    })
    .await
}

#[tokio::test]
async fn a_credential_that_nobody_has_heard_of_is_taken_away_unseen_or_told() {
    let with = json!({
        "workflows": ["a.json"],
        "credentials": [{"name": "Mail", "type": "smtp", "data": {"password": "secret:s3cret"}}],
    });
    for (newer, made, gone) in [
        (true, true, true),
        (true, false, true),
        (false, false, false),
    ] {
        let mut scene = scene(&with);
        let own = N8nWorkflows::own_id(&scene.context(), "Mail");
        let vendor = discreet(newer, made.then_some(own)).await;
        // Killed before the first answer.
        scene.evidence = Some(json!({ "before": [] }));
        let parameters = parameters(&with).on(Occasion::Undo);
        let step = N8nWorkflows::new(&clouds(&vendor.base), &parameters).unwrap();
        let found = step.find(&scene.context()).await.unwrap();
        let Found::Ours(there) = found else {
            panic!("it may be there: {found:?}")
        };
        let told = there.content_hash.as_deref().unwrap();
        assert!(told.contains("hash.values=half"), "{told}");
        let undone = step.undo(&scene.context(), &there).await.unwrap();
        assert_eq!(undone == Undone::Gone, gone, "{newer} {made}: {undone:?}");
        assert!(gone || matches!(undone, Undone::CannotSee(_)), "{undone:?}");
        let asked = vendor.changes().len();
        assert_eq!(asked, 1, "by the id that it was asked for with");
    }
}

/// An n8n that gives ids of its own, may change no credential and lists none for this key; the answer to the first that
/// is made is lost.
async fn losing_the_first() -> Vendor {
    let made = Arc::new(Mutex::new(0));
    Vendor::start(move |asked: &Asked| {
        let path = asked.path.trim_start_matches("/api/v1");
        let mut made = made.lock().unwrap();
        match (asked.method.as_str(), path) {
            ("GET", path) if path.starts_with("/workflows?") => {
                (200, json!({"data": [], "nextCursor": null}))
            }
            ("GET", path) if path.starts_with("/credentials") => (403, json!({"message": "no"})),
            ("POST", "/credentials") if asked.body["id"].is_string() => {
                let message = "request/body/id is read-only";
                (400, json!({ "message": message }))
            }
            ("POST", "/credentials") => {
                *made += 1;
                if *made == 1 {
                    return (500, json!({"message": "lost"}));
                }
                (200, json!({"id": format!("given-{made}"), "name": ""}))
            }
            ("DELETE", "/credentials/given-2") => (200, json!({})),
            _ => (404, json!({"message": "not found"})),
        }
    })
    .await
}

#[tokio::test]
async fn one_more_credential_that_nothing_shows_is_told() {
    let with = json!({
        "workflows": [],
        "credentials": [{"name": "Mail", "type": "smtp", "data": {"password": "secret:s3cret"}}],
    });
    // The step goes on as it is, or is built anew after a kill.
    for killed in [false, true] {
        let mut scene = scene(&with);
        let vendor = losing_the_first().await;
        let build = || N8nWorkflows::new(&clouds(&vendor.base), &parameters(&with)).unwrap();
        let mut step = build();
        scene.intends(step.find(&scene.context()).await.unwrap());
        let lost = step.create(&scene.context()).await.unwrap();
        let Created::Partly { failure, .. } = lost else {
            panic!("one may be there: {lost:?}")
        };
        assert_eq!(failure.outcome, Outcome::Unknown);
        if killed {
            step = build();
            let found = step.find(&scene.context()).await.unwrap();
            assert!(matches!(found, Found::Absent { .. }), "{found:?}");
        }
        let Created::Resource(there) = step.create(&scene.context()).await.unwrap() else {
            panic!("another is made")
        };
        let parts = Parts::read(there.content_hash.as_deref().unwrap());
        assert_eq!(parts.get("credential.Mail"), Some("given-2"));
        assert!(seen::workflows(&parts).is_empty(), "{parts}");
        let parameters = parameters(&with).on(Occasion::Undo);
        let undoing = N8nWorkflows::new(&clouds(&vendor.base), &parameters).unwrap();
        let undone = undoing.undo(&scene.context(), &there).await.unwrap();
        let Undone::CannotSee(problem) = undone else {
            panic!("killed {killed}: the first is still there: {undone:?}")
        };
        let name = "Mail".to_owned();
        assert_eq!(*problem.cause, Cause::CannotSee { name });
        let deleted = vendor.changes().into_iter();
        let mut deleted = deleted.filter(|asked| asked.method == "DELETE");
        assert!(deleted.any(|asked| asked.path.ends_with("/given-2")));
    }
}

#[tokio::test]
async fn a_credential_that_nothing_shows_is_not_made_again_with_the_rest() {
    let with = json!({
        "workflows": ["a.json"],
        "credentials": [{"name": "Mail", "type": "smtp", "data": {"password": "secret:s3cret"}}],
    });
    let vendor = Vendor::start(|asked: &Asked| {
        let path = asked.path.trim_start_matches("/api/v1");
        match (asked.method.as_str(), path) {
            ("GET", path) if path.starts_with("/workflows?") => {
                (200, json!({"data": [], "nextCursor": null}))
            }
            ("GET", path) if path.starts_with("/credentials") => (403, json!({"message": "no"})),
            ("POST", "/credentials") => (200, json!({"id": "given", "name": ""})),
            _ => (422, json!({"message": "no"})),
        }
    })
    .await;
    let mut scene = scene(&with);
    let node = json!({"name": "Send", "type": "t", "parameters": {}});
    let file = json!({"name": "A", "nodes": [node], "connections": {}});
    let files = &mut scene.snapshot.blueprint.files;
    files.insert("a.json".to_owned(), file.to_string());
    let step = N8nWorkflows::new(&clouds(&vendor.base), &parameters(&with)).unwrap();
    scene.intends(step.find(&scene.context()).await.unwrap());
    for turn in ["once", "again"] {
        let made = step.create(&scene.context()).await.unwrap();
        let Created::Partly { existing, .. } = made else {
            panic!("{turn}: the workflow is refused: {made:?}")
        };
        let parts = Parts::read(existing.content_hash.as_deref().unwrap());
        assert_eq!(parts.get("credential.Mail"), Some("given"), "{turn}");
        assert_eq!(parts.get("unheard.Mail"), None, "{turn}");
    }
    let asked = vendor.changes().into_iter();
    let credentials = asked.filter(|asked| asked.path.ends_with("/credentials"));
    assert_eq!(credentials.count(), 1);
}

#[tokio::test]
async fn a_credential_that_this_key_may_not_see_is_not_taken_for_gone() {
    let with = json!({
        "workflows": [],
        "credentials": [{"name": "Mail", "type": "smtp", "data": {"password": "secret:s3cret"}}],
    });
    for (lists, sees, gone) in [
        (false, false, false),
        (false, true, true),
        (true, false, true),
    ] {
        let vendor = Vendor::start(move |asked: &Asked| {
            let path = asked.path.trim_start_matches("/api/v1");
            let is_list = path.starts_with("/workflows?") || path.starts_with("/credentials?");
            match asked.method.as_str() {
                "GET" if path.starts_with("/credentials") && !lists => {
                    (403, json!({"message": "no"}))
                }
                "GET" if is_list => (200, json!({"data": [], "nextCursor": null})),
                "DELETE" if sees => (200, json!({})),
                _ => (404, json!({"message": "not found"})),
            }
        })
        .await;
        let scene = scene(&with);
        let parameters = parameters(&with).on(Occasion::Undo);
        let step = N8nWorkflows::new(&clouds(&vendor.base), &parameters).unwrap();
        let there = Existing {
            id: N8nWorkflows::sign(&scene.context()),
            name: String::new(),
            url: None,
            content_hash: Some("credential.Mail=c1 user.key=another".to_owned()),
        };
        let undone = step.undo(&scene.context(), &there).await.unwrap();
        let when = format!("lists {lists}, sees {sees}: {undone:?}");
        assert_eq!(undone == Undone::Gone, gone, "{when}");
        assert!(gone || matches!(undone, Undone::CannotSee(_)), "{when}");
    }
}

#[tokio::test]
async fn the_plan_names_what_a_key_lacks_for_the_credentials_that_are_made() {
    let without = json!({ "workflows": ["a.json"] });
    let with = json!({
        "workflows": ["a.json"],
        "credentials": [{"name": "Mail", "type": "smtp", "data": {"password": "secret:s3cret"}}],
    });
    let workflows = || NEEDED.to_vec();
    let some = || [workflows(), vec!["credential:update"]].concat();
    let all = [&workflows()[..], &NEEDED_FOR_CREDENTIALS[..]].concat();
    let lacking = vec!["credential:create", "credential:delete"];
    for (with, scopes, missing) in [
        (&without, some(), None),
        (&with, some(), Some(lacking)),
        (&with, all, None),
    ] {
        let vendor = Vendor::start(move |asked: &Asked| {
            assert_eq!(asked.path, "/api/v1/discover");
            (200, json!({"data": {"scopes": scopes}}))
        })
        .await;
        let step = N8nWorkflows::new(&clouds(&vendor.base), &parameters(with)).unwrap();
        let problems = step.check(&scene(with).context()).await.unwrap();
        let expected = missing.map(|missing| {
            let scopes = missing.into_iter().map(str::to_owned).collect();
            Problem::from(Cause::CredentialScopeMissing { scopes }).by(Provider::N8n)
        });
        assert_eq!(problems, Vec::from_iter(expected), "{with}");
    }
    let older = Vendor::start(|asked: &Asked| {
        if asked.path.ends_with("/discover") {
            (404, json!({"message": "not found"}))
        } else {
            (200, json!({"data": [], "nextCursor": null}))
        }
    })
    .await;
    let step = N8nWorkflows::new(&clouds(&older.base), &parameters(&with)).unwrap();
    let problems = step.check(&scene(&with).context()).await.unwrap();
    assert_eq!(problems, [], "what isn't told can't be missing");
}

/// An n8n with one workflow, which runs.
async fn with_one_workflow(name: String) -> Vendor {
    Vendor::start(move |asked: &Asked| {
        if asked.path.starts_with("/api/v1/workflows?") {
            let one = json!({"id": "w1", "name": name, "active": true, "createdAt": "2026"});
            (200, json!({"data": [one], "nextCursor": null}))
        } else {
            (404, json!({"message": "not found"}))
        }
    })
    .await
}

#[tokio::test]
async fn only_what_was_made_of_something_else_is_made_anew() {
    let with = json!({"workflows": ["a.json"], "values": {"rest": "{{ database.url }}"}});
    for (recorded, stays) in [
        // By a version that wrote no hashes.
        ("a=w1", true),
        ("a=w1 hash.values=another", false),
        ("a=w1 hash.values=half", false),
        // Made, and never heard of.
        ("b=w2", false),
    ] {
        let mut scene = scene(&with);
        let sign = N8nWorkflows::sign(&scene.context());
        scene.knows(ResourceKind::Workflows, &sign, "a", Some(recorded));
        let name = N8nWorkflows::full_name(&scene.context(), "A", "a");
        let vendor = with_one_workflow(name).await;
        let step = N8nWorkflows::new(&clouds(&vendor.base), &parameters(&with)).unwrap();
        let found = step.find(&scene.context()).await.unwrap();
        let Found::Ours(there) = found else {
            assert!(!stays, "{recorded}: {found:?}");
            continue;
        };
        assert!(stays, "{recorded}: it is of a database that is gone");
        let hash = step.hash(&scene.context(), Source::Values);
        let parts = Parts::read(there.content_hash.as_deref().unwrap());
        assert_eq!(parts.get(Source::Values.key()), Some(hash.as_str()), "kept");
    }
}

#[test]
fn a_name_keeps_its_tag_whatever_stands_before_it() {
    let scene = Scene::new(StepKind::N8nWorkflows, "flows");
    let cx = scene.context();
    let tag = N8nWorkflows::tag(&cx, "leads");
    for name in ["Leads", "", "a\nb\u{7}", &"å".repeat(300)] {
        let full = N8nWorkflows::full_name(&cx, name, "leads");
        assert!(full.ends_with(&tag), "{full}");
        assert!(
            full.chars().count() <= NAME && !full.contains(char::is_control),
            "{full}"
        );
    }
}

#[test]
fn another_customers_or_steps_sign_is_another() {
    let sign = |id: &str| {
        let scene = Scene::new(StepKind::N8nWorkflows, id);
        let cx = scene.context();
        let other = Scene::new(StepKind::N8nWorkflows, id);
        assert_ne!(
            N8nWorkflows::sign(&cx),
            N8nWorkflows::sign(&other.context())
        );
        assert_eq!(
            N8nWorkflows::sign(&cx),
            N8nWorkflows::sign(&scene.context())
        );
        N8nWorkflows::sign(&cx)
    };
    assert_ne!(sign("flows"), sign("more"));
}

#[test]
fn nodes_get_the_customers_credential_and_the_customers_values() {
    let mut scene = Scene::new(StepKind::N8nWorkflows, "flows");
    let file = json!({
        "name": "Leads <% company %>", "connections": {}, "active": true,
        "nodes": [{
            "name": "Send", "type": "t", "parameters": {"text": "<% company %>", "n": "<% seats %>"},
            "credentials": {"smtp": {"id": "old", "name": "Mail"}, "other": {"id": "kept", "name": "Other"}},
        }],
    });
    let files = &mut scene.snapshot.blueprint.files;
    files.insert("workflows/leads.json".to_owned(), file.to_string());
    files.insert("workflows/odd.json".to_owned(), "[]".to_owned());
    let step = step(&json!({
        "workflows": ["workflows/leads.json"], "values": {"company": "Åkermark", "seats": 7},
        "credentials": [{"name": "Mail", "type": "smtp", "data": {"user": "a", "password": "secret:s3cret"}}],
    }))
    .unwrap();
    let mut seen = Seen::default();
    seen.credentials.insert("Mail".to_owned(), "new".to_owned());
    let cx = scene.context();
    let wanted = step
        .wanted(&cx, "leads", "workflows/leads.json", &seen)
        .unwrap();
    let sent = serde_json::to_value(wanted).unwrap();
    assert!(
        sent["name"]
            .as_str()
            .unwrap()
            .starts_with("Leads Åkermark [fabrik:")
    );
    assert_eq!(
        sent["nodes"][0]["parameters"],
        json!({"text": "Åkermark", "n": "7"})
    );
    let used = &sent["nodes"][0]["credentials"];
    assert_eq!(
        (&used["smtp"]["id"], &used["other"]["id"]),
        (&json!("new"), &json!("kept"))
    );
    assert!(sent.get("active").is_none(), "it is read-only at n8n");
    for file in ["workflows/odd.json", "workflows/none.json"] {
        let problem = step.wanted(&cx, "odd", file, &seen).unwrap_err();
        assert_eq!(problem.code(), "blueprint_invalid", "{file}");
    }
}

#[test]
fn a_secret_is_for_credentials_alone_and_names_are_not_twice() {
    for with in [
        json!({"workflows": ["a.json"], "values": {"key": "secret:s3cret"}}),
        json!({"workflows": ["a/x.json", "b/x.json"]}),
    ] {
        let problem = step(&with).err().unwrap();
        assert_eq!(problem.code(), "blueprint_invalid", "{with}");
    }
}

#[test]
fn without_an_address_there_is_no_step() {
    let without = Clouds {
        n8n: None,
        ..clouds(BASE)
    };
    let problem = N8nWorkflows::new(&without, &parameters(&json!({"workflows": ["a.json"]})));
    assert_eq!(problem.err().unwrap().code(), "setting_missing");
}
