//! The suite on SQLite, and what is the file's own matter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test that can't go on should fail where it stands; its name says what it is"
)]

mod suite;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Barrier},
    time::{Duration, Instant},
};

use fabrik_domain::{Cause, ports::Clock};
use fabrik_store::{CustomerQuery, SqliteStore, Store, Topic};
use fabrik_tests::Proof;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use crate::suite::{Backend, clock::Still, older, samples::add};

/// A file in a directory of its own.
struct File {
    directory: tempfile::TempDir,
    clock: Arc<Still>,
}

impl File {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            clock: Still::at_noon(),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("new/default/central.db")
    }

    fn try_open(&self) -> Result<SqliteStore, fabrik_domain::Problem> {
        SqliteStore::open(&self.path(), Arc::clone(&self.clock) as Arc<dyn Clock>)
    }
}

impl Backend for File {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.try_open().unwrap())
    }

    fn pass(&self, time: Duration) {
        self.clock.pass(time);
    }

    fn proof_of_names(&self) -> Proof {
        Proof::of("S6", "naughty strings as names, contacts and ids in SQLite")
    }
}

suite::whole! { crate::File::new() }

#[test]
fn many_may_open_a_new_file_at_once() {
    let file = File::new();
    let start = Barrier::new(8);
    let workspaces: Vec<_> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    file.try_open().map(|store| store.workspace())
                })
            })
            .collect();
        openers
            .into_iter()
            .map(|opener| opener.join().unwrap().unwrap())
            .collect()
    });
    assert!(
        workspaces
            .iter()
            .all(|workspace| *workspace == workspaces[0]),
        "one workspace"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let file = File::new();
    let store = file.open();
    add(&*store, "Åberg", "aberg").await;
    for entry in std::fs::read_dir(file.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    let directory = std::fs::metadata(file.path().parent().unwrap()).unwrap();
    assert_eq!(directory.permissions().mode() & 0o777, 0o700);
    drop(store);
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(file.open());
    let mode = std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "a copy that became readable is closed again");
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let file = File::new();
    drop(file.open());
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let problem = file.try_open().err().unwrap();
    assert_eq!(
        *problem.cause,
        Cause::DatabaseNewer {
            found: 99,
            known: 16
        }
    );
}

/// From this version on an instance is removed by a run.
const REMOVALS: usize = 2;
/// From this version on what came to nothing is told as that.
const STOPPED: usize = 5;
/// From this version on a file has sums of its rows, which the program makes.
const SUMS: usize = 8;
/// From this version on a removed customer is told as that.
const REMOVED: usize = 13;

/// What the rows of each table add up to, as every version has written it since there are sums: a file is looked at by
/// that before it is brought up to date.
fn add_up(connection: &rusqlite::Connection) {
    let tables = "SELECT name FROM main.sqlite_schema
                  WHERE type = 'table' AND name <> 'sums' AND name NOT GLOB 'sqlite_*'";
    let mut tables = connection.prepare(tables).unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let tables = tables.map(|name| {
        let name = name.unwrap();
        (format!("SELECT * FROM main.{name}"), name)
    });
    let definitions = "SELECT type, name, tbl_name, sql FROM main.sqlite_schema
                       WHERE name NOT GLOB 'sqlite_*'";
    let definitions = (definitions.to_owned(), "sqlite_schema".to_owned());
    let all: Vec<_> = tables.chain([definitions]).collect();
    connection.execute("DELETE FROM main.sums", []).unwrap();
    for (sql, name) in all {
        let mut statement = connection.prepare(&sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut sum = 0_i64;
        while let Some(row) = rows.next().unwrap() {
            let mut digest = Sha256::new();
            for column in 0..columns {
                let (kind, bytes) = match row.get_ref(column).unwrap() {
                    ValueRef::Null => (0_u8, b"".as_slice()),
                    ValueRef::Integer(number) => {
                        digest.update([1]);
                        digest.update(number.to_le_bytes());
                        continue;
                    }
                    ValueRef::Real(_) => unreachable!("no table has one"),
                    ValueRef::Text(text) => (3, text),
                    ValueRef::Blob(bytes) => (4, bytes),
                };
                digest.update([kind]);
                digest.update(bytes.len().to_le_bytes());
                digest.update(bytes);
            }
            let first: [u8; 8] = digest.finalize()[..8].try_into().unwrap();
            sum = sum.wrapping_add(i64::from_be_bytes(first));
        }
        let sql = "INSERT INTO main.sums (name, sum) VALUES (?1, ?2)";
        connection.execute(sql, (name, sum)).unwrap();
    }
}

/// Makes a file with the rows of `newer` in the tables of an older version.
fn age(newer: &Path, file: &Path, version: usize) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let connection = rusqlite::Connection::open(file).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut names = connection.prepare(sql).unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .unwrap();
    connection
        .execute("ATTACH ?1 AS newer", [newer.to_str().unwrap()])
        .unwrap();
    for migration in &older::migrations("sqlite")[..version] {
        connection.execute_batch(migration).unwrap();
    }
    let tables =
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'";
    for table in names(tables) {
        let columns = names(&format!(
            "SELECT name FROM pragma_table_info('{table}', 'main')"
        ));
        let columns = columns.join(", ");
        connection
            .execute_batch(&format!(
                "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"
            ))
            .unwrap();
    }
    if version < REMOVED {
        // What was removed was told as if it were switched off.
        connection
            .execute_batch(
                "UPDATE main.customers SET instance_state = 'paused'
                 WHERE instance_state = 'stopped' AND status = 'inactive'",
            )
            .unwrap();
    }
    if version < STOPPED {
        // What came to nothing was told as if it had not begun.
        connection
            .execute_batch(
                "UPDATE main.customers SET instance_state = 'new' WHERE instance_state = 'stopped'",
            )
            .unwrap();
    }
    if version >= SUMS {
        add_up(&connection);
    }
    connection
        .pragma_update(None, "user_version", i32::try_from(version).unwrap())
        .unwrap();
}

