//! Whoever takes a run on has another clock than the process that was killed in it: a day on, a day or an hour back, or
//! summer time (P10). The vendors keep theirs.

use std::{ffi::OsStr, process::Command, time::Duration};

use fabrik_domain::ports::Clock;
use fabrik_tests::{Proof, in_full};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{finish, one_of_each};
use crate::{
    real_clock::RealClock,
    recorder::Recorder,
    world::{Ran, TestApp, program::program},
};

/// Sets the clock of a program that it starts, and of no other.
const FAKETIME: &str = "faketime";

const HOUR: i64 = 3600;
const WINTER: &str = "CET-1";
const SUMMER: &str = "CEST-2";

/// How a clock differs from that of whoever began.
struct Clocks {
    what: &'static str,
    seconds: i64,
    zone: &'static str,
}

const OTHERS: &[Clocks] = &[
    Clocks {
        what: "a day on",
        seconds: 24 * HOUR,
        zone: WINTER,
    },
    Clocks {
        what: "a day back",
        seconds: -24 * HOUR,
        zone: WINTER,
    },
    Clocks {
        what: "an hour back",
        seconds: -HOUR,
        zone: WINTER,
    },
    Clocks {
        what: "in summer time",
        seconds: 0,
        zone: SUMMER,
    },
];

/// What the paths end with of calls that make something: a project, a repository, a site. Whoever is killed before the
/// answer doesn't know that it is made.
const CALLS: &[&str] = &["/v1/projects", "/generate", "/v11/projects"];

/// How late a run may have ended before it is looked at.
const LATE: SignedDuration = SignedDuration::from_mins(10);

impl Clocks {
    /// Runs the command line by this clock. The time that no setting moves is as it is.
    async fn run(&self, app: &TestApp, arguments: &[&str]) -> Ran {
        let (shift, program) = (
            format!("{:+}", self.seconds),
            program().display().to_string(),
        );
        let mut all = vec!["-m", "--exclude-monotonic", "-f", &shift, &program];
        all.extend_from_slice(arguments);
        let child = app.spawn_as(OsStr::new(FAKETIME), &all);
        TestApp::ended(child).await
    }

    /// The run has ended by this clock: else no clock was set.
    fn assert_set(&self, report: &Value, what: &str) {
        let ended = report["run"]["finished_at"].as_str().expect("it has ended");
        let ended: Timestamp = ended.parse().expect("a time");
        let by_it = RealClock::start().now() + SignedDuration::from_secs(self.seconds);
        let off = by_it.duration_since(ended).abs();
        assert!(off < LATE, "{what}: it ended at {ended}, {off} off");
    }
}

/// Waits until nothing is asked of the vendors any more: what is held is all that is open.
async fn until_still(recorder: &Recorder) {
    for _ in 0..40 {
        let passed = recorder.points();
        tokio::time::sleep(Duration::from_millis(500)).await;
        if recorder.points() == passed {
            return;
        }
    }
    panic!("while a request stands, the others come to an end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_another_clock_a_killed_run_goes_on_once() {
    let proof = Proof::of(
        "P10",
        "runs of the real command line killed, and gone on with by one whose clock or time zone is another",
    );
    let there = Command::new(FAKETIME).arg("--version").output();
    there.expect("faketime is needed: scripts/setup test installs it");
    let mut app = TestApp::new().await;
    let recorder = Recorder::between(&mut app).await;
    // Forward and back in every test; the others take their time.
    let (calls, clocks) = if in_full() {
        (CALLS, OTHERS)
    } else {
        (&CALLS[..1], &OTHERS[..2])
    };
    let tried = calls
        .iter()
        .flat_map(|call| clocks.iter().map(move |clock| (*call, clock)));
    let mut customers = 0;
    for (call, clock) in tried {
        let subdomain = format!("kund-{customers}");
        let what = format!("{subdomain}: killed at {call}, then {}", clock.what);
        customers += 1;
        app.set("TZ", WINTER);
        app.add(&subdomain).await;
        let held = recorder.hold_answer("POST", call);
        let mut child = app.spawn(&["provision", &subdomain, "--json"]);
        let held = tokio::time::timeout(Duration::from_mins(1), held).await;
        let standing = held.expect("it comes so far").expect("it is held");
        until_still(&recorder).await;

        app.set("TZ", clock.zone);
        let resume = ["runs", "resume", "--json"];
        let looked = clock.run(&app, &resume).await.exits(0).json();
        assert_eq!(
            looked["results"],
            json!([]),
            "{what}: who lives keeps the run, whatever the time: {looked:#}"
        );
        child.kill().await.expect("SIGKILL");
        drop(standing);
        // What follows is not disturbed.
        recorder.count_points();

        let resumed = clock.run(&app, &resume).await;
        assert_eq!(resumed.status, 0, "{what}: {resumed:#?}");
        let report = finish(&app, &subdomain, &what).await;
        clock.assert_set(&report, &what);
        one_of_each(&app, &subdomain, &report, &what).await;
        proof.held(1);
    }
    let expected = json!({ "supabase projects": customers, "repositories": customers,
                           "vercel projects": customers, "deployments": customers, "mails": customers });
    assert_eq!(app.cloud.census().await, expected, "one of each");
}
