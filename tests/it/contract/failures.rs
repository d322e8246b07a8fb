//! What fails, waits or was interrupted: it is kept, taken back, or goes on.

use serde_json::json;

use super::under_way;
use crate::world::{Latency, TestApp};

#[tokio::test]
async fn a_failed_run_takes_back_what_it_made() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let before = app.cloud.census().await;
    app.cloud
        .steer("accounts", &json!({ "vercel": { "builds_end": "error" } }))
        .await;
    let document = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(1)
        .json();
    assert_eq!(document["code"], "deployment_failed", "{document:#}");
    assert_eq!(document["run"]["state"], "rolled_back", "{document:#}");
    let resources = document["run"]["resources"].as_array().unwrap();
    assert!(
        resources
            .iter()
            .all(|resource| resource["state"] == "removed"),
        "{document:#}"
    );
    let left = app.cloud.census().await;
    assert_eq!(left["repositories"], before["repositories"], "{left:#}");
    assert_eq!(
        left["vercel projects"], before["vercel projects"],
        "{left:#}"
    );
    let run = document["run"]["id"].as_str().unwrap();
    app.run(&["runs", "rollback", run]).await.exits(3);
}

#[tokio::test]
async fn a_rollback_that_was_asked_for_is_done_once_all_is_gone() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app.cloud
        .steer("accounts", &json!({ "vercel": { "builds_end": "error" } }))
        .await;
    let failed = async || {
        let provision = ["provision", "akermark", "--on-failure", "keep", "--json"];
        let failed = app.run(&provision).await.exits(1).json();
        assert_eq!(failed["run"]["state"], "failed", "{failed:#}");
        failed["run"]["id"].as_str().expect("an id").to_owned()
    };
    let run = failed().await;
    let back = app.run(&["runs", "rollback", &run, "--json"]).await;
    let back = back.exits(0).json();
    assert_eq!(back["run"]["state"], "rolled_back", "{back:#}");
    for error in ["code", "message", "hint"] {
        assert!(back.get(error).is_none(), "{error}: {back:#}");
    }
    // What can't be removed is told all the same; once it can be, the other try is done as well.
    let run = failed().await;
    let kept = json!([{ "provider": "github", "method": "DELETE", "path": "/repos/*/*", "do": "status:403" }]);
    app.cloud.faults(kept).await;
    let left = app.run(&["runs", "rollback", &run, "--json"]).await;
    let left = left.exits(5).json();
    assert_eq!(left["run"]["state"], "leftovers", "{left:#}");
    assert!(left["code"].is_string(), "{left:#}");
    app.cloud.faults(json!([])).await;
    let said = app.run(&["runs", "rollback", &run]).await.exits(0).stdout;
    assert!(said.contains("rolled back"), "{said}");
    assert!(!said.contains("failed"), "{said}");
}

#[tokio::test]
async fn a_failed_run_is_rolled_back_also_where_an_instance_stands_unless_it_is_to_be_kept() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let provision = ["provision", "akermark", "--json"];
    let first = app.run(&provision).await.exits(0).json();
    assert_eq!(first["run"]["on_failure"], "rollback", "{first:#}");
    // It is to be changed, and its deployment fails.
    app.run(&["customers", "edit", "akermark", "--module", "email"])
        .await
        .exits(0);
    app.cloud
        .steer("accounts", &json!({ "vercel": { "builds_end": "error" } }))
        .await;
    let back = app.run(&provision).await.json();
    assert_eq!(back["run"]["on_failure"], "rollback", "{back:#}");
    assert_ne!(back["run"]["state"], "failed", "{back:#}");
    let kept = [&provision[..], &["--on-failure", "keep"]].concat();
    let kept = app.run(&kept).await.exits(1).json();
    assert_eq!(kept["run"]["on_failure"], "keep", "{kept:#}");
    assert_eq!(kept["run"]["state"], "failed", "{kept:#}");
}

