//! The isolation check in whole runs: a second customer beside the first, and a blueprint that leaks.

use std::fs;

use fabrik_tests::Proof;
use serde_json::{Value, json};

use crate::world::TestApp;

/// What a run's isolation check said, by kind.
async fn said(app: &TestApp, document: &Value) -> Vec<String> {
    let run = document["run"]["id"].as_str().unwrap();
    let shown = app
        .run(&["runs", "show", run, "--log", "--json"])
        .await
        .exits(0)
        .json();
    let events = shown["events"].as_array().unwrap().clone();
    let details = events
        .iter()
        .filter(|event| event["step"] == "isolation" && event["what"]["type"] == "detail");
    details
        .map(|event| event["what"]["detail"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_second_customers_key_is_tried_and_refused() {
    let proof = Proof::of(
        "S12",
        "keys of one customer at the other's instance, both ways",
    );
    let app = TestApp::new().await;
    let mut references = Vec::new();
    let mut own = 0;
    for (subdomain, expected) in [
        ("akermark", "no_neighbour"),
        ("bergstrom", "neighbour_refused"),
    ] {
        app.add(subdomain).await;
        let document = app
            .run(&["provision", subdomain, "--json"])
            .await
            .exits(0)
            .json();
        assert_eq!(
            said(&app, &document).await,
            [expected, "isolation_proved"],
            "{subdomain}"
        );
        let resources = document["run"]["resources"].as_array().unwrap();
        let project = resources
            .iter()
            .find(|resource| resource["kind"] == "supabase_project")
            .expect("a project");
        references.push(project["id"].as_str().unwrap().to_owned());
        if references.len() == 1 {
            own = refused_at(&app, &references[0]).await;
            assert!(own > 0, "its own public key is refused at its tables");
        }
    }
    // For real, in both directions: the second's key at the first's tables, and the first's at the second's, beside its own.
    for reference in &references {
        let refused = refused_at(&app, reference).await;
        assert_eq!(refused, own + 1, "at {reference}, with the other's key");
        proof.held(1);
    }
}

/// How many calls of a project's own APIs were refused for their key.
async fn refused_at(app: &TestApp, reference: &str) -> usize {
    let calls = app.cloud.look("calls").await;
    let path = format!("/_projects/{reference}/");
    let refused = calls["calls"].as_array().unwrap().iter().filter(|call| {
        let at = call["path"].as_str().unwrap_or_default();
        at.starts_with(&path) && call["status"] == 401
    });
    refused.count()
}

#[tokio::test]
async fn an_instance_that_stands_open_is_handed_to_nobody() {
    let app = TestApp::new().await;
    app.run(&["blueprints", "new", "mine", "--from", "factory"])
        .await
        .exits(0);
    let policies = app.data().join("agency/blueprints/mine/policies.sql");
    let leak = "
grant select on public.contacts to anon;
create policy \"everybody reads\" on public.contacts for select to anon using (true);
";
    let text = fs::read_to_string(&policies).unwrap();
    fs::write(&policies, text + leak).unwrap();
    app.add("akermark").await;
    app.run(&["customers", "edit", "akermark", "--blueprint", "mine"])
        .await
        .exits(0);
    let before = app.cloud.census().await;
    let document = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(1)
        .json();
    assert_eq!(document["code"], "isolation_broken", "{document:#}");
    assert_eq!(document["run"]["state"], "rolled_back", "{document:#}");
    let steps = document["run"]["steps"].as_array().unwrap();
    let isolation = steps.iter().find(|step| step["id"] == "isolation").unwrap();
    assert_eq!(
        isolation["error"]["findings"],
        json!([{ "breach": "readable", "subject": "contacts" }]),
        "what stands open, and nothing else"
    );
    let mails = app.cloud.mails().await;
    assert!(
        mails
            .iter()
            .all(|mail| mail["to"] == json!(["owner@sandbox-agency.example"])),
        "the customer was told nothing: {mails:?}"
    );
    let left = app.cloud.census().await;
    for kind in ["repositories", "vercel projects"] {
        assert_eq!(left[kind], before[kind], "{left:#}");
    }
}
