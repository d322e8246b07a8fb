//! The database's file may not grow, or another process holds it: the command line says so, changes nothing at a vendor
//! before its run is written down, and goes on when it can (P9). A limit on files is told otherwise than a disk that is
//! full: that one, with its own code, is tried at every write in simulation.

use std::time::Duration;

use fabrik_tests::{Proof, in_full};
use rusqlite::Connection;

use super::{finish, one_of_each};
use crate::{
    recorder::Recorder,
    world::{Latency, Ran, TestApp, program::program},
};

/// The most that any file may hold, in kilobytes: from hardly more than an empty log to more than a run needs.
const FROM: usize = 40;
const TO: usize = 1600;

/// What SQLite's "I/O error" is called, which is what it makes of a file that may not grow.
const CODE: &str = "\"database_failed\"";

/// So many points after its plan a run is in its middle, and the database is taken: each request passes two.
const MIDDLE: usize = 12;

/// Runs the command line where no file grows beyond so many kilobytes: the system refuses the write.
async fn run_with_room(app: &TestApp, kilobytes: usize, arguments: &[&str]) -> Ran {
    let within = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    let (room, program) = (kilobytes.to_string(), program().display().to_string());
    let call = [&["-c", within, &room, &program], arguments].concat();
    TestApp::ended(app.spawn_as("bash".as_ref(), &call)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_grow_is_said_and_gone_on_from() {
    let proof = Proof::of(
        "P9",
        "runs of the real command line stopped by a file that may not grow, then on",
    );
    let app = TestApp::new().await;
    let steps = if in_full() { 80 } else { 5 };
    let (mut stopped, mut went) = (0, 0);
    for number in 0..steps {
        let kilobytes = FROM + (TO - FROM) * number / steps;
        let subdomain = format!("kund-{number}");
        let what = format!("{subdomain} with {kilobytes} kB for each file");
        app.add(&subdomain).await;
        let before = app.cloud.mutating().await;
        let ran = run_with_room(&app, kilobytes, &["provision", &subdomain, "--json"]).await;
        assert!(!ran.stderr.contains("panicked"), "{what}: {ran:#?}");
        let was_stopped = ran.status != 0;
        if was_stopped {
            stopped += 1;
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains(CODE), "{what}: it is said: {ran:#?}");
            let list = ["runs", "list", "--customer", &subdomain, "--json"];
            let list = app.run(&list).await.exits(0).json();
            let run = &list["runs"][0];
            if run.is_null() {
                let now = app.cloud.mutating().await;
                assert_eq!(now, before, "{what}: nothing is asked for unwritten");
            } else {
                assert_eq!(ran.json()["run"]["id"], run["id"], "{what}: it is named");
            }
            if run["state"] == "interrupted" {
                assert_eq!(ran.status, 4, "{what}: it can be resumed: {ran:#?}");
            }
        } else {
            went += 1;
        }
        let report = finish(&app, &subdomain, &what).await;
        one_of_each(&app, &subdomain, &report, &what).await;
        proof.held(usize::from(was_stopped));
    }
    assert!(stopped > 0, "some had no room: {went} went through");
}

/// Less than the index beside the log takes, without which SQLite opens nothing: as on a disk that is full.
const NONE: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_room_at_the_start_the_records_are_shown() {
    let app = TestApp::new().await;
    app.add("kund-1").await;
    let list = run_with_room(&app, NONE, &["customers", "list", "--json"]).await;
    let list = list.exits(0).json();
    assert_eq!(list["customers"][0]["subdomain"], "kund-1", "{list}");
    let before = app.cloud.mutating().await;
    let refused = run_with_room(&app, NONE, &["provision", "kund-1", "--json"]).await;
    assert_ne!(refused.status, 0, "{refused:#?}");
    assert!(
        refused.stdout.contains("\"disk_full\""),
        "it is said: {refused:#?}"
    );
    let now = app.cloud.mutating().await;
    assert_eq!(now, before, "and nothing is asked for");
    let report = finish(&app, "kund-1", "without room at the start").await;
    one_of_each(&app, "kund-1", &report, "without room at the start").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_somebody_holds_is_said_and_gone_on_from() {
    let proof = Proof::of(
        "P9",
        "another process holds the database in the middle of a run",
    );
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    app.add("kund-1").await;
    // Provisioning plans first, and only then there is a run.
    recorder.count_points();
    app.run(&["plan", "kund-1"]).await.exits(0);
    let held = recorder.hold_at(recorder.points() + MIDDLE);
    let child = app.spawn(&["provision", "kund-1", "--json"]);
    let going_on = held.await.expect("a run has as many points");
    let path = app.data().join("agency/central.db");
    let other = Connection::open(path).expect("the database");
    other
        .busy_timeout(Duration::from_mins(1))
        .expect("it waits");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    going_on.send(()).expect("the request stands there");
    let ran = TestApp::ended(child).await;
    let stopped = ran.exits(4).json();
    assert_eq!(stopped["code"], "database_busy", "it is said: {stopped:#}");
    let refused = app.run(&["provision", "kund-1", "--json"]).await;
    assert!(
        refused.stdout.contains("database_busy"),
        "by the next too: {refused:#?}"
    );
    other.execute_batch("ROLLBACK").expect("it is let go");
    drop(other);
    let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(stopped["run"]["id"], list["runs"][0]["id"], "{stopped:#}");
    let report = finish(&app, "kund-1", "held, and let go").await;
    one_of_each(&app, "kund-1", &report, "held, and let go").await;
    proof.held(1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_stopped_is_shown_where_nothing_can_be_written_of_it() {
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 600\n")).await;
    app.add("kund-1").await;
    let mut child = app.spawn(&["provision", "kund-1", "--json"]);
    let id = loop {
        let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
        let run = &list["runs"][0];
        if let (Some("running"), Some(id)) = (run["state"].as_str(), run["id"].as_str()) {
            break id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    child.kill().await.expect("SIGKILL");
    // That it was interrupted can't be written down.
    let other = Connection::open(app.data().join("agency/central.db")).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    let arguments = [
        &["runs", "list", "--json"][..],
        &["runs", "show", &id, "--json"],
        &["runs", "watch", &id, "--json"],
    ];
    let [list, show, watch] = arguments.map(|arguments| app.run(arguments));
    let (list, show, watch) = tokio::join!(list, show, watch);
    let list = list.exits(0).json();
    assert_eq!(list["runs"][0]["id"], *id, "{list:#}");
    assert!(list["runs"][0].get("driver").is_none(), "{list:#}");
    let show = show.exits(0).json();
    assert_eq!(show["run"]["id"], *id, "{show:#}");
    // It doesn't wait for a process that is gone.
    let watch = watch.exits(4).json();
    assert_eq!(watch["run"]["id"], *id, "{watch:#}");
    // What changes it is refused, with why.
    let refused = app.run(&["runs", "cancel", &id, "--json"]).await;
    assert!(refused.stdout.contains("database_busy"), "{refused:#?}");
    other.execute_batch("ROLLBACK").expect("it is let go");
    let list = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(list["runs"][0]["state"], "interrupted", "{list:#}");
}
