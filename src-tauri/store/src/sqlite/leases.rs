//! Who owns a run: columns of the table `runs`. The time is the writing process's own, as all that share the file are
//! on one machine.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    id::{CustomerId, RunId},
};
use rusqlite::Connection;

use super::{
    audit, changes,
    column::{micros, time_option, word},
    fault::Fault,
    journal, runs,
    writer::Write,
};
use crate::{
    Gone, Lease, NewAudit, Topic,
    leases::{Ownership, interruption},
};

pub(super) use crate::leases::expiry;

fn read(connection: &Connection, run: RunId) -> Result<Ownership, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT customer_id, state, owner, fence, lease_expires_at, sent_until
         FROM runs WHERE id = ?1",
    )?;
    let mut rows = statement.query([run.to_string()])?;
    let Some(row) = rows.next()? else {
        return Err(runs::unknown(run));
    };
    Ok(Ownership {
        run,
        customer: word(row, "customer_id")?,
        state: word(row, "state")?,
        owner: row.get("owner")?,
        fence: row.get("fence")?,
        expires: time_option(row, "lease_expires_at")?,
        sent_until: time_option(row, "sent_until")?,
    })
}

/// Lets only the holder of a valid lease pass, and says whose run it is.
pub(super) fn check(write: &Write<'_>, lease: &Lease) -> Result<CustomerId, Fault> {
    Ok(read(write.connection, lease.run)?.held_by(lease, write.now)?)
}

/// Takes a run that nobody holds.
pub(super) fn take(
    write: &Write<'_>,
    run: RunId,
    owner: String,
    lease: Duration,
    gone: Gone<'_>,
) -> Result<Lease, Fault> {
    let now = read(write.connection, run)?;
    now.assert_free(gone, write.now)?;
    // An ended run can be taken on only while the customer has no other that has not ended.
    if !now.state.is_active()
        && let Some(other) = runs::active(write.connection, now.customer)?
    {
        return Err(Cause::RunActive { run: other }.into());
    }
    let lease = now.taken_over(owner, lease, gone, write.now);
    store(write.connection, &lease)?;
    Ok(lease)
}

/// Whether a process has a run of the customer, one too that has ended and that it is about to take on.
pub(super) fn hold_any(write: &Write<'_>, customer: CustomerId) -> Result<bool, Fault> {
    let mut statement = write.connection.prepare_cached(
        "SELECT 1 FROM runs
         WHERE customer_id = ?1 AND owner IS NOT NULL AND lease_expires_at > ?2",
    )?;
    Ok(statement.exists((customer.to_string(), micros(write.now)))?)
}

/// Marks a run as interrupted that nobody drives; see [`crate::Store::interrupt`].
pub(super) fn interrupt(
    write: &Write<'_>,
    run: RunId,
    seen: Option<&Lease>,
    gone: Gone<'_>,
    audit: &NewAudit,
) -> Result<bool, Fault> {
    let now = read(write.connection, run)?;
    if !now.is_driven_as(seen) {
        return Ok(false);
    }
    // The fence grows, so that whoever had it writes nothing more.
    write
        .connection
        .prepare_cached(
            "UPDATE runs SET owner = NULL, fence = ?2, lease_expires_at = NULL, sent_until = ?3
             WHERE id = ?1",
        )?
        .execute((
            run.to_string(),
            now.fence + 1,
            now.late(gone, write.now).map(micros),
        ))?;
    let error = runs::get(write.connection, run)?.error;
    let last = journal::last_event(write.connection, run)?;
    let (change, told) = interruption(run, error, last, write.now);
    runs::change(write.connection, run, now.customer, &change)?;
    journal::add_events(write.connection, run, &[told])?;
    audit::add(write, audit)?;
    changes::add(write.connection, Topic::Runs, &run.to_string())?;
    Ok(true)
}

/// Keeps a lease; one that has expired too, as long as nobody took it. Says whose run it is.
pub(super) fn keep(
    write: &Write<'_>,
    lease: &Lease,
    by: Duration,
) -> Result<(CustomerId, Lease), Fault> {
    let ownership = read(write.connection, lease.run)?;
    let lease = ownership.kept_for(lease, by, write.now)?;
    store(write.connection, &lease)?;
    Ok((ownership.customer, lease))
}

fn store(connection: &Connection, lease: &Lease) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "UPDATE runs SET owner = ?2, fence = ?3, lease_expires_at = ?4, sent_until = ?5
             WHERE id = ?1",
        )?
        .execute((
            lease.run.to_string(),
            &lease.owner,
            lease.fence,
            micros(lease.expires),
            lease.sent_until.map(micros),
        ))?;
    Ok(())
}

/// Gives a run free. Nothing is done where another has it by now.
pub(super) fn release(write: &Write<'_>, lease: &Lease) -> Result<(), Fault> {
    if read(write.connection, lease.run)?.is(lease) {
        // The fence stays, so that the next owner's is greater.
        write
            .connection
            .prepare_cached("UPDATE runs SET owner = NULL, lease_expires_at = NULL WHERE id = ?1")?
            .execute([lease.run.to_string()])?;
    }
    Ok(())
}

/// Who has a run, expired or not.
pub(super) fn current(connection: &Connection, run: RunId) -> Result<Option<Lease>, Fault> {
    Ok(read(connection, run)?.lease())
}
