//! Two processes of the command line on one customer, at the same moment, with their records in SQLite (P7).

use fabrik_tests::{Proof, in_full};
use serde_json::json;

use crate::world::{Latency, TestApp};

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
        let (won, lost) = if one.status == 0 {
            (one, other)
        } else {
            (other, one)
        };
        let won = won.exits(0).json();
        assert_eq!(won["run"]["state"], "succeeded", "race {race}: {won:#}");
        let lost = lost.exits(3).json();
        assert_eq!(lost["code"], "run_active", "race {race}: {lost:#}");
        assert_eq!(
            lost["run"], won["run"]["id"],
            "race {race}: it is told by which run: {lost:#}"
        );
        let runs = ["runs", "list", "--customer", &subdomain, "--json"];
        let runs = app.run(&runs).await.exits(0).json();
        let runs = runs["runs"].as_array().expect("a list");
        assert_eq!(runs.len(), 1, "race {race}: {runs:#?}");
        proof.held(1);
    }
    let expected = json!({ "supabase projects": races, "repositories": races, "vercel projects": races,
                           "deployments": races, "mails": races });
    assert_eq!(app.cloud.census().await, expected, "one of each");
}
