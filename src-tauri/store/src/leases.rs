//! Who owns a run, one process at a time, and what follows of it, whichever database keeps it. The time is the database's.

use std::time::Duration;

use fabrik_domain::{
    Cause, Problem,
    event::{Happening, RunEvent},
    id::{CustomerId, RunId},
    run::RunState,
};
use jiff::{SignedDuration, Timestamp};

use crate::{Gone, Lease, RunChange, value::kept};

/// What a run's row says of its owner.
pub(crate) struct Ownership {
    pub(crate) run: RunId,
    pub(crate) customer: CustomerId,
    pub(crate) state: RunState,
    pub(crate) owner: Option<String>,
    pub(crate) fence: i64,
    pub(crate) expires: Option<Timestamp>,
    /// Until when owners before this one may have sent calls.
    pub(crate) sent_until: Option<Timestamp>,
}

impl Ownership {
    /// Until when calls may have been sent that the journal doesn't tell of, where the owner is not asked any more.
    pub(crate) fn late(&self, gone: Gone<'_>, now: Timestamp) -> Option<Timestamp> {
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

    /// Whether the lease is the owner's.
    pub(crate) fn is(&self, lease: &Lease) -> bool {
        self.fence == lease.fence && self.owner.as_deref() == Some(&lease.owner)
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires <= now)
    }

    /// Lets only the holder of a valid lease pass, and says whose run it is.
    pub(crate) fn held_by(&self, lease: &Lease, now: Timestamp) -> Result<CustomerId, Problem> {
        if self.is(lease) && !self.has_expired(now) {
            Ok(self.customer)
        } else {
            Err(Cause::LeaseLost.into())
        }
    }

    /// Refuses a run that has ended for good, or that somebody holds.
    pub(crate) fn assert_free(&self, gone: Gone<'_>, now: Timestamp) -> Result<(), Problem> {
        let run = self.run;
        if !self.state.can_roll_back() {
            return Err(Cause::RunEnded { run }.into());
        }
        let held = self.owner.is_some() && !self.has_expired(now);
        if held && gone.dead != self.owner.as_deref() {
            return Err(Cause::RunOwned { run }.into());
        }
        Ok(())
    }

    /// The lease of the owner after this one.
    pub(crate) fn taken_over(
        &self,
        owner: String,
        length: Duration,
        gone: Gone<'_>,
        now: Timestamp,
    ) -> Lease {
        Lease {
            run: self.run,
            owner,
            fence: self.fence + 1,
            expires: expiry(now, length),
            sent_until: self.late(gone, now),
        }
    }

    /// Whether its state says that it is driven, and whoever was seen to have it has it still.
    pub(crate) fn is_driven_as(&self, seen: Option<&Lease>) -> bool {
        let as_seen = match seen {
            Some(lease) => self.is(lease) && self.expires == Some(lease.expires),
            None => self.owner.is_none(),
        };
        as_seen && self.state.is_driven()
    }

    /// The lease for so long from now; one that has expired too, as long as nobody took it.
    pub(crate) fn kept_for(
        &self,
        lease: &Lease,
        length: Duration,
        now: Timestamp,
    ) -> Result<Lease, Problem> {
        if !self.is(lease) {
            return Err(Cause::LeaseLost.into());
        }
        Ok(Lease {
            expires: expiry(now, length),
            ..lease.clone()
        })
    }

    /// Who has the run, expired or not.
    pub(crate) fn lease(self) -> Option<Lease> {
        let held = self.owner.zip(self.expires);
        held.map(|(owner, expires)| Lease {
            run: self.run,
            owner,
            fence: self.fence,
            expires,
            sent_until: self.sent_until,
        })
    }
}

/// When a lease given now ends.
pub(crate) fn expiry(now: Timestamp, length: Duration) -> Timestamp {
    let end = SignedDuration::try_from(length)
        .ok()
        .and_then(|length| now.checked_add(length).ok());
    end.map_or(now, kept)
}

/// What an interruption makes of the run's row, which keeps its error, and the event that tells of it.
pub(crate) fn interruption(
    run: RunId,
    error: Option<Problem>,
    last_event: i64,
    at: Timestamp,
) -> (RunChange, RunEvent) {
    let state = RunState::Interrupted;
    let change = RunChange {
        state,
        reason: None,
        error,
        finished_at: None,
        undo_began_at: None,
    };
    let told = RunEvent {
        run,
        number: last_event + 1,
        at,
        step: None,
        what: Happening::Run {
            state,
            reason: None,
        },
    };
    (change, told)
}
