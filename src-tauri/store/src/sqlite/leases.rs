//! Who owns a run (rule 13): columns of the table `runs`. The time is the writing process's own, as all
//! that share the file are on one machine.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    event::{Happening, RunEvent},
    id::{CustomerId, RunId},
    run::RunState,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::{
    audit, changes,
    column::{kept, micros, time_option, word},
    fault::Fault,
    journal, runs,
    writer::Write,
};
use crate::{Gone, Lease, NewAudit, RunChange, Topic};

/// What a run's row says of its owner.
struct Ownership {
    customer: CustomerId,
    state: RunState,
    owner: Option<String>,
    fence: i64,
    expires: Option<Timestamp>,
    /// Until when owners before this one may have sent calls.
    sent_until: Option<Timestamp>,
}

impl Ownership {
    fn read(connection: &Connection, run: RunId) -> Result<Self, Fault> {
        let mut statement = connection.prepare_cached(
            "SELECT customer_id, state, owner, fence, lease_expires_at, sent_until
             FROM runs WHERE id = ?1",
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
            sent_until: time_option(row, "sent_until")?,
        })
    }

    /// Until when calls may have been sent that the journal doesn't tell of, where the owner is not asked any more.
    fn late(&self, gone: Gone<'_>, now: Timestamp) -> Option<Timestamp> {
        let by_owner = self
            .owner
            .as_deref()
            .zip(self.expires)
            .map(|(owner, expires)| {
                if gone.dead == Some(owner) {
                    expires.min(now)
                } else {
                    // A clock that was set forward ends a lease early.
                    expiry(expires.max(now), gone.late)
                }
            });
        by_owner.max(self.sent_until)
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
    lease: Duration,
    gone: Gone<'_>,
) -> Result<Lease, Fault> {
    let now = Ownership::read(write.connection, run)?;
    if !now.state.can_roll_back() {
        return Err(Cause::RunEnded { run }.into());
    }
    let held = now.owner.is_some() && !now.has_expired(write.now);
    if held && gone.dead != now.owner.as_deref() {
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
        sent_until: now.late(gone, write.now),
    };
    store(write.connection, &lease)?;
    Ok(lease)
}

/// Marks a run as interrupted that nobody drives; see [`crate::Store::interrupt`].
pub(super) fn interrupt(
    write: &Write<'_>,
    run: RunId,
    seen: Option<&Lease>,
    gone: Gone<'_>,
    audit: &NewAudit,
) -> Result<bool, Fault> {
    let now = Ownership::read(write.connection, run)?;
    let as_seen = match seen {
        Some(lease) => now.is(lease) && now.expires == Some(lease.expires),
        None => now.owner.is_none(),
    };
    if !as_seen || !now.state.is_driven() {
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
    let state = RunState::Interrupted;
    let change = RunChange {
        state,
        reason: None,
        error: runs::get(write.connection, run)?.error,
        finished_at: None,
        undo_began_at: None,
    };
    runs::change(write.connection, run, now.customer, &change)?;
    let told = RunEvent {
        run,
        number: journal::last_event(write.connection, run)? + 1,
        at: write.now,
        step: None,
        what: Happening::Run {
            state,
            reason: None,
        },
    };
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
    let ownership = Ownership::read(write.connection, lease.run)?;
    if !ownership.is(lease) {
        return Err(Cause::LeaseLost.into());
    }
    let lease = Lease {
        expires: expiry(write.now, by),
        ..lease.clone()
    };
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
        sent_until,
        ..
    } = Ownership::read(connection, run)?;
    Ok(owner.zip(expires).map(|(owner, expires)| Lease {
        run,
        owner,
        fence,
        expires,
        sent_until,
    }))
}
