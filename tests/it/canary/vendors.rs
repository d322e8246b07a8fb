//! No secret is left anywhere whatever the vendors answer that not every stack has, and whatever comes of other changes
//! than those that make something: n8n, Gitea, the shared app and Stripe; settings, files, and a removal (S1, S2).

use fabrik_tests::{Proof, in_full};
use serde_json::{Value, json};

use super::{FAULTS, processes::Watch, search, world};
use crate::world::TestApp;

/// What goes wrong while a customer is provisioned: a vendor's changes of a method, and the blueprint that has them.
const CHANGES: [(&str, &str, &str); 5] = [
    ("n8n", "POST", "client-stack"),
    ("gitea", "POST", "client-stack"),
    // The shared app's variables, its deployment and its domain.
    ("vercel", "POST", "orchestra"),
    ("supabase", "PATCH", "orchestra"),
    ("github", "PUT", "client-stack"),
];

/// Who has something to delete when a customer is removed.
const REMOVERS: [(&str, &[&str]); 2] = [
    ("client-stack", &["supabase", "github", "vercel", "n8n"]),
    ("orchestra", &["supabase", "vercel"]),
];

fn rule(provider: &str, method: &str, (when, fault): (&str, &str)) -> Value {
    let mut rule = json!({ "provider": provider, "method": method, "do": fault });
    rule[when] = 1.into();
    rule
}

/// The faults that a turn has: each once is one of them; the full proof has them all.
fn faults_of(turn: usize) -> Vec<(usize, (&'static str, &'static str))> {
    let faults = FAULTS.into_iter().enumerate();
    faults
        .filter(|(kind, _)| in_full() || *kind == turn % FAULTS.len())
        .collect()
}

/// A rule that no call fits would prove nothing.
async fn assert_struck(app: &TestApp, provider: &str, method: &str) {
    let calls = app.cloud.look("calls").await;
    let mut calls = calls["calls"].as_array().unwrap().iter();
    assert!(
        calls.any(|call| {
            call["provider"] == provider && call["method"] == method && call["fault"].is_string()
        }),
        "a {method} of {provider}'s was struck"
    );
}

#[tokio::test]
async fn no_secret_is_left_anywhere_whatever_workflows_a_shared_app_and_stripe_answer() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through faults of n8n, Gitea, Stripe and a shared app, settings and files",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through faults of n8n, Gitea, Stripe and a shared app, settings and files",
        ),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    let mut said = vec![];
    app.set_base_domain("orkester.example").await;
    for (turn, (provider, method, blueprint)) in CHANGES.into_iter().enumerate() {
        for (kind, fault) in faults_of(turn) {
            let subdomain = format!("kund-{turn}-{kind}");
            app.add_on(&subdomain, blueprint, "enterprise").await;
            app.cloud
                .faults(json!([rule(provider, method, fault)]))
                .await;
            said.push(watch.run(&app, &["provision", &subdomain, "--json"]).await);
        }
        assert_struck(&app, provider, method).await;
    }
    app.cloud.faults(json!([])).await;

    // Stripe is only read.
    for (kind, fault) in FAULTS.into_iter().enumerate() {
        let checkout = json!({ "do": "checkout", "name": format!("Lyran {kind}"),
                               "email": format!("info@lyran-{kind}.example"), "price": "price_factory_starter" });
        app.cloud.steer("stripe", &checkout).await;
        app.cloud
            .faults(json!([rule("stripe", "GET", fault)]))
            .await;
        said.push(watch.run(&app, &["stripe", "poll", "--json"]).await);
    }
    assert_struck(&app, "stripe", "GET").await;
    search(&app, &recorder, &said, &watch, &proofs);
}

#[tokio::test]
async fn no_secret_is_left_anywhere_whatever_a_vendor_answers_to_a_removal() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through faults of each vendor in removals",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through faults of each vendor in removals",
        ),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    let mut said = vec![];
    app.set_base_domain("orkester.example").await;
    for (turn, (blueprint, removers)) in REMOVERS.into_iter().enumerate() {
        // The first fault is for good, and what comes after it is never asked: outside the full proof one that passes.
        for (kind, fault) in faults_of(turn + 1) {
            let subdomain = format!("kund-{turn}-{kind}");
            app.add_on(&subdomain, blueprint, "enterprise").await;
            app.cloud.faults(json!([])).await;
            said.push(
                watch
                    .run(&app, &["provision", &subdomain, "--json"])
                    .await
                    .exits(0),
            );
            let rules = removers
                .iter()
                .map(|provider| rule(provider, "DELETE", fault));
            app.cloud.faults(rules.collect()).await;
            let removal = ["deprovision", &subdomain, "--confirm", &subdomain, "--json"];
            said.push(watch.run(&app, &removal).await);
        }
        for provider in removers {
            assert_struck(&app, provider, "DELETE").await;
        }
    }
    search(&app, &recorder, &said, &watch, &proofs);
}
