//! What scripts rely on: documents, exit codes, languages.

use std::time::Duration;

use fabrik_domain::{blueprint::StepKind, provider::Provider, setting::SETTINGS};
#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
#[cfg(unix)]
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::world::{Latency, TestApp};
#[cfg(unix)]
use crate::{
    provision::one_of_each,
    recorder::{GoingOn, Recorder},
    world::Ran,
};

#[tokio::test]
async fn every_answer_is_one_document() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    for arguments in [
        &["customers", "list"][..],
        &["customers", "show", "akermark"],
        &["customers", "edit", "akermark", "--credits", "5"],
        &["customers", "export"],
        &["blueprints", "list"],
        &["blueprints", "show", "factory"],
        &["credentials", "status"],
        &["settings", "get"],
        &["plan", "akermark"],
        &["runs", "list"],
    ] {
        let ran = app.run(&[arguments, &["--json"]].concat()).await.exits(0);
        assert!(
            ran.json().is_object() || ran.json().is_array(),
            "{arguments:?}: {}",
            ran.stdout
        );
        let said = app.run(arguments).await.exits(0).stdout;
        assert!(
            !said.trim().is_empty(),
            "{arguments:?} says something to people too"
        );
    }
    let list = app.run(&["customers", "list", "--json"]).await.json();
    assert_eq!(list["total"], 1);
    let customer = &list["customers"][0];
    for field in [
        "id",
        "name",
        "slug",
        "subdomain",
        "status",
        "plan",
        "blueprint",
        "contact_email",
        "created_at",
        "updated_at",
    ] {
        assert!(customer[field].is_string(), "customer.{field}: {customer}");
    }
    assert!(
        customer["credits"].is_i64() && customer["modules"].is_array(),
        "{customer}"
    );
    assert!(
        customer["created_at"].as_str().unwrap().ends_with('Z'),
        "UTC: {customer}"
    );
}

#[tokio::test]
async fn a_sandbox_that_is_served_is_worked_on_where_no_workspace_is_named() {
    let mut app = TestApp::new().await;
    app.unset("FABRIK_WORKSPACE");
    app.add("akermark").await;
    let provisioned = app.run(&["provision", "akermark", "--json"]).await.exits(0);
    assert_eq!(provisioned.json()["run"]["state"], "succeeded");
    let made = app.cloud.mutating().await;
    assert!(made > 0, "made in the cloud that the variables name");
    let own = app.data().join("sandbox/endpoint.json");
    assert!(!own.exists(), "the workspace started none of its own");
    let status = app.run(&["credentials", "status", "--json"]).await;
    let status = status.exits(0).json();
    assert_eq!(
        status["credentials"][0]["source"], "environment",
        "{status:#}"
    );
    // A token whose vendor isn't named goes nowhere: the workspace's own sandbox has its own.
    app.unset("FABRIK_GITHUB_URL");
    let status = app.run(&["credentials", "status", "--json"]).await;
    let status = status.exits(0).json();
    let listed = status["credentials"].as_array().unwrap();
    let github = listed.iter().find(|one| one["provider"] == "github");
    assert_eq!(github.unwrap()["source"], "sandbox", "{status:#}");
}

#[tokio::test]
async fn what_is_no_subdomain_is_bad_input_however_it_begins() {
    let app = TestApp::new().await;
    let added = [
        "customers",
        "add",
        "Åkermark",
        "--subdomain",
        "-bad-",
        "--email",
        "anna@akermark.example",
        "--blueprint",
        "factory",
        "--plan",
        "starter",
        "--json",
    ];
    let refused = app.run(&added).await.exits(3).json();
    assert_eq!(refused["code"], "subdomain_invalid", "{refused:#}");
}

