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
    /// With those that a vendor put off.
    tries: u32,
    failures: u32,
    /// Since when, by the clock that no change moves.
    since: Option<Duration>,
}

impl Patience {
    /// A call was answered.
    pub(crate) fn answered(&mut self) {
        *self = Self::default();
    }

    /// Which try comes next, the first being 1.
    pub(crate) const fn next_try(&self) -> u32 {
        self.tries + 1
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
        self.tries += 1;
        match failure.outcome {
            Outcome::Refused => Next::Refused,
            Outcome::Unauthorized => Next::Unauthorized,
            Outcome::Throttled(until) => {
                let left = until.duration_since(clock.now());
                let left = left.max(SignedDuration::ZERO).unsigned_abs();
                // For how long the vendor wants to be left alone is no failing.
                self.since = self.since.map(|since| since.saturating_add(left));
                Next::Again(left)
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use jiff::Timestamp;

    use super::*;

    /// So many seconds after the beginning.
    struct At(u32);

    #[async_trait]
    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH + self.monotonic()
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.into())
        }

        async fn sleep(&self, _: Duration) {}
    }

    impl Random for At {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn for_how_long_a_vendor_wants_to_be_left_alone_is_no_failing() {
        let mut patience = Patience::default();
        let mut after = |seconds, outcome| {
            let failure = Failure {
                outcome,
                ..Failure::refused(Cause::Internal)
            };
            patience.after(&failure, &At(seconds), &At(seconds))
        };
        assert!(matches!(after(0, Outcome::Unknown), Next::Again(_)));
        let until = At(1200).now();
        let wait = Duration::from_secs(1199);
        assert_eq!(after(1, Outcome::Throttled(until)), Next::Again(wait));
        assert!(matches!(after(1200, Outcome::Unknown), Next::Again(_)));
        assert!(matches!(after(1499, Outcome::Unknown), Next::Again(_)));
        assert_eq!(after(1500, Outcome::Unknown), Next::Enough);
        // It is a try all the same.
        assert_eq!(patience.next_try(), 6);
        patience.answered();
        assert_eq!(patience.next_try(), 1);
    }

    #[test]
    fn limits_in_between_make_no_failing_endless() {
        let mut patience = Patience::default();
        let enough = (0..1_000_u32).find(|second| {
            let outcome = match second % 2 {
                0 => Outcome::Unknown,
                _ => Outcome::Throttled(At(second + 1).now()),
            };
            let failure = Failure {
                outcome,
                ..Failure::refused(Cause::Internal)
            };
            patience.after(&failure, &At(*second), &At(*second)) == Next::Enough
        });
        // A second in two was waited for as it was told.
        assert_eq!(enough, Some(602));
    }
}
