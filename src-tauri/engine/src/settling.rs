//! How an outcome that is not known is settled, forward and back alike: by looking, until a look that began after
//! the window finds nothing. A call is not repeated before that: the first may still come true. The window is counted
//! by the time that no change of the wall clock moves.

use std::time::Duration;

use fabrik_domain::{
    ports::Clock,
    run::{Phase, StepRecord},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    lease::{CALL, LEASE},
    span::later,
};

/// How late the vendors' lists may be, where a step says nothing of it.
const LAG: Duration = Duration::from_secs(15);

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The looks at one outcome.
pub(crate) struct Settling {
    left: Duration,
    until: Duration,
    pause: Duration,
}

impl Settling {
    /// Begins to look. `sent` is the last instant at which the call may have been sent.
    pub(crate) fn begin(clock: &dyn Clock, sent: Timestamp, window: Duration) -> Self {
        let left = later(sent, window)
            .duration_since(clock.now())
            .max(SignedDuration::ZERO)
            .unsigned_abs()
            // A wall clock that was set back must not hold the run for a day.
            .min(window + LEASE + CALL);
        Self {
            left,
            until: clock.monotonic() + left,
            pause: FIRST_PAUSE,
        }
    }

    /// How long it takes at most.
    pub(crate) const fn left(&self) -> Duration {
        self.left
    }

    /// Whether a look that found nothing tells that nothing was made. One that began within the window says
    /// nothing of what was done during it.
    pub(crate) fn tells(&self, began: Duration) -> bool {
        began >= self.until
    }

    /// How long to wait before the next look.
    pub(crate) fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}

/// The window of a step that goes back. Forward, a step whose call may be repeated has nothing to wait out. What
/// comes true after it was undone is nobody's, so then each waits as long as a call and a list can take.
pub(crate) fn window_back(settle: Duration) -> Duration {
    settle.max(CALL + LAG)
}

/// The steps whose calls a process that is gone may have sent later than the journal says, with what is known
/// now: written with the run's first entry, it holds whoever settles them, and however often that is cut off.
pub(crate) fn handed_over(
    records: &[StepRecord],
    sent_until: Option<Timestamp>,
) -> Vec<StepRecord> {
    let Some(until) = sent_until else {
        return Vec::new();
    };
    records
        .iter()
        .filter(|record| {
            record.phase == Phase::Intended && record.intended_at.is_none_or(|at| at < until)
        })
        .cloned()
        .map(|record| StepRecord {
            intended_at: Some(until),
            ..record
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;

    /// Wall time and the time that nothing moves, each as it is set.
    struct Clocks(Mutex<(i64, u64)>);

    #[async_trait]
    impl Clock for Clocks {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.lock().unwrap().0).unwrap()
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.lock().unwrap().1)
        }

        async fn sleep(&self, _: Duration) {}
    }

    const WINDOW: Duration = Duration::from_secs(45);

    #[test]
    fn a_wall_clock_that_is_moved_neither_ends_nor_holds_the_window() {
        let clocks = Clocks(Mutex::new((1_000_000, 5)));
        let sent = clocks.now();
        let settling = Settling::begin(&clocks, sent, WINDOW);
        assert_eq!(settling.left(), WINDOW);
        for moved in [-86_400, 3_600, 86_400] {
            *clocks.0.lock().unwrap() = (1_000_000 + moved, 5 + 44);
            assert!(
                !settling.tells(clocks.monotonic()),
                "moved by {moved} s, the window is still open"
            );
            *clocks.0.lock().unwrap() = (1_000_000 + moved, 5 + 45);
            assert!(settling.tells(clocks.monotonic()), "moved by {moved} s");
        }
        *clocks.0.lock().unwrap() = (1_000_000 - 86_400, 5);
        let set_back = Settling::begin(&clocks, sent, WINDOW);
        assert!(
            set_back.left() <= WINDOW + LEASE + CALL,
            "not a day: {:?}",
            set_back.left()
        );
    }

    #[test]
    fn going_back_every_step_waits_for_what_may_come_late() {
        assert_eq!(window_back(Duration::ZERO), CALL + LAG);
        assert_eq!(window_back(Duration::from_mins(1)), Duration::from_mins(1));
    }
}
