//! A run's beginning, and its handing over from a process that ended to the next.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    id::RunId,
    resource::Resource,
    run::{OnFailure, Purpose, Run, RunState, Snapshot, StepRecord},
};
use fabrik_store::{Gone, Lease, NewRun, RunQuery};

use crate::{
    Engine,
    drive::audit,
    journal::Journal,
    lease::{CALL, LEASE},
    step::{Inputs, Occasion, StepFactory},
    undo::Past,
};

impl Engine {
    /// Writes a run that begins with `snapshot`, and takes it. The steps' names are computed now, once.
    ///
    /// # Errors
    /// `run_active` where the customer has a run that has not ended; `outcome_unknown` where an ended one has
    /// asked for something that may be there; `subdomain_changed` where it is another by now than the snapshot's; those of
    /// the store and of the factory.
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
            steps.push(StepRecord::new(
                spec.id.clone(),
                spec.kind,
                factory.revision(spec),
            ));
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
    pub(crate) async fn refuse_unknown_outcomes(&self, snapshot: &Snapshot) -> Result<(), Problem> {
        let rows = self.store.resources(snapshot.customer.id).await?;
        let Some(row) = rows.into_iter().find(Resource::is_unknown) else {
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
    /// `run_owned`, `run_ended`, `run_superseded`, `run_unknown`, those of the store; `subdomain_changed` where it would make
    /// more by another subdomain than the customer's.
    pub async fn take(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        let record = self.store.run(run).await?;
        if !record.state.can_resume() {
            return Err(Cause::RunEnded { run }.into());
        }
        self.refuse_superseded(&record).await?;
        let lease = self.take_over(run, dead).await?;
        // Once it is held: from here on nobody changes the subdomain.
        if let Err(problem) = self.refuse_renamed(&record).await {
            self.store.release_lease(&lease).await?;
            return Err(problem);
        }
        Ok(lease)
    }

    /// Why the run can't be gone on with, where its customer has by now another subdomain than the one that it names by.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn renamed_since(
        &self,
        run: &Run,
        snapshot: &Snapshot,
        customer: &Customer,
    ) -> Result<Option<Problem>, Problem> {
        let named = snapshot.assert_named(&customer.subdomain);
        if named.is_ok() || !run.state.can_resume() || !self.makes_more(run).await? {
            return Ok(None);
        }
        Ok(named.err())
    }

    /// What only goes back, or is to end, makes nothing more.
    async fn makes_more(&self, run: &Run) -> Result<bool, Problem> {
        Ok(run.purpose == Purpose::Provision
            && !run.is_taken_back()
            && !self.store.cancel_requested(run.id).await?)
    }

    async fn refuse_renamed(&self, run: &Run) -> Result<(), Problem> {
        if !self.makes_more(run).await? {
            return Ok(());
        }
        let (snapshot, customer) = tokio::try_join!(
            self.store.snapshot(run.id),
            self.store.customer(run.customer)
        )?;
        snapshot.assert_named(&customer.subdomain)
    }

    /// The later run of the customer after which a run that has ended must not be taken on again: the newest. It has
    /// removed what this one had left, or begun where it stood, and what it made itself could be taken back under an
    /// instance that has come to use it; a removal would take that away.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn superseded_by(&self, run: &Run) -> Result<Option<Run>, Problem> {
        if run.state.is_active() {
            return Ok(None);
        }
        let of_customer = RunQuery {
            customer: Some(run.customer),
            ..RunQuery::default()
        };
        let mut runs = self.store.runs(of_customer).await?.into_iter();
        Ok(runs.next().filter(|newest| newest.number > run.number))
    }

    async fn refuse_superseded(&self, run: &Run) -> Result<(), Problem> {
        match self.superseded_by(run).await? {
            Some(later) => Err(Cause::RunSuperseded {
                run: run.id,
                number: later.number,
            }
            .into()),
            None => Ok(()),
        }
    }

    /// Takes a run on that no living process owns, to take back what it made.
    ///
    /// # Errors
    /// `run_succeeded`, `nothing_to_roll_back`, `run_owned`, `run_unknown`, those of the store; `run_superseded` of a
    /// removal, and where a later run uses all that this one has made.
    pub async fn take_back(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        let record = self.store.run(run).await?;
        if record.purpose == Purpose::Deprovision {
            self.refuse_superseded(&record).await?;
        }
        match record.state {
            RunState::Succeeded => Err(Cause::RunSucceeded { run }.into()),
            state if state.can_roll_back() => {
                if let Some(number) = self.taken_over_by(&record).await? {
                    return Err(Cause::RunSuperseded { run, number }.into());
                }
                self.take_over(run, dead).await
            }
            _ => Err(Cause::NothingToRollBack { run }.into()),
        }
    }

    /// The number of a later run that uses all that this one has made: nothing of that is taken back. To go through it
    /// would only tell an instance that stands as left over.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn taken_over_by(&self, run: &Run) -> Result<Option<i64>, Problem> {
        if run.purpose == Purpose::Deprovision || run.state.is_active() {
            return Ok(None);
        }
        let of_customer = RunQuery {
            customer: Some(run.customer),
            ..RunQuery::default()
        };
        let (rows, runs, past) = tokio::try_join!(
            self.store.resources(run.customer),
            self.store.runs(of_customer),
            Past::read(self, run.id),
        )?;
        Ok(past.taken_over_by(&rows, &runs))
    }

    pub(crate) async fn take_over(&self, run: RunId, dead: Option<&str>) -> Result<Lease, Problem> {
        self.store
            .take_run(run, &self.owner, LEASE, gone(dead))
            .await
    }

    /// Marks a run whose process ended in the middle, so that it can be offered for resuming. `seen` is its lease
    /// as it was found to be a dead one's or long expired. Nothing is done, and `false` told, where it is another
    /// by now (somebody has renewed it, or has taken the run), or where the run has ended or waits.
    ///
    /// # Errors
    /// `run_unknown`, those of the store.
    pub async fn mark_interrupted(
        &self,
        run: RunId,
        seen: Option<&Lease>,
        dead: Option<&str>,
    ) -> Result<bool, Problem> {
        let record = self.store.run(run).await?;
        let audit = audit(&record, RunState::Interrupted.key());
        self.store.interrupt(run, seen, gone(dead), audit).await
    }

    pub(crate) async fn journal(&self, lease: Lease) -> Result<Journal<'_>, Problem> {
        let last = self.read(|| self.store.last_event(lease.run)).await?;
        let (store, clock) = (self.store.as_ref(), self.clock.clone());
        Ok(Journal::open(store, clock, &self.events, lease, last))
    }
}

/// What is known of an owner that has not given its run back.
const fn gone(dead: Option<&str>) -> Gone<'_> {
    Gone { dead, late: CALL }
}
