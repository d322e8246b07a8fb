//! Who owns a run (rule 13): columns of the table `runs`. The time is the writing process's own, as all
//! that share the file are on one machine.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    id::{CustomerId, RunId},
    run::RunState,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::{
    column::{kept, micros, time_option, word},
    fault::Fault,
    runs,
    writer::Write,
};
use crate::Lease;

/// What a run's row says of its owner.
struct Ownership {
    customer: CustomerId,
    state: RunState,
    owner: Option<String>,
    fence: i64,
    expires: Option<Timestamp>,
}

impl Ownership {
    fn read(connection: &Connection, run: RunId) -> Result<Self, Fault> {
        let mut statement = connection.prepare_cached(
            "SELECT customer_id, state, owner, fence, lease_expires_at FROM runs WHERE id = ?1",
        )?;
        let mut rows = statement.query([run.to_string()])?;
        let Some(row) = rows.next()? else {
            return Err(runs::unknown(run));
        };
        Ok(Self {
            customer: word(row, "customer_id")?,
            state: word(row, "state")?,
            owner: row.get("owner")?,
            fence: row.get("fence")?,
            expires: time_option(row, "lease_expires_at")?,
        })
    }

    fn is(&self, lease: &Lease) -> bool {
        self.fence == lease.fence && self.owner.as_deref() == Some(&lease.owner)
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires <= now)
    }
}

/// When a lease given now ends.
pub(super) fn expiry(now: Timestamp, lease: Duration) -> Timestamp {
    let end = SignedDuration::try_from(lease)
        .ok()
        .and_then(|lease| now.checked_add(lease).ok());
    end.map_or(now, kept)
}

/// Lets only the holder of a valid lease pass, and says whose run it is.
pub(super) fn check(write: &Write<'_>, lease: &Lease) -> Result<CustomerId, Fault> {
    let ownership = Ownership::read(write.connection, lease.run)?;
    if ownership.is(lease) && !ownership.has_expired(write.now) {
        Ok(ownership.customer)
    } else {
        Err(Cause::LeaseLost.into())
    }
}

/// Takes a run that nobody holds.
pub(super) fn take(
    write: &Write<'_>,
    run: RunId,
    owner: String,
    dead: Option<&str>,
    lease: Duration,
) -> Result<Lease, Fault> {
    let now = Ownership::read(write.connection, run)?;
    if !now.state.can_roll_back() {
        return Err(Cause::RunEnded { run }.into());
    }
    let held = now.owner.is_some() && !now.has_expired(write.now);
    if held && dead != now.owner.as_deref() {
        return Err(Cause::RunOwned { run }.into());
    }
    // An ended run can be taken on only while the customer has no other that has not ended.
    if !now.state.is_active()
        && let Some(other) = runs::active(write.connection, now.customer)?
    {
        return Err(Cause::RunActive { run: other }.into());
    }
    let lease = Lease {
        run,
        owner,
        fence: now.fence + 1,
        expires: expiry(write.now, lease),
        sent_until: now.owner.is_some().then_some(now.expires).flatten(),
    };
    store(write.connection, &lease)?;
    Ok(lease)
}

/// Keeps a lease; one that has expired too, as long as nobody took it.
pub(super) fn renew(write: &Write<'_>, lease: &Lease, by: Duration) -> Result<Lease, Fault> {
    if !Ownership::read(write.connection, lease.run)?.is(lease) {
        return Err(Cause::LeaseLost.into());
    }
    let lease = Lease {
        expires: expiry(write.now, by),
        ..lease.clone()
    };
    store(write.connection, &lease)?;
    Ok(lease)
}

fn store(connection: &Connection, lease: &Lease) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "UPDATE runs SET owner = ?2, fence = ?3, lease_expires_at = ?4 WHERE id = ?1",
        )?
        .execute((
            lease.run.to_string(),
            &lease.owner,
            lease.fence,
            micros(lease.expires),
        ))?;
    Ok(())
}

/// Gives a run free. Nothing is done where another has it by now.
pub(super) fn release(write: &Write<'_>, lease: &Lease) -> Result<(), Fault> {
    if Ownership::read(write.connection, lease.run)?.is(lease) {
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
    let Ownership {
        owner,
        fence,
        expires,
        ..
    } = Ownership::read(connection, run)?;
    Ok(owner.zip(expires).map(|(owner, expires)| Lease {
        run,
        owner,
        fence,
        expires,
        sent_until: None,
    }))
}
