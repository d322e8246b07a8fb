//! The disk is full, the database's file may not grow, or another process holds it: the command line says so, changes
//! nothing at a vendor before its run is written down, and goes on when it can (P9). What is full at each single write is
//! tried in simulation.

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

/// The least that is free on the disk, in kilobytes, and the most: more than a run needs.
#[cfg(target_os = "linux")]
const FREE: std::ops::RangeInclusive<usize> = 0..=1600;

/// Mounts a file system of its own over the data directory, with the same files and so much room besides, runs a program
/// there, and brings what it left back to where there is room. The mount is seen by these processes alone.
#[cfg(target_os = "linux")]
const ON_A_SMALL_DISK: &str = r#"
set -e
free=$0 data=$1; shift
outside=$data.outside
mkdir -p "$outside"
mount --bind "$data" "$outside"
used=$(du --summarize --apparent-size --block-size=4K --count-links "$data" | cut -f 1)
files=$(find "$data" | wc -l)
mount -t tmpfs -o mode=700,size=$(((used + files) * 4 + free))k none "$data"
cp -a "$outside/." "$data"
status=0
"$@" || status=$?
find "$outside" -mindepth 1 -delete
cp -a "$data/." "$outside"
exit $status
"#;

/// Runs the command line where only so many kilobytes are free.
#[cfg(target_os = "linux")]
async fn run_with_free(app: &TestApp, kilobytes: usize, arguments: &[&str]) -> Ran {
    let (free, data) = (kilobytes.to_string(), app.data().display().to_string());
    let program = program().display().to_string();
    let alone = ["--user", "--map-root-user", "--mount", "bash", "-c"];
    let call = [
        &alone[..],
        &[ON_A_SMALL_DISK, &free, &data, &program],
        arguments,
    ]
    .concat();
    TestApp::ended(app.spawn_as("unshare".as_ref(), &call)).await
}

/// Whether this machine lets a user mount a file system for itself: not every container does.
#[cfg(target_os = "linux")]
async fn can_mount(app: &TestApp) -> bool {
    let tried = run_with_free(app, *FREE.end(), &["customers", "list"]).await;
    let refused = ["unshare: ", "mount: "];
    !(tried.status != 0 && refused.iter().any(|by| tried.stderr.contains(by)))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_gone_on_from() {
    let proof = Proof::of(
        "P9",
        "runs of the real command line stopped by a small disk that is full, then on",
    );
    let app = TestApp::new().await;
    app.add("kund-first").await;
    if !can_mount(&app).await {
        #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
        {
            eprintln!("SKIPPED: this machine lets nobody mount a file system of their own");
        }
        return;
    }
    let steps = if in_full() { 40 } else { 4 };
    let mut stopped = 0;
    for number in 0..steps {
        let kilobytes = FREE.start() + (FREE.end() - FREE.start()) * number / steps;
        let subdomain = format!("kund-{number}");
        let what = format!("{subdomain} with {kilobytes} kB free");
        app.add(&subdomain).await;
        let before = app.cloud.mutating().await;
        let ran = run_with_free(&app, kilobytes, &["provision", &subdomain, "--json"]).await;
        assert!(!ran.stderr.contains("panicked"), "{what}: {ran:#?}");
        let was_stopped = ran.status != 0;
        if was_stopped {
            stopped += 1;
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(
                said.contains("\"disk_full\""),
                "{what}: it is said: {ran:#?}"
            );
            let list = ["runs", "list", "--customer", &subdomain, "--json"];
            let list = app.run(&list).await.exits(0).json();
            if list["runs"][0].is_null() {
                let now = app.cloud.mutating().await;
                assert_eq!(now, before, "{what}: nothing is asked for unwritten");
            }
        }
        let report = finish(&app, &subdomain, &what).await;
        one_of_each(&app, &subdomain, &report, &what).await;
        proof.held(usize::from(was_stopped));
    }
    assert!(stopped > 0, "some had no room");
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
