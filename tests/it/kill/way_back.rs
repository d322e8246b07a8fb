//! Killed on its way back from a step that failed, before a request goes on to the vendor and before its answer comes back:
//! what goes on goes back, and nothing is left. In every test two of these points, in the full proof all.

use fabrik_tests::{Proof, in_full};
use serde_json::json;

use super::points::{SLACK, assert_costly, costly, killed_at, runs_of};
use crate::{
    recorder::{Exchange, Recorder},
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
const REFUSED: u16 = 422;

fn was_refused(exchange: &Exchange) -> bool {
    exchange.api == "vercel" && exchange.method == "POST" && exchange.status == REFUSED
}

/// How many requests of those there were was the refused one, where there was one.
fn turn(recorder: &Recorder, earlier: usize) -> Option<usize> {
    let exchanges = recorder.exchanges();
    let here = exchanges[earlier..].iter().position(was_refused)?;
    Some(here + 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_its_way_back_it_goes_back_to_the_end() {
    let proof = Proof::of("P1", "SIGKILL around each request of the way back, then on");
    let mut app = TestApp::with(Latency::File(LATENCY)).await;
    let recorder = Recorder::between(&mut app).await;
    let base = ["settings", "set", "domain.base", "fabrik.example"];
    app.run(&base).await.exits(0);
    let domains = json!([{ "provider": "vercel", "method": "POST", "path": "/v10/projects/*/domains",
                           "do": format!("status:{REFUSED}") }]);
    app.cloud.faults(domains).await;
    let before = costly(&app).await;

    app.add("kund-matt").await;
    let earlier = recorder.exchanges().len();
    recorder.count_points();
    app.run(&provision("kund-matt")).await;
    let points = recorder.points();
    assert_back(&app, "kund-matt", &before, "undisturbed").await;
    // Two points for each request up to the refused one.
    let forward = 2 * turn(&recorder, earlier).expect("the domain is refused");
    assert!(points > forward + SAMPLE, "it goes back: {points}");

    let step = if in_full() {
        1
    } else {
        (points - forward).div_ceil(SAMPLE)
    };
    let mut missed = 0;
    for point in (forward + 1..=points).step_by(step) {
        let subdomain = format!("kund-{point}");
        let what = format!("{subdomain}: killed at {point} of {points}, back from {forward}");
        app.add(&subdomain).await;
        let earlier = recorder.exchanges().len();
        let killed = killed_at(&app, &recorder, point, &provision(&subdomain)).await;
        // A run may pass a few points more or fewer before it fails.
        let on_its_way = killed && turn(&recorder, earlier).is_some();
        missed += usize::from(!on_its_way);
        assert!(missed <= SLACK, "{what}: {missed} were not on their way");
        app.run(&["runs", "resume", "--json"]).await;
        assert_back(&app, &subdomain, &before, &what).await;
        proof.held(usize::from(on_its_way));
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
