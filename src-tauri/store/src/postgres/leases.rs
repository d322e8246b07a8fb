//! Who owns a run: columns of the table `runs`. The time is the server's, so that desktops whose clocks differ agree on
//! who has what.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    id::{CustomerId, RunId},
};

use super::{
    audit,
    column::{get, micros, time_option, word},
    connections::Session,
    customers,
    fault::Fault,
    journal, runs,
    turn::Write,
};
use crate::{
    Gone, Lease, NewAudit, Topic,
    leases::{Ownership, interruption},
};

pub(super) use crate::leases::expiry;

async fn read(session: &Session, run: RunId, how: &str) -> Result<Ownership, Fault> {
    let sql = format!(
        "SELECT customer_id, state, owner, fence, lease_expires_at, sent_until
         FROM fabrik.runs WHERE id = $1 {how}"
    );
    let row = session.row(&sql, &[&run.to_string()]).await?;
    let row = row.ok_or_else(|| runs::unknown(run))?;
    Ok(Ownership {
        run,
        customer: word(&row, "customer_id")?,
        state: word(&row, "state")?,
        owner: get(&row, "owner")?,
        fence: get(&row, "fence")?,
        expires: time_option(&row, "lease_expires_at")?,
        sent_until: time_option(&row, "sent_until")?,
    })
}

/// Reads it, and keeps it as it is until the writing ends.
async fn locked(write: &Write, run: RunId) -> Result<Ownership, Fault> {
    read(write, run, "FOR UPDATE").await
}

/// Lets only the holder of a valid lease pass, and says whose run it is.
pub(super) async fn check(write: &Write, lease: &Lease) -> Result<CustomerId, Fault> {
    Ok(locked(write, lease.run).await?.held_by(lease, write.now)?)
}

/// Takes a run that nobody holds.
pub(super) async fn take(
    write: &Write,
    run: RunId,
    owner: &str,
    lease: Duration,
    gone: Gone<'_>,
) -> Result<Lease, Fault> {
    let now = locked(write, run).await?;
    now.assert_free(gone, write.now)?;
    // An ended run can be taken on only while the customer has no other that has not ended.
    if !now.state.is_active()
        && let Some(other) = runs::active(write, now.customer).await?
    {
        return Err(Cause::RunActive { run: other }.into());
    }
    // Its subdomain changes before this, or not while the run is held.
    customers::keep(write, now.customer).await?;
    let lease = now.taken_over(owner.to_owned(), lease, gone, write.now);
    store(write, &lease).await?;
    Ok(lease)
}

/// Whether a process has a run of the customer, one too that has ended and that it is about to take on.
pub(super) async fn hold_any(write: &Write, customer: CustomerId) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (
                   SELECT FROM fabrik.runs
                   WHERE customer_id = $1 AND owner IS NOT NULL AND lease_expires_at > $2)";
    write
        .one(sql, &[&customer.to_string(), &micros(write.now)])
        .await
}

/// Marks a run as interrupted that nobody drives; see [`crate::Store::interrupt`].
pub(super) async fn interrupt(
    write: &Write,
    run: RunId,
    seen: Option<&Lease>,
    gone: Gone<'_>,
    audit: &NewAudit,
) -> Result<bool, Fault> {
    let now = locked(write, run).await?;
    if !now.is_driven_as(seen) {
        return Ok(false);
    }
    // The fence grows, so that whoever had it writes nothing more.
    let sql = "UPDATE fabrik.runs SET owner = NULL, fence = $2, lease_expires_at = NULL,
                   sent_until = $3
               WHERE id = $1";
    let late = now.late(gone, write.now).map(micros);
    write
        .execute(sql, &[&run.to_string(), &(now.fence + 1), &late])
        .await?;
    let error = runs::get(write, run).await?.error;
    let last = journal::last_event(write, run).await?;
    let (change, told) = interruption(run, error, last, write.now);
    runs::change(write, run, now.customer, &change).await?;
    journal::add_events(write, run, &[told]).await?;
    audit::add(write, audit).await?;
    write.announce(Topic::Runs, &run.to_string());
    Ok(true)
}

/// Keeps a lease; one that has expired too, as long as nobody took it. Says whose run it is.
pub(super) async fn keep(
    write: &Write,
    lease: &Lease,
    by: Duration,
) -> Result<(CustomerId, Lease), Fault> {
    let ownership = locked(write, lease.run).await?;
    let lease = ownership.kept_for(lease, by, write.now)?;
    store(write, &lease).await?;
    Ok((ownership.customer, lease))
}

async fn store(write: &Write, lease: &Lease) -> Result<(), Fault> {
    let sql = "UPDATE fabrik.runs
               SET owner = $2, fence = $3, lease_expires_at = $4, sent_until = $5
               WHERE id = $1";
    write
        .execute(
            sql,
            &[
                &lease.run.to_string(),
                &lease.owner,
                &lease.fence,
                &micros(lease.expires),
                &lease.sent_until.map(micros),
            ],
        )
        .await?;
    Ok(())
}

/// Gives a run free. Nothing is done where another has it by now.
pub(super) async fn release(write: &Write, lease: &Lease) -> Result<(), Fault> {
    // The fence stays, so that the next owner's is greater.
    let sql = "UPDATE fabrik.runs SET owner = NULL, lease_expires_at = NULL
               WHERE id = $1 AND owner = $2 AND fence = $3";
    let run = lease.run.to_string();
    write
        .execute(sql, &[&run, &lease.owner, &lease.fence])
        .await?;
    Ok(())
}

/// Who has a run, expired or not.
pub(super) async fn current(session: &Session, run: RunId) -> Result<Option<Lease>, Fault> {
    Ok(read(session, run, "").await?.lease())
}