#[tokio::test]
async fn a_failed_run_says_what_exists_and_goes_on_once_mended() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app.cloud
        .steer("accounts", &json!({ "vercel": { "builds_end": "error" } }))
        .await;
    let document = app
        .run(&["provision", "akermark", "--on-failure", "keep", "--json"])
        .await
        .exits(1)
        .json();
    assert_eq!(
        document["code"], "deployment_failed",
        "the document is the error: {document:#}"
    );
    assert!(!document["hint"].as_str().unwrap().is_empty());
    assert_eq!(document["run"]["state"], "failed", "{document:#}");
    assert!(
        !document["run"]["resources"].as_array().unwrap().is_empty(),
        "what exists is said"
    );
    assert!(
        document.get("instance_url").is_none(),
        "there is no instance yet: {document:#}"
    );
    let run = document["run"]["id"].as_str().unwrap();
    let next = format!("fabrik runs resume {run}");
    let shown = app.run(&["runs", "show", run]).await.exits(0).stdout;
    assert!(shown.contains(&next), "what to do next: {shown}");
    let told = app.run(&["runs", "resume"]).await.exits(0).stderr;
    assert!(told.contains(&next), "it stands still: {told}");

    app.cloud
        .steer("accounts", &json!({ "vercel": { "builds_end": null } }))
        .await;
    let resumed = app
        .run(&["runs", "resume", run, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(resumed["run"]["state"], "succeeded", "{resumed:#}");
    let told = app.run(&["runs", "resume"]).await.exits(0).stderr;
    assert!(!told.contains(run), "there is nothing to do: {told}");
    assert_eq!(
        app.cloud.census().await["supabase projects"],
        1,
        "nothing was made twice"
    );
    let mails = app.cloud.mails().await;
    let to: Vec<_> = mails.iter().map(|mail| &mail["to"][0]).collect();
    let owner = app.cloud.variable("FABRIK_EMAIL_OWNER");
    assert_eq!(
        to,
        [owner, "anna@akermark.example"],
        "the owner of the failure, the customer of the end"
    );
}

#[tokio::test]
async fn a_revoked_token_lets_the_run_wait_and_a_new_one_lets_it_go_on() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let token = app.cloud.variable("FABRIK_SECRET_RESEND").to_owned();
    app.cloud
        .faults(json!([{ "provider": "resend", "method": "POST", "path": "/emails", "do": "status:401" }]))
        .await;
    let waiting = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(4)
        .json();
    assert_eq!(
        (&waiting["run"]["state"], &waiting["run"]["reason"]),
        (&json!("waiting"), &json!("needs_credential"))
    );
    // What `provision` refuses can't run by its plan either.
    let plan = app.run(&["plan", "akermark", "--json"]).await;
    let plan = plan.exits(3).json();
    assert_eq!(
        (&plan["can_run"], &plan["code"]),
        (&json!(false), &json!("run_active")),
        "{plan:#}"
    );
    app.cloud.faults(json!([])).await;
    app.cloud
        .steer("tokens", &json!({ "provider": "resend", "token": token }))
        .await;
    let run = waiting["run"]["id"].as_str().unwrap();
    let told = app.run(&["runs", "resume"]).await.exits(0).stderr;
    assert!(
        told.contains(&format!("fabrik runs resume {run}")),
        "{told}"
    );
    app.run(&["runs", "resume", run]).await.exits(0);
    assert_eq!(app.cloud.mails().await.len(), 1);
}

#[tokio::test]
async fn resume_takes_a_removal_that_was_interrupted_too() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let before = app.cloud.census().await;
    app.run(&["provision", "akermark"]).await.exits(0);
    let held = json!([{ "provider": "github", "method": "DELETE", "path": "/repos/*/*", "do": "delay:10m" }]);
    app.cloud.faults(held).await;
    let mut removal = app.spawn(&["deprovision", "akermark", "--confirm", "akermark"]);
    let run = under_way(&app, 2).await;
    removal.kill().await.expect("SIGKILL");
    app.cloud.faults(json!([])).await;
    let resumed = app.run(&["runs", "resume", "--json"]).await;
    let resumed = resumed.exits(0).json();
    let ended = &resumed["results"][0]["run"];
    assert_eq!(
        (&ended["id"], &ended["purpose"], &ended["state"]),
        (&json!(run), &json!("deprovision"), &json!("succeeded")),
        "{resumed:#}"
    );
    let after = app.cloud.census().await;
    for gone in ["repositories", "vercel projects"] {
        assert_eq!(after[gone], before[gone], "{gone}: {after:#}");
    }
    let newest = ["runs", "list", "--limit", "1"];
    let said = app.run(&newest).await.exits(0).stdout;
    assert_eq!(said.lines().last(), Some("1 of 2"), "{said}");
    let list = app.run(&[&newest[..], &["--json"]].concat()).await;
    let list = list.exits(0).json();
    assert_eq!(
        (list["runs"].as_array().map(Vec::len), &list["total"]),
        (Some(1), &json!(2)),
        "{list:#}"
    );
}

#[tokio::test]
async fn a_project_that_takes_longer_than_its_ceiling_is_waited_for_no_longer() {
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 8\n")).await;
    app.add("akermark").await;
    app.run(&["settings", "set", "supabase.ceiling", "1"])
        .await
        .exits(0);
    let waiting = app.run(&["provision", "akermark", "--json"]).await;
    let waiting = waiting.exits(4).json();
    assert_eq!(waiting["code"], "not_ready_yet", "{waiting:#}");
    assert_eq!(waiting["ceiling"], 1, "{waiting:#}");
    assert_eq!(waiting["run"]["reason"], "not_ready_yet", "{waiting:#}");
    // It keeps the second it began with: each resume waits for another.
    let run = waiting["run"]["id"].as_str().expect("an id").to_owned();
    let resume = ["runs", "resume", &run, "--json"];
    let mut ran = app.run(&resume).await;
    for _ in 0..30 {
        if ran.status == 0 {
            break;
        }
        ran.exits(4);
        ran = app.run(&resume).await;
    }
    assert_eq!(ran.exits(0).json()["run"]["state"], "succeeded");
}
