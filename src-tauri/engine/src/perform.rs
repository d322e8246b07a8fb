//! One step, from wherever the journal says it stands to its end: find before create, the intent written
//! before the call, an unknown outcome settled by looking, readiness awaited.

mod entry;
mod readiness;
mod retry;
mod settle;

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepSpec,
    event::Happening,
    id::ResourceId,
    resource::{Resource, ResourceState},
    run::{Outputs, Phase, Snapshot, StepRecord, StepState, WaitReason},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use self::settle::nothing;
use crate::{
    Engine,
    journal::Journal,
    patience::Patience,
    step::{Created, Found, Inputs, Occasion, Step, StepFactory},
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
        mut record: StepRecord,
        outputs: BTreeMap<String, Outputs>,
    ) -> (StepRecord, End) {
        let key = self
            .row_of(spec, &record)
            .map_or_else(ResourceId::new, |row| row.key);
        // Tries of a retry that a restart cut off go on counting; a resume after a failure begins anew.
        let cut_off = record.not_before.is_some() || record.phase == Phase::Intended;
        if record.state == StepState::Failed || !cut_off {
            record.failures = 0;
        }
        let mut performance = Performance {
            stage: self,
            spec,
            record,
            key,
            reads: Patience::default(),
            acts: Patience::default(),
            seen_before: None,
            unwritten: false,
        };
        let end = match performance.run(&outputs).await {
            Ok(()) => End::Complete,
            Err(end) => end,
        };
        let end = performance.note(end).await;
        (performance.record, end)
    }

    /// The row of what the step is making, or has made. One that the vendor gave up keeps a row of its own: it
    /// is still there, and has to be taken away.
    fn row_of(&self, spec: &StepSpec, record: &StepRecord) -> Option<&Resource> {
        let run = self.journal.lease().run;
        let mut rows = self.known.iter().rev();
        rows.find(|row| {
            row.run == run
                && row.step == spec.id
                && match (&record.resource, record.phase) {
                    (Some(resource), Phase::Intended | Phase::Created | Phase::Ready) => {
                        row.id == resource.id
                    }
                    _ => row.state == ResourceState::Intended || row.never_was(),
                }
        })
    }
}

/// The customer's live resources that this step has made or adopted, in whatever run, the newest first.
pub(crate) fn known_of(all: &[Resource], spec: &StepSpec, step: &dyn Step) -> Vec<Resource> {
    let kind = step.resource_kind();
    let is_known = |row: &&Resource| {
        row.step == spec.id && Some(row.kind) == kind && row.state == ResourceState::Live
    };
    all.iter().rev().filter(is_known).cloned().collect()
}

struct Performance<'a> {
    stage: &'a Stage<'a>,
    spec: &'a StepSpec,
    record: StepRecord,
    /// The key of the step's row in `resources`.
    key: ResourceId,
    /// With calls that read.
    reads: Patience,
    /// With the action: a look that is answered says nothing of whether it will succeed.
    acts: Patience,
    /// The evidence before the present intent.
    seen_before: Option<Value>,
    /// An effect was brought about, and the journal doesn't say so yet.
    unwritten: bool,
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
            occasion: Occasion::Run,
        };
        let (factory, spec) = (self.stage.factory, self.spec);
        if self.record.revision != factory.revision(spec) {
            let problem = Cause::StepChanged {
                step: spec.id.clone(),
            }
            .into();
            return Err(End::Waiting(WaitReason::NeedsVersion, problem));
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
            // Of a call before this one, which may still come true.
            Found::Alone(_) => Ok(Next::Settle),
            other => Err(refuse(step, other)),
        }
    }

    /// Writes the intent, then makes the call.
    async fn create(&mut self, step: &dyn Step, evidence: Value) -> Result<Next, End> {
        self.halted()?;
        let prepared = {
            let known = known_of(self.stage.known, self.spec, step);
            let log = |what| self.say(what);
            step.prepare(&self.context(&known, &log)).await
        };
        if self.read(prepared).await?.is_none() {
            return Ok(Next::Intend(evidence));
        }
        // What was given up before keeps its row; what is there in part is gone on with.
        if self.record.phase != Phase::Intended && self.record.resource.take().is_some() {
            self.key = ResourceId::new();
        }
        self.seen_before = self.record.evidence.take();
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
        let part = self.record.resource.clone();
        let (intended, state) = match part {
            Some(part) => (part, ResourceState::Live),
            None => (nothing(step), ResourceState::Intended),
        };
        let entry = self.entry(step, Some((&intended, state)));
        let journal = self.stage.journal;
        journal.write_ahead(entry).await.map_err(End::Broken)?;
        journal.assert_fresh().await.map_err(End::Broken)?;

        let known = known_of(self.stage.known, self.spec, step);
        let log = |what| self.say(what);
        let result = step.create(&self.context(&known, &log)).await;
        match result {
            Ok(Created::Resource(existing)) => {
                self.record.resource = Some(existing);
                self.created(step).await
            }
            Ok(Created::Effect) => {
                self.record.resource = None;
                self.created(step).await
            }
            Ok(Created::Partly { existing, failure }) => {
                self.partly_created(step, existing, failure).await
            }
            Err(failure) => match self.record.resource.clone() {
                // What an earlier try has made is still there.
                Some(part) => self.partly_created(step, part, failure).await,
                None => self.create_failed(step, failure).await,
            },
        }
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
                let known = known_of(self.stage.known, self.spec, step);
                let log = |what| self.say(what);
                step.find(&self.context(&known, &log)).await
            };
            if let Some(found) = self.read(found).await? {
                return Ok(found.doubted_by(&mut self.record));
            }
        }
    }
}

/// What can't be taken as ours.
fn refuse(step: &dyn Step, found: Found) -> End {
    match found {
        Found::Ambiguous(candidates) => End::Waiting(
            WaitReason::NeedsDecision,
            Cause::Ambiguous {
                name: step.name(),
                candidates,
            }
            .into(),
        ),
        Found::CannotSee(problem) => End::Waiting(WaitReason::NeedsCredential, problem),
        Found::Foreign(problem) => End::Failed(problem),
        Found::Absent { .. } | Found::Ours(_) | Found::Alone(_) | Found::Satisfied => {
            End::Failed(Cause::Internal.into())
        }
    }
}
