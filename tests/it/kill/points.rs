//! Killed before a request goes on to the vendor, and before its answer comes back, then resumed or rolled back. In every
//! test a few of these points, in the full proof all; and there a removal, at all of its points.

use std::time::Instant;

use fabrik_tests::{Proof, in_full};
use futures::future::join_all;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{finish, offered_within, one_of_each, was_killed};
use crate::{
    recorder::{GoingOn, Recorder},
    world::TestApp,
};

/// One in so many points is tried, unless all are.
const STEP: usize = 67;

/// So many clouds share the points of the full proof, at the same time: the more instances stand in one, the slower it is.
pub(super) const CLOUDS: usize = 3;

/// A run may pass a few points fewer than the one that was counted, where something was ready at the first look. Before
/// these last ones it can't have ended.
pub(super) const SLACK: usize = 6;

/// What costs something, and is gone after a rollback.
const COSTLY: [(&str, &str); 3] = [
    ("supabase", "project"),
    ("github", "repository"),
    ("vercel", "project"),
];

/// What its owner does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    On,
    Back,
}

/// Runs the command line until a request of its stands at this point, kills it there, and cuts the request off. Whether
/// it got so far, and was killed.
pub(super) async fn killed_at(
    app: &TestApp,
    recorder: &Recorder,
    point: usize,
    arguments: &[&str],
) -> bool {
    killed_where(app, recorder, recorder.hold_at(point), arguments).await
}

/// The same, where the recorder holds a request.
pub(super) async fn killed_where(
    app: &TestApp,
    recorder: &Recorder,
    held: oneshot::Receiver<GoingOn>,
    arguments: &[&str],
) -> bool {
    let mut child = app.spawn(arguments);
    let standing = tokio::select! {
        Ok(going_on) = held => Some(going_on),
        ended = child.wait() => {
            ended.expect("it ends");
            None
        }
    };
    if standing.is_some() {
        child.kill().await.expect("SIGKILL");
    }
    drop(standing);
    let status = child.wait().await.expect("it ends");
    // What follows is not disturbed.
    recorder.count_points();
    was_killed(status)
}

/// Only the very end of a run may come before the point.
fn assert_struck(killed: bool, point: usize, points: usize, what: &str) {
    assert!(
        killed || point + SLACK > points,
        "{what}: it ended before it stood there"
    );
}

