//! Two processes of the command line on one customer, at the same moment (P7): in one data directory with the records in
//! SQLite, and of two operators with the records on one PostgreSQL.

use fabrik_tests::{Proof, in_full};
use serde_json::json;

use crate::world::{Latency, Ran, TestApp};

/// A run takes longer than two programs may start apart on a busy machine.
const LATENCY: &str = "base = \"none\"\nread = 0.03\n[supabase]\ncreate = 0.3\nready = 3\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_that_provision_at_once_exactly_one_wins() {
    let proof = Proof::of(
        "P7",
        "two processes provision one customer at the same moment, on SQLite",
    );
    let races = if in_full() { 50 } else { 3 };
    let app = TestApp::with(Latency::File(LATENCY)).await;
    for race in 0..races {
        let subdomain = format!("kund-{race}");
        app.add(&subdomain).await;
        let provision = ["provision", &subdomain, "--json"];
        let (one, other) = tokio::join!(app.run(&provision), app.run(&provision));
        exactly_one_has_won(&app, &subdomain, one, other).await;
        proof.held(1);
    }
    one_of_each(&app, races).await;
}

/// Begun at the same moment 200 times in the store's own tests; here the winner goes on to the end.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_operators_that_provision_at_once_exactly_one_wins() {
    let proof = Proof::of(
        "P7",
        "two operators provision one customer at the same moment, on PostgreSQL: the winner to the end",
    );
    let races = if in_full() { 10 } else { 1 };
    let mut app = TestApp::with(Latency::File(LATENCY)).await;
    let url = crate::server::Database::new().direct().to_string();
    let anna = app.data().display().to_string();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bo = folder.path().join("data").display().to_string();
    for desktop in [&bo, &anna] {
        app.set("FABRIK_DATA_DIR", desktop);
        let shared = ["settings", "set", "database", &url, "--json"];
        app.run(&shared).await.exits(0);
    }
    for race in 0..races {
        let subdomain = format!("kund-{race}");
        app.add(&subdomain).await;
        let provision = ["provision", &subdomain, "--yes", "--json"];
        // Who is the first to start has the better chance.
        let (first, second) = if race % 2 == 0 {
            (&anna, &bo)
        } else {
            (&bo, &anna)
        };
        app.set("FABRIK_DATA_DIR", first);
        let one = app.spawn(&provision);
        app.set("FABRIK_DATA_DIR", second);
        let other = app.spawn(&provision);
        let (one, other) = tokio::join!(TestApp::ended(one), TestApp::ended(other));
        exactly_one_has_won(&app, &subdomain, one, other).await;
        proof.held(1);
    }
    one_of_each(&app, races).await;
}

/// One of the two has made the customer's only run; the other is told by which it lost.
async fn exactly_one_has_won(app: &TestApp, subdomain: &str, one: Ran, other: Ran) {
    let (won, lost) = if one.status == 0 {
        (one, other)
    } else {
        (other, one)
    };
    let won = won.exits(0).json();
    assert_eq!(won["run"]["state"], "succeeded", "{subdomain}: {won:#}");
    let lost = lost.exits(3).json();
    assert_eq!(lost["code"], "run_active", "{subdomain}: {lost:#}");
    assert_eq!(
        lost["run"]["id"], won["run"]["id"],
        "{subdomain}: it is told by which run: {lost:#}"
    );
    let runs = ["runs", "list", "--customer", subdomain, "--json"];
    let runs = app.run(&runs).await.exits(0).json();
    let runs = runs["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 1, "{subdomain}: {runs:#?}");
}

/// What so many customers have, and nothing beside it.
async fn one_of_each(app: &TestApp, races: usize) {
    let expected = json!({ "supabase projects": races, "repositories": races, "vercel projects": races,
                           "deployments": races, "mails": races });
    assert_eq!(app.cloud.census().await, expected, "one of each");
}
