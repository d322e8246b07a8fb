//! After the call: what an answer, or none, leads to. An outcome that is not known is settled by looking.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    event::Happening,
    failure::{Failure, Outcome},
    resource::{Found as Existing, ResourceState},
    run::Phase,
};

use super::{
    End, Next, Performance, nothing_yet, refuse,
    retry::{later, milliseconds},
};
use crate::{
    backoff::MOST_ATTEMPTS,
    lease::{CALL, LEASE},
    step::{Found, Step},
};

impl Performance<'_> {
    pub(super) async fn create_failed(
        &mut self,
        step: &dyn Step,
        failure: Failure,
    ) -> Result<Next, End> {
        let Failure { outcome, problem } = failure;
        if outcome == Outcome::Unknown {
            self.record.failures += 1;
            self.say(Happening::Problem {
                problem: problem.clone(),
            });
            self.record.error = Some(problem);
            // The window runs from the end of the call, however long the way to it took.
            self.record.intended_at = Some(self.now());
            self.stage
                .journal
                .step(&self.record)
                .await
                .map_err(End::Broken)?;
            return Ok(Next::Settle);
        }
        // Nothing was done, so what is seen from now on is not of this call.
        self.record.phase = Phase::Untouched;
        self.record.intended_at = None;
        self.record.evidence = self.seen_before.take();
        self.write(step, Some((&nothing_yet(step), ResourceState::Removed)))
            .await?;
        self.retry_or_end(outcome, problem, true).await?;
        Ok(Next::Find)
    }

    /// Of several calls some were made: what is there is written with its id, so that it is told and an undo
    /// takes it away. The intent stays, and with it what was there before: the next try goes on.
    pub(super) async fn partly_created(
        &mut self,
        step: &dyn Step,
        existing: Existing,
        failure: Failure,
    ) -> Result<Next, End> {
        self.say(Happening::Created {
            id: existing.id.clone(),
            url: existing.url.clone(),
        });
        self.record.resource = Some(existing.clone());
        self.write(step, Some((&existing, ResourceState::Live)))
            .await?;
        if failure.outcome == Outcome::Unknown {
            return self.create_failed(step, failure).await;
        }
        self.retry_or_end(failure.outcome, failure.problem, true)
            .await?;
        Ok(Next::Intend(
            self.record.evidence.clone().unwrap_or_default(),
        ))
    }

    /// The call may have been made: looks until it is found, or the settle window has passed.
    pub(super) async fn settle(&mut self, step: &dyn Step) -> Result<Next, End> {
        let left = self.settle_window(step);
        self.say(Happening::Settling {
            at_most_ms: milliseconds(left),
        });
        // Counted by the time that no change of the wall clock moves.
        let until = self.monotonic() + left;
        let mut interval = Duration::from_millis(250);
        loop {
            // A look that began within the window says nothing of what was done during it.
            let began = self.monotonic();
            match self.look(step).await? {
                Found::Ours(existing) => {
                    self.record.resource = Some(existing);
                    return self.created(step).await;
                }
                Found::Satisfied => return self.created(step).await,
                Found::Absent { evidence } if began >= until => {
                    if self.record.failures >= MOST_ATTEMPTS {
                        let problem = self.record.error.clone().unwrap_or_else(|| {
                            Cause::TimedOut {
                                operation: self.spec.kind.key().to_owned(),
                            }
                            .into()
                        });
                        return Err(End::Failed(problem));
                    }
                    // What was there before the first try stays the measure of what is new.
                    return Ok(Next::Intend(
                        self.record.evidence.clone().unwrap_or(evidence),
                    ));
                }
                Found::Absent { .. } => {
                    self.pause(interval).await?;
                    interval = (interval * 2).min(Duration::from_secs(2));
                }
                other => return Err(refuse(step, other)),
            }
        }
    }

    /// How long Absent does not count yet: the step's window, from the last instant at which the call may have
    /// been sent.
    fn settle_window(&self, step: &dyn Step) -> Duration {
        let now = self.now();
        let mut sent = self.record.intended_at.unwrap_or(now);
        if self.handed_over
            && let Some(until) = self.stage.sent_until
        {
            sent = sent.max(until);
        }
        later(sent, step.timing().settle)
            .duration_since(now)
            .max(jiff::SignedDuration::ZERO)
            .unsigned_abs()
            // A wall clock that was set back must not hold the run for a day.
            .min(step.timing().settle + LEASE + CALL)
    }

    /// Writes the vendor's id as soon as it is known.
    pub(super) async fn created(&mut self, step: &dyn Step) -> Result<Next, End> {
        self.record.phase = Phase::Created;
        self.record.failures = 0;
        self.record.error = None;
        if let Some(existing) = self.record.resource.clone() {
            self.say(Happening::Created {
                id: existing.id.clone(),
                url: existing.url.clone(),
            });
            self.write(step, Some((&existing, ResourceState::Live)))
                .await?;
        } else {
            self.write(step, None).await?;
        }
        Ok(Next::Await)
    }
}
