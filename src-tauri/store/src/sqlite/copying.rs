//! All that is in a file, row by row, for a move to another database or from one.

use std::path::Path;

use fabrik_domain::{
    Cause, Problem,
    id::{RunId, WorkspaceId},
};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params_from_iter, types::ValueRef};
use serde_json::Value;

use super::{column::micros, connection, fault::Fault, schema, sums};
use crate::moving::{CHUNK, Identity, Reading, Row, TABLES, Table, TableContent, assert_same};

const WORKSPACE: &str = "SELECT value FROM meta WHERE key = 'workspace'";

/// A file whose records are moved. Nobody else writes it meanwhile.
pub(crate) struct Copying(Connection);

impl Copying {
    /// An existing file, shut to others' writing until this is dropped.
    pub(crate) fn lock(path: &Path) -> Result<Self, Problem> {
        let connection = connection::open_writer(path, connection::BUSY)?;
        schema::migrate(&connection)?;
        let lock = "BEGIN IMMEDIATE";
        connection.execute_batch(lock).map_err(Fault::from)?;
        Ok(Self(connection))
    }

    /// A new file without records.
    pub(crate) fn create(path: &Path) -> Result<Self, Problem> {
        connection::prepare(path)?;
        let connection = connection::open_writer(path, connection::BUSY)?;
        connection::make_room(&connection).map_err(Fault::from)?;
        schema::migrate(&connection)?;
        connection
            .execute_batch("BEGIN IMMEDIATE; DELETE FROM meta WHERE key = 'workspace'")
            .map_err(Fault::from)?;
        Ok(Self(connection))
    }

    /// Refuses while a process drives a run, or may.
    pub(crate) fn assert_idle(&self, now: Timestamp) -> Result<(), Problem> {
        let sql = "SELECT id FROM runs WHERE owner IS NOT NULL AND lease_expires_at > ?1
                   AND state IN ('queued', 'running', 'undoing')";
        let driven = self.0.query_row(sql, [micros(now)], |row| row.get(0));
        let driven: Option<String> = driven.optional().map_err(Fault::from)?;
        match driven.and_then(|id| id.parse::<RunId>().ok()) {
            Some(run) => Err(Cause::RunActive { run }.into()),
            None => Ok(()),
        }
    }

    /// Who the records belong to.
    pub(crate) fn identity(&self) -> Result<Identity, Problem> {
        let last_run = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'runs'";
        let read = || -> rusqlite::Result<_> {
            Ok(Identity {
                workspace: self.0.query_row(WORKSPACE, [], |row| row.get(0))?,
                last_run: self.0.query_row(last_run, [], |row| row.get(0))?,
            })
        };
        Ok(read().map_err(Fault::from)?)
    }

    /// Gives a table's rows, in the order of its key.
    pub(crate) fn read(
        &self,
        table: Table,
        take: &mut dyn FnMut(Vec<Row>) -> Result<(), Problem>,
    ) -> Result<TableContent, Problem> {
        let mut reading = Reading::new();
        let Table { name, key } = table;
        let sql = format!("SELECT * FROM {name} ORDER BY {key}");
        let mut statement = self.0.prepare(&sql).map_err(Fault::from)?;
        let columns: Vec<_> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).map_err(Fault::from)?;
        let mut chunk = Vec::new();
        while let Some(row) = rows.next().map_err(Fault::from)? {
            let mut record = Row::new();
            for (place, column) in columns.iter().enumerate() {
                let value = value(row.get_ref(place).map_err(Fault::from)?);
                record.insert(column.clone(), value);
            }
            reading.add(&record);
            chunk.push(record);
            if chunk.len() == CHUNK {
                take(std::mem::take(&mut chunk))?;
            }
        }
        take(chunk)?;
        Ok(reading.end(table))
    }

    /// Writes rows of a table.
    pub(crate) fn write(&self, table: Table, rows: &[Row]) -> Result<(), Problem> {
        let write = || -> Result<(), Fault> {
            for row in rows {
                let columns: Vec<_> = row.keys().map(String::as_str).collect();
                let places = vec!["?"; columns.len()].join(", ");
                let (name, columns) = (table.name, columns.join(", "));
                let sql = format!("INSERT INTO {name} ({columns}) VALUES ({places})");
                let values = row.values().map(as_sql);
                self.0
                    .prepare_cached(&sql)?
                    .execute(params_from_iter(values))?;
            }
            Ok(())
        };
        Ok(write()?)
    }

    /// Reads everything back and holds it against what was sent; only then it is there.
    pub(crate) fn finish(self, identity: &Identity, sent: &[TableContent]) -> Result<(), Problem> {
        for (table, sent) in TABLES.into_iter().zip(sent) {
            assert_same(sent, &self.read(table, &mut |_| Ok(()))?)?;
        }
        let commit = || -> rusqlite::Result<()> {
            let sql = "INSERT INTO meta (key, value) VALUES ('workspace', ?1)";
            self.0.execute(sql, [&identity.workspace])?;
            self.0
                .execute("DELETE FROM sqlite_sequence WHERE name = 'runs'", [])?;
            let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?1)";
            self.0.execute(sql, [identity.last_run])?;
            sums::renew(&self.0)?;
            self.0.execute_batch("COMMIT")
        };
        Ok(commit().map_err(Fault::from)?)
    }

    /// Whose records a file held that [`shut`](Self::shut) was done with.
    pub(crate) fn moved_from(path: &Path) -> Result<Option<WorkspaceId>, Problem> {
        let connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema
                   WHERE type = 'trigger' AND name = 'moved_settings_INSERT')";
        let shut = connection.query_row(sql, [], |row| row.get::<_, bool>(0));
        if !shut.map_err(Fault::from)? {
            return Ok(None);
        }
        let workspace = connection.query_row(WORKSPACE, [], |row| row.get::<_, String>(0));
        let workspace = workspace.map_err(Fault::from)?.parse::<WorkspaceId>();
        workspace
            .map(Some)
            .map_err(|_| Cause::DatabaseDamaged.into())
    }

    /// Shuts the file to every process that still has it open: what it would write there would be lost.
    pub(crate) fn shut(self) -> Result<(), Problem> {
        let mut sql = String::new();
        for Table { name, .. } in TABLES {
            for change in ["INSERT", "UPDATE", "DELETE"] {
                let trigger = format!(
                    "CREATE TRIGGER moved_{name}_{change} BEFORE {change} ON {name}
                     BEGIN SELECT RAISE(ABORT, 'the records have moved to a server'); END;"
                );
                sql.push_str(&trigger);
            }
        }
        sql.push_str("COMMIT");
        Ok(self.0.execute_batch(&sql).map_err(Fault::from)?)
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        // No table has such columns.
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into(),
    }
}

pub(super) fn as_sql(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Number(number) => number.as_i64().unwrap_or_default().into(),
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    }
}
