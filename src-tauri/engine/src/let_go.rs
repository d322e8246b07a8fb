//! The owner's word that what could not be taken away may stay: it was seen to by hand, or is meant to be there.

use fabrik_domain::{
    Cause, Problem,
    id::RunId,
    resource::{Resource, ResourceState},
    run::{Purpose, Run, RunState, StepRecord, StepState},
};
use fabrik_store::{JournalEntry, Lease, RunChange, RunQuery};
use serde_json::json;

use crate::{
    Engine,
    drive::{audit, under_way},
    undo::{Past, ended, takes_away},
};

impl Engine {
    /// Lets a leftover of the run be: nobody tries to take it away again, and it stands in nobody's way. `resource` is
    /// its key, the vendor's id or its name. What was left because it lies in it goes with it. With the last one the run
    /// is at its end.
    ///
    /// # Errors
    /// `not_left_over` where the run has left no such thing, or it is not clear which is meant; `used_by_later_run` where
    /// a later run uses it; those of [`take_back`](Self::take_back).
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
        let left = left_of(&run, &rows, &steps);
        let is_meant = |row: &Resource| {
            row.key.to_string() == resource || row.id == resource || row.name == resource
        };
        let mut meant = left.clone();
        meant.retain(|one| is_meant(one.0));
        // What lies in a thing may bear its id, and goes with it.
        let mut whole = meant.clone();
        whole.retain(|one| lies_in(*one).is_none());
        if whole.is_empty() {
            whole = meant;
        }
        let [named] = whole.as_slice() else {
            return Err(Cause::NotLeftOver {
                resource: resource.to_owned(),
                left: left.iter().map(|(row, _)| row.name.clone()).collect(),
            }
            .into());
        };
        let row = named.0;
        let (goes, stays): (Vec<Left<'_>>, Vec<Left<'_>>) = left
            .iter()
            .copied()
            .partition(|one| one.0.key == row.key || goes_with(*one, row, &left));
        if run.purpose == Purpose::Provision {
            self.refuse_used(&run, &rows, &goes).await?;
        }
        let mut entry = JournalEntry::default();
        for (row, step) in &goes {
            entry.resources.push(Resource {
                state: ResourceState::LetGo,
                at: self.clock.now(),
                ..(*row).clone()
            });
            let is_last = stays.iter().all(|(_, other)| other.id != step.id);
            if is_last && entry.steps.iter().all(|other| other.id != step.id) {
                entry.steps.push(StepRecord {
                    state: StepState::Undone,
                    error: None,
                    ..(*step).clone()
                });
            }
        }
        if stays.is_empty() && run.state == RunState::Leftovers {
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
        let with = goes.iter().filter(|other| other.0.key != row.key);
        let with: Vec<_> = with.map(|other| other.0.name.as_str()).collect();
        if !with.is_empty() {
            audit.facts["with"] = json!(with);
        }
        entry.audit = Some(audit);
        let journal = self.journal(lease.clone()).await?;
        match entry.run.take() {
            Some(change) => journal.run_with(change, entry).await,
            None => journal.write(entry).await,
        }
    }

    /// What a later run uses is a part of the instance that stands: let go, it would be left there when that is removed.
    async fn refuse_used(
        &self,
        run: &Run,
        rows: &[Resource],
        goes: &[Left<'_>],
    ) -> Result<(), Problem> {
        let of_customer = RunQuery {
            customer: Some(run.customer),
            ..RunQuery::default()
        };
        let (runs, past) =
            tokio::try_join!(self.store.runs(of_customer), Past::read(self, run.id))?;
        for (row, _) in goes {
            if let Some(number) = past.used_by(row, rows, &runs) {
                let name = row.name.clone();
                return Err(Cause::UsedByLaterRun { name, number }.into());
            }
        }
        Ok(())
    }
}

/// A leftover, with the step that says why.
pub(crate) type Left<'a> = (&'a Resource, &'a StepRecord);

/// What a run has left over that is still there.
pub(crate) fn left_of<'a>(
    run: &Run,
    rows: &'a [Resource],
    steps: &'a [StepRecord],
) -> Vec<Left<'a>> {
    let shown_by = |row: &Resource, step: &StepRecord| match run.purpose {
        Purpose::Provision => row.run == run.id && row.step == step.id,
        Purpose::Deprovision => takes_away(step, row),
    };
    rows.iter()
        .filter(|row| row.state == ResourceState::Leftover)
        .filter_map(|row| Some((row, steps.iter().find(|step| shown_by(row, step))?)))
        .collect()
}

/// The name of what it lies in, where it was left for that alone.
fn lies_in(left: Left<'_>) -> Option<&str> {
    match &*left.1.error.as_ref()?.cause {
        Cause::LiesInLeftover { name } => Some(name),
        _ => None,
    }
}

/// Whether it was left because it lies in `parent`. Where several bear that name, it may be another's, and stays.
fn goes_with(one: Left<'_>, parent: &Resource, left: &[Left<'_>]) -> bool {
    let Some(name) = lies_in(one) else {
        return false;
    };
    let mut parents = left.iter().filter(|other| {
        lies_in(**other).is_none() && other.0.provider == one.0.provider && other.0.name == name
    });
    let is_parent = parents.next().is_some_and(|it| it.0.key == parent.key);
    is_parent && parents.next().is_none()
}
