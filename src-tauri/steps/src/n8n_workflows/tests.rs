//! What a workflow is made of. How it fares at n8n is tried through the engine, in `tests/automations`.

use fabrik_domain::blueprint::StepKind;
use serde_json::json;

use super::*;
use crate::testing::{Scene, clouds, parameters};

const BASE: &str = "http://127.0.0.1:9";

fn step(with: &Value) -> Result<N8nWorkflows, Problem> {
    N8nWorkflows::new(&clouds(BASE), &parameters(with))
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
