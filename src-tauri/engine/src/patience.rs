//! What a failed call allows, forward and back alike: another try after a wait, or none.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    failure::{Failure, Outcome},
    ports::{Clock, Random},
};
use jiff::SignedDuration;

use crate::backoff::pause;

/// How long calls may go on failing before the run goes on without them.
const PATIENCE: Duration = Duration::from_mins(5);

/// What may be done after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another try, after so long.
    Again(Duration),
    /// None: the vendor said no.
    Refused,
    /// None before there is another token.
    Unauthorized,
    /// None before a limit is lifted, by time or money.
    Quota,
    /// None for now: it has failed for too long.
    Enough,
}

/// The failures of one kind of call, since the last that was answered.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    failures: u32,
    /// Since when, by the clock that no change moves.
    since: Option<Duration>,
}

impl Patience {
    /// A call was answered.
    pub(crate) fn answered(&mut self) {
        *self = Self::default();
    }

    /// How many have failed in a row.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// A call failed, and what it did is no question: it did nothing, or doing it again is harmless.
    pub(crate) fn after(
        &mut self,
        failure: &Failure,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Next {
        if let Cause::QuotaExceeded { .. } = *failure.problem.cause {
            return Next::Quota;
        }
        match failure.outcome {
            Outcome::Refused => Next::Refused,
            Outcome::Unauthorized => Next::Unauthorized,
            Outcome::Throttled(until) => {
                let left = until.duration_since(clock.now());
                Next::Again(left.max(SignedDuration::ZERO).unsigned_abs())
            }
            Outcome::NotSent | Outcome::Unknown => {
                let now = clock.monotonic();
                let since = *self.since.get_or_insert(now);
                if now.saturating_sub(since) > PATIENCE {
                    return Next::Enough;
                }
                self.failures += 1;
                Next::Again(pause(self.failures, random))
            }
        }
    }
}
