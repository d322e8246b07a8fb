//! Runs as they are written: a new one, its lease, an entry of its journal.

use std::time::Duration;

use fabrik_domain::{
    Problem,
    customer::CustomerPatch,
    event::RunEvent,
    id::{CustomerId, RunId},
    resource::Resource,
    run::{OnFailure, Purpose, RunState, Snapshot, StepRecord, WaitReason},
};
use jiff::Timestamp;

use crate::NewAudit;

/// Which runs are asked for; the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct RunQuery {
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Words that must all be found in the customer's texts or the operator's name, or be the run's number; case
    /// of no weight, nor accents in the customer's.
    pub search: Option<String>,
    /// Only those in one of these states; empty is all.
    pub states: Vec<RunState>,
    /// At most so many; 0 is all.
    #[ts(type = "number")]
    pub limit: u64,
    /// After so many.
    #[ts(type = "number")]
    pub offset: u64,
}

/// A run to be written, with its steps.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Made by the caller.
    pub id: RunId,
    /// Whose.
    pub customer: CustomerId,
    /// What it is for.
    pub purpose: Purpose,
    /// What it begins with.
    pub snapshot: Snapshot,
    /// What to do when a step fails.
    pub on_failure: OnFailure,
    /// Who pressed the button.
    pub operator: String,
    /// One row per step, in the blueprint's order.
    pub steps: Vec<StepRecord>,
    /// When.
    pub at: Timestamp,
}

impl NewRun {
    /// See [`Snapshot::assert_named`]. A removal makes nothing.
    pub(crate) fn assert_named(&self, subdomain: &str) -> Result<(), Problem> {
        match self.purpose {
            Purpose::Provision => self.snapshot.assert_named(subdomain),
            Purpose::Deprovision => Ok(()),
        }
    }
}

/// The right to write a run's journal, until it expires or another takes it over: one process at a time
/// drives a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The run.
    pub run: RunId,
    /// The process.
    pub owner: String,
    /// Grows with each owner; a write with a stale number is refused.
    pub fence: i64,
    /// Until when.
    pub expires: Timestamp,
    /// Where processes before this one did not give it back: until when they may have sent calls.
    pub sent_until: Option<Timestamp>,
}

/// What an entry does with the lease it is written under, in the same commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Nothing: it must be valid.
    #[default]
    AsItIs,
    /// Keeps it for so long from now, one that has expired too as long as nobody took it.
    For(Duration),
    /// Gives the run free, for whoever takes it on next.
    Free,
}

/// What is known of an owner that has not given its run back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone<'a> {
    /// The owner that is known to have ended: its run can be taken at once, and it sends nothing more.
    pub dead: Option<&'a str>,
    /// How long after the end of its lease one that may only be asleep can still have a call on its way.
    pub late: Duration,
}

/// A change of a run's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunChange {
    /// Its new state.
    pub state: RunState,
    /// Why it waits.
    pub reason: Option<WaitReason>,
    /// What ended it, or what it waits for.
    pub error: Option<Problem>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When its undoing began; where there is none, the one that was written before stays.
    pub undo_began_at: Option<Timestamp>,
}

/// One entry of the journal: everything in it is written in one transaction or not at all.
#[derive(Clone, Debug, Default)]
pub struct JournalEntry {
    /// What becomes of the lease.
    pub hold: Hold,
    /// The run's new state.
    pub run: Option<RunChange>,
    /// Steps' new rows.
    pub steps: Vec<StepRecord>,
    /// Resources, by their own key: new rows or new states of old ones.
    pub resources: Vec<Resource>,
    /// Instance fields of the run's customer.
    pub customer: Option<CustomerPatch>,
    /// It failed then: a mail to the owner falls due, once for each such time.
    pub failed_at: Option<Timestamp>,
    /// What the reader is told.
    pub events: Vec<RunEvent>,
    /// What the audit log keeps.
    pub audit: Option<NewAudit>,
}
