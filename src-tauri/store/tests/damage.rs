//! A byte of the file, or of the log beside it, is another than was written: it is told, or it was one that nothing is
//! read from (P9).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
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
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use fabrik_domain::{
    Problem,
    resource::{Origin, ResourceState},
    run::RunState,
};
use fabrik_store::{
    CustomerQuery, JournalEntry, NewAudit, RunQuery, SqliteStore, Store, copy_file, look_at_file,
};
use fabrik_tests::{Proof, in_full, spoiled::Dice};
use rusqlite::{Connection, OpenFlags, types::Value};

use crate::{
    noon::Noon,
    samples::{add, audit, begin, event, resource, to},
};

/// How many bytes are changed, each in a file of its own.
fn flips() -> u64 {
    if in_full() { 1000 } else { 250 }
}

fn open(path: &Path) -> Result<SqliteStore, Problem> {
    SqliteStore::open(path, Arc::new(Noon))
}

/// An agency's records, in a file that nobody has open: customers, runs with their journals, settings.
async fn records(path: &Path) {
    let store = open(path).unwrap();
    for number in 0..24 {
        let (name, subdomain) = (format!("Kund {number}"), format!("kund-{number}"));
        let customer = add(&store, &name, &subdomain).await;
        let (run, lease) = begin(&store, &customer, "writer").await;
        for entry in 1..=8 {
            let written = JournalEntry {
                resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
                events: vec![event(run.id, entry)],
                audit: Some(NewAudit {
                    run: Some(run.id),
                    ..audit("entry")
                }),
                ..to(RunState::Running)
            };
            store.journal(&lease, written).await.unwrap();
        }
        store.journal(&lease, to(RunState::Failed)).await.unwrap();
    }
    for number in 0..8 {
        let key = format!("setting.{number}");
        let said = store.set_setting(&key, Some("Åkermark & söner"), audit("set"));
        said.await.unwrap();
    }
    // Some rows are gone, so that there is room that nothing is read from.
    store
        .set_setting("setting.3", None, audit("set"))
        .await
        .unwrap();
    // The look writes its time; it is then as in every trial.
    store.check().await.unwrap();
}

type Tables = Vec<(String, Vec<Vec<Value>>)>;

/// Every row of every table, past the store.
fn everything(path: &Path) -> Tables {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut names = connection.prepare(sql).unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let rows = |name: &str| -> Vec<Vec<Value>> {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {name}"))
            .unwrap();
        let columns = statement.column_count();
        let rows =
            statement.query_map([], |row| (0..columns).map(|place| row.get(place)).collect());
        rows.unwrap().map(Result::unwrap).collect()
    };
    names
        .iter()
        .map(|name| (name.clone(), rows(name)))
        .collect()
}

/// What windows and runs read, each of which may be told of the damage.
async fn read(store: &SqliteStore) -> Result<(), Problem> {
    let query = CustomerQuery {
        search: Some("kund".to_owned()),
        ..CustomerQuery::default()
    };
    let customers = store.customers(query).await?.rows;
    for run in store.runs(RunQuery::default()).await? {
        store.snapshot(run.id).await?;
        store.steps(run.id).await?;
        store.events_since(run.id, 0).await?;
    }
    for customer in customers {
        store.resources(customer.id).await?;
    }
    store.audit_log(None, 1000).await?;
    store.settings().await?;
    Ok(())
}

/// Runs a trial for each seed, two side by side, at a path of its own whose files go with it.
fn each_seed(seeds: u64, folder: &Path, trial: impl Fn(u64, &Path) + Sync) {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let path = folder.join(format!("{seed}.db"));
                    trial(seed, &path);
                    for end in ["", "-wal", "-shm", ".copy"] {
                        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
                    }
                }
            });
        }
    });
}

/// The bytes with one of them changed, and which that is.
fn flipped(bytes: &[u8], seed: u64) -> (Vec<u8>, String) {
    let mut dice = Dice::of(seed);
    let place = dice.below(bytes.len());
    let mask = u8::try_from(dice.below(255)).unwrap() + 1;
    let mut damaged = bytes.to_vec();
    damaged[place] ^= mask;
    let when = format!(
        "seed {seed}: byte {place} of {}, by {mask:#04x}",
        bytes.len()
    );
    (damaged, when)
}

#[test]
fn a_byte_that_the_disk_changed_is_told() {
    let flips = flips();
    let proof = Proof::of("P9", "a byte of the database file changed").from_seeds(flips);
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(records(&sound));
    let before = everything(&sound);
    let bytes = std::fs::read(&sound).unwrap();
    let log = std::fs::metadata(log_of(&sound));
    let log = log.map_or(0, |log| log.len());
    assert_eq!(log, 0, "all is in the file itself");
    let (told, harmless) = (AtomicUsize::new(0), AtomicUsize::new(0));
    each_seed(flips, folder.path(), |seed, path| {
        let (damaged, when) = flipped(&bytes, seed);
        std::fs::write(path, damaged).unwrap();
        if runtime.block_on(is_told(path, &before, &when)) {
            told.fetch_add(1, Ordering::Relaxed);
        } else {
            harmless.fetch_add(1, Ordering::Relaxed);
        }
        proof.held(1);
    });
    let (told, harmless) = (told.into_inner(), harmless.into_inner());
    assert!(
        told as u64 * 10 > flips * 3 && harmless > 0,
        "{told} told, {harmless} in room that nothing is read from"
    );
}

