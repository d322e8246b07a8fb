//! Whatever was answered survives SIGKILL, and an entry is there whole or not at all. The program kills a
//! second process of itself in the middle of its writing, several times over.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    reason = "a test that can't go on should fail where it stands; its two processes talk by stdout"
)]

#[path = "suite/noon.rs"]
mod noon;
#[path = "suite/samples.rs"]
mod samples;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use fabrik_domain::{
    resource::{Origin, ResourceState},
    run::RunState,
};
use fabrik_store::{JournalEntry, NewAudit, RunQuery, SqliteStore, Store};
use fabrik_tests::Proof;

use crate::{
    noon::Noon,
    samples::{add, audit, begin, event, resource, to},
};

/// How many runs are written at once, so that commits hold entries of several.
const RUNS: usize = 4;

/// How many entries are answered before each kill.
const ANSWERS: [usize; 5] = [1, 7, 40, 100, 233];

fn open(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(path, Arc::new(Noon)).unwrap())
}

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match &arguments[..] {
        [_, word, path] if word == "--write" => write(Path::new(path)).await,
        // What test runners ask before they run anything.
        [_, rest @ ..] if rest.iter().any(|argument| argument == "--list") => {
            println!("what_was_answered_survives_a_kill: test");
        }
        _ => {
            let proof = Proof::of("P1", "SIGKILL in the middle of writing the journal");
            for answers in ANSWERS {
                kill_after(answers).await;
                proof.held(1);
            }
            println!("test what_was_answered_survives_a_kill ... ok");
        }
    }
}

/// The process that is killed: writes entry after entry for several runs and says which were answered.
async fn write(path: &Path) {
    let store = open(path);
    let mut writers = Vec::new();
    for number in 0..RUNS {
        let store = Arc::clone(&store);
        let customer = add(
            &*store,
            &format!("Kund {number}"),
            &format!("kund-{number}"),
        )
        .await;
        let (run, lease) = begin(&*store, &customer, "writer").await;
        writers.push(tokio::spawn(async move {
            for entry in 1.. {
                let mut steps = store.steps(run.id).await.unwrap();
                steps[0].attempts = entry;
                let written = JournalEntry {
                    steps,
                    resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
                    events: vec![event(run.id, i64::from(entry))],
                    audit: Some(NewAudit {
                        run: Some(run.id),
                        ..audit("entry")
                    }),
                    ..to(RunState::Running)
                };
                store.journal(&lease, written).await.unwrap();
                println!("{} {entry}.", run.number);
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn kill_after(answers: usize) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("central.db");
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .arg("--write")
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answered = [0; RUNS + 1];
    let lines = BufReader::new(writer.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut count = 0;
    // To the last line, for more was answered before the kill than when it was decided.
    for line in lines {
        // A line that was cut has no full stop.
        if let Some((run, entry)) = line.strip_suffix('.').and_then(|line| line.split_once(' ')) {
            answered[run.parse::<usize>().unwrap()] = entry.parse().unwrap();
        }
        count += 1;
        if count == answers {
            writer.kill().unwrap();
        }
    }
    writer.wait().unwrap();
    assert!(count >= answers, "the writer goes on until it is killed");

    let store = open(&path);
    store.check().await.unwrap();
    for run in store.runs(RunQuery::default()).await.unwrap() {
        let written = i64::from(store.steps(run.id).await.unwrap()[0].attempts);
        let said = answered[usize::try_from(run.number).unwrap()];
        assert!(
            written >= said,
            "{said} entries were answered, {written} are there"
        );
        let events = store.events_since(run.id, 0).await.unwrap();
        let numbers: Vec<_> = events.iter().map(|event| event.number).collect();
        assert_eq!(
            numbers,
            (1..=written).collect::<Vec<_>>(),
            "every entry brought its event"
        );
        let resources = store.resources(run.customer).await.unwrap();
        assert_eq!(
            i64::try_from(resources.len()).unwrap(),
            written,
            "and its resource"
        );
        let log = store.audit_log(Some(run.customer), 0).await.unwrap();
        let entries = log
            .iter()
            .filter(|audit| audit.entry.action == "entry")
            .count();
        assert_eq!(
            i64::try_from(entries).unwrap(),
            written,
            "and its word in the audit log"
        );
    }
}
