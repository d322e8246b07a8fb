//! How long a plan waits for vendors that want to be left alone.

use std::time::Duration;

use fabrik_domain::{
    failure::{Failure, Outcome},
    gate::RETRIED_WITHIN,
};

use super::Look;
use crate::backoff::pause;

/// The longest that a plan waits for a vendor at a time. A turn within a minute's limit comes sooner; what is
/// longer is an hour's limit or an outage, and is told to whoever waits for the plan.
const PATIENCE: Duration = Duration::from_mins(2);

// Of a vendor that is tried again by then a plan would tell an outage.
const _: () = assert!(RETRIED_WITHIN.as_secs() < PATIENCE.as_secs());

/// The longest that one question of a plan waits in all. Where many are planned together their turns come one by
/// one.
const ALL_PATIENCE: Duration = Duration::from_mins(5);

impl Look<'_> {
    /// How long to wait before asking again, where the vendor or the gates ask for that: many customers that are
    /// planned together meet a limit that none of them is to blame for. `since` is when it was so first.
    pub(super) fn throttled<T>(
        &self,
        asked: &Result<T, Failure>,
        since: &mut Option<Duration>,
    ) -> Option<Duration> {
        let Err(Failure {
            outcome: Outcome::Throttled(until),
            ..
        }) = asked
        else {
            return None;
        };
        let now = self.engine.clock.monotonic();
        let waited = now.saturating_sub(*since.get_or_insert(now));
        let left = until.duration_since(self.engine.clock.now());
        let left = left.max(jiff::SignedDuration::ZERO).unsigned_abs();
        // A turn that is kept lapses a few seconds later: no longer pause on top, however often.
        (left <= PATIENCE && waited <= ALL_PATIENCE)
            .then(|| left + pause(1, self.engine.random.as_ref()))
    }
}