#[tokio::test]
async fn a_sandbox_that_is_asked_for_wrongly_is_refused_with_what_is_wrong() {
    let app = TestApp::new().await;
    let misspelt = app.file("latency.toml", "supabase.redy = 3");
    let no_rules = app.file("faults.json", "{}");
    let served = app.cloud.folder().join("cloud").display().to_string();
    for (option, value, told) in [
        (
            "--latency",
            "/nowhere/latency.toml",
            "/nowhere/latency.toml",
        ),
        ("--latency", misspelt.as_str(), "supabase.redy"),
        ("--faults", no_rules.as_str(), "faults.json"),
        ("--data", served.as_str(), served.as_str()),
    ] {
        let data = app.data().join("cloud").display().to_string();
        let mut arguments = vec!["sandbox", "serve", "--json", option, value];
        if option != "--data" {
            arguments.extend(["--data", data.as_str()]);
        }
        let refused = app.run(&arguments).await.exits(3).json();
        assert_eq!(refused["code"], "sandbox_refused", "{refused:#}");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains(told), "{told} in {message}");
    }
}

#[tokio::test]
async fn several_customers_are_one_document_and_the_worst_exit_code() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app.add("bergstrom").await;
    let taken = json!({ "owner": "sandbox-agency", "name": "bergstrom" });
    app.vendor("github")
        .post("/repos/sandbox-agency/template/generate", &taken)
        .await;
    let document = app
        .run(&["provision", "--pending", "--json"])
        .await
        .exits(3)
        .json();
    let results = document["results"].as_array().expect("results");
    assert_eq!(results.len(), 2, "{document:#}");
    assert_eq!(
        results[0]["run"]["state"], "succeeded",
        "one customer's trouble is its own"
    );
    assert_eq!(results[1]["code"], "name_taken", "{:#}", results[1]);
}

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

