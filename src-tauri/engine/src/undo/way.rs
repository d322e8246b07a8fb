//! The way back of a whole run: from its first entry to where it ends or stands still.

use std::{ops::ControlFlow, sync::Mutex};

use fabrik_domain::{
    Problem,
    customer::{CustomerPatch, CustomerStatus},
    event::{Happening, RunEvent},
    resource::{Resource, ResourceKind, ResourceState},
    run::{Purpose, Run, RunState, StepRecord, StepState},
};
use fabrik_store::{JournalEntry, RunChange, RunQuery};
use jiff::Timestamp;
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
        let began = match self.begin_back(journal, run, &why).await? {
            ControlFlow::Continue(began) => began,
            ControlFlow::Break(kept) => return Ok(kept),
        };
        let of_customer = RunQuery {
            customer: Some(run.customer),
            ..RunQuery::default()
        };
        let rows = || self.store.resources(run.customer);
        let steps = || self.store.steps(run.id);
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
        let told = if matches!(run.state, RunState::Undoing | RunState::Interrupted) {
            self.read(|| self.store.events_since(run.id, 0)).await?
        } else {
            Vec::new()
        };
        let retreat = Retreat {
            engine: self,
            factory,
            journal,
            run,
            rows: Mutex::new(known.into()),
            runs: &runs,
            lodgers: &lodgers,
            told: &told,
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
        let called_off = matches!(end, Back::Halted) && removes && self.read(asked).await?;
        let way = RunChange {
            error: why.error,
            undo_began_at: Some(began),
            ..under_way(RunState::Interrupted)
        };
        let change = self.at_end(run.purpose, &end, called_off, way);
        let mut entry = JournalEntry::default();
        if called_off {
            entry.steps = standing_still(&steps);
        }
        if removes {
            let rows = self.read(rows).await?;
            entry.customer = without_instance(&steps, &rows, matches!(end, Back::Clear));
        }
        self.end(journal, run, change, entry).await
    }

    /// Why a run goes back that was asked to, or that went back before. What it waited for, or could not drop, is not what
    /// it failed at: that was told when it did.
    pub(crate) async fn why_asked(&self, run: &Run) -> Result<Why, Problem> {
        let is_of_failure = match run.state {
            RunState::Failed | RunState::Undoing => true,
            RunState::Interrupted => run.undo_began_at.is_some(),
            _ => false,
        };
        let error = if is_of_failure {
            run.error.clone()
        } else {
            let told = || self.store.events_since(run.id, 0);
            let failed = failure(&self.read(told).await?);
            // A run that came to its deadline failed at no step.
            let of_run = run.error.clone().filter(|problem| {
                run.state == RunState::Leftovers && !problem.cause.is_of_keyring()
            });
            failed.or(of_run)
        };
        Ok(Why {
            error,
            failed: false,
            whatever: false,
        })
    }

    /// Says that the run goes back, and returns since when; or ends it as it is, where what it made is to be kept.
    async fn begin_back(
        &self,
        journal: &Journal<'_>,
        run: &Run,
        why: &Why,
    ) -> Result<ControlFlow<Run, Timestamp>, Problem> {
        let steps = self.read(|| self.store.steps(run.id)).await?;
        let late = handed_over(&steps, journal.lease().sent_until);
        let began = run.undo_began_at.unwrap_or_else(|| self.clock.now());
        let undoing = RunChange {
            error: why.error.clone(),
            undo_began_at: Some(began),
            ..under_way(RunState::Undoing)
        };
        let entry = JournalEntry {
            steps: late.clone(),
            audit: Some(audit(run, "undoing")),
            failed_at: why.failed.then_some(began),
            ..JournalEntry::default()
        };
        if why.whatever {
            journal.run_with(undoing, entry).await?;
        } else if !journal.begin_undo(undoing, entry).await? {
            // Whoever cancelled it a moment ago wants what it made kept.
            let state = if why.failed {
                RunState::Failed
            } else {
                RunState::Cancelled
            };
            let kept = RunChange {
                error: why.error.clone(),
                finished_at: Some(began),
                ..under_way(state)
            };
            let entry = JournalEntry {
                steps: late,
                ..JournalEntry::default()
            };
            let kept = self.end(journal, run, kept, entry).await?;
            return Ok(ControlFlow::Break(kept));
        }
        Ok(ControlFlow::Continue(began))
    }

    /// What a run says of itself once its way back came to this end: what it said on the `way`, and how that ended. Halted
    /// and not `called_off`, it only stands still.
    fn at_end(&self, purpose: Purpose, end: &Back, called_off: bool, way: RunChange) -> RunChange {
        match end {
            Back::Halted if called_off => RunChange {
                state: RunState::Cancelled,
                finished_at: Some(self.clock.now()),
                ..way
            },
            Back::Halted => way,
            Back::Waiting(reason, problem) => RunChange {
                state: RunState::Waiting,
                reason: Some(*reason),
                error: Some(problem.clone()),
                ..way
            },
            Back::Clear => RunChange {
                state: ended(purpose),
                finished_at: Some(self.clock.now()),
                ..way
            },
            Back::Leftovers(problem) => RunChange {
                state: RunState::Leftovers,
                finished_at: Some(self.clock.now()),
                error: problem.clone().or(way.error),
                ..way
            },
        }
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

/// What the way forward failed at when it was last gone, by what was told of it: the first step that did.
fn failure(told: &[RunEvent]) -> Option<Problem> {
    let goes_on = |event: &RunEvent| {
        matches!(
            event.what,
            Happening::Run {
                state: RunState::Running,
                ..
            }
        )
    };
    let fails = |event: &RunEvent| {
        let state = StepState::Failed;
        event.what == Happening::Step { state }
    };
    let forward = &told[told.iter().rposition(goes_on)?..];
    let at = forward.iter().position(fails)?;
    let step = &forward[at].step;
    let mut before = forward[..at].iter().rev();
    before.find_map(|event| match &event.what {
        Happening::Problem { problem } if event.step == *step => Some(problem.clone()),
        _ => None,
    })
}

/// Steps of a removal that nobody is at work on any more, nor about to try again.
fn standing_still(steps: &[StepRecord]) -> Vec<StepRecord> {
    let under_way = steps
        .iter()
        .filter(|step| step.state == StepState::Undoing)
        .cloned();
    under_way
        .map(|step| StepRecord {
            state: StepState::Pending,
            not_before: None,
            error: None,
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
