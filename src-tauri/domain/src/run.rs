//! A run of a customer's blueprint, its steps, and the plan that precedes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    blueprint::{Blueprint, MonthlyPrice, StepKind},
    customer::Customer,
    id::{CustomerId, RunId},
    problem::Problem,
    provider::Provider,
    resource::{Found, Resource},
    secret::SecretRef,
};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Written, not begun.
    Queued,
    /// Under way in the process that owns it.
    Running,
    /// Stands still until somebody or something outside acts; see [`WaitReason`].
    Waiting,
    /// Being undone.
    Undoing,
    /// Everything is there.
    Succeeded,
    /// A step failed; what exists was kept.
    Failed,
    /// Everything it made was removed.
    RolledBack,
    /// Undone, but for what could not be removed.
    Leftovers,
    /// Stopped by the owner; what exists was kept.
    Cancelled,
    /// Its process ended in the middle; it can be resumed.
    Interrupted,
}

impl RunState {
    /// `queued`, `running` …
    pub const fn key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Undoing => "undoing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Leftovers => "leftovers",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// It has not ended: no other run of the customer may begin.
    pub const fn is_active(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Running | Self::Waiting | Self::Undoing | Self::Interrupted
        )
    }

    /// `runs resume` can take it on.
    pub const fn can_resume(self) -> bool {
        self.is_active() || matches!(self, Self::Failed | Self::Cancelled)
    }

    /// `runs rollback` can take it on: it has made something, or may have, and has not succeeded.
    pub const fn can_roll_back(self) -> bool {
        self.can_resume() || matches!(self, Self::Leftovers)
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To make the customer's instance.
    #[default]
    Provision,
    /// To remove it.
    Deprovision,
}

/// Why a run stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// A token is missing, revoked or too narrow.
    NeedsCredential,
    /// The owner must choose.
    NeedsDecision,
    /// The vendor takes longer than the ceiling.
    NotReadyYet,
    /// A limit that only time lifts.
    Quota,
}

/// What to do when a step fails for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// Undo what this run made.
    #[default]
    Rollback,
    /// Keep what exists; the owner mends and resumes.
    Keep,
}

/// Where a step stands, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not begun.
    #[default]
    Pending,
    /// Under way.
    Running,
    /// Waits for something outside without holding the run.
    Deferred,
    /// Made.
    Done,
    /// Was there and is ours.
    Adopted,
    /// Nothing to do.
    Skipped,
    /// Failed for good.
    Failed,
    /// Being undone.
    Undoing,
    /// Undone.
    Undone,
    /// Could not be undone.
    Leftover,
}

impl StepState {
    /// Its outputs are there.
    pub const fn is_complete(self) -> bool {
        matches!(
            self,
            Self::Deferred | Self::Done | Self::Adopted | Self::Skipped
        )
    }
}

/// How far a step's action has come, for the engine: the journal, written ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No call that changes anything was made.
    #[default]
    Untouched,
    /// The call may have been made.
    Intended,
    /// The vendor's id is known.
    Created,
    /// The outputs are known.
    Ready,
}

/// What a step hands to those that need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// A value anybody may read.
    Public(String),
    /// Where a secret is.
    Secret(SecretRef),
}

/// A step's outputs by name.
pub type Outputs = BTreeMap<String, Output>;

/// A row of the table `run_steps`: the journal's state of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The blueprint's short name of the step.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// For people.
    pub state: StepState,
    /// For the engine.
    pub phase: Phase,
    /// The step's revision when the run began.
    pub revision: u32,
    /// Calls to the vendor that were begun for the action, retries included.
    pub attempts: u32,
    /// Of these, the failed ones since the last that succeeded: after some the step gives up.
    #[serde(default)]
    pub failures: u32,
    /// No retry before this.
    pub not_before: Option<Timestamp>,
    /// When the current intent was written.
    pub intended_at: Option<Timestamp>,
    /// What `find` saw before the intent, in the step's own shape.
    pub evidence: Option<serde_json::Value>,
    /// What it made or adopted.
    pub resource: Option<Found>,
    /// Ids that the owner has said not to be ours (see [`Decision::New`]).
    #[serde(default)]
    pub ruled_out: Vec<String>,
    /// What it hands on.
    pub outputs: Outputs,
    /// The last failure.
    pub error: Option<Problem>,
    /// When it left `pending`.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// The owner's word where only the owner can tell (see `Cause::Ambiguous`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// This one is the customer's. No rollback will ever delete it.
    Adopt {
        /// The vendor's id.
        id: String,
    },
    /// None of them is: another is made.
    New,
}

