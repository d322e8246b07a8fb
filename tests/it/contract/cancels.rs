//! Runs that are cancelled, by whoever drives them or from elsewhere.

use serde_json::json;

use super::under_way;
use crate::world::{Latency, TestApp};

#[tokio::test]
async fn a_cancelled_run_whose_resources_remain_says_so_at_the_top() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let faults = json!([
        { "provider": "resend", "method": "POST", "path": "/emails", "do": "status:401" },
        { "provider": "github", "method": "DELETE", "path": "/repos/*/*", "do": "status:403" },
    ]);
    app.cloud.faults(faults).await;
    let provision = ["provision", "akermark", "--json"];
    let waiting = app.run(&provision).await.exits(4).json();
    let run = waiting["run"]["id"].as_str().unwrap();
    let cancelled = app.run(&["runs", "cancel", run, "--json"]).await;
    let cancelled = cancelled.exits(5).json();
    assert_eq!(
        (&cancelled["run"]["state"], &cancelled["code"]),
        (&json!("leftovers"), &json!("run_leftovers")),
        "{cancelled:#}"
    );
    let hint = format!("fabrik runs rollback {run}");
    assert_eq!(cancelled["hint"], json!(hint), "{cancelled:#}");
    assert_eq!(
        cancelled["message"],
        "was cancelled, or taken back while it stood still, but leftovers remain",
        "{cancelled:#}"
    );
}

#[tokio::test]
async fn a_run_can_be_watched_and_cancelled_from_another_process() {
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 600\n")).await;
    app.add("akermark").await;
    let provision = [
        "provision",
        "akermark",
        "--on-failure",
        "rollback",
        "--json",
    ];
    let driver = app.spawn(&provision);
    let run = under_way(&app, 1).await;
    let watcher = app.spawn(&["runs", "watch", &run, "--json"]);
    app.run(&["provision", "akermark", "--json"]).await.exits(3);
    // What exists is kept after all: undoing would wait for the vendor, who deletes nothing that is being made.
    let cancel = ["runs", "cancel", &run, "--keep"];
    app.run(&cancel).await.exits(0);
    let report = TestApp::ended(driver).await.exits(4).json();
    assert_eq!(report["run"]["state"], "cancelled", "{report:#}");
    let seen = TestApp::ended(watcher).await.exits(4);
    assert_eq!(seen.json()["run"]["state"], "cancelled");
    assert!(!seen.progress().is_empty(), "progress goes to stderr");
}

#[tokio::test]
async fn a_run_that_is_cancelled_elsewhere_is_told_as_cancelled_where_it_is_driven() {
    let app = TestApp::with(Latency::File("base = \"none\"\nvercel.ready = 600\n")).await;
    app.add("akermark").await;
    let driver = app.spawn(&["provision", "akermark"]);
    let run = under_way(&app, 1).await;
    app.run(&["runs", "cancel", &run]).await.exits(0);
    let told = TestApp::ended(driver).await.exits(1).stdout;
    let shown = app.run(&["runs", "show", &run]).await.exits(0).stdout;
    for said in [told, shown] {
        assert!(
            said.contains("was cancelled, or taken back while it stood still"),
            "{said}"
        );
        assert!(!said.contains("failed"), "{said}");
    }
    let watched = app.run(&["runs", "watch", &run, "--json"]).await;
    let watched = watched.exits(1).json();
    assert_eq!(watched["code"], "run_rolled_back", "{watched:#}");
    assert_eq!(
        watched["message"],
        "was cancelled, or taken back while it stood still"
    );
    assert!(watched["run"]["error"].is_null(), "{watched:#}");
}