/// The newest of so many runs, once a process is at work on it.
async fn under_way(app: &TestApp, runs: usize) -> String {
    loop {
        let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
        let list = list["runs"].as_array().unwrap();
        let newest = list.first().filter(|_| list.len() == runs);
        match newest.map(|run| (run["state"].as_str(), run["id"].as_str())) {
            Some((Some("running" | "undoing"), Some(id))) => return id.to_owned(),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
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

/// Provisions until a request stands in the middle of the run, and goes on as [`interrupted_at`] does.
#[cfg(unix)]
async fn interrupted(app: &TestApp, recorder: &Recorder, then: impl FnOnce(GoingOn, Pid)) -> Ran {
    // Provisioning plans first, and only then there is a run.
    recorder.count_points();
    app.run(&["plan", "akermark"]).await.exits(0);
    interrupted_at(recorder.points() + 12, app, recorder, then).await
}

/// Provisions until a request stands at this point, presses Ctrl-C, waits until that was heard, and hands on what is to
/// come of the request. How the program ended.
#[cfg(unix)]
async fn interrupted_at(
    point: usize,
    app: &TestApp,
    recorder: &Recorder,
    then: impl FnOnce(GoingOn, Pid),
) -> Ran {
    let held = recorder.hold_at(point);
    let mut child = app.spawn(&["provision", "akermark", "--json"]);
    let process = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let process = process.expect("it has begun");
    let stderr = child.stderr.take().expect("it is piped");
    let mut progress = BufReader::new(stderr).lines();
    let going_on = held.await.expect("a run has as many points");
    kill_process(process, Signal::INT).expect("Ctrl-C");
    loop {
        let line = progress.next_line().await.expect("UTF-8 on stderr");
        let line = line.expect("it says that it has heard");
        if line.contains("Ctrl-C") {
            break;
        }
    }
    then(going_on, process);
    let ended = TestApp::ended(child).await;
    recorder.count_points();
    ended
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_a_run_between_two_calls() {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    app.add("akermark").await;
    let answered = |going_on: GoingOn, _| {
        // One that only reads may have been given up.
        let _ = going_on.send(());
    };
    let stopped = interrupted(&app, &recorder, answered).await;
    let stopped = stopped.exits(4).json();
    assert_eq!(
        (&stopped["code"], &stopped["run"]["state"]),
        (&json!("run_cancelled"), &json!("cancelled")),
        "{stopped:#}"
    );
    let run = stopped["run"]["id"].as_str().unwrap();
    app.run(&["runs", "resume", run]).await.exits(0);
    assert_eq!(app.cloud.census().await, one_of_each());
}

#[cfg(unix)]
#[tokio::test]
async fn a_run_that_nobody_drives_is_cancelled_in_sight_and_ctrl_c_is_heard() {
    // The vendor deletes nothing that is being made: the way back waits for it.
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 600\n")).await;
    app.add("akermark").await;
    let mut driver = app.spawn(&["provision", "akermark"]);
    while app.cloud.census().await["supabase projects"] != 1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    driver.kill().await.expect("SIGKILL");
    let newest = async || {
        let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
        list["runs"][0].clone()
    };
    let run = newest().await;
    assert_eq!(run["state"], "interrupted", "{run:#}");
    let id = run["id"].as_str().unwrap();
    let cancelling = app.spawn(&["runs", "cancel", id, "--json"]);
    while newest().await["state"] != "undoing" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let process = cancelling.id();
    let process = process.and_then(|id| Pid::from_raw(id.cast_signed()));
    kill_process(process.expect("it is at work"), Signal::INT).expect("Ctrl-C");
    let stopped = TestApp::ended(cancelling).await.exits(4);
    assert!(!stopped.progress().is_empty(), "progress goes to stderr");
    let stopped = stopped.json();
    assert_eq!(
        (&stopped["run"]["id"], &stopped["run"]["state"]),
        (&run["id"], &json!("interrupted")),
        "{stopped:#}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_the_planning_too() {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    app.add("akermark").await;
    // The request is never let go on, as at a limit that is waited for.
    let unanswered = |mut going_on: GoingOn, _| {
        tokio::spawn(async move { going_on.closed().await });
    };
    let stopped = interrupted_at(1, &app, &recorder, unanswered).await;
    let stopped = stopped.exits(4).json();
    assert_eq!(stopped["code"], "run_not_begun", "{stopped:#}");
    let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(list["runs"], json!([]), "{list:#}");
    app.run(&["provision", "akermark"]).await.exits(0);
    assert_eq!(app.cloud.census().await, one_of_each());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_twice_ends_the_program_as_a_kill_does() {
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    app.add("akermark").await;
    let again = |mut going_on: GoingOn, process| {
        kill_process(process, Signal::INT).expect("Ctrl-C again");
        // The request is never let go on: nobody waits for it.
        tokio::spawn(async move { going_on.closed().await });
    };
    let ended = interrupted(&app, &recorder, again).await.exits(130);
    assert_eq!(ended.stdout, "", "nothing is told any more");
    let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(list["runs"][0]["state"], "interrupted", "{list:#}");
    app.run(&["runs", "resume"]).await.exits(0);
    assert_eq!(app.cloud.census().await, one_of_each());
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

#[tokio::test]
async fn whatever_is_told_beside_a_document_is_json_lines() {
    let app = TestApp::new().await;
    for (arguments, note) in [
        (&["provision", "--pending"][..], "No customer is pending."),
        (&["runs", "resume"][..], "No run was interrupted."),
        (&["blueprints", "check", "factory"][..], "SQL"),
    ] {
        let asked = [arguments, &["--json"]].concat();
        let told = app.run(&asked).await.exits(0).progress();
        assert!(
            matches!(told.as_slice(), [only] if only["note"].as_str().unwrap().contains(note)),
            "{asked:?}: {told:?}"
        );
        let quiet = app.run(&[&asked[..], &["--quiet"]].concat()).await.exits(0);
        assert_eq!(quiet.stderr, "", "{asked:?}");
    }
    app.add("akermark").await;
    app.add("bergstrom").await;
    let ran = app
        .run(&["provision", "--pending", "--json"])
        .await
        .exits(0);
    let told = ran.progress();
    assert!(
        !told.iter().any(|line| line["note"].is_string()),
        "no limit makes two of them wait: {told:?}"
    );
    assert!(
        told.iter().any(|line| line["step"].is_string()),
        "what happens in each run: {told:?}"
    );
}

#[tokio::test]
async fn a_token_goes_in_by_standard_input_and_never_comes_out() {
    let mut app = TestApp::new().await;
    let token = app.cloud.variable("FABRIK_SECRET_GITHUB").to_owned();
    app.unset("FABRIK_SECRET_GITHUB");
    let set = app
        .run_with_input(
            &["credentials", "set", "github", "--json"],
            &format!("{token}\n"),
        )
        .await
        .exits(0);
    assert_eq!(
        (set.json()["state"].as_str(), set.json()["source"].as_str()),
        (Some("works"), Some("keyring"))
    );
    let status = app.run(&["credentials", "status", "--json"]).await.exits(0);
    for credential in status.json()["credentials"].as_array().unwrap() {
        assert!(
            credential.get("value").is_none() && credential.get("token").is_none(),
            "{credential}"
        );
    }
    for said in [&set.stdout, &set.stderr, &status.stdout, &status.stderr] {
        assert!(!said.contains(&token), "{said}");
    }
    app.run(&["credentials", "remove", "github"]).await.exits(0);
    let gone = app
        .run(&["credentials", "test", "github", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(gone["code"], "credential_missing", "{gone}");
}

#[test]
fn the_readme_names_the_variable_of_every_credential() {
    let readme = include_str!("../../README.md");
    for provider in Provider::ALL {
        let variable = format!("`FABRIK_SECRET_{}`", provider.key().to_uppercase());
        assert!(readme.contains(&variable), "{variable}");
    }
}

#[test]
fn the_document_for_scripts_names_every_kind_of_step_and_every_setting() {
    let document = include_str!("../../docs/command-line.md");
    let kinds = StepKind::ALL.map(StepKind::key);
    let settings = SETTINGS.iter().map(|setting| setting.key);
    for word in kinds.into_iter().chain(settings) {
        assert!(document.contains(&format!("`{word}`")), "{word}");
    }
}

#[tokio::test]
async fn a_removals_plan_tells_the_fate_beside_each_resource() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app.run(&["provision", "akermark"]).await.exits(0);
    let plan = app.run(&["deprovision", "akermark", "--json"]).await;
    let plan = plan.exits(3).json();
    let planned = plan["resources"].as_array().expect("a list");
    assert!(!planned.is_empty(), "{plan:#}");
    for one in planned {
        let resource = &one["resource"];
        assert!(resource["id"].is_string() && resource["kind"].is_string());
        let fate = one["fate"].as_str().expect("a word");
        let fates = ["removed", "covered", "adopted", "sent", "stays"];
        assert!(fates.contains(&fate), "{one:#}");
        assert_eq!(one["by"].is_string(), fate == "covered", "{one:#}");
    }
}

#[tokio::test]
async fn where_there_is_nothing_to_remove_a_removal_says_so_and_is_done() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let removal = ["deprovision", "akermark", "--confirm", "akermark"];
    let nothing = async || {
        for asked in [&removal[..2], &removal[..]] {
            let told = app.run(asked).await.exits(0).stdout;
            let ways = ["provision akermark", "customers remove akermark"];
            let ways = ways.map(|way| format!("fabrik {way}"));
            assert!(told.contains("nothing to remove"), "{told}");
            assert!(ways.iter().all(|way| told.contains(way)), "{told}");
            assert!(!told.contains("--confirm"), "{told}");
            let plan = app.run(&[asked, &["--json"]].concat()).await;
            let plan = plan.exits(0).json();
            assert!(plan["resources"].is_array(), "{plan:#}");
            assert!(plan["code"].is_null(), "{plan:#}");
        }
        let typed = ["deprovision", "akermark", "--confirm", "akermar"];
        app.run(&typed).await.exits(3);
    };
    nothing().await;
    app.run(&["provision", "akermark"]).await.exits(0);
    app.run(&removal).await.exits(0);
    let runs = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    nothing().await;
    let after = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(after["total"], runs["total"], "no run is begun for it");
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

#[tokio::test]
async fn a_customer_is_removed_by_its_subdomain_typed() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let remove = async |typed| {
        let arguments = [
            "customers",
            "remove",
            "akermark",
            "--confirm",
            typed,
            "--json",
        ];
        app.run(&arguments).await
    };
    let refused = remove("akermark2").await.exits(3).json();
    assert_eq!(refused["code"], "confirmation_mismatch", "{refused}");
    remove("akermark").await.exits(0);
    let list = app.run(&["customers", "list", "--json"]).await.json();
    assert_eq!(list["total"], 0, "{list}");
}