#[tokio::test]
async fn a_file_of_an_older_version_is_opened_with_all_that_is_in_it() {
    let newest = File::new();
    let store = newest.open();
    older::fill(&*store).await;
    let mut told = older::told(&*store).await;
    for version in 1..older::migrations("sqlite").len() {
        if version == REMOVALS {
            older::remove(&*store).await;
            told = older::told(&*store).await;
        }
        let file = File::new();
        age(&newest.path(), &file.path(), version);
        let store = file.open();
        assert_eq!(older::told(&*store).await, told, "from version {version}");
        older::goes_on(&*store).await;
        store.check().await.unwrap();
    }
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let file = File::new();
    std::fs::create_dir_all(file.path().parent().unwrap()).unwrap();
    let text = "this is a letter, not a database ".repeat(200);
    std::fs::write(file.path(), &text).unwrap();
    assert_eq!(
        *file.try_open().err().unwrap().cause,
        Cause::DatabaseDamaged
    );
    assert_eq!(
        std::fs::read_to_string(file.path()).unwrap(),
        text,
        "and is left as it was"
    );
}

#[tokio::test]
async fn damage_is_found_by_the_check() {
    let file = File::new();
    let store = file.open();
    for number in 0..300 {
        add(
            &*store,
            &format!("Kund {number}"),
            &format!("kund-{number}"),
        )
        .await;
    }
    drop(store);
    let mut bytes = std::fs::read(file.path()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(file.path(), bytes).unwrap();
    let found = async || match file.try_open() {
        Ok(store) => store.check().await.unwrap_err(),
        Err(problem) => problem,
    };
    assert_eq!(*found().await.cause, Cause::DatabaseDamaged);
    // As in the test below.
    let index = file.path().with_file_name("central.db-shm");
    let _ = std::fs::remove_file(&index);
    std::fs::create_dir(&index).unwrap();
    let found = found().await;
    assert_eq!(*found.cause, Cause::DatabaseDamaged, "unwritten too");
}

#[test]
fn a_path_that_cannot_be_made_is_named() {
    let file = File::new();
    std::fs::write(
        file.directory.path().join("new"),
        "a file where the directory should be",
    )
    .unwrap();
    let problem = file.try_open().err().unwrap();
    assert!(
        matches!(*problem.cause, Cause::DataDirectoryUnusable { .. }),
        "{problem}"
    );
}

/// Reads never wait for writes, not even for another process's.
#[tokio::test]
async fn reading_goes_on_while_another_process_writes() {
    let file = File::new();
    let store = file.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let other = rusqlite::Connection::open(file.path()).unwrap();
    other
        .execute_batch(
            // Without the sum, which only Fabrik's own connections can keep.
            "BEGIN IMMEDIATE; DROP TRIGGER sum_customers_UPDATE; UPDATE customers SET name = 'Uncommitted'",
        )
        .unwrap();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
    other.execute_batch("ROLLBACK").unwrap();
}

/// SQLite may do so where it writes a file anew (`VACUUM`), with no change to what is in it.
#[tokio::test]
async fn rows_that_were_numbered_anew_are_found_by_their_new_numbers() {
    let file = File::new();
    let store = file.open();
    add(&*store, "Åberg", "aberg").await;
    let lund = add(&*store, "Lund", "lund").await;
    let search = CustomerQuery {
        search: Some("lund".to_owned()),
        ..CustomerQuery::default()
    };
    let found = store.customers(search.clone()).await.unwrap();
    assert_eq!(found.rows, [lund]);

    let other = rusqlite::Connection::open(file.path()).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'sum_customers_UPDATE'";
    let trigger: String = other.query_row(sql, [], |row| row.get(0)).unwrap();
    other
        .execute_batch(&format!(
            "BEGIN; DROP TRIGGER sum_customers_UPDATE; UPDATE customers SET rowid = rowid - 1;
             {trigger}; COMMIT"
        ))
        .unwrap();
    assert_eq!(store.customers(search).await.unwrap(), found);
}

/// A folder stands where the log's index should be: SQLite writes nothing without one, whoever asks it to.
#[tokio::test]
async fn what_cannot_be_written_is_read_and_written_as_soon_as_it_can_be() {
    let file = File::new();
    let store = file.open();
    let (workspace, customer) = (store.workspace(), add(&*store, "Åberg", "aberg").await);
    drop(store);
    let index = file.path().with_file_name("central.db-shm");
    std::fs::create_dir(&index).unwrap();

    let store = file.open();
    assert_eq!(store.workspace(), workspace);
    let why = store.writable().await.unwrap_err();
    assert_eq!(*why.cause, Cause::DatabaseReadOnly, "{why}");
    let refused = store.announce(Topic::Settings, "language").await;
    assert_eq!(refused.unwrap_err(), why, "as every write is");
    assert_eq!(store.check().await.unwrap_err(), why, "and a look at it");
    for _ in 0..3 {
        assert_eq!(store.customer(customer.id).await.unwrap(), customer);
    }

    std::fs::remove_dir(&index).unwrap();
    let begun = Instant::now();
    while let Err(problem) = store.writable().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{problem}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let other = add(&*store, "Öberg", "oberg").await;
    for customer in [customer, other] {
        assert_eq!(store.customer(customer.id).await.unwrap(), customer);
    }
    store.check().await.unwrap();
}

/// Its disk was taken out, or somebody moved it.
#[tokio::test]
async fn one_that_is_gone_when_it_is_tried_again_is_not_made_anew() {
    let file = File::new();
    let store = file.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    drop(store);
    let index = file.path().with_file_name("central.db-shm");
    std::fs::create_dir(&index).unwrap();
    let store = file.open();
    store.writable().await.unwrap_err();

    let away = file.path().with_file_name("away.db");
    std::fs::rename(file.path(), &away).unwrap();
    std::fs::remove_dir(&index).unwrap();
    let tried_again = Duration::from_millis(1200);
    tokio::time::sleep(tried_again).await;
    let refused = store.writable().await.unwrap_err();
    assert_eq!(*refused.cause, Cause::DatabaseFailed, "{refused}");
    assert!(!file.path().exists(), "an empty one was made");

    let other = File::new();
    drop(other.open());
    std::fs::copy(other.path(), file.path()).unwrap();
    tokio::time::sleep(tried_again).await;
    let refused = store.writable().await.unwrap_err();
    assert_eq!(*refused.cause, Cause::DatabaseFailed, "another: {refused}");

    std::fs::rename(&away, file.path()).unwrap();
    tokio::time::sleep(tried_again).await;
    store.writable().await.unwrap();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
}

/// What a killed process wrote last is in its log alone.
#[test]
fn what_is_in_a_log_that_cannot_be_read_is_not_passed_over() {
    let file = File::new();
    drop(file.open());
    let log = file.path().with_file_name("central.db-wal");
    std::fs::create_dir(&log).unwrap();
    let problem = file.try_open().err().unwrap();
    assert_eq!(*problem.cause, Cause::DatabaseFailed, "{problem}");
}

/// Reading takes no lock from another process, and needs none.
#[tokio::test]
async fn one_that_another_process_holds_is_read_meanwhile() {
    let file = File::new();
    let store = file.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    drop(store);
    let other = rusqlite::Connection::open(file.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let store = file.open();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
    let refused = store.writable().await.unwrap_err();
    assert_eq!(*refused.cause, Cause::DatabaseBusy, "{refused}");
    other.execute_batch("ROLLBACK").unwrap();
    let begun = Instant::now();
    while let Err(problem) = store.writable().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{problem}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    add(&*store, "Öberg", "oberg").await;
}
