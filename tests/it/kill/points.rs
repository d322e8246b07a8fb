//! Killed before a request goes on to the vendor, and before its answer comes back, then resumed or rolled back. In every
//! test a few of these points, in the full proof all.

use std::time::{Duration, Instant};

use fabrik_tests::{Proof, in_full};
use serde_json::Value;

use super::{finish, one_of_each};
use crate::{recorder::Recorder, world::TestApp};

/// One in so many points is tried, unless all are.
const STEP: usize = 67;

/// So soon after the next start what was interrupted is offered.
const OFFERED: Duration = Duration::from_secs(5);

/// What costs something, and is gone after a rollback.
const COSTLY: [(&str, &str); 3] = [
    ("supabase", "project"),
    ("github", "repository"),
    ("vercel", "project"),
];

#[derive(Clone, Copy, Debug)]
enum Then {
    On,
    Back,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_around_any_request_it_goes_on_or_back() {
    let proof = Proof::of(
        "P1",
        "SIGKILL before a request goes on, or before its answer comes back, then on or back",
    );
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let before = costly(&app).await;
    app.add("kund-matt").await;
    recorder.count_points();
    app.run(&["provision", "kund-matt"]).await.exits(0);
    let points = recorder.points();
    assert!(points > 60, "a run has many points, not {points}");
    let step = if in_full() { 1 } else { STEP };
    let mut whole = 1;
    for point in (1..=points).step_by(step) {
        for then in [Then::On, Then::Back] {
            let subdomain = format!("kund-{point}-{then:?}").to_lowercase();
            let what = format!("{subdomain}: killed at point {point} of {points}, then {then:?}");
            app.add(&subdomain).await;
            recorder.count_points();
            let mut child = app.spawn(&["provision", &subdomain, "--json"]);
            recorder.kill_at(point, child.id().expect("it has begun"));
            child.wait().await.expect("it ends");
            // What follows is not disturbed.
            recorder.count_points();
            let run = offered(&app, &subdomain, &what).await;
            let gone = match (then, run) {
                (Then::Back, Some(run)) => is_back(&app, &run, &what).await,
                (Then::Back, None) => true,
                (Then::On, _) => false,
            };
            if !gone {
                let report = finish(&app, &subdomain, &what).await;
                one_of_each(&app, &subdomain, &report, &what).await;
                whole += 1;
            }
            let now = costly(&app).await;
            for ((before, now), (provider, kind)) in before.iter().zip(&now).zip(COSTLY) {
                assert_eq!(
                    now - before,
                    whole,
                    "{what}: {provider} {kind} of all customers"
                );
            }
            proof.held(1);
        }
    }
}

async fn costly(app: &TestApp) -> Vec<usize> {
    let mut counts = Vec::new();
    for (provider, kind) in COSTLY {
        let mut there = app.cloud.resources(provider, kind).await;
        // A project that was deleted is told of as such.
        there.retain(|(_, document)| document["phase"] != "removed");
        counts.push(there.len());
    }
    counts
}

/// The run as the next start finds it, which is soon; none where it was killed before it was written.
async fn offered(app: &TestApp, subdomain: &str, what: &str) -> Option<Value> {
    let begun = Instant::now();
    let list = ["runs", "list", "--customer", subdomain, "--json"];
    let list = app.run(&list).await.exits(0).json();
    let took = begun.elapsed();
    assert!(took < OFFERED, "{what}: it is offered after {took:?}");
    let run = list["runs"]
        .as_array()
        .and_then(|runs| runs.first())
        .cloned();
    if let Some(run) = &run {
        let state = run["state"].as_str().unwrap_or_default();
        assert!(
            ["interrupted", "succeeded"].contains(&state),
            "{what}: the next start finds it {state}"
        );
    }
    run
}

/// Rolls back; whether it is: one that had succeeded stays.
async fn is_back(app: &TestApp, run: &Value, what: &str) -> bool {
    let id = run["id"].as_str().expect("an id");
    app.run(&["runs", "rollback", id, "--json"]).await;
    let shown = app.run(&["runs", "show", id, "--json"]).await;
    let shown = shown.exits(0).json();
    let state = shown["run"]["state"].as_str().unwrap_or_default();
    assert!(
        ["rolled_back", "succeeded"].contains(&state),
        "{what}: {state} after a rollback: {shown:#}"
    );
    state == "rolled_back"
}
