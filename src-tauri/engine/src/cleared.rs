//! Runs of which nothing is left any more: what they could not take away, another run has taken away or uses.

use fabrik_domain::{
    Cause, Problem,
    id::CustomerId,
    run::{Run, RunState, StepRecord, StepState},
};
use fabrik_store::{JournalEntry, RunChange, RunQuery};

use crate::{
    Engine,
    drive::{audit, under_way},
    let_go::left_of,
    undo::ended,
};

impl Engine {
    /// Ends the runs of a customer whose leftovers are all gone: nothing waits for the owner there. One that somebody is
    /// at work on is left to them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn end_cleared(&self, customer: CustomerId) -> Result<(), Problem> {
        let with_leftovers = RunQuery {
            customer: Some(customer),
            states: vec![RunState::Leftovers],
            ..RunQuery::default()
        };
        for run in self.store.runs(with_leftovers).await? {
            if self.cleared(&run).await?.is_none() {
                continue;
            }
            let lease = match self.take_over(run.id, None).await {
                Ok(lease) => lease,
                Err(problem) if matches!(*problem.cause, Cause::RunOwned { .. }) => continue,
                Err(problem) => return Err(problem),
            };
            let written = async {
                // As it is now that nobody else can change it.
                let run = self.store.run(run.id).await?;
                let Some(steps) = self.cleared(&run).await? else {
                    return Ok(());
                };
                let state = ended(run.purpose);
                let change = RunChange {
                    error: run.error.clone(),
                    finished_at: run.finished_at,
                    ..under_way(state)
                };
                let entry = JournalEntry {
                    steps,
                    audit: Some(audit(&run, state.key())),
                    ..JournalEntry::default()
                };
                let journal = self.journal(lease.clone()).await?;
                journal.run_with(change, entry).await
            };
            let written = written.await;
            self.store.release_lease(&lease).await?;
            written?;
        }
        Ok(())
    }

    /// The steps that told of leftovers, as they are now that there are none; nothing where there are some, and of a run
    /// that could not drop its secrets.
    async fn cleared(&self, run: &Run) -> Result<Option<Vec<StepRecord>>, Problem> {
        if run.state != RunState::Leftovers {
            return Ok(None);
        }
        let (rows, mut steps) =
            tokio::try_join!(self.store.resources(run.customer), self.store.steps(run.id))?;
        if !left_of(run, &rows, &steps).is_empty() {
            return Ok(None);
        }
        steps.retain(|step| step.state == StepState::Leftover);
        for step in &mut steps {
            step.state = StepState::Undone;
            step.error = None;
        }
        Ok(Some(steps).filter(|steps| !steps.is_empty()))
    }
}
