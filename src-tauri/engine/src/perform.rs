//! One step, from wherever the journal says it stands to its end: find before create, the intent written
//! before the call, an unknown outcome settled by looking, readiness awaited.

mod entry;
mod readiness;
mod retry;

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepSpec,
    event::Happening,
    failure::{Failure, Outcome},
    id::ResourceId,
    resource::{Found as Existing, Resource, ResourceState},
    run::{Outputs, Phase, Snapshot, StepRecord, StepState, WaitReason},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use self::retry::{later, milliseconds};
use crate::{
    Engine,
    backoff::MOST_ATTEMPTS,
    journal::Journal,
    lease::LEASE,
    step::{Created, Found, Inputs, Step, StepFactory},
};

/// How a step's performance ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Its outputs are there.
    Complete,
    /// For good.
    Failed(Problem),
    /// Until somebody or something outside acts.
    Waiting(WaitReason, Problem),
    /// It was asked to stop, between two calls.
    Halted,
    /// The journal can't be written, so nothing more may be done.
    Broken(Problem),
}

/// What a step is performed with.
pub(crate) struct Stage<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) factory: &'a dyn StepFactory,
    pub(crate) journal: &'a Journal<'a>,
    pub(crate) snapshot: &'a Snapshot,
    /// The customer's resources when the run was taken on.
    pub(crate) known: &'a [Resource],
    pub(crate) halt: &'a CancellationToken,
}

/// What comes next. The journal's [`Phase`] says where a restart begins.
enum Next {
    Find,
    Intend(Value),
    Settle,
    Await,
}

impl Stage<'_> {
    /// Performs a step; `outputs` are those of the steps it needs. Gives back its row as last written.
    pub(crate) async fn perform(
        &self,
        spec: &StepSpec,
        record: StepRecord,
        outputs: BTreeMap<String, Outputs>,
    ) -> (StepRecord, End) {
        let key = self
            .known
            .iter()
            .find(|row| row.run == self.journal.lease().run && row.step == spec.id)
            .map_or_else(ResourceId::new, |row| row.key);
        // Tries of a retry that a restart cut off go on counting; a resume after a failure begins anew.
        let failed_creates = if record.not_before.is_some() {
            record.attempts
        } else {
            0
        };
        let mut performance = Performance {
            stage: self,
            spec,
            record,
            key,
            failed_creates,
            failed_reads: 0,
        };
        let end = match performance.run(&outputs).await {
            Ok(()) => End::Complete,
            Err(end) => end,
        };
        let end = performance.note(end).await;
        (performance.record, end)
    }
}

/// The customer's live resources of the kind that `step` makes, the newest first.
pub(crate) fn known_of(all: &[Resource], step: &dyn Step) -> Vec<Resource> {
    let kind = step.resource_kind();
    all.iter()
        .rev()
        .filter(|row| Some(row.kind) == kind && row.state == ResourceState::Live)
        .cloned()
        .collect()
}

struct Performance<'a> {
    stage: &'a Stage<'a>,
    spec: &'a StepSpec,
    record: StepRecord,
    /// The key of the step's row in `resources`.
    key: ResourceId,
    /// Failures of the mutating call.
    failed_creates: u32,
    /// Failures in a row of calls that change nothing.
    failed_reads: u32,
}

