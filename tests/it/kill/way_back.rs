//! Killed on its way back from a step that failed, before a request goes on to the vendor and before its answer comes back:
//! what goes on goes back, and nothing is left. In every test two of these points, in the full proof all.

use fabrik_tests::{Proof, in_full};
use http::StatusCode;
use serde_json::json;

use super::points::{SLACK, assert_costly, costly, killed_where, runs_of};
use crate::{
    recorder::Recorder,
    world::{Latency, TestApp},
};

/// What is tried in every test.
const SAMPLE: usize = 2;

/// The refusal takes its time: all that waits for no domain is made by then.
const LATENCY: &str = r#"
base = "none"
[vercel]
domain = 2
"#;

/// For good. The domain is the last that is made before the customer is told, and from there on nothing goes back by
/// itself.
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_its_way_back_it_goes_back_to_the_end() {
    let proof = Proof::of("P1", "SIGKILL around each request of the way back, then on");
    let mut app = TestApp::with(Latency::File(LATENCY)).await;
    let recorder = Recorder::between(&mut app).await;
    app.set_base_domain("fabrik.example").await;
    let domains = json!([{ "provider": "vercel", "method": "POST", "path": "/v10/projects/*/domains",
                           "do": format!("status:{}", REFUSED.as_u16()) }]);
    app.cloud.faults(domains).await;
    let before = costly(&app).await;

    app.add("kund-matt").await;
    // How often a run looks whether something is ready differs; what comes after the refusal doesn't.
    recorder.count_points_after(REFUSED);
    app.run(&provision("kund-matt")).await;
    let points = recorder.points();
    assert_back(&app, "kund-matt", &before, "undisturbed").await;
    assert!(points > SAMPLE, "it goes back: {points}");

    let step = if in_full() {
        1
    } else {
        points.div_ceil(SAMPLE)
    };
    let mut missed = 0;
    for point in (1..=points).step_by(step) {
        let subdomain = format!("kund-{point}");
        let what = format!("{subdomain}: killed at {point} of {points} on its way back");
        app.add(&subdomain).await;
        let held = recorder.hold_after(REFUSED, point);
        let killed = killed_where(&app, &recorder, held, &provision(&subdomain)).await;
        missed += usize::from(!killed);
        assert!(missed <= SLACK, "{what}: {missed} had ended before");
        app.run(&["runs", "resume", "--json"]).await;
        assert_back(&app, &subdomain, &before, &what).await;
        proof.held(usize::from(killed));
    }
}

fn provision(subdomain: &str) -> [&str; 5] {
    ["provision", subdomain, "--on-failure", "rollback", "--json"]
}

/// The customer's one run is rolled back: nothing is left, and nothing left over.
async fn assert_back(app: &TestApp, subdomain: &str, before: &[usize], what: &str) {
    let runs = runs_of(app, subdomain).await;
    let states: Vec<_> = runs.iter().map(|run| run["state"].as_str()).collect();
    assert_eq!(states, [Some("rolled_back")], "{what}: {runs:#?}");
    assert_costly(app, before, 0, what).await;
    let address = format!("anna@{subdomain}.example");
    let mails = app.cloud.mails().await;
    let mut to = mails.iter().map(|mail| mail["to"].to_string());
    assert!(
        !to.any(|to| to.contains(&address)),
        "{what}: nobody is told"
    );
}
