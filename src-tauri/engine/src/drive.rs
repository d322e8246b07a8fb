//! A whole run, from wherever its journal says it stands to its end: forward, or back by its policy.

use std::sync::atomic::{AtomicBool, Ordering};

use fabrik_domain::{
    Cause, Problem,
    run::{OnFailure, Phase, Purpose, Run, RunState, StepRecord, WaitReason},
};
use fabrik_store::{Hold, JournalEntry, Lease, NewAudit, RunChange};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    Engine, deadline, journal::Journal, lease::keep, perform::Stage, settling::handed_over,
    step::StepFactory, undo::Why,
};

impl Engine {
    /// Drives a run until it has ended or must wait; `cancel` stops it between two calls, so that it can be
    /// resumed. A run that fails, or is cancelled by its owner, follows its policy. The lease is given back.
    /// Killed at any instant, the same call with a new lease goes on from there.
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
        let run = self.read(|| self.store.run(lease.run)).await?;
        let journal = self.journal(lease).await?;
        if run.purpose == Purpose::Deprovision || run.undo_began_at.is_some() {
            let why = self.why_asked(&run).await?;
            return Box::pin(self.back(factory, &journal, &run, why, cancel)).await;
        }
        // Large futures, which whoever drives would carry in theirs.
        let change = Box::pin(self.forward(factory, &journal, &run, cancel)).await?;
        let cancelled = change.state == RunState::Cancelled
            && self.read(|| self.store.cancel_requested(run.id)).await?;
        let stopped = change.state == RunState::Failed || cancelled;
        // Whoever cancelled it may have said since it began that what it made is kept.
        let run = if stopped {
            self.read(|| self.store.run(run.id)).await?
        } else {
            run
        };
        let goes_back = stopped
            && run.on_failure == OnFailure::Rollback
            && !past_return(&self.read(|| self.store.steps(run.id)).await?);
        if goes_back {
            let halt = CancellationToken::new();
            // What stopped it has been heard; the next one stops the undoing.
            let halt = if cancel.is_cancelled() { &halt } else { cancel };
            let why = Why {
                failed: change.state == RunState::Failed,
                error: change.error,
                whatever: false,
            };
            return Box::pin(self.back(factory, &journal, &run, why, halt)).await;
        }
        self.end(&journal, &run, change, JournalEntry::default())
            .await
    }

    /// Takes back what a run has made, whatever its policy says; see [`take_back`](Self::take_back).
    ///
    /// # Errors
    /// As [`drive`](Self::drive).
    pub async fn roll_back(
        &self,
        factory: &dyn StepFactory,
        lease: Lease,
        cancel: &CancellationToken,
    ) -> Result<Run, Problem> {
        let run = self.read(|| self.store.run(lease.run)).await?;
        let journal = self.journal(lease).await?;
        let why = Why {
            whatever: self.read(|| self.store.cancel_requested(run.id)).await?,
            ..self.why_asked(&run).await?
        };
        self.back(factory, &journal, &run, why, cancel).await
    }

    async fn forward(
        &self,
        factory: &dyn StepFactory,
        journal: &Journal<'_>,
        run: &Run,
        cancel: &CancellationToken,
    ) -> Result<RunChange, Problem> {
        let (snapshot, mut records, known, asked, driven) = tokio::try_join!(
            self.read(|| self.store.snapshot(run.id)),
            self.read(|| self.store.steps(run.id)),
            self.read(|| self.store.resources(run.customer)),
            self.read(|| self.store.cancel_requested(run.id)),
            self.driven_before(run),
        )?;
        let late = handed_over(&records, journal.lease().sent_until);
        for record in &mut records {
            if let Some(late) = late.iter().find(|late| late.id == record.id) {
                record.clone_from(late);
            }
        }
        let cancel = &cancel.child_token();
        if asked {
            cancel.cancel();
        }
        let halt = cancel.child_token();
        let stage = Stage {
            engine: self,
            factory,
            journal,
            snapshot: &snapshot,
            known: &known,
            halt: &halt,
        };
        // Until the run stands still.
        let _aside = tokio::select! {
            aside = stage.set_aside(&records) => aside?,
            problem = keep(journal, self.store.as_ref(), self.clock.as_ref(), run.id, cancel) => return Err(problem),
        };
        let begun = if run.state == RunState::Queued {
            "started"
        } else {
            "resumed"
        };
        journal
            .run(under_way(RunState::Running), audit(run, begun), late)
            .await?;
        let (overdue, whole) = (AtomicBool::new(false), deadline::whole(&snapshot));
        let stop_at_deadline = async {
            self.clock.sleep(deadline::left(whole, driven)).await;
            overdue.store(true, Ordering::Relaxed);
            halt.cancel();
            std::future::pending::<Problem>().await
        };
        let change = tokio::select! {
            change = journal.while_held(stage.walk(records, cancel)) => change?,
            problem = keep(journal, self.store.as_ref(), self.clock.as_ref(), run.id, cancel) => return Err(problem),
            problem = stop_at_deadline => return Err(problem),
        };
        // What the deadline stopped has not failed.
        let stopped = overdue.load(Ordering::Relaxed)
            && !cancel.is_cancelled()
            && change.state == RunState::Failed
            && change
                .error
                .as_ref()
                .is_none_or(|problem| *problem.cause == Cause::Internal);
        Ok(if stopped {
            let minutes = whole.as_secs() / 60;
            RunChange {
                reason: Some(WaitReason::NotReadyYet),
                error: Some(Cause::DeadlinePassed { minutes }.into()),
                ..under_way(RunState::Waiting)
            }
        } else {
            change
        })
    }

    /// Writes where the run stands now, and gives it free.
    pub(crate) async fn end(
        &self,
        journal: &Journal<'_>,
        run: &Run,
        change: RunChange,
        entry: JournalEntry,
    ) -> Result<Run, Problem> {
        let word = change.state.key();
        let failed_at = match change.state {
            RunState::Failed => change.finished_at,
            // The same as when the failure itself was written, and as in every retry.
            RunState::Leftovers => change.undo_began_at,
            _ => None,
        };
        journal
            .run_with(
                change,
                JournalEntry {
                    hold: Hold::Free,
                    audit: Some(audit(run, word)),
                    failed_at,
                    ..entry
                },
            )
            .await?;
        self.read(|| self.store.run(run.id)).await
    }
}

/// A state in which a run has not ended.
pub(crate) fn under_way(state: RunState) -> RunChange {
    RunChange {
        state,
        reason: None,
        error: None,
        finished_at: None,
        undo_began_at: None,
    }
}

/// Somebody has been told that the instance is there, or may have been: nothing is rolled back by itself any more.
fn past_return(steps: &[StepRecord]) -> bool {
    steps
        .iter()
        .any(|step| step.kind.is_point_of_no_return() && step.phase != Phase::Untouched)
}

/// What the audit log says of a run.
pub(crate) fn audit(run: &Run, word: &str) -> NewAudit {
    NewAudit {
        operator: run.operator.clone(),
        action: format!("run.{word}"),
        customer: Some(run.customer),
        run: Some(run.id),
        facts: json!({ "number": run.number, "blueprint": run.blueprint }),
    }
}
