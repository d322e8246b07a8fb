//! Ctrl-C: once stops what is under way, twice ends the program.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    provision::one_of_each,
    recorder::{GoingOn, Recorder},
    world::{Latency, Ran, TestApp},
};

/// Provisions until a request stands in the middle of the run, and goes on as [`interrupted_at`] does.
async fn interrupted(app: &TestApp, recorder: &Recorder, then: impl FnOnce(GoingOn, Pid)) -> Ran {
    // Provisioning plans first, and only then there is a run.
    recorder.count_points();
    app.run(&["plan", "akermark"]).await.exits(0);
    interrupted_at(recorder.points() + 12, app, recorder, then).await
}

/// Provisions until a request stands at this point, presses Ctrl-C, waits until that was heard, and hands on what is to
/// come of the request. How the program ended.
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
