//! The isolation check in whole runs: a second customer beside the first, and a blueprint that leaks.

use std::{collections::BTreeSet, fs};

use fabrik_blueprints::built_in;
use fabrik_tests::{Proof, in_full};
use serde_json::{Value, json};

use crate::{recorder::Recorder, world::TestApp};

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
        "keys of one customer at the other's instance, both ways, of each built-in blueprint",
    );
    // Each takes two instances: one blueprint tells where there is little time.
    for blueprint in built_in().filter(|name| in_full() || *name == "factory") {
        two_customers_keys_are_refused(blueprint).await;
        proof.held(2);
    }
}

async fn two_customers_keys_are_refused(blueprint: &str) {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    if blueprint == "orchestra" {
        // Its app is found by subdomains.
        app.set_base_domain("orkester.example").await;
    }
    let mut references = Vec::new();
    for (subdomain, expected) in [
        ("akermark", "no_neighbour"),
        ("bergstrom", "neighbour_refused"),
    ] {
        app.add_on(subdomain, blueprint, "enterprise").await;
        let document = app
            .run(&["provision", subdomain, "--json"])
            .await
            .exits(0)
            .json();
        assert_eq!(
            said(&app, &document).await,
            [expected, "isolation_proved"],
            "{blueprint}: {subdomain}"
        );
        let resources = document["run"]["resources"].as_array().unwrap();
        let project = resources
            .iter()
            .find(|resource| resource["kind"] == "supabase_project")
            .expect("a project");
        references.push(project["id"].as_str().unwrap().to_owned());
    }
    // For real, in both directions: each one's key was refused at the other.
    let [first, second] = &references[..] else {
        panic!("two customers: {references:?}");
    };
    for (here, there) in [(first, second), (second, first)] {
        let refused = keys_refused_at(&recorder, here);
        assert!(
            refused.contains(&public_key(&recorder, there)),
            "{blueprint}: the key of {there} at {here}, where these were refused: {refused:?}"
        );
    }
}

/// The key that is on every page of a project's site.
fn public_key(recorder: &Recorder, reference: &str) -> String {
    let path = format!("/{reference}/api-keys");
    let exchanges = recorder.exchanges();
    let answers = exchanges
        .iter()
        .filter(|exchange| exchange.path.ends_with(&path))
        .filter_map(|exchange| serde_json::from_slice::<Vec<Value>>(&exchange.answer).ok());
    let mut keys = answers.flatten();
    let public = keys.find(|key| key["type"] == "publishable");
    let public = public.unwrap_or_else(|| panic!("{reference} has a public key"));
    public["api_key"].as_str().unwrap().to_owned()
}

/// The keys that were refused at a project's own APIs.
fn keys_refused_at(recorder: &Recorder, reference: &str) -> BTreeSet<String> {
    let below = format!("/{reference}/");
    let exchanges = recorder.exchanges().into_iter().filter(|exchange| {
        exchange.api == "project" && exchange.status == 401 && exchange.path.starts_with(&below)
    });
    exchanges
        .filter_map(|exchange| Some(exchange.headers.get("apikey")?.to_str().ok()?.to_owned()))
        .collect()
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
