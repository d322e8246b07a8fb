//! The journal: entries and events, written only by the holder of the run's lease.

use fabrik_domain::{
    event::RunEvent,
    id::RunId,
    run::{Purpose, RunState},
};
use futures::{future::try_join_all, try_join};
use tokio_postgres::Row;

use super::{
    audit,
    column::{get, json, micros, time, to_json},
    connections::Session,
    customers,
    fault::Fault,
    leases, mails, requests, resources, runs, steps,
    turn::Write,
};
use crate::{Hold, JournalEntry, Lease, NewAudit, Topic};

/// Writes an entry, and the events that were said before it, whole or not at all. What does not depend on each
/// other goes to the server on one way.
pub(super) async fn write(
    write: &Write,
    lease: &Lease,
    entry: &JournalEntry,
    before: &[RunEvent],
) -> Result<Lease, Fault> {
    let (customer, lease) = match entry.hold {
        Hold::For(length) => leases::keep(write, lease, length).await?,
        Hold::AsItIs | Hold::Free => (leases::check(write, lease).await?, lease.clone()),
    };
    let run = lease.run;
    if let Some(change) = &entry.run {
        runs::change(write, run, customer, change).await?;
        if change.state == RunState::Succeeded {
            settle_end(write, run).await?;
        }
    }
    let resources = entry.resources.iter();
    try_join!(
        steps::put(write, run, &entry.steps),
        try_join_all(resources.map(|resource| resources::put(write, resource))),
        add_events(write, run, before),
        add_events(write, run, &entry.events),
    )?;
    if let Some(patch) = &entry.customer {
        customers::change(write, customer, patch).await?;
    }
    if let Some(at) = entry.failed_at {
        mails::owe(write, run, customer, at).await?;
    }
    if let Some(audit) = &entry.audit {
        let about = NewAudit {
            customer: audit.customer.or(Some(customer)),
            run: audit.run.or(Some(run)),
            ..audit.clone()
        };
        audit::add(write, &about).await?;
    }
    if entry.hold == Hold::Free {
        leases::release(write, &lease).await?;
    }
    write.announce(Topic::Runs, &run.to_string());
    Ok(lease)
}

/// A removal that has succeeded settles the end of the customer's subscription: with it, or not at all. What an older one
/// had left may be gone while something stands that a newer run has made; one that left nothing is in nobody's way.
async fn settle_end(write: &Write, run: RunId) -> Result<(), Fault> {
    let run = runs::get(write, run).await?;
    if run.purpose == Purpose::Deprovision && !resources::left_by_later(write, &run).await? {
        requests::instance_removed(write, run.customer, &run.operator).await?;
    }
    Ok(())
}

/// Writes the entry with which a run begins to go back, unless what it made is to be kept.
pub(super) async fn begin_undo(
    write: &Write,
    lease: &Lease,
    entry: &JournalEntry,
    before: &[RunEvent],
) -> Result<bool, Fault> {
    leases::check(write, lease).await?;
    if runs::is_to_be_kept(write, lease.run).await? {
        // They are from before, whatever comes of it.
        add_events(write, lease.run, before).await?;
        return Ok(false);
    }
    self::write(write, lease, entry, before).await?;
    Ok(true)
}

/// Writes events that stand alone.
pub(super) async fn events(write: &Write, lease: &Lease, events: &[RunEvent]) -> Result<(), Fault> {
    leases::check(write, lease).await?;
    add_events(write, lease.run, events).await?;
    write.announce(Topic::Runs, &lease.run.to_string());
    Ok(())
}

/// An event that is there already stays, so that an entry can be written again after an answer was lost.
pub(super) async fn add_events(
    session: &Session,
    run: RunId,
    events: &[RunEvent],
) -> Result<(), Fault> {
    let run = run.to_string();
    let sql = "INSERT INTO fabrik.run_events (run_id, number, at, step, what)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (run_id, number) DO NOTHING";
    let add = async |event: &RunEvent| {
        let what = to_json(&event.what)?;
        let values: super::column::Values<'_> =
            &[&run, &event.number, &micros(event.at), &event.step, &what];
        session.execute(sql, values).await
    };
    try_join_all(events.iter().map(add)).await.map(drop)
}

/// A run's events after a number, the oldest first.
pub(super) async fn events_since(
    session: &Session,
    run: RunId,
    number: i64,
) -> Result<Vec<RunEvent>, Fault> {
    let sql = "SELECT number, at, step, what FROM fabrik.run_events
               WHERE run_id = $1 AND number > $2 ORDER BY number";
    let rows = session.rows(sql, &[&run.to_string(), &number]).await?;
    rows.iter().map(|row| event(run, row)).collect()
}

/// A run's newest events, the oldest first.
pub(super) async fn newest_events(
    session: &Session,
    run: RunId,
    limit: u32,
) -> Result<Vec<RunEvent>, Fault> {
    let sql = "SELECT number, at, step, what FROM fabrik.run_events
               WHERE run_id = $1 ORDER BY number DESC LIMIT $2";
    let rows = session
        .rows(sql, &[&run.to_string(), &i64::from(limit)])
        .await?;
    rows.iter().rev().map(|row| event(run, row)).collect()
}

/// The number of a run's newest event.
pub(super) async fn last_event(session: &Session, run: RunId) -> Result<i64, Fault> {
    let sql = "SELECT coalesce(max(number), 0) FROM fabrik.run_events WHERE run_id = $1";
    session.one(sql, &[&run.to_string()]).await
}

fn event(run: RunId, row: &Row) -> Result<RunEvent, Fault> {
    Ok(RunEvent {
        run,
        number: get(row, "number")?,
        at: time(row, "at")?,
        step: get(row, "step")?,
        what: json(row, "what")?,
    })
}
