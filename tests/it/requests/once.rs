//! What was approved is begun once: a vendor away, two processes at once, a kill.

use std::time::Duration;

use serde_json::json;

use super::{ask, show};
use crate::world::{Latency, TestApp};

const KILLS: u32 = 8;

const SLOW: &str = "base = \"none\"\nread = 0.05\n[supabase]\ncreate = 0.3\nready = 0.5\n";

/// A vendor that is away for a moment ends nothing: what was approved is begun when it is back, without another word.
#[tokio::test]
async fn what_was_approved_is_begun_when_the_vendor_is_back() {
    let app = TestApp::new().await;
    let id = ask(&app, "Åkermark", "akermark").await;
    let away = json!([{ "provider": "supabase", "every": 1, "do": "status:503" }]);
    app.cloud.faults(away).await;
    let approve = ["requests", "approve", &id, "--yes", "--json"];
    let document = app.run(&approve).await;
    assert!(
        document.status != 0,
        "nothing could be begun: {document:#?}"
    );
    let request = show(&app, &id).await;
    assert_eq!(
        (&request["state"], &request["begins"]),
        (&json!("approved"), &json!("rollback")),
        "{request:#}"
    );
    app.cloud.faults(json!([])).await;
    let poll = app.run(&["stripe", "poll", "--json"]).await.exits(0);
    let poll = poll.json();
    assert_eq!(poll["results"][0]["run"]["state"], "succeeded", "{poll:#}");
    let request = show(&app, &id).await;
    assert!(request.get("begins").is_none(), "once: {request:#}");
}

/// Two processes say yes at the same moment: one customer, one run, and the other is told by whom.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_that_approve_at_once_one_provisions() {
    let app = TestApp::new().await;
    for round in 0..5 {
        let subdomain = format!("kund-{round}");
        let id = ask(&app, &format!("Kund {round}"), &subdomain).await;
        let approve = ["requests", "approve", &id, "--yes", "--json"];
        let (one, two) = tokio::join!(app.run(&approve), app.run(&approve));
        let (won, lost) = if one.status == 0 {
            (one, two)
        } else {
            (two, one)
        };
        assert_eq!(won.exits(0).json()["run"]["state"], "succeeded");
        let told = lost.exits(3).json();
        assert_eq!(told["code"], "request_decided", "{told:#}");
        assert!(
            told["by"].as_str().is_some_and(|by| by.contains('@')),
            "{told:#}"
        );
    }
    let expected = json!({ "supabase projects": 5, "repositories": 5, "vercel projects": 5,
                           "deployments": 5, "mails": 5 });
    assert_eq!(app.cloud.census().await, expected);
}

/// The process is killed at some instant of an approval; whoever looks next goes on, and everything is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_an_approval_leaves_one_customer_with_one_instance() {
    let app = TestApp::with(Latency::File(SLOW)).await;
    for number in 0..KILLS {
        let subdomain = format!("kund-{number}");
        let id = ask(&app, &format!("Kund {number}"), &subdomain).await;
        let mut child = app.spawn(&["requests", "approve", &id, "--yes", "--json"]);
        // From before the approval is written to well into the run.
        let instant = Duration::from_millis(60 + u64::from(number) * 120);
        if tokio::time::timeout(instant, child.wait()).await.is_err() {
            child.kill().await.expect("SIGKILL");
        }
        let request = show(&app, &id).await;
        if request["state"] == "open" {
            let approve = ["requests", "approve", &id, "--yes", "--json"];
            app.run(&approve).await.exits(0);
        } else {
            // What was approved and not begun is begun by whoever looks; what was begun is resumed.
            app.run(&["stripe", "poll", "--json"]).await.exits(0);
            app.run(&["runs", "resume", "--json"]).await.exits(0);
        }
        let runs = ["runs", "list", "--customer", &subdomain, "--json"];
        let runs = app.run(&runs).await.exits(0).json();
        let runs = runs["runs"].as_array().unwrap().clone();
        assert_eq!(runs.len(), 1, "killed after {instant:?}: {runs:#?}");
        assert_eq!(runs[0]["state"], "succeeded", "killed after {instant:?}");
        let request = show(&app, &id).await;
        assert!(request.get("begins").is_none(), "{request:#}");
    }
    let expected = json!({ "supabase projects": KILLS, "repositories": KILLS, "vercel projects": KILLS,
                           "deployments": KILLS, "mails": KILLS });
    assert_eq!(app.cloud.census().await, expected);
}
