//! Waiting until what was made can be used, and writing what it hands on.

use std::time::Duration;

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Happening,
    failure::{Failure, Outcome},
    resource::ResourceState,
    run::{Outputs, Phase, StepState, WaitReason},
};

use super::{End, Performance, entry::instance, known_of};
use crate::{
    span::milliseconds,
    step::{Readiness, Step},
};

impl Performance<'_> {
    /// Polls until it is ready, and writes the outputs.
    pub(super) async fn await_ready(&mut self, step: &dyn Step) -> Result<(), End> {
        let timing = step.timing();
        let ceiling = step.ceiling(self.stage.snapshot);
        let begun = self.monotonic();
        // While the vendor wants to be left alone nobody can see whether it is ready: that is not waited for it.
        let mut left_alone = Duration::ZERO;
        let mut shown = None;
        loop {
            self.halted()?;
            let asked_at = self.monotonic();
            let asked = {
                let known = known_of(self.stage.known, self.spec, step);
                let log = |what| self.say(what);
                step.await_ready(&self.context(&known, &log), self.record.resource.as_ref())
                    .await
            };
            let throttled = matches!(
                &asked,
                Err(Failure {
                    outcome: Outcome::Throttled(_),
                    ..
                })
            );
            let answered_at = self.monotonic();
            let Some(readiness) = self.read(asked).await? else {
                if throttled {
                    left_alone += self.monotonic().saturating_sub(answered_at);
                }
                continue;
            };
            match readiness {
                Readiness::Ready(outputs) => return self.ready(step, outputs, None).await,
                Readiness::Deferred { outputs, why } => {
                    return self.ready(step, outputs, Some(why)).await;
                }
                Readiness::Failed(problem) => {
                    // It will never be ready: a resume looks anew, and makes another where `find` passes it over.
                    self.record.phase = Phase::Untouched;
                    self.record.intended_at = None;
                    return Err(End::Failed(problem));
                }
                Readiness::NotYet { status } => {
                    let waited = self.monotonic().saturating_sub(begun);
                    if waited.saturating_sub(left_alone) > ceiling {
                        let problem = Problem::from(Cause::NotReadyYet {
                            name: step.name(),
                            ceiling: ceiling.as_secs(),
                        });
                        return Err(End::Waiting(
                            WaitReason::NotReadyYet,
                            problem.detail(status),
                        ));
                    }
                    if std::mem::take(&mut self.unwritten) {
                        self.write(step, None).await?;
                    }
                    // The same word again is no news.
                    if shown.as_ref() != Some(&status) {
                        let again_in_ms = milliseconds(pace(timing.usual, Duration::ZERO));
                        self.say(Happening::NotYet {
                            status: status.clone(),
                            again_in_ms,
                        });
                        shown = Some(status);
                    }
                }
            }
            // From question to question, so that the vendor's own latency is not waited twice.
            let now = self.monotonic();
            let asking = now.saturating_sub(asked_at);
            let pace = pace(timing.usual, now.saturating_sub(begun));
            self.pause(pace.saturating_sub(asking)).await?;
        }
    }

    /// Writes the outputs. `deferred` is what is waited for without holding the run.
    async fn ready(
        &mut self,
        step: &dyn Step,
        outputs: Outputs,
        deferred: Option<Problem>,
    ) -> Result<(), End> {
        // Evidence is written before a call that makes something, and only then.
        self.record.state = match (&deferred, &self.record.evidence, &self.record.resource) {
            (Some(_), _, _) => StepState::Deferred,
            (None, Some(_), _) => StepState::Done,
            (None, None, Some(_)) => StepState::Adopted,
            (None, None, None) => StepState::Skipped,
        };
        if let Some(problem) = &deferred {
            self.say(Happening::Problem {
                problem: problem.clone(),
            });
        }
        self.record.error = deferred;
        self.record.phase = Phase::Ready;
        self.record.finished_at = Some(self.now());
        self.record.not_before = None;
        self.say(Happening::Step {
            state: self.record.state,
        });
        let customer = (self.spec.kind == StepKind::Finalize).then(|| instance(&outputs));
        self.record.outputs = outputs;
        let existing = self.record.resource.clone();
        let mut entry = self.entry(
            step,
            existing.as_ref().map(|found| (found, ResourceState::Live)),
        );
        entry.customer = customer;
        self.stage.journal.write(entry).await.map_err(End::Broken)
    }
}

/// How often readiness is asked for, after a wait of `waited`: every 2 s or 5 % of the usual time, whichever
/// is shorter, and twice as often around the time when it is expected.
fn pace(usual: Duration, waited: Duration) -> Duration {
    let interval = usual
        .mul_f64(0.05)
        .clamp(Duration::from_millis(100), Duration::from_secs(2));
    let expected = usual.mul_f64(0.6)..usual.mul_f64(1.4);
    if expected.contains(&waited) {
        interval / 2
    } else {
        interval
    }
}
