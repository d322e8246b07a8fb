//! The owner's word that what could not be taken away may stay: it was seen to by hand, or is meant to be there.

use fabrik_domain::{
    Cause, Problem,
    id::RunId,
    resource::{Resource, ResourceState},
    run::{Purpose, Run, RunState, StepRecord, StepState},
};
use fabrik_store::{JournalEntry, Lease, RunChange};
use serde_json::json;

use crate::{
    Engine,
    drive::{audit, under_way},
    undo::{ended, takes_away},
};

impl Engine {
    /// Lets a leftover of the run be: nobody tries to take it away again, and it stands in nobody's way. `resource` is
    /// its key, the vendor's id or its name. With the last one the run is at its end.
    ///
    /// # Errors
    /// `not_left_over` where the run has left no such thing, or it is not clear which is meant; those of
    /// [`take_back`](Self::take_back).
    pub async fn let_go(
        &self,
        run: RunId,
        resource: &str,
        operator: &str,
        dead: Option<&str>,
    ) -> Result<Run, Problem> {
        let lease = self.take_back(run, dead).await?;
        let written = self.write_let_go(&lease, resource, operator).await;
        self.store.release_lease(&lease).await?;
        written?;
        self.store.run(run).await
    }

    async fn write_let_go(
        &self,
        lease: &Lease,
        resource: &str,
        operator: &str,
    ) -> Result<(), Problem> {
        let run = self.store.run(lease.run).await?;
        let (rows, steps) =
            tokio::try_join!(self.store.resources(run.customer), self.store.steps(run.id),)?;
        let shown_by = |row: &Resource, step: &StepRecord| match run.purpose {
            Purpose::Provision => row.run == run.id && row.step == step.id,
            Purpose::Deprovision => takes_away(step, row),
        };
        let left: Vec<_> = rows
            .iter()
            .filter(|row| row.state == ResourceState::Leftover)
            .filter_map(|row| Some((row, steps.iter().find(|step| shown_by(row, step))?)))
            .collect();
        let named = left.iter().filter(|(row, _)| {
            row.key.to_string() == resource || row.id == resource || row.name == resource
        });
        let named: Vec<_> = named.collect();
        let [(row, step)] = named.as_slice() else {
            return Err(Cause::NotLeftOver {
                resource: resource.to_owned(),
                left: left.iter().map(|(row, _)| row.name.clone()).collect(),
            }
            .into());
        };
        let others = || left.iter().filter(|(other, _)| other.key != row.key);
        let mut entry = JournalEntry {
            resources: vec![Resource {
                state: ResourceState::LetGo,
                at: self.clock.now(),
                ..(*row).clone()
            }],
            ..JournalEntry::default()
        };
        if others().all(|(_, other)| other.id != step.id) {
            entry.steps.push(StepRecord {
                state: StepState::Undone,
                error: None,
                ..(*step).clone()
            });
        }
        if others().next().is_none() && run.state == RunState::Leftovers {
            entry.run = Some(RunChange {
                error: run.error.clone(),
                finished_at: run.finished_at,
                ..under_way(ended(run.purpose))
            });
        }
        let mut audit = audit(&run, "let_go");
        operator.clone_into(&mut audit.operator);
        audit.facts =
            json!({ "number": run.number, "kind": row.kind, "id": row.id, "name": row.name });
        entry.audit = Some(audit);
        let journal = self.journal(lease.clone()).await?;
        match entry.run.take() {
            Some(change) => journal.run_with(change, entry).await,
            None => journal.write(entry).await,
        }
    }
}
