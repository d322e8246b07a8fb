//! Trying again: what a failure allows, and the journal's note of the wait.

use std::time::Duration;

use fabrik_domain::{Cause, event::Happening, failure::Failure, run::WaitReason};

use super::{End, Performance};
use crate::{
    backoff::LONGEST_PAUSE,
    patience::Next,
    span::{later, milliseconds},
};

impl Performance<'_> {
    /// What came of a call that changes nothing: `None` after the wait for another try.
    pub(super) async fn read<T>(&mut self, result: Result<T, Failure>) -> Result<Option<T>, End> {
        match result {
            Ok(value) => {
                self.reads.answered();
                Ok(Some(value))
            }
            Err(failure) => {
                self.retry_or_end(failure, false).await?;
                Ok(None)
            }
        }
    }

    /// After a failure that did nothing: waits for the next try, or ends the step. The wait is in the
    /// journal before it begins. `acted` says that it was a mutating call. Gives how long it waited.
    pub(super) async fn retry_or_end(
        &mut self,
        failure: Failure,
        acted: bool,
    ) -> Result<Duration, End> {
        let engine = self.stage.engine;
        let patience = if acted {
            &mut self.acts
        } else {
            &mut self.reads
        };
        let next = patience.after(&failure, engine.clock.as_ref(), engine.random.as_ref());
        let attempt = if acted {
            self.record.attempts + 1
        } else {
            patience.next_try()
        };
        let problem = failure.problem;
        let wait = match next {
            Next::Again(wait) => wait,
            Next::Refused => return Err(End::Failed(problem)),
            Next::Unauthorized => return Err(End::Waiting(WaitReason::NeedsCredential, problem)),
            Next::Quota => return Err(End::Waiting(WaitReason::Quota, problem)),
            // Without a network nothing is wrong with the step: it goes on when there is one again, or waits for
            // the owner.
            Next::Enough => return Err(End::Waiting(WaitReason::NotReadyYet, problem)),
        };
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
        Ok(wait)
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
        let paused = self.stage.journal.pause(duration, self.stage.halt).await;
        if paused.map_err(End::Broken)? {
            Ok(())
        } else {
            Err(End::Halted)
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
