//! The least that SQLite takes: the rows that the runs wrote, written once more into a copy of the database as
//! it was before them, by prepared statements alone: the same tables, indexes and pragmas, and as many commits.
//!
//! A step's row and its resource's are written as often as the journal does; what a row held in between is not known
//! any more, so it is written with what it holds in the end.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{Connection, types::Value};

/// A copy of the database from before the runs.
pub(crate) struct Floor(PathBuf);

impl Floor {
    /// Copies what is in the database now.
    pub(crate) fn before(database: &Path, copy: &Path) -> Self {
        let connection = Connection::open(database).unwrap();
        let copied = copy.display().to_string();
        connection.execute("VACUUM INTO ?1", [copied]).unwrap();
        // The rows alone, without what they add up to.
        let connection = Connection::open(copy).unwrap();
        let sums = "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema
                    WHERE type = 'trigger' AND name LIKE 'sum!_%' ESCAPE '!'";
        for sql in rows(&connection, sums, &[]).into_iter().flatten() {
            let Value::Text(sql) = sql else { continue };
            connection.execute_batch(&sql).unwrap();
        }
        Self(copy.to_owned())
    }

    /// Writes what `database` has more by now, in so many commits. How many rows were written, and how long it
    /// took.
    pub(crate) fn write(self, database: &Path, commits: u32) -> (usize, Duration) {
        let writes = writes(&Connection::open(database).unwrap());
        let connection = Connection::open(self.0).unwrap();
        connection
            .pragma_update(None, "journal_mode", "wal")
            .unwrap();
        connection
            .pragma_update(None, "synchronous", "full")
            .unwrap();
        connection
            .pragma_update(None, "foreign_keys", true)
            .unwrap();
        connection
            .pragma_update(None, "cache_size", -65_536)
            .unwrap();
        connection.set_prepared_statement_cache_capacity(64);
        let group = writes.len().div_ceil(commits.max(1) as usize);
        let began = Instant::now();
        for group in writes.chunks(group) {
            let transaction = connection.unchecked_transaction().unwrap();
            for (sql, values) in group {
                let mut statement = connection.prepare_cached(sql).unwrap();
                statement
                    .execute(rusqlite::params_from_iter(values))
                    .unwrap();
            }
            transaction.commit().unwrap();
        }
        (writes.len(), began.elapsed())
    }
}

type Write = (&'static str, Vec<Value>);

const STEP: &str = "UPDATE run_steps SET state = ?3, phase = ?4, revision = ?5, attempts = ?6, failures = ?7,
    not_before = ?8, intended_at = ?9, evidence = ?10, resource = ?11, ruled_out = ?12, outputs = ?13,
    error = ?14, started_at = ?15, finished_at = ?16 WHERE run_id = ?1 AND id = ?2";
const STEPS: &str =
    "SELECT run_id, id, state, phase, revision, attempts, failures, not_before, intended_at,
    evidence, resource, ruled_out, outputs, error, started_at, finished_at FROM run_steps
    ORDER BY position, run_id";
const RESOURCE: &str =
    "INSERT INTO resources (key, customer_id, run_id, step, provider, kind, id, name, url,
    content_hash, origin, state, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT (key) DO UPDATE SET id = excluded.id, url = excluded.url, state = excluded.state,
    at = excluded.at";
const RESOURCES: &str =
    "SELECT key, customer_id, run_id, step, provider, kind, id, name, url, content_hash,
    origin, state, at FROM resources WHERE run_id = ?1 AND step = ?2";
const EVENT: &str =
    "INSERT INTO run_events (run_id, number, at, step, what) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (run_id, number) DO NOTHING";
const EVENTS: &str =
    "SELECT run_id, number, at, step, what FROM run_events WHERE run_id = ?1 AND step IS ?2
    ORDER BY number";
const CHANGE: &str = "INSERT INTO changes (topic, id) VALUES ('runs', ?1)";
const RUN: &str = "UPDATE runs SET state = ?2, finished_at = ?3 WHERE id = ?1";
const LEASE: &str = "UPDATE runs SET owner = ?2, fence = ?3, lease_expires_at = ?4 WHERE id = ?1";
const RUNS: &str = "SELECT id, state, finished_at FROM runs ORDER BY number";
const AUDIT: &str = "INSERT INTO audit_log (at, operator, action, customer_id, run_id, facts)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const AUDITS: &str = "SELECT at, operator, action, customer_id, run_id, facts FROM audit_log
    WHERE action IN ('run.started', 'run.succeeded') ORDER BY number";

/// The rows that the runs wrote, entry by entry of their journals: the first steps of all runs, then the
/// second, as they went on side by side.
fn writes(connection: &Connection) -> Vec<Write> {
    let mut writes = Vec::new();
    for audit in rows(connection, AUDITS, &[]) {
        writes.push((AUDIT, audit));
    }
    for run in rows(connection, RUNS, &[]) {
        for event in rows(connection, EVENTS, &[run[0].clone(), Value::Null]) {
            writes.push((EVENT, event));
        }
        for _ in 0..2 {
            writes.push((RUN, run.clone()));
            writes.push((CHANGE, vec![run[0].clone()]));
        }
    }
    for step in rows(connection, STEPS, &[]) {
        let key = &step[..2];
        let resources = rows(connection, RESOURCES, key);
        let events = rows(connection, EVENTS, key);
        // Intended, created, ready; that an effect was brought about goes with its outputs.
        let entries = if resources.is_empty() { 2 } else { 3 };
        let mut events = events.chunks(events.len().div_ceil(entries).max(1));
        let lease = ["bench".to_owned().into(), 1.into(), 0.into()];
        let lease = step[..1].iter().cloned().chain(lease).collect();
        writes.push((LEASE, lease));
        for _ in 0..entries {
            writes.push((STEP, step.clone()));
            writes.extend(resources.iter().map(|row| (RESOURCE, row.clone())));
            let events = events.next().unwrap_or_default();
            writes.extend(events.iter().map(|row| (EVENT, row.clone())));
            writes.push((CHANGE, vec![step[0].clone()]));
        }
    }
    writes
}

fn rows(connection: &Connection, sql: &str, values: &[Value]) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare_cached(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
        (0..columns).map(|column| row.get(column)).collect()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}
