//! The least that SQLite takes: the rows that the runs wrote, written once more into a copy of the database as
//! it was before them, by prepared statements alone: the same tables and indexes, as durably, in the same order, and
//! in as many commits.
//!
//! A step's row, its resource's and the customer's are written as often as the journal does; what a row held in between
//! is not known any more, so it is written with what it holds in the end. When it was written, the events that were
//! written with it tell.

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
            .pragma_update(None, "cache_size", -16_384)
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
const RUNS: &str = "SELECT id, state, finished_at, customer_id FROM runs ORDER BY number";
const CUSTOMER: &str = "UPDATE customers SET instance_state = ?2 WHERE id = ?1";
const PATCH: &str = "UPDATE customers SET status = ?2, updated_at = ?3 WHERE id = ?1";
const CUSTOMERS: &str =
    "SELECT id, instance_state, status, updated_at FROM customers WHERE id = ?1";
const AUDIT: &str = "INSERT INTO audit_log (at, operator, action, customer_id, run_id, facts)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const AUDITS: &str = "SELECT at, operator, action, customer_id, run_id, facts FROM audit_log
    WHERE run_id = ?1 AND action = ?2";
/// The step with which the customer's record is finished.
const LAST: &str = "finalize";

/// The rows that the runs wrote, entry by entry of their journals, in the order of time.
fn writes(connection: &Connection) -> Vec<Write> {
    let mut entries: Vec<(i64, Vec<Write>)> = Vec::new();
    for run in rows(connection, RUNS, &[]) {
        let key = run[0].clone();
        let customer = rows(connection, CUSTOMERS, &run[3..]).remove(0);
        let events = rows(connection, EVENTS, &[key.clone(), Value::Null]);
        // The last ones, since it was queued before.
        let ends = &events[events.len() - 2..];
        for (event, word) in ends.iter().zip(["run.started", "run.succeeded"]) {
            let mut entry = vec![
                (RUN, run[..3].to_vec()),
                (CUSTOMER, customer[..2].to_vec()),
                (EVENT, event.clone()),
            ];
            let audits = rows(connection, AUDITS, &[key.clone(), word.to_owned().into()]);
            entry.extend(audits.into_iter().map(|audit| (AUDIT, audit)));
            entry.push((CHANGE, vec![key.clone()]));
            entries.push((time(event), entry));
        }
    }
    for step in rows(connection, STEPS, &[]) {
        let key = &step[..2];
        let resources = rows(connection, RESOURCES, key);
        let events = rows(connection, EVENTS, key);
        // Intended, created, ready; that an effect was brought about goes with its outputs.
        let count = if resources.is_empty() { 2 } else { 3 };
        let share = events.len().div_ceil(count).max(1);
        let mut at = events.first().map_or(0, |event| time(event));
        for number in 0..count {
            let events = events.chunks(share).nth(number).unwrap_or_default();
            at = events.last().map_or(at, |event| time(event));
            let mut entry = Vec::new();
            if number == 0 {
                let lease = ["bench".to_owned().into(), 1.into(), 0.into()];
                let lease = step[..1].iter().cloned().chain(lease).collect();
                entry.push((LEASE, lease));
            }
            entry.push((STEP, step.clone()));
            entry.extend(resources.iter().map(|row| (RESOURCE, row.clone())));
            if step[1] == Value::Text(LAST.to_owned()) && number + 1 == count {
                entry.extend(patch(connection, &step[0]));
            }
            entry.extend(events.iter().map(|row| (EVENT, row.clone())));
            entry.push((CHANGE, vec![step[0].clone()]));
            entries.push((at, entry));
        }
    }
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().flat_map(|(_, entry)| entry).collect()
}

fn patch(connection: &Connection, run: &Value) -> Option<Write> {
    let customer = "SELECT id, status, updated_at FROM customers
                    WHERE id = (SELECT customer_id FROM runs WHERE id = ?1)";
    let customer = rows(connection, customer, std::slice::from_ref(run)).pop();
    customer.map(|customer| (PATCH, customer))
}

/// When an event was told.
fn time(event: &[Value]) -> i64 {
    let Value::Integer(at) = event[2] else {
        return 0;
    };
    at
}

fn rows(connection: &Connection, sql: &str, values: &[Value]) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare_cached(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
        (0..columns).map(|column| row.get(column)).collect()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}
