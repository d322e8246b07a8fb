//! How long it takes to hold a log of a hundred thousand entries against its anchors: read from the file, and looked at.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a figure is printed, and a bench that can't go on has failed"
)]

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use fabrik_domain::{ports::Clock, secret::SecretRef};
use fabrik_store::{
    AuditExamination, AuditKey, AuditTrail, AuditVerdict, KeptAnchor, SqliteStore, Store,
};
use jiff::Timestamp;
use rusqlite::Connection;

const ENTRIES: i64 = 100_000;
/// An anchor at the end of each run, which leaves some entries.
const BETWEEN: i64 = 25;
/// It takes at most so long.
const MOST: Duration = Duration::from_secs(1);
const ROUNDS: usize = 5;

struct Noon;

#[async_trait]
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

#[tokio::main]
async fn main() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("central.db");
    let store = SqliteStore::open(&path, Arc::new(Noon)).unwrap();
    write(&Connection::open(&path).unwrap());
    let key = AuditKey::made_of(&[7; 32]);
    let reference = SecretRef::audit_key(store.workspace());
    let key = || AuditKey::read(&key, &reference).unwrap();

    let mut last = None;
    let rows = store.audit_rows(0, u32::MAX).await.unwrap();
    for run in rows.chunks(usize::try_from(BETWEEN).unwrap()) {
        let mut link = key().link(store.workspace(), last.as_ref());
        for row in run {
            link.add(row);
        }
        let anchor = link.close(run.last().unwrap().number, Noon.now());
        let after = last.map(|last: fabrik_store::AuditAnchor| last.number);
        assert!(
            store.add_audit_anchor(anchor.clone(), after).await.unwrap(),
            "each follows the one before"
        );
        last = Some(anchor);
    }
    let kept = last.as_ref().map(KeptAnchor::of);

    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let verdict = verify(&store, key(), kept.clone()).await;
        times.push(begun.elapsed());
        assert_eq!(verdict.problem(), None, "{verdict:?}");
        assert_eq!(verdict.since, 0, "all of it is covered");
    }
    times.sort();
    let took = times[ROUNDS / 2];
    let good = took <= MOST;
    println!(
        "\nThe audit log, {ENTRIES} entries, {} anchors: checked in {took:?}, at most {MOST:?}: {}",
        ENTRIES / BETWEEN,
        if good { "reached" } else { "MISSED" }
    );
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn verify(store: &SqliteStore, key: AuditKey, kept: Option<KeptAnchor>) -> AuditVerdict {
    let anchors = store.audit_anchors().await.unwrap();
    let mut examination = AuditExamination::new(store.workspace(), Some(key), kept, anchors);
    let mut read = 0;
    loop {
        let rows = store.audit_rows(read, 5000).await.unwrap();
        let Some(newest) = rows.last() else {
            return examination.end();
        };
        read = newest.number;
        for row in &rows {
            examination.add(row);
        }
    }
}

fn write(connection: &Connection) {
    connection.execute_batch("BEGIN").unwrap();
    {
        let sql = "INSERT INTO audit_log (at, operator, action, customer_id, run_id, facts)
                   VALUES (?1, 'anna@studio', 'customer.changed', ?2, NULL, ?3)";
        let mut statement = connection.prepare(sql).unwrap();
        for number in 0..ENTRIES {
            let facts = format!(
                "{{\"name\":\"Åkermark {number}\",\"plan\":\"starter\",\"credits\":{number}}}"
            );
            let customer = format!("01936c5e-0000-7000-8000-{number:012}");
            let at = 1_700_000_000_000_000 + number;
            statement.execute((at, customer, facts)).unwrap();
        }
    }
    connection.execute_batch("COMMIT").unwrap();
}
