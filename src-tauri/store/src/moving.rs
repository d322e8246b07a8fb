//! Moving all records from a file to a server, or back. Nothing is set aside, and nothing is seen in the new
//! place, before every table was read back there and found to be what was sent.

use std::{path::Path, sync::Arc};

use fabrik_domain::{Cause, Problem, id::WorkspaceId, ports::Clock};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Address, postgres, sqlite};

/// A table's row: its columns by name. Values are whole numbers, texts and nothing.
pub(crate) type Row = Map<String, Value>;

/// How many rows go at once.
pub(crate) const CHUNK: usize = 2000;

/// A table as it is moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    /// Its name, in both.
    pub(crate) name: &'static str,
    /// What its rows are sorted by.
    pub(crate) key: &'static str,
}

const fn table(name: &'static str, key: &'static str) -> Table {
    Table { name, key }
}

/// Every table with records, those that others refer to first.
pub(crate) const TABLES: [Table; 15] = [
    table("settings", "key"),
    table("customers", "id"),
    table("runs", "number"),
    table("run_snapshots", "run_id"),
    table("run_steps", "run_id, id"),
    table("run_events", "run_id, number"),
    table("resources", "number"),
    table("mails", "id"),
    table("onboarding_requests", "id"),
    table("stripe_events", "id"),
    table("stripe_reading", "id"),
    table("audit_log", "number"),
    table("audit_anchors", "key, number"),
    table("changes", "number"),
    table("call_windows", "provider, account, class, writer"),
];

/// What a table holds: how many rows, and a digest of them all in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableContent {
    /// Its name.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 of the rows, in hexadecimal.
    pub digest: String,
}

/// Reads a table's content row by row.
pub(crate) struct Reading {
    rows: u64,
    digest: Sha256,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self {
            rows: 0,
            digest: Sha256::new(),
        }
    }

    pub(crate) fn add(&mut self, row: &Row) {
        let mut columns: Vec<_> = row.iter().collect();
        columns.sort_unstable_by_key(|(name, _)| name.as_str());
        for (name, value) in columns {
            self.digest.update(name);
            self.digest.update([0]);
            self.digest.update(value.to_string());
            self.digest.update([0]);
        }
        self.digest.update([1]);
        self.rows += 1;
    }

    pub(crate) fn end(self, table: Table) -> TableContent {
        TableContent {
            table: table.name.to_owned(),
            rows: self.rows,
            digest: hex::encode(self.digest.finalize()),
        }
    }
}

/// What is there besides the tables.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The workspace's id, which secrets in the keyring are named by.
    pub(crate) workspace: String,
    /// The highest number a run was ever given.
    pub(crate) last_run: i64,
}

/// Refuses where something differs.
pub(crate) fn assert_same(sent: &TableContent, arrived: &TableContent) -> Result<(), Problem> {
    if sent == arrived {
        return Ok(());
    }
    let TableContent { table, rows, .. } = sent;
    Err(Problem::from(Cause::DatabaseMoveUnlike {
        table: table.clone(),
    })
    .detail(format!("{rows} rows were sent, {} arrived", arrived.rows)))
}

/// Moves all records from the file to the server, which must hold none, and shuts the file: it is written no more,
/// by no process, and can be set aside. Blocks.
///
/// `run_active` while a run is under way; `database_not_empty` where the server has records.
pub fn to_server(
    file: &Path,
    server: Address,
    clock: Arc<dyn Clock>,
) -> Result<Vec<TableContent>, Problem> {
    let source = sqlite::Copying::lock(file)?;
    source.assert_idle(clock.now())?;
    let moved = {
        let read =
            |table, take: &mut dyn FnMut(Vec<Row>) -> Result<(), Problem>| source.read(table, take);
        postgres::fill(server, clock, &read, &source.identity()?)?
    };
    source.shut()?;
    Ok(moved)
}

/// The workspace whose records have moved from the file at `path` to a server, which has its id; `None` where they are in
/// the file, or there is none.
pub fn moved_from(path: &Path) -> Result<Option<WorkspaceId>, Problem> {
    if path.exists() {
        sqlite::Copying::moved_from(path)
    } else {
        Ok(None)
    }
}

/// Copies all records from the server to a new file, which must not be there. What is on the server stays, for
/// whoever else uses it. Blocks.
pub fn to_file(
    server: Address,
    file: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Vec<TableContent>, Problem> {
    if file.exists() {
        return Err(Cause::DatabaseNotEmpty {
            place: file.display().to_string(),
        }
        .into());
    }
    let target = sqlite::Copying::create(file)?;
    let moved = postgres::drain(server, clock, |table, rows| target.write(table, rows));
    moved.and_then(|(identity, sent)| {
        target.finish(&identity, &sent)?;
        Ok(sent)
    })
}
