//! After the call: what an answer, or none, leads to. An outcome that is not known is settled by looking.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    event::Happening,
    failure::{Failure, Outcome},
    resource::{Found as Existing, ResourceState},
    run::Phase,
};

use super::{End, Next, Performance, refuse};
use crate::{
    backoff::MOST_ATTEMPTS,
    lease::CALL,
    settling::Settling,
    span::milliseconds,
    step::{Found, Step},
};

/// What was seen is still what is there after so long a wait for a vendor's limit.
const FRESH: Duration = Duration::from_mins(1);

impl Performance<'_> {
    pub(super) async fn create_failed(
        &mut self,
        step: &dyn Step,
        failure: Failure,
    ) -> Result<Next, End> {
        if failure.outcome == Outcome::Unknown {
            self.record.failures += 1;
            self.say(Happening::Problem {
                problem: failure.problem.clone(),
            });
            self.record.error = Some(failure.problem);
            // The window runs from the end of the call, however long the way to it took.
            self.record.intended_at = Some(self.now());
            self.stage
                .journal
                .step(&self.record)
                .await
                .map_err(End::Broken)?;
            return Ok(Next::Settle);
        }
        if self.tried_before(step) {
            // This try did nothing. Whether the one before it did is as open as it was.
            self.retry_or_end(failure, true).await?;
            return Ok(Next::Settle);
        }
        // Nothing was done, so what is seen from now on is not of this call.
        self.record.phase = Phase::Untouched;
        self.record.intended_at = None;
        let seen = std::mem::replace(&mut self.record.evidence, self.seen_before.take());
        self.write(step, Some((&nothing(step), ResourceState::Removed)))
            .await?;
        let throttled = matches!(failure.outcome, Outcome::Throttled(_));
        let waited = self.retry_or_end(failure, true).await?;
        // The turn that was kept is for this call. A look that counts in the same limit would take it, and of
        // many customers none would ever come to its call.
        Ok(match seen {
            Some(seen) if throttled && waited <= FRESH => Next::Intend(seen),
            _ => Next::Find,
        })
    }

    /// Whether a try before this one may have been carried out all the same. Where a step waits less than a call can take,
    /// since repeating it is harmless, Absent has not settled that.
    fn tried_before(&self, step: &dyn Step) -> bool {
        self.seen_before.is_some()
            && (step.timing().settle < CALL || self.spec.kind.is_point_of_no_return())
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
        self.retry_or_end(failure, true).await?;
        Ok(Next::Intend(
            self.record.evidence.clone().unwrap_or_default(),
        ))
    }

    /// The call may have been made: looks until it is found, or the settle window has passed.
    pub(super) async fn settle(&mut self, step: &dyn Step) -> Result<Next, End> {
        let clock = self.stage.engine.clock.as_ref();
        let sent = self.record.intended_at.unwrap_or_else(|| self.now());
        let mut settling = Settling::begin(clock, sent, step.timing().settle);
        self.say(Happening::Settling {
            at_most_ms: milliseconds(settling.left()),
        });
        loop {
            let began = self.monotonic();
            match self.look(step).await? {
                Found::Alone(_) if !settling.tells(began) => {
                    self.pause(settling.pause()).await?;
                }
                Found::Ours(existing) | Found::Alone(existing) => {
                    self.record.resource = Some(existing);
                    return self.created(step).await;
                }
                Found::Satisfied => return self.created(step).await,
                Found::Absent { evidence } if settling.tells(began) => {
                    if self.record.failures >= MOST_ATTEMPTS {
                        let problem = self.record.error.clone().unwrap_or_else(|| {
                            Cause::TimedOut {
                                operation: self.spec.kind.key().to_owned(),
                                reads: false,
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
                Found::Absent { .. } => self.pause(settling.pause()).await?,
                other => return Err(refuse(step, other)),
            }
        }
    }

    /// Writes the vendor's id as soon as it is known. An effect has none: that it was brought about is written with
    /// what comes next, and a restart before that finds it, or repeats it.
    pub(super) async fn created(&mut self, step: &dyn Step) -> Result<Next, End> {
        self.record.phase = Phase::Created;
        self.record.failures = 0;
        self.record.error = None;
        self.acts.answered();
        if let Some(existing) = self.record.resource.clone() {
            self.say(Happening::Created {
                id: existing.id.clone(),
                url: existing.url.clone(),
            });
            self.write(step, Some((&existing, ResourceState::Live)))
                .await?;
        } else if step.resource_kind().is_none() {
            self.unwritten = true;
        } else {
            // The effect is there, and nothing that has an id: what was asked for is written off.
            self.write(step, Some((&nothing(step), ResourceState::Removed)))
                .await?;
        }
        Ok(Next::Await)
    }
}

/// What a call is asked for, or made that made nothing: a name without an id.
pub(super) fn nothing(step: &dyn Step) -> Existing {
    Existing {
        id: String::new(),
        name: step.name(),
        url: None,
        content_hash: None,
    }
}
