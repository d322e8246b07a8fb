//! A whole run: begun, taken on, driven until nothing more can be done, and its end written.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    id::{CustomerId, RunId},
    run::{OnFailure, Outputs, Phase, Run, RunState, Snapshot, StepRecord, StepState, WaitReason},
};
use fabrik_store::{Lease, NewAudit, NewRun, RunChange};
use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    Engine,
    journal::Journal,
    lease::{LEASE, keep},
    perform::{End, Stage},
    step::{Inputs, StepFactory},
};

impl Engine {
    /// Writes a run that begins with `snapshot`, and takes it. The steps' names are computed now, once.
    ///
    /// # Errors
    /// `run_active` where the customer has a run that has not ended; those of the store and of the factory.
    pub async fn begin(
        &self,
        factory: &dyn StepFactory,
        mut snapshot: Snapshot,
        on_failure: OnFailure,
        operator: &str,
    ) -> Result<(Run, Lease), Problem> {
        let nothing = BTreeMap::new();
        let mut steps = Vec::with_capacity(snapshot.blueprint.steps.len());
        let mut names = BTreeMap::new();
        for spec in &snapshot.blueprint.steps {
            let inputs = Inputs {
                snapshot: &snapshot,
                outputs: &nothing,
                planning: true,
            };
            let step = factory
                .build(spec, inputs)
                .await
                .map_err(|failure| failure.problem)?;
            names.insert(spec.id.clone(), step.name());
            steps.push(StepRecord {
                id: spec.id.clone(),
                kind: spec.kind,
                state: StepState::Pending,
                phase: Phase::Untouched,
                revision: factory.revision(spec),
                attempts: 0,
                not_before: None,
                intended_at: None,
                evidence: None,
                resource: None,
                outputs: Outputs::new(),
                error: None,
                started_at: None,
                finished_at: None,
            });
        }
        snapshot.names = names;
        let new = NewRun {
            id: RunId::new(),
            customer: snapshot.customer.id,
            snapshot,
            on_failure,
            operator: operator.to_owned(),
            steps,
            at: self.clock.now(),
        };
        self.store.add_run(new, &self.owner, LEASE).await
    }

    /// Takes a run on that no living process owns. `dead` names an owner that is known to have ended.
    ///
    /// # Errors
    /// `run_owned`, `run_ended`, `run_unknown`, those of the store.
    pub async fn take(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        self.store.take_run(run, &self.owner, dead, LEASE).await
    }

    /// Marks a run whose process ended in the middle, so that it can be offered for resuming.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub async fn mark_interrupted(&self, run: RunId, dead: Option<&str>) -> Result<(), Problem> {
        let lease = self.take(run, dead).await?;
        let journal = self.journal(lease).await?;
        let record = self.store.run(run).await?;
        let change = RunChange {
            state: RunState::Interrupted,
            reason: None,
            error: None,
            finished_at: None,
        };
        journal
            .run(
                change,
                audit(&record, RunState::Interrupted.key()),
                Vec::new(),
            )
            .await?;
        self.store.release_lease(&journal.lease()).await
    }

    /// Drives a run until it has ended or must wait; `cancel` stops it between two calls. The lease is
    /// given back. Killed at any instant, the same call with a new lease goes on from there.
    ///
    /// # Errors
    /// `lease_lost` where another process took the run, and those of the store: then nothing more was done
    /// at any vendor, and the journal says how far it came.
    pub async fn drive(
        &self,
        factory: &dyn StepFactory,
        lease: Lease,
        cancel: &CancellationToken,
    ) -> Result<Run, Problem> {
        let run = self.store.run(lease.run).await?;
        let (snapshot, records, known) = tokio::try_join!(
            self.store.snapshot(run.id),
            self.store.steps(run.id),
            self.store.resources(run.customer),
        )?;
        let journal = self.journal(lease).await?;
        let begun = if run.state == RunState::Queued {
            "started"
        } else {
            "resumed"
        };
        let running = RunChange {
            state: RunState::Running,
            reason: None,
            error: None,
            finished_at: None,
        };
        journal.run(running, audit(&run, begun), Vec::new()).await?;

        let halt = cancel.child_token();
        let stage = Stage {
            engine: self,
            factory,
            journal: &journal,
            snapshot: &snapshot,
            known: &known,
            halt: &halt,
        };
        let change = tokio::select! {
            change = stage.walk(records, cancel) => change?,
            problem = keep(&journal, self.store.as_ref(), self.clock.as_ref(), run.id, cancel) => return Err(problem),
        };
        journal
            .run(change.clone(), audit(&run, change.state.key()), Vec::new())
            .await?;
        self.store.release_lease(&journal.lease()).await?;
        self.store.run(run.id).await
    }

    async fn journal(&self, lease: Lease) -> Result<Journal<'_>, Problem> {
        Journal::open(self.store.as_ref(), self.clock.clone(), &self.events, lease).await
    }
}

