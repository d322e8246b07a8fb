//! A process that stands still for longer than its lease, and wakes after another has ended its run (P7).

use std::time::{Duration, Instant};

use fabrik_tests::{Proof, in_full};
use rustix::process::{Pid, Signal, kill_process};

use super::{finish, one_of_each};
use crate::{recorder::Recorder, world::TestApp};

/// A lease, the longest call and the time that a vendor's list may lag, with room to spare.
const PATIENCE: Duration = Duration::from_mins(6);

/// Runs that are stopped, each at another point.
const STOPPED: usize = 3;

/// Only in the full proof: a lease takes its minutes. The same, at every point, is tried in simulation each time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_stopped_past_the_lease_writes_nothing_more() {
    if !in_full() {
        return;
    }
    let proof = Proof::of(
        "P7",
        "SIGSTOP past the lease while another process ends the run",
    );
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    let mut stopped = 0;
    for point in (8..).step_by(16) {
        if stopped == STOPPED {
            break;
        }
        let subdomain = format!("kund-{point}");
        let what = format!("{subdomain}, stopped at point {point}");
        app.add(&subdomain).await;
        let held = recorder.hold_at(point);
        let child = app.spawn(&["provision", &subdomain, "--json"]);
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let pid = pid.expect("it has begun");
        let going_on = held.await.expect("a run has as many points");
        kill_process(pid, Signal::STOP).expect("it stops");
        going_on.send(()).expect("the request stands there");
        let list = ["runs", "list", "--customer", &subdomain, "--json"];
        let listed = app.run(&list).await.exits(0).json();
        let Some(id) = listed["runs"][0]["id"].as_str().map(str::to_owned) else {
            // Still asking the vendors whether a run could begin.
            kill_process(pid, Signal::CONT).expect("it wakes");
            TestApp::ended(child).await.exits(0);
            continue;
        };
        stopped += 1;
        let begun = Instant::now();
        loop {
            let resumed = app.run(&["runs", "resume", &id, "--json"]).await;
            if resumed.status == 0 {
                break;
            }
            assert!(resumed.stdout.contains("run_owned"), "{what}: {resumed:#?}");
            assert!(
                begun.elapsed() < PATIENCE,
                "{what}: never free: {resumed:#?}"
            );
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        let before = app
            .run(&["runs", "show", &id, "--json"])
            .await
            .exits(0)
            .json();
        kill_process(pid, Signal::CONT).expect("it wakes");
        // What was asked for is done, by another: that is told, and no failure.
        let woken = TestApp::ended(child).await.exits(0).json();
        assert_eq!(woken["run"]["error"]["code"], "lease_lost", "{what}");
        let after = app
            .run(&["runs", "show", &id, "--json"])
            .await
            .exits(0)
            .json();
        assert_eq!(after, before, "{what}: nothing was written");
        let report = finish(&app, &subdomain, &what).await;
        one_of_each(&app, &subdomain, &report, &what).await;
        proof.held(1);
    }
}
