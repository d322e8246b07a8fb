//! The journal: entries and events, written only by the holder of the run's lease.

use fabrik_domain::{
    event::RunEvent,
    id::RunId,
    run::{Purpose, RunState},
};
use rusqlite::{
    Connection, Row, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    audit, cancels,
    column::{json, micros, time, to_json},
    customers,
    fault::Fault,
    leases, mails, requests, resources, runs, steps,
    sums::Added,
    writer::Write,
};
use crate::{Hold, JournalEntry, Lease, NewAudit, Topic};

/// Writes an entry, whole or not at all: the caller rolls back what was written before a fault.
pub(super) fn write(
    write: &Write<'_>,
    lease: &Lease,
    entry: &JournalEntry,
) -> Result<Lease, Fault> {
    let (customer, lease) = match entry.hold {
        Hold::For(by) => leases::keep(write, lease, by)?,
        Hold::AsItIs | Hold::Free => (leases::check(write, lease)?, lease.clone()),
    };
    let run = lease.run;
    if let Some(change) = &entry.run {
        runs::change(write.connection, run, customer, change)?;
        if change.state == RunState::Succeeded {
            settle_end(write, run)?;
        }
    }
    for step in &entry.steps {
        steps::put(write.connection, run, step)?;
    }
    for resource in &entry.resources {
        resources::put(write.connection, resource)?;
    }
    if let Some(patch) = &entry.customer {
        customers::change(write, customer, patch.clone())?;
    }
    if let Some(at) = entry.failed_at {
        mails::owe(write.connection, run, customer, at)?;
    }
    add_events(write.connection, run, &entry.events)?;
    if let Some(audit) = &entry.audit {
        let about = (audit.customer.or(Some(customer)), audit.run.or(Some(run)));
        audit::add(
            write,
            &NewAudit {
                customer: about.0,
                run: about.1,
                ..audit.clone()
            },
        )?;
    }
    if entry.hold == Hold::Free {
        leases::release(write, &lease)?;
    }
    write.changed(Topic::Runs, run.to_string())?;
    Ok(lease)
}

/// A removal that has succeeded settles the end of the customer's subscription: with it, or not at all. What an older one
/// had left may be gone while something stands that a newer run has made; one that left nothing is in nobody's way.
fn settle_end(write: &Write<'_>, run: RunId) -> Result<(), Fault> {
    let run = runs::get(write.connection, run)?;
    if run.purpose == Purpose::Deprovision && !resources::left_by_later(write.connection, &run)? {
        requests::instance_removed(write, run.customer, &run.operator)?;
    }
    Ok(())
}

/// Writes the entry with which a run begins to go back, unless what it made is to be kept.
pub(super) fn begin_undo(
    write: &Write<'_>,
    lease: &Lease,
    entry: &JournalEntry,
) -> Result<bool, Fault> {
    leases::check(write, lease)?;
    if cancels::is_to_be_kept(write.connection, lease.run)? {
        return Ok(false);
    }
    self::write(write, lease, entry)?;
    Ok(true)
}

/// Writes events that stand alone.
pub(super) fn events(write: &Write<'_>, lease: &Lease, events: &[RunEvent]) -> Result<(), Fault> {
    leases::check(write, lease)?;
    add_events(write.connection, lease.run, events)?;
    write.changed(Topic::Runs, lease.run.to_string())
}

/// An event that is there already stays, so that an entry can be written again after an answer was lost.
pub(super) fn add_events(
    connection: &Connection,
    run: RunId,
    events: &[RunEvent],
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO run_events (run_id, number, at, step, what) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (run_id, number) DO NOTHING",
    )?;
    let mut added = Added::new(connection);
    let run = run.to_string();
    for event in events {
        let what = to_json(&event.what)?;
        let columns = [
            ValueRef::Text(run.as_bytes()),
            ValueRef::Integer(event.number),
            ValueRef::Integer(micros(event.at)),
            ValueRef::from(event.step.as_deref()),
            ValueRef::Text(what.as_bytes()),
        ];
        let row = columns.map(ToSqlOutput::Borrowed);
        if statement.execute(params_from_iter(&row))? == 1 {
            added.row(&columns);
        }
    }
    Ok(added.write()?)
}

/// A run's events after a number, the oldest first.
pub(super) fn events_since(
    connection: &Connection,
    run: RunId,
    number: i64,
) -> Result<Vec<RunEvent>, Fault> {
    connection
        .prepare_cached(
            "SELECT number, at, step, what FROM run_events
             WHERE run_id = ?1 AND number > ?2 ORDER BY number",
        )?
        .query_and_then((run.to_string(), number), |row| event(run, row))?
        .collect()
}

/// A run's newest events, the oldest first.
pub(super) fn newest_events(
    connection: &Connection,
    run: RunId,
    limit: u32,
) -> Result<Vec<RunEvent>, Fault> {
    let mut events = connection
        .prepare_cached(
            "SELECT number, at, step, what FROM run_events
             WHERE run_id = ?1 ORDER BY number DESC LIMIT ?2",
        )?
        .query_and_then((run.to_string(), limit), |row| event(run, row))?
        .collect::<Result<Vec<_>, Fault>>()?;
    events.reverse();
    Ok(events)
}

/// The number of a run's newest event.
pub(super) fn last_event(connection: &Connection, run: RunId) -> Result<i64, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT coalesce(max(number), 0) FROM run_events WHERE run_id = ?1")?;
    Ok(statement.query_row([run.to_string()], |row| row.get(0))?)
}

fn event(run: RunId, row: &Row<'_>) -> Result<RunEvent, Fault> {
    Ok(RunEvent {
        run,
        number: row.get("number")?,
        at: time(row, "at")?,
        step: row.get("step")?,
        what: json(row, "what")?,
    })
}