impl Stage<'_> {
    /// Performs every step as soon as those it needs are complete. A step that fails stops the others
    /// between two calls; one that waits doesn't.
    async fn walk(
        &self,
        records: Vec<StepRecord>,
        cancel: &CancellationToken,
    ) -> Result<RunChange, Problem> {
        let steps = &self.snapshot.blueprint.steps;
        let mut records: BTreeMap<String, StepRecord> = records
            .into_iter()
            .map(|record| (record.id.clone(), record))
            .collect();
        let mut begun = BTreeSet::new();
        let mut performing = FuturesUnordered::new();
        let mut failed: Option<Problem> = None;
        let mut waiting: Option<(WaitReason, Problem)> = None;
        loop {
            for spec in steps {
                let Some(record) = records.get(&spec.id) else {
                    continue;
                };
                let complete = |id: &String| {
                    records
                        .get(id)
                        .is_some_and(|record| record.state.is_complete())
                };
                if self.halt.is_cancelled()
                    || record.state.is_complete()
                    || !spec.needs.iter().all(complete)
                    || !begun.insert(spec.id.as_str())
                {
                    continue;
                }
                let outputs = records
                    .iter()
                    .filter(|(_, record)| record.state.is_complete())
                    .map(|(id, record)| (id.clone(), record.outputs.clone()))
                    .collect();
                performing.push(self.perform(spec, record.clone(), outputs));
            }
            let Some((record, end)) = performing.next().await else {
                break;
            };
            records.insert(record.id.clone(), record);
            match end {
                End::Complete | End::Halted => {}
                End::Failed(problem) => {
                    failed.get_or_insert(problem);
                    self.halt.cancel();
                }
                End::Waiting(reason, problem) => {
                    waiting.get_or_insert((reason, problem));
                }
                // The journal is shut: the other steps are dropped where they stand, as by a kill.
                End::Broken(problem) => return Err(problem),
            }
        }
        let ended = |state, error| RunChange {
            state,
            reason: None,
            error,
            finished_at: Some(self.engine.clock.now()),
        };
        Ok(if let Some(problem) = failed {
            ended(RunState::Failed, Some(problem))
        } else if records.values().all(|record| record.state.is_complete()) {
            ended(RunState::Succeeded, None)
        } else if cancel.is_cancelled() {
            ended(RunState::Cancelled, None)
        } else if let Some((reason, problem)) = waiting {
            RunChange {
                state: RunState::Waiting,
                reason: Some(reason),
                error: Some(problem),
                finished_at: None,
            }
        } else {
            ended(
                RunState::Failed,
                Some(fabrik_domain::Cause::Internal.into()),
            )
        })
    }
}

fn audit(run: &Run, word: &str) -> NewAudit {
    let customer: CustomerId = run.customer;
    NewAudit {
        operator: run.operator.clone(),
        action: format!("run.{word}"),
        customer: Some(customer),
        run: Some(run.id),
        facts: json!({ "number": run.number, "blueprint": run.blueprint }),
    }
}
