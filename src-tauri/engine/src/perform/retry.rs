//! Trying again: what a failure allows, how long to wait first, and the journal's note of the wait.

use std::time::Duration;

use fabrik_domain::{
    Cause, Problem,
    event::Happening,
    failure::{Failure, Outcome},
    run::WaitReason,
};
use jiff::Timestamp;

use super::{End, Performance};
use crate::backoff::{LONGEST_PAUSE, pause};

/// How long calls that did nothing may go on failing before the run waits for somebody.
const PATIENCE: Duration = Duration::from_mins(5);

impl Performance<'_> {
    /// What came of a call that changes nothing: `None` after the wait for another try.
    pub(super) async fn read<T>(&mut self, result: Result<T, Failure>) -> Result<Option<T>, End> {
        match result {
            Ok(value) => {
                self.failed_reads = 0;
                self.reads_failing_since = None;
                self.stage.journal.flush().await.map_err(End::Broken)?;
                Ok(Some(value))
            }
            Err(Failure { outcome, problem }) => {
                self.retry_or_end(outcome, problem, false).await?;
                Ok(None)
            }
        }
    }

    /// After a failure that did nothing: waits for the next try, or ends the step. The wait is in the
    /// journal before it begins. `acted` says that it was a mutating call.
    pub(super) async fn retry_or_end(
        &mut self,
        outcome: Outcome,
        problem: Problem,
        acted: bool,
    ) -> Result<(), End> {
        if let Cause::QuotaExceeded { .. } = *problem.cause {
            return Err(End::Waiting(WaitReason::Quota, problem));
        }
        let wait = match outcome {
            Outcome::Refused => return Err(End::Failed(problem)),
            Outcome::Unauthorized => {
                return Err(End::Waiting(WaitReason::NeedsCredential, problem));
            }
            Outcome::Throttled(until) => until
                .duration_since(self.now())
                .max(jiff::SignedDuration::ZERO)
                .unsigned_abs(),
            // Without a network nothing is wrong with the step: it goes on when there is one again, or waits for
            // the owner.
            Outcome::NotSent | Outcome::Unknown => {
                let now = self.monotonic();
                let since = *self.reads_failing_since.get_or_insert(now);
                if now.saturating_sub(since) > PATIENCE {
                    return Err(End::Waiting(WaitReason::NotReadyYet, problem));
                }
                self.failed_reads += 1;
                pause(self.failed_reads, self.stage.engine.random.as_ref())
            }
        };
        let attempt = self.record.attempts + u32::from(acted);
        self.say(Happening::Retrying {
            problem: problem.clone(),
            in_ms: milliseconds(wait),
            attempt,
        });
        self.record.not_before = Some(later(self.now(), wait));
        self.record.error = Some(problem);
        self.stage
            .journal
            .step(&self.record)
            .await
            .map_err(End::Broken)?;
        self.pause(wait).await?;
        self.record.error = None;
        Ok(())
    }

    pub(super) fn monotonic(&self) -> Duration {
        self.stage.engine.clock.monotonic()
    }

    /// A retry that a restart cut off waits for the rest of its time.
    pub(super) async fn wait_for_retry(&mut self) -> Result<(), End> {
        if let Some(not_before) = self.record.not_before {
            let left = not_before.duration_since(self.now());
            let told = self.record.error.as_ref().map(|problem| &*problem.cause);
            // Only a vendor says to wait for long; a clock that was set back doesn't.
            let longest = match told {
                Some(Cause::Throttled { .. }) => Duration::MAX,
                _ => LONGEST_PAUSE,
            };
            if left.is_positive() {
                self.pause(left.unsigned_abs().min(longest)).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn pause(&self, duration: Duration) -> Result<(), End> {
        self.stage.journal.flush().await.map_err(End::Broken)?;
        tokio::select! {
            () = self.stage.halt.cancelled() => Err(End::Halted),
            () = self.stage.engine.clock.sleep(duration) => Ok(()),
        }
    }

    pub(super) fn halted(&self) -> Result<(), End> {
        if self.stage.halt.is_cancelled() {
            Err(End::Halted)
        } else {
            Ok(())
        }
    }
}

pub(crate) fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.saturating_add(jiff::SignedDuration::try_from(by).unwrap_or(jiff::SignedDuration::MAX))
        .unwrap_or(Timestamp::MAX)
}

pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