/// Provisions a customer, kills that at a point of so many, and takes it on or back: whether it was killed, and the run's
/// report where the customer has an instance now.
pub(super) async fn tried(
    app: &TestApp,
    recorder: &Recorder,
    subdomain: &str,
    (point, points): (usize, usize),
    then: Then,
    what: &str,
) -> (bool, Option<Value>) {
    let provision = ["provision", subdomain, "--json"];
    let killed = killed_at(app, recorder, point, &provision).await;
    assert_struck(killed, point, points, what);
    let run = offered(app, subdomain, what).await;
    let gone = match (then, run) {
        (Then::Back, Some(run)) => is_back(app, &run, what).await,
        (Then::Back, None) => true,
        (Then::On, _) => false,
    };
    let report = if gone {
        None
    } else {
        Some(finish(app, subdomain, what).await)
    };
    (killed, report)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_around_any_request_it_goes_on() {
    let proof = Proof::of(
        "P1",
        "SIGKILL before a request goes on, or before its answer comes back, then on",
    );
    killed_around_any_request(&proof, Then::On).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_around_any_request_it_goes_back() {
    let proof = Proof::of(
        "P1",
        "SIGKILL before a request goes on, or before its answer comes back, then back",
    );
    killed_around_any_request(&proof, Then::Back).await;
}

async fn killed_around_any_request(proof: &Proof, then: Then) {
    let (clouds, step) = if in_full() { (CLOUDS, 1) } else { (1, STEP) };
    let shares = (0..clouds).map(|share| killed_around(proof, then, share * step, clouds * step));
    join_all(shares).await;
}

/// Around one in so many requests, from the first after so many.
async fn killed_around(proof: &Proof, then: Then, first: usize, step: usize) {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let before = costly(&app).await;
    app.add("kund-matt").await;
    recorder.count_points();
    app.run(&["provision", "kund-matt"]).await.exits(0);
    let points = recorder.points();
    assert!(points > 60, "a run has many points, not {points}");
    let mut whole = 1;
    for point in (1..=points).skip(first).step_by(step) {
        let subdomain = format!("kund-{point}");
        let what = format!("{subdomain}: killed at point {point} of {points}, then {then:?}");
        app.add(&subdomain).await;
        let (killed, report) =
            tried(&app, &recorder, &subdomain, (point, points), then, &what).await;
        if let Some(report) = report {
            one_of_each(&app, &subdomain, &report, &what).await;
            whole += 1;
        }
        assert_costly(&app, &before, whole, &what).await;
        proof.held(usize::from(killed));
    }
}

/// At several points from the second tenth of a run to its last: the next start says at once that it was interrupted, and it
/// goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_killed_is_offered_within_seconds() {
    let proof = Proof::of(
        "P1",
        "the next start of the command line says within 5 s what was interrupted",
    );
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    app.add("kund-matt").await;
    recorder.count_points();
    app.run(&["provision", "kund-matt"]).await.exits(0);
    let points = recorder.points();
    // Within the first quarter the run itself may not be written yet.
    let places: Vec<_> = if in_full() {
        (30..90).step_by(8).collect()
    } else {
        vec![50, 60]
    };
    for place in places {
        let point = points * place / 100;
        let subdomain = format!("kund-{place}");
        let what = format!("{subdomain}: killed at point {point} of {points}");
        app.add(&subdomain).await;
        let provision = ["provision", &subdomain, "--json"];
        let killed = killed_at(&app, &recorder, point, &provision).await;
        assert!(killed, "{what}: it ended before it stood there");
        let begun = Instant::now();
        let run = offered(&app, &subdomain, &what).await;
        let took = begun.elapsed();
        assert_eq!(run.unwrap()["state"], "interrupted", "{what}");
        assert!(
            took < offered_within(),
            "{what}: it is offered after {took:?}"
        );
        finish(&app, &subdomain, &what).await;
        proof.held(1);
    }
}

/// Only in the full proof: each point takes an instance that is made first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_was_killed_goes_on() {
    if !in_full() {
        return;
    }
    let proof = Proof::of("P1", "SIGKILL around each request of a removal, then on");
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let before = costly(&app).await;
    provisioned(&app, "kund-matt").await;
    recorder.count_points();
    app.run(&removal("kund-matt")).await.exits(0);
    let points = recorder.points();
    assert!(points > 10, "a removal has points: {points}");
    for point in 1..=points {
        let subdomain = format!("kund-{point}");
        let what = format!("{subdomain}: its removal killed at point {point} of {points}");
        provisioned(&app, &subdomain).await;
        let killed = killed_at(&app, &recorder, point, &removal(&subdomain)).await;
        assert_struck(killed, point, points, &what);
        app.run(&["runs", "resume", "--json"]).await.exits(0);
        // Killed before the run was written: nothing can have been taken away.
        if runs_of(&app, &subdomain).await.len() < 2 {
            assert_costly(&app, &before, 1, &what).await;
            app.run(&removal(&subdomain)).await.exits(0);
        }
        for run in runs_of(&app, &subdomain).await {
            assert_eq!(run["state"], "succeeded", "{what}: {run:#}");
        }
        assert_costly(&app, &before, 0, &what).await;
        proof.held(usize::from(killed));
    }
}

async fn provisioned(app: &TestApp, subdomain: &str) {
    app.add(subdomain).await;
    app.run(&["provision", subdomain]).await.exits(0);
}

fn removal(subdomain: &str) -> [&str; 5] {
    ["deprovision", subdomain, "--confirm", subdomain, "--json"]
}

/// The newest first.
pub(super) async fn runs_of(app: &TestApp, subdomain: &str) -> Vec<Value> {
    let list = ["runs", "list", "--customer", subdomain, "--json"];
    let list = app.run(&list).await.exits(0).json();
    list["runs"].as_array().cloned().unwrap_or_default()
}

pub(super) async fn costly(app: &TestApp) -> Vec<usize> {
    let mut counts = Vec::new();
    for (provider, kind) in COSTLY {
        counts.push(app.cloud.resources(provider, kind).await.len());
    }
    counts
}

/// There is as much more than before as so many customers have.
pub(super) async fn assert_costly(app: &TestApp, before: &[usize], customers: usize, what: &str) {
    let now = costly(app).await;
    for ((before, now), (provider, kind)) in before.iter().zip(&now).zip(COSTLY) {
        assert_eq!(
            now - before,
            customers,
            "{what}: {provider} {kind} of all customers"
        );
    }
}

/// The run as the next start finds it; none where it was killed before it was written.
async fn offered(app: &TestApp, subdomain: &str, what: &str) -> Option<Value> {
    let run = runs_of(app, subdomain).await.into_iter().next();
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
    let back = app.run(&["runs", "rollback", id, "--json"]).await;
    let shown = app.run(&["runs", "show", id, "--json"]).await;
    let shown = shown.exits(0).json();
    let state = shown["run"]["state"].as_str().unwrap_or_default();
    assert!(
        ["rolled_back", "succeeded"].contains(&state),
        "{what}: {state} after a rollback: {shown:#}"
    );
    let done = state == "rolled_back";
    assert_eq!(back.status, if done { 0 } else { 3 }, "{what}: {back:#?}");
    done
}
