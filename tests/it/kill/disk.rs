//! The disk is full, or another process holds the database: the command line says so, asks nothing of a vendor that it
//! has not written down, and goes on when it can (P9).

use std::time::Duration;

use fabrik_tests::{Proof, in_full};
use rusqlite::Connection;

use super::{finish, one_of_each};
use crate::{
    recorder::{Exchange, Recorder},
    world::{Ran, TestApp, program::program},
};

/// The most that any file may hold, in kilobytes: from hardly more than an empty log to more than a run needs.
const FROM: usize = 40;
const TO: usize = 1600;

/// Runs the command line where no file grows beyond so many kilobytes: the system refuses the write, as it does where a
/// disk is full.
async fn run_with_room(app: &TestApp, kilobytes: usize, arguments: &[&str]) -> Ran {
    let within = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    let (room, program) = (kilobytes.to_string(), program().display().to_string());
    let call = [&["-c", within, &room, &program], arguments].concat();
    TestApp::ended(app.spawn_as("bash".as_ref(), &call)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_at_any_write_is_said_and_gone_on_from() {
    let proof = Proof::of("P9", "no room for a write of the real command line");
    let app = TestApp::new().await;
    let steps = if in_full() { 80 } else { 5 };
    let (mut stopped, mut went) = (0, 0);
    for number in 0..steps {
        let kilobytes = FROM + (TO - FROM) * number / steps;
        let subdomain = format!("kund-{number}");
        let what = format!("{subdomain} with {kilobytes} kB for each file");
        app.add(&subdomain).await;
        let ran = run_with_room(&app, kilobytes, &["provision", &subdomain, "--json"]).await;
        assert!(!ran.stderr.contains("panicked"), "{what}: {ran:#?}");
        if ran.status == 0 {
            went += 1;
        } else {
            stopped += 1;
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains("\"code\""), "{what}: it is said: {ran:#?}");
        }
        let report = finish(&app, &subdomain, &what).await;
        one_of_each(&app, &subdomain, &report, &what).await;
        proof.held(1);
    }
    assert!(stopped > 0, "some had no room: {went} went through");
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
    let child = app.spawn(&["provision", "kund-1", "--json"]);
    // In the middle of the run.
    let asked = |exchange: &Exchange| exchange.method == "POST" && exchange.path == "/v1/projects";
    while !recorder.exchanges().iter().any(asked) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let path = app.data().join("agency/central.db");
    let held = Connection::open(path).expect("the database");
    held.busy_timeout(Duration::from_mins(1)).expect("it waits");
    held.execute_batch("BEGIN IMMEDIATE").expect("it is held");
    let ran = TestApp::ended(child).await;
    assert_ne!(ran.status, 0, "it can't be written: {ran:#?}");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("database_busy"), "it is said: {ran:#?}");
    let refused = app.run(&["provision", "kund-1", "--json"]).await;
    assert!(
        refused.stdout.contains("database_busy"),
        "by the next too: {refused:#?}"
    );
    held.execute_batch("ROLLBACK").expect("it is let go");
    drop(held);
    let report = finish(&app, "kund-1", "held, and let go").await;
    one_of_each(&app, "kund-1", &report, "held, and let go").await;
    proof.held(1);
}
