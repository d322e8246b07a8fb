//! A run's beginning, and its handing over from a process that ended to the next.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    id::RunId,
    resource::ResourceState,
    run::{OnFailure, Outputs, Phase, Purpose, Run, RunState, Snapshot, StepRecord, StepState},
};
use fabrik_store::{Lease, NewRun, RunChange};

use crate::{
    Engine,
    drive::audit,
    journal::Journal,
    lease::{CALL, LEASE, sign_of_life},
    perform::later,
    step::{Inputs, Occasion, StepFactory},
};

impl Engine {
    /// Writes a run that begins with `snapshot`, and takes it. The steps' names are computed now, once.
    ///
    /// # Errors
    /// `run_active` where the customer has a run that has not ended; `outcome_unknown` where an ended one has
    /// asked for something that may be there; those of the store and of the factory.
    pub async fn begin(
        &self,
        factory: &dyn StepFactory,
        mut snapshot: Snapshot,
        on_failure: OnFailure,
        operator: &str,
    ) -> Result<(Run, Lease), Problem> {
        self.refuse_unknown_outcomes(&snapshot).await?;
        let nothing = BTreeMap::new();
        let mut steps = Vec::with_capacity(snapshot.blueprint.steps.len());
        let mut names = BTreeMap::new();
        for spec in &snapshot.blueprint.steps {
            let inputs = Inputs {
                snapshot: &snapshot,
                outputs: &nothing,
                occasion: Occasion::Plan,
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
                failures: 0,
                not_before: None,
                intended_at: None,
                evidence: None,
                resource: None,
                ruled_out: Vec::new(),
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
            purpose: Purpose::Provision,
            snapshot,
            on_failure,
            operator: operator.to_owned(),
            steps,
            at: self.clock.now(),
        };
        self.store.add_run(new, &self.owner, LEASE).await
    }

    /// What an ended run has asked for may be there without our knowing its id. A new run would not know it
    /// for ours, and make another.
    async fn refuse_unknown_outcomes(&self, snapshot: &Snapshot) -> Result<(), Problem> {
        let rows = self.store.resources(snapshot.customer.id).await?;
        let Some(row) = rows
            .into_iter()
            .find(|row| row.state == ResourceState::Intended)
        else {
            return Ok(());
        };
        let run = self.store.run(row.run).await?;
        if run.state.is_active() {
            return Err(Cause::RunActive { run: run.id }.into());
        }
        Err(Cause::OutcomeUnknown {
            run: run.id,
            number: run.number,
            name: row.name,
        }
        .into())
    }

    /// Takes a run on that no living process owns, to go on with it. `dead` names an owner that is known to
    /// have ended.
    ///
    /// # Errors
    /// `run_owned`, `run_ended`, `run_unknown`, those of the store.
    pub async fn take(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        if !self.store.run(run).await?.state.can_resume() {
            return Err(Cause::RunEnded { run }.into());
        }
        self.take_over(run, dead).await
    }

    /// Takes a run on that no living process owns, to take back what it made.
    ///
    /// # Errors
    /// `run_succeeded`, `nothing_to_roll_back`, `run_owned`, `run_unknown`, those of the store.
    pub async fn take_back(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        let record = self.store.run(run).await?;
        match record.state {
            RunState::Succeeded => Err(Cause::RunSucceeded { run }.into()),
            state if state.can_roll_back() => self.take_over(run, dead).await,
            _ => Err(Cause::NothingToRollBack { run }.into()),
        }
    }

    async fn take_over(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        let before = self.store.lease(run).await?.map(|lease| lease.owner);
        let mut lease = self.store.take_run(run, &self.owner, dead, LEASE).await?;
        lease.sent_until = lease.sent_until.map(|expiry| match dead {
            // It has shown signs of life until shortly before it ended.
            Some(_) if before.as_deref() == dead => sign_of_life(expiry).min(self.clock.now()),
            // It may only be asleep, with a call on its way; and a clock that was set forward ends a lease early.
            _ => later(expiry.max(self.clock.now()), CALL),
        });
        Ok(lease)
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
            error: record.error.clone(),
            finished_at: None,
            undo_began_at: None,
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

    pub(crate) async fn journal(&self, lease: Lease) -> Result<Journal<'_>, Problem> {
        Journal::open(self.store.as_ref(), self.clock.clone(), &self.events, lease).await
    }
}
