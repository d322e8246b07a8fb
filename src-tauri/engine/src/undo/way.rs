//! The way back of a whole run: from its first entry to where it ends or stands still.

use std::sync::Mutex;

use fabrik_domain::{
    Problem,
    customer::{CustomerPatch, CustomerStatus},
    resource::{Resource, ResourceKind, ResourceState},
    run::{Purpose, Run, RunState, StepRecord, StepState},
};
use fabrik_store::{JournalEntry, RunChange, RunQuery};
use tokio_util::sync::CancellationToken;

use super::{Back, Past, Retreat, takes_away};
use crate::{
    Engine,
    drive::{audit, under_way},
    journal::Journal,
    lease::keep,
    settling::handed_over,
    step::StepFactory,
};

impl Engine {
    /// Takes away what the run, or in a removal any run of the customer, has made.
    pub(crate) async fn back(
        &self,
        factory: &dyn StepFactory,
        journal: &Journal<'_>,
        run: &Run,
        why: Why,
        cancel: &CancellationToken,
    ) -> Result<Run, Problem> {
        let Why {
            error,
            failed,
            whatever,
        } = why;
        let removes = run.purpose == Purpose::Deprovision;
        // A wish to cancel does not stop the undoing that it has brought about. A removal was asked for by the
        // owner, who may think better of it.
        let heard = if removes {
            cancel.child_token()
        } else {
            CancellationToken::new()
        };
        let halt = if removes { &heard } else { cancel };
        let asked = || self.store.cancel_requested(run.id);
        if removes && self.read(asked).await? {
            heard.cancel();
        }
        let steps = || self.store.steps(run.id);
        let late = handed_over(&self.read(steps).await?, journal.lease().sent_until);
        let began = run.undo_began_at.unwrap_or_else(|| self.clock.now());
        let undoing = RunChange {
            error: error.clone(),
            undo_began_at: Some(began),
            ..under_way(RunState::Undoing)
        };
        let entry = JournalEntry {
            steps: late.clone(),
            audit: Some(audit(run, "undoing")),
            failed_at: failed.then_some(began),
            ..JournalEntry::default()
        };
        if whatever {
            journal.run_with(undoing, entry).await?;
        } else if !journal.begin_undo(undoing, entry).await? {
            // Whoever cancelled it a moment ago wants what it made kept.
            let state = if failed {
                RunState::Failed
            } else {
                RunState::Cancelled
            };
            let kept = RunChange {
                error,
                finished_at: Some(began),
                ..under_way(state)
            };
            let entry = JournalEntry {
                steps: late,
                ..JournalEntry::default()
            };
            return self.end(journal, run, kept, entry).await;
        }
        let of_customer = RunQuery {
            customer: Some(run.customer),
            ..RunQuery::default()
        };
        let rows = || self.store.resources(run.customer);
        let (known, runs, shown, customer) = tokio::try_join!(
            self.read(rows),
            self.read(|| self.store.runs(of_customer.clone())),
            self.read(steps),
            self.read(|| self.store.customer(run.customer)),
        )?;
        let pasts = match run.purpose {
            Purpose::Provision => vec![self.read(|| Past::read(self, run.id)).await?],
            Purpose::Deprovision => self.read(|| self.pasts(&customer, &known)).await?,
        };
        // A rollback lets go of whatever its run has found.
        let lodgers = match run.purpose {
            Purpose::Provision => Vec::new(),
            Purpose::Deprovision => self.read(|| self.lodgers(factory, &known)).await?,
        };
        let retreat = Retreat {
            engine: self,
            factory,
            journal,
            run,
            rows: &known,
            runs: &runs,
            lodgers: &lodgers,
            halt,
            shown: Mutex::new(
                shown
                    .into_iter()
                    .map(|step| (step.id.clone(), step))
                    .collect(),
            ),
        };
        let end = tokio::select! {
            end = journal.while_held(retreat.walk(&pasts)) => end?,
            problem = keep(journal, self.store.as_ref(), self.clock.as_ref(), run.id, &heard) => return Err(problem),
        };
        let steps = self.read(steps).await?;
        let mut change = RunChange {
            error,
            undo_began_at: Some(began),
            ..under_way(RunState::Interrupted)
        };
        let mut entry = JournalEntry::default();
        match &end {
            Back::Halted => {
                if removes && self.read(asked).await? {
                    change.state = RunState::Cancelled;
                    change.finished_at = Some(self.clock.now());
                    entry.steps = standing_still(&steps);
                }
            }
            Back::Waiting(reason, problem) => {
                change.state = RunState::Waiting;
                change.reason = Some(*reason);
                change.error = Some(problem.clone());
            }
            Back::Clear => {
                change.state = ended(run.purpose);
                change.finished_at = Some(self.clock.now());
            }
            Back::Leftovers(problem) => {
                change.state = RunState::Leftovers;
                change.finished_at = Some(self.clock.now());
                change.error = problem.clone().or(change.error);
            }
        }
        if removes {
            let rows = self.read(rows).await?;
            entry.customer = without_instance(&steps, &rows, matches!(end, Back::Clear));
        }
        self.end(journal, run, change, entry).await
    }
}

/// Why a run goes back.
pub(crate) struct Why {
    /// What it says of it.
    pub(crate) error: Option<Problem>,
    /// It has just failed; else somebody asked for it, or it went back before.
    pub(crate) failed: bool,
    /// Also where it is to be kept when it is cancelled: that was said before this was asked for.
    pub(crate) whatever: bool,
}

impl Why {
    pub(crate) const fn asked(error: Option<Problem>) -> Self {
        Self {
            error,
            failed: false,
            whatever: false,
        }
    }
}

/// Steps of a removal that nobody is at work on any more.
fn standing_still(steps: &[StepRecord]) -> Vec<StepRecord> {
    let under_way = steps
        .iter()
        .filter(|step| step.state == StepState::Undoing)
        .cloned();
    under_way
        .map(|step| StepRecord {
            state: StepState::Pending,
            ..step
        })
        .collect()
}

/// What the record of a customer says once a removal has taken something of its instance away, `whole` or not: no
/// instance can be used. What stays is told of as before.
fn without_instance(steps: &[StepRecord], rows: &[Resource], whole: bool) -> Option<CustomerPatch> {
    let taken = |row: &&Resource| steps.iter().any(|step| takes_away(step, row));
    let gone = |kind: Option<ResourceKind>| {
        rows.iter().filter(taken).any(|row| {
            row.state == ResourceState::Removed
                && !row.never_was()
                && kind.is_none_or(|kind| row.kind == kind)
        })
    };
    if !whole && !gone(None) {
        return None;
    }
    let there = |kind: ResourceKind| {
        rows.iter().any(|row| {
            row.kind == kind && matches!(row.state, ResourceState::Live | ResourceState::Leftover)
        })
    };
    let cleared = |kind| (gone(Some(kind)) && !there(kind)).then_some(None);
    Some(CustomerPatch {
        status: Some(CustomerStatus::Inactive),
        production_url: Some(None),
        github_repo_url: cleared(ResourceKind::Repository),
        supabase_project_ref: cleared(ResourceKind::SupabaseProject),
        database_url: cleared(ResourceKind::DatabaseUrl).map(|_: Option<String>| None),
        ..CustomerPatch::default()
    })
}

/// The state in which an undone run ends.
pub(crate) const fn ended(purpose: Purpose) -> RunState {
    match purpose {
        Purpose::Provision => RunState::RolledBack,
        // Removing is what it was for.
        Purpose::Deprovision => RunState::Succeeded,
    }
}