impl Performance<'_> {
    async fn run(&mut self, outputs: &BTreeMap<String, Outputs>) -> Result<(), End> {
        self.wait_for_retry().await?;
        self.record.state = StepState::Running;
        self.record.started_at = self.record.started_at.or(Some(self.now()));
        self.record.finished_at = None;
        self.record.error = None;
        self.say(Happening::Step {
            state: StepState::Running,
        });

        let inputs = Inputs {
            snapshot: self.stage.snapshot,
            outputs,
            planning: false,
        };
        let (factory, spec) = (self.stage.factory, self.spec);
        if self.record.revision != factory.revision(spec) {
            let problem = Cause::StepChanged {
                step: spec.id.clone(),
            }
            .into();
            return Err(End::Waiting(WaitReason::NeedsDecision, problem));
        }
        let step = loop {
            self.halted()?;
            let built = factory.build(spec, inputs).await;
            if let Some(step) = self.read(built).await? {
                break step;
            }
        };
        let step = step.as_ref();

        let mut next = match self.record.phase {
            Phase::Untouched => Next::Find,
            Phase::Intended => Next::Settle,
            Phase::Created => Next::Await,
            Phase::Ready => return Ok(()),
        };
        loop {
            next = match next {
                Next::Find => self.find(step).await?,
                Next::Intend(evidence) => self.create(step, evidence).await?,
                Next::Settle => self.settle(step).await?,
                Next::Await => return self.await_ready(step).await,
            };
        }
    }

    /// Looks for what is there already.
    async fn find(&mut self, step: &dyn Step) -> Result<Next, End> {
        self.say(Happening::Looking { name: step.name() });
        let found = self.look(step).await?;
        match found {
            Found::Absent { evidence } => Ok(Next::Intend(evidence)),
            Found::Ours(existing) => {
                self.say(Happening::Adopted {
                    id: existing.id.clone(),
                    url: existing.url.clone(),
                });
                self.record.resource = Some(existing);
                Ok(Next::Await)
            }
            Found::Satisfied => Ok(Next::Await),
            other => Err(refuse(step, other)),
        }
    }

    /// Writes the intent, then makes the call.
    async fn create(&mut self, step: &dyn Step, evidence: Value) -> Result<Next, End> {
        self.halted()?;
        // A journal keeps null as nothing, and evidence that is there is how a restart knows its own act.
        self.record.evidence = Some(if evidence.is_null() {
            Value::Bool(true)
        } else {
            evidence
        });
        self.record.phase = Phase::Intended;
        self.record.attempts += 1;
        self.record.intended_at = Some(self.now());
        self.record.not_before = None;
        self.say(Happening::Creating { name: step.name() });
        // The lease must outlast the call: a process that slept past it may not make it.
        self.stage.journal.renew(LEASE).await.map_err(End::Broken)?;
        let intended = Existing {
            id: String::new(),
            name: step.name(),
            url: None,
            content_hash: None,
        };
        self.write(step, Some((&intended, ResourceState::Intended)))
            .await?;

        let known = known_of(self.stage.known, step);
        let log = |what| self.say(what);
        let result = step.create(&self.context(&known, &log)).await;
        match result {
            Ok(created) => {
                self.record.resource = match created {
                    Created::Resource(existing) => Some(existing),
                    Created::Effect => None,
                };
                self.created(step).await
            }
            Err(failure) => self.create_failed(step, failure).await,
        }
    }

    async fn create_failed(&mut self, step: &dyn Step, failure: Failure) -> Result<Next, End> {
        let Failure { outcome, problem } = failure;
        if outcome == Outcome::Unknown {
            self.failed_creates += 1;
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
        // Nothing was done: a restart may look and try anew.
        self.record.phase = Phase::Untouched;
        self.record.intended_at = None;
        let refused = Existing {
            id: String::new(),
            name: step.name(),
            url: None,
            content_hash: None,
        };
        self.write(step, Some((&refused, ResourceState::Removed)))
            .await?;
        self.retry_or_end(outcome, problem, true).await?;
        Ok(Next::Find)
    }

    /// The call may have been made: looks until it is found, or the settle window has passed.
    async fn settle(&mut self, step: &dyn Step) -> Result<Next, End> {
        let window = step.timing().settle;
        let intended = self.record.intended_at.unwrap_or_else(|| self.now());
        let until = later(intended, window);
        let left = until.duration_since(self.now()).unsigned_abs().min(window);
        self.say(Happening::Settling {
            at_most_ms: milliseconds(left),
        });
        let mut interval = Duration::from_millis(250);
        loop {
            // A look that began within the window says nothing of what was done during it.
            let began = self.now();
            match self.look(step).await? {
                Found::Ours(existing) => {
                    self.record.resource = Some(existing);
                    return self.created(step).await;
                }
                Found::Satisfied => return self.created(step).await,
                Found::Absent { evidence } if began >= until => {
                    if self.failed_creates >= MOST_ATTEMPTS {
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

    /// Writes the vendor's id as soon as it is known.
    async fn created(&mut self, step: &dyn Step) -> Result<Next, End> {
        self.record.phase = Phase::Created;
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

    /// Notes how it ended, where that is not written yet.
    async fn note(&mut self, end: End) -> End {
        match &end {
            End::Complete | End::Broken(_) => return end,
            End::Failed(problem) => {
                self.record.state = StepState::Failed;
                self.record.finished_at = Some(self.now());
                self.record.error = Some(problem.clone());
                self.record.not_before = None;
                self.say(Happening::Problem {
                    problem: problem.clone(),
                });
                self.say(Happening::Step {
                    state: StepState::Failed,
                });
            }
            End::Waiting(_, problem) => {
                self.record.state = StepState::Pending;
                self.record.error = Some(problem.clone());
                self.record.not_before = None;
                self.say(Happening::Problem {
                    problem: problem.clone(),
                });
                self.say(Happening::Step {
                    state: StepState::Pending,
                });
            }
            End::Halted => {
                self.record.state = StepState::Pending;
                self.say(Happening::Step {
                    state: StepState::Pending,
                });
            }
        }
        match self.stage.journal.step(&self.record).await {
            Ok(()) => end,
            Err(problem) => End::Broken(problem),
        }
    }

    async fn look(&mut self, step: &dyn Step) -> Result<Found, End> {
        loop {
            self.halted()?;
            let found = {
                let known = known_of(self.stage.known, step);
                let log = |what| self.say(what);
                step.find(&self.context(&known, &log)).await
            };
            if let Some(found) = self.read(found).await? {
                return Ok(found);
            }
        }
    }
}

/// What can't be taken as ours.
fn refuse(step: &dyn Step, found: Found) -> End {
    match found {
        Found::Ambiguous(candidates) => {
            let candidates = candidates.into_iter().map(|found| found.id).collect();
            End::Waiting(
                WaitReason::NeedsDecision,
                Cause::Ambiguous {
                    name: step.name(),
                    candidates,
                }
                .into(),
            )
        }
        Found::CannotSee(problem) => End::Waiting(WaitReason::NeedsCredential, problem),
        Found::Foreign(problem) => End::Failed(problem),
        Found::Absent { .. } | Found::Ours(_) | Found::Satisfied => {
            End::Failed(Cause::Internal.into())
        }
    }
}