/// How many bytes of a log are changed.
fn flips_of_log() -> u64 {
    if in_full() { 300 } else { 30 }
}

/// The log that SQLite has beside a file.
fn log_of(path: &Path) -> PathBuf {
    format!("{}-wal", path.display()).into()
}

/// What a process at work has on the disk.
struct AtWork {
    file: Vec<u8>,
    log: Vec<u8>,
    /// Every row as it was without the log, and after each entry in it.
    states: Vec<Tables>,
}

impl AtWork {
    async fn at(path: &Path) -> Self {
        records(path).await;
        let store = open(path).unwrap();
        let mut states = vec![everything(path)];
        for number in 0..10 {
            let key = format!("late.{number}");
            let said = store.set_setting(&key, Some("Åkermark & söner"), audit("set"));
            said.await.unwrap();
            states.push(everything(path));
            let (name, subdomain) = (format!("Sen {number}"), format!("sen-{number}"));
            add(&store, &name, &subdomain).await;
            states.push(everything(path));
        }
        let file = std::fs::read(path).unwrap();
        let log = std::fs::read(log_of(path)).unwrap();
        assert!(log.len() > 50_000, "the log holds what was written last");
        Self { file, log, states }
    }
}

/// Nobody looks again at what SQLite knows to be in the log: a changed byte of it is read as it stands there.
#[test]
fn a_byte_changed_in_the_log_of_a_process_at_work_is_told() {
    let flips = flips_of_log();
    let proof = Proof::of("P9", "a byte changed in the log of a process at work").from_seeds(flips);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let at_work = runtime.block_on(AtWork::at(&folder.path().join("sound.db")));
    let before = at_work.states.last().unwrap();
    let told = AtomicUsize::new(0);
    each_seed(flips, folder.path(), |seed, path| {
        let (damaged, when) = flipped(&at_work.log, seed);
        std::fs::write(path, &at_work.file).unwrap();
        std::fs::write(log_of(path), &at_work.log).unwrap();
        // As long as somebody has it open, the log is known.
        let process = Connection::open(path).unwrap();
        let sql = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = process.query_row(sql, [], |row| row.get(0)).unwrap();
        assert!(tables > 0, "{when}: it is open");
        std::fs::write(log_of(path), damaged).unwrap();
        if runtime.block_on(is_told(path, before, &when)) {
            told.fetch_add(1, Ordering::Relaxed);
        }
        proof.held(1);
    });
    let told = told.into_inner();
    assert!(told > 0 || !in_full(), "some met what is read");
}

/// SQLite takes such a byte for the end of what was written: what came after it is gone, as where the power failed
/// before it. What there is, is what there was after a whole entry.
#[test]
fn a_byte_changed_in_the_log_of_a_process_that_ended_leaves_whole_entries() {
    let flips = flips_of_log();
    let proof = Proof::of(
        "P9",
        "a byte changed in the log that a killed process left: whole entries, or it is told",
    )
    .from_seeds(flips);
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let at_work = runtime.block_on(AtWork::at(&folder.path().join("sound.db")));
    let shortened = AtomicUsize::new(0);
    each_seed(flips, folder.path(), |seed, path| {
        let (damaged, when) = flipped(&at_work.log, seed);
        std::fs::write(path, &at_work.file).unwrap();
        std::fs::write(log_of(path), damaged).unwrap();
        let looked = open(path).and_then(|store| runtime.block_on(store.check()));
        if let Err(problem) = looked {
            assert!(!problem.code().is_empty(), "{when}: it has a name");
        } else {
            let now = everything(path);
            let entries = at_work.states.iter().position(|state| *state == now);
            let entries = entries.unwrap_or_else(|| panic!("{when}: a part of an entry"));
            let all = entries + 1 == at_work.states.len();
            shortened.fetch_add(usize::from(!all), Ordering::Relaxed);
        }
        proof.held(1);
    });
    assert!(shortened.into_inner() > 0, "the log was read");
}

/// Whether the damage is told; where it is not, everything reads as it was written.
async fn is_told(path: &Path, before: &Tables, when: &str) -> bool {
    // Whatever becomes of the file, no copy of it passes for a sound one with other rows.
    let copy = path.with_extension("db.copy");
    if copy_file(path, &copy).is_ok() {
        assert!(everything(&copy) == *before, "{when}: the copy is another");
    }
    let looked = match open(path) {
        Err(problem) => Err(problem),
        Ok(store) => {
            let read = read(&store).await;
            let looked = store.check().await;
            assert!(
                read.is_ok() || looked.is_err(),
                "{when}: what can't be read ({read:?}) is not called damaged"
            );
            looked
        }
    };
    match looked {
        Err(problem) => {
            assert!(!problem.code().is_empty(), "{when}: it has a name");
            true
        }
        Ok(()) => {
            assert!(
                everything(path) == *before,
                "{when}: something reads otherwise, and nobody says so"
            );
            false
        }
    }
}

#[test]
fn a_sound_file_is_called_sound_and_copied_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (
        folder.path().join("sound.db"),
        folder.path().join("copy.db"),
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(records(&path));
    look_at_file(&path).unwrap();
    copy_file(&path, &copy).unwrap();
    assert_eq!(
        everything(&copy),
        everything(&path),
        "every row of every table"
    );
    let store = open(&copy).unwrap();
    runtime.block_on(store.check()).unwrap();
}
