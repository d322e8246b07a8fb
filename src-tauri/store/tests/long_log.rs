//! A log of a hundred thousand entries, held against its anchors within a second (S14): read from the file, and looked
//! at. So long, and by the clock, where it is optimised as what people install.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test that can't go on should fail where it stands; its name says what it is"
)]

#[path = "suite/noon.rs"]
mod noon;
#[path = "suite/samples.rs"]
mod samples;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fabrik_domain::{ports::Clock, secret::SecretRef};
use fabrik_store::{
    AuditAnchor, AuditExamination, AuditKey, AuditTrail, AuditVerdict, KeptAnchor, SqliteStore,
    Store,
};
use fabrik_tests::Proof;
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
};

use crate::noon::Noon;

/// An anchor at the end of each run, which leaves some entries.
const BETWEEN: usize = 25;

/// It takes at most so long.
const MOST: Duration = Duration::from_secs(1);

/// How often it is looked at; what is in the middle counts, since the machine may be busy.
const ROUNDS: usize = 5;

#[tokio::test]
async fn a_long_log_is_checked_within_a_second() {
    let by_the_clock = !cfg!(debug_assertions);
    let (entries, proof) = if by_the_clock {
        let proof = Proof::of(
            "S14",
            "entries of a log of a hundred thousand, checked within a second",
        );
        (100_000, proof)
    } else {
        let proof = Proof::of(
            "S14",
            "entries of a log of a thousand, checked where nothing is optimised, by no clock",
        );
        (1_000, proof)
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("central.db");
    let store = SqliteStore::open(&path, Arc::new(Noon)).unwrap();
    write(&past_the_sums(&path), entries);
    let key = AuditKey::made_of(&[7; 32]);
    let reference = SecretRef::audit_key(store.workspace());
    let key = || AuditKey::read(&key, &reference).unwrap();
    let last = anchor(&store, &key).await;
    let kept = KeptAnchor::of(&last);

    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let verdict = verify(&store, key(), kept.clone()).await;
        times.push(begun.elapsed());
        assert_eq!(verdict.problem(), None, "{verdict:?}");
        assert!(verdict.entries >= entries, "all are looked at: {verdict:?}");
        assert_eq!(verdict.since, 0, "all of it is covered");
    }
    times.sort();
    let took = times[ROUNDS / 2];
    if by_the_clock {
        proof.measured(format!("{:.2} s", took.as_secs_f64()));
    }
    assert!(!by_the_clock || took <= MOST, "{entries} took {took:?}");
    proof.held(usize::try_from(entries).unwrap());
}

/// Anchors all entries, so many at a time.
async fn anchor(store: &SqliteStore, key: &impl Fn() -> AuditKey) -> AuditAnchor {
    let mut last: Option<AuditAnchor> = None;
    let rows = store.audit_rows(0, u32::MAX).await.unwrap();
    for run in rows.chunks(BETWEEN) {
        let mut link = key().link(store.workspace(), last.as_ref());
        for row in run {
            link.add(row);
        }
        let anchor = link.close(run.last().unwrap().number, Noon.now());
        let after = last.map(|last| last.number);
        let added = store.add_audit_anchor(anchor.clone(), after).await;
        assert!(added.unwrap(), "each follows the one before");
        last = Some(anchor);
    }
    last.unwrap()
}

async fn verify(store: &SqliteStore, key: AuditKey, kept: KeptAnchor) -> AuditVerdict {
    let anchors = store.audit_anchors().await.unwrap();
    let mut examination = AuditExamination::new(store.workspace(), Some(key), Some(kept), anchors);
    let mut from = i64::MIN;
    loop {
        let rows = store.audit_rows(from, 5000).await.unwrap();
        let Some(newest) = rows.last() else {
            return examination.end();
        };
        from = newest.number + 1;
        for row in &rows {
            examination.add(row);
        }
    }
}

/// For what writes past the store, and far more than it would: nothing is added up.
fn past_the_sums(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let unchanged = |context: &Context<'_>| context.get::<i64>(0);
    for function in ["sum_plus_row", "sum_minus_row", "sum_row_changed"] {
        connection
            .create_scalar_function(function, -1, flags, unchanged)
            .unwrap();
    }
    connection
}

fn write(connection: &Connection, entries: u64) {
    connection.execute_batch("BEGIN").unwrap();
    {
        let sql = "INSERT INTO audit_log (at, operator, action, customer_id, run_id, facts)
                   VALUES (?1, 'anna@studio', 'customer.changed', ?2, NULL, ?3)";
        let mut statement = connection.prepare(sql).unwrap();
        for number in 0..entries {
            let facts = format!(
                "{{\"name\":\"Åkermark {number}\",\"plan\":\"starter\",\"credits\":{number}}}"
            );
            let customer = format!("01936c5e-0000-7000-8000-{number:012}");
            let at = 1_700_000_000_000_000 + i64::try_from(number).unwrap();
            statement.execute((at, customer, facts)).unwrap();
        }
    }
    connection.execute_batch("COMMIT").unwrap();
}