/// What a run began with; a resume uses this and not what has changed since (rule 11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The whole blueprint.
    pub blueprint: Blueprint,
    /// The customer's inputs.
    pub customer: Customer,
    /// The workspace's settings: accounts, owners, base URLs. No secrets.
    pub settings: BTreeMap<String, String>,
    /// The names the steps computed, by step: found by id first, then by these.
    pub names: BTreeMap<String, String>,
}

/// A row of the table `runs`, without its snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Run {
    /// Ours.
    pub id: RunId,
    /// Counts the workspace's runs, for people: "run 214".
    #[ts(type = "number")]
    pub number: i64,
    /// Whose.
    pub customer: CustomerId,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: RunState,
    /// Why it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<WaitReason>,
    /// What ended it, or what it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<Problem>,
    /// What to do when a step fails.
    pub on_failure: OnFailure,
    /// Who pressed the button: `name@machine`.
    pub operator: String,
    /// The blueprint's name.
    pub blueprint: String,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub finished_at: Option<Timestamp>,
    /// When its undoing began: from then on it only goes back. RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub undo_began_at: Option<Timestamp>,
}

/// What a run would do about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Make it.
    Create,
    /// Take what is there and ours.
    Adopt,
    /// Nothing.
    Skip,
    /// Can't: something that isn't ours is in the way.
    Conflict,
    /// Can't: see `because`.
    Blocked,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PlannedStep {
    /// The blueprint's short name of the step.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// What would be done.
    pub action: Action,
    /// The name of what would be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Why it can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub because: Option<Problem>,
    /// How long it usually takes, in seconds.
    pub expected_seconds: f64,
}

/// What a removal would do about a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// Taken away by a call of its own.
    Removed,
    /// Goes with what it lies in.
    Covered {
        /// The name of what it lies in.
        by: String,
    },
    /// Stays, since no run of ours made it.
    Adopted,
    /// Stays, since it can't be taken back (a mail).
    Sent,
}

/// A resource in the plan of a removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlannedRemoval {
    /// What.
    pub resource: Resource,
    /// What becomes of it.
    #[serde(flatten)]
    pub fate: Fate,
}

/// The plan of a removal, in the order in which it would go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RemovalPlan {
    /// Whose.
    pub customer: Customer,
    /// What goes and what stays.
    pub resources: Vec<PlannedRemoval>,
    /// Settings that name what all customers share; it is never touched.
    pub shared: Vec<String>,
}

/// How the vendors' limits let runs go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Allowance {
    /// Whose limit is the tightest.
    pub provider: Provider,
    /// How many runs an hour the documented limits allow.
    pub per_hour: u32,
    /// When the last of them could be done. RFC 3339, UTC.
    #[ts(type = "string")]
    pub done_at: Timestamp,
}

/// A dry run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Plan {
    /// Whose.
    pub customer: Customer,
    /// A run would begin.
    pub can_run: bool,
    /// The steps, in the blueprint's order.
    pub steps: Vec<PlannedStep>,
    /// Everything that stands in the way, all at once.
    pub missing: Vec<Problem>,
    /// The longest chain of steps, in seconds.
    pub expected_seconds: f64,
    /// How long the vendors' limits make it take, where they limit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub limits: Option<Allowance>,
    /// What the vendors will ask a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub monthly_price: Option<MonthlyPrice>,
}
