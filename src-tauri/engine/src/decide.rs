//! The owner's word where several resources could be ours, and only the owner can tell.

use fabrik_domain::{
    Cause, Problem,
    event::Happening,
    id::RunId,
    resource::{Origin, Resource, ResourceState},
    run::{Decision, Phase, RunState, StepRecord, WaitReason},
};
use fabrik_store::{JournalEntry, Lease};

use crate::Engine;

impl Engine {
    /// Writes what the owner decided about `step`, and takes the run to go on with it. `dead` names an owner
    /// of the run that is known to have ended.
    ///
    /// # Errors
    /// `nothing_to_decide` where no such question is open, `candidate_unknown` where the id was not offered;
    /// those of [`take`](Self::take).
    pub async fn decide(
        &self,
        run: RunId,
        step: &str,
        decision: Decision,
        dead: Option<&str>,
    ) -> Result<Lease, Problem> {
        let lease = self.take(run, dead).await?;
        match self.write_decision(&lease, step, decision).await {
            Ok(()) => Ok(lease),
            Err(problem) => {
                self.store.release_lease(&lease).await?;
                Err(problem)
            }
        }
    }

    async fn write_decision(
        &self,
        lease: &Lease,
        step: &str,
        decision: Decision,
    ) -> Result<(), Problem> {
        let run = self.store.run(lease.run).await?;
        let nothing = || {
            let step = step.to_owned();
            Problem::from(Cause::NothingToDecide { step })
        };
        let asks = run.state == RunState::Waiting && run.reason == Some(WaitReason::NeedsDecision);
        let records = self.store.steps(run.id).await?;
        let mut record = records
            .into_iter()
            .find(|record| asks && record.id == step)
            .ok_or_else(nothing)?;
        let Some(Cause::Ambiguous { candidates, .. }) = record
            .error
            .as_ref()
            .map(|problem| (*problem.cause).clone())
        else {
            return Err(nothing());
        };
        let mut resources = Vec::new();
        match &decision {
            Decision::Adopt { id } => {
                let Some(chosen) = candidates.iter().find(|found| found.id == *id) else {
                    return Err(Cause::CandidateUnknown {
                        id: id.clone(),
                        candidates: candidates.into_iter().map(|found| found.id).collect(),
                    }
                    .into());
                };
                if let Some(row) = self.open_row(&run.customer, &record, run.id).await? {
                    resources.push(Resource {
                        id: chosen.id.clone(),
                        name: chosen.name.clone(),
                        url: chosen.url.clone(),
                        // By the owner's word alone: it is never deleted by a rollback.
                        origin: Origin::Adopted,
                        state: ResourceState::Live,
                        at: self.clock.now(),
                        ..row
                    });
                }
                record.doubted.clear();
                record.resource = Some(chosen.clone());
                record.evidence = None;
                record.intended_at = None;
                record.phase = Phase::Created;
            }
            // Also one that was doubted and is not to be seen now.
            Decision::New => {
                record.doubt(&candidates);
                let none = std::mem::take(&mut record.doubted);
                record.ruled_out.extend(none);
            }
        }
        record.error = None;
        let journal = self.journal(lease.clone()).await?;
        journal.say(Some(step), Happening::Decided { decision });
        journal
            .write(JournalEntry {
                steps: vec![record],
                resources,
                ..JournalEntry::default()
            })
            .await
    }

    /// The row of what the step intended.
    async fn open_row(
        &self,
        customer: &fabrik_domain::id::CustomerId,
        record: &StepRecord,
        run: RunId,
    ) -> Result<Option<Resource>, Problem> {
        let rows = self.store.resources(*customer).await?;
        Ok(rows.into_iter().find(|row| {
            row.run == run && row.step == record.id && row.state == ResourceState::Intended
        }))
    }
}
