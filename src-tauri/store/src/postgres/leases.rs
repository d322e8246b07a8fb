//! Who owns a run (rule 13): columns of the table `runs`. The time is the server's, so that desktops whose clocks
//! differ agree on who has what.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    event::{Happening, RunEvent},
    id::{CustomerId, RunId},
    run::RunState,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    audit,
    column::{get, kept, micros, time_option, word},
    connections::Session,
    fault::Fault,
    journal, runs,
    turn::Write,
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
    async fn read(session: &Session, run: RunId, how: &str) -> Result<Self, Fault> {
        let sql = format!(
            "SELECT customer_id, state, owner, fence, lease_expires_at, sent_until
             FROM fabrik.runs WHERE id = $1 {how}"
        );
        let row = session.row(&sql, &[&run.to_string()]).await?;
        let row = row.ok_or_else(|| runs::unknown(run))?;
        Ok(Self {
            customer: word(&row, "customer_id")?,
            state: word(&row, "state")?,
            owner: get(&row, "owner")?,
            fence: get(&row, "fence")?,
            expires: time_option(&row, "lease_expires_at")?,
            sent_until: time_option(&row, "sent_until")?,
        })
    }

    /// Reads it, and keeps it as it is until the writing ends.
    async fn locked(write: &Write, run: RunId) -> Result<Self, Fault> {
        Self::read(write, run, "FOR UPDATE").await
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
pub(super) async fn check(write: &Write, lease: &Lease) -> Result<CustomerId, Fault> {
    let ownership = Ownership::locked(write, lease.run).await?;
    if ownership.is(lease) && !ownership.has_expired(write.now) {
        Ok(ownership.customer)
    } else {
        Err(Cause::LeaseLost.into())
    }
}

/// Takes a run that nobody holds.
pub(super) async fn take(
    write: &Write,
    run: RunId,
    owner: &str,
    lease: Duration,
    gone: Gone<'_>,
) -> Result<Lease, Fault> {
    let now = Ownership::locked(write, run).await?;
    if !now.state.can_roll_back() {
        return Err(Cause::RunEnded { run }.into());
    }
    let held = now.owner.is_some() && !now.has_expired(write.now);
    if held && gone.dead != now.owner.as_deref() {
        return Err(Cause::RunOwned { run }.into());
    }
    // An ended run can be taken on only while the customer has no other that has not ended.
    if !now.state.is_active()
        && let Some(other) = runs::active(write, now.customer).await?
    {
        return Err(Cause::RunActive { run: other }.into());
    }
    let lease = Lease {
        run,
        owner: owner.to_owned(),
        fence: now.fence + 1,
        expires: expiry(write.now, lease),
        sent_until: now.late(gone, write.now),
    };
    store(write, &lease).await?;
    Ok(lease)
}

/// Marks a run as interrupted that nobody drives; see [`crate::Store::interrupt`].
pub(super) async fn interrupt(
    write: &Write,
    run: RunId,
    seen: Option<&Lease>,
    gone: Gone<'_>,
    audit: &NewAudit,
) -> Result<bool, Fault> {
    let now = Ownership::locked(write, run).await?;
    let as_seen = match seen {
        Some(lease) => now.is(lease) && now.expires == Some(lease.expires),
        None => now.owner.is_none(),
    };
    if !as_seen || !now.state.is_driven() {
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
    let state = RunState::Interrupted;
    let change = RunChange {
        state,
        reason: None,
        error: runs::get(write, run).await?.error,
        finished_at: None,
        undo_began_at: None,
    };
    runs::change(write, run, now.customer, &change).await?;
    let told = RunEvent {
        run,
        number: journal::last_event(write, run).await? + 1,
        at: write.now,
        step: None,
        what: Happening::Run {
            state,
            reason: None,
        },
    };
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
    let ownership = Ownership::locked(write, lease.run).await?;
    if !ownership.is(lease) {
        return Err(Cause::LeaseLost.into());
    }
    let lease = Lease {
        expires: expiry(write.now, by),
        ..lease.clone()
    };
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
    let Ownership {
        owner,
        fence,
        expires,
        sent_until,
        ..
    } = Ownership::read(session, run, "").await?;
    Ok(owner.zip(expires).map(|(owner, expires)| Lease {
        run,
        owner,
        fence,
        expires,
        sent_until,
    }))
}
