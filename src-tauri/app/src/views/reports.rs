//! A run as docs/command-line.md promises it to scripts: `provision` and `runs show`.

use fabrik_domain::{
    Problem,
    blueprint::StepKind,
    customer::Customer,
    id::RunId,
    provider::Provider,
    resource::{Origin, ResourceKind, ResourceState},
    run::{OnFailure, Purpose, RunState, StepState, WaitReason},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::MailView;

/// What `provision` and `runs show` print with `--json`; docs/command-line.md promises its fields.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunReport {
    /// Whose.
    pub customer: Customer,
    /// The run.
    pub run: ReportedRun,
    /// Where the instance answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub instance_url: Option<String>,
}

/// A run in a [`RunReport`].
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportedRun {
    /// The run.
    pub id: RunId,
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
    /// Who pressed the button.
    pub operator: String,
    /// What to do when a step fails.
    pub on_failure: OnFailure,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// RFC 3339, UTC; null while it has not ended.
    #[ts(type = "string | null")]
    pub finished_at: Option<Timestamp>,
    /// Its steps.
    pub steps: Vec<ReportedStep>,
    /// What it made or adopted.
    pub resources: Vec<ReportedResource>,
    /// How the owner was told by mail that it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub owner_mail: Option<MailView>,
    /// Why its end is not in the agency's own table yet, as found by the process that drove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source_problem: Option<Problem>,
    /// Why it can't be gone on with, where its customer has by now another subdomain than the one that it names by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub renamed: Option<Problem>,
}

/// A step in a [`RunReport`].
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportedStep {
    /// The blueprint's short name.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// Where it stands.
    pub state: StepState,
    /// Calls that were begun for its action.
    pub attempts: u32,
    /// Until when it waits before it goes on: a vendor has asked for it, or a call is tried again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub waits_until: Option<Timestamp>,
    /// When it began; null before.
    #[ts(type = "string | null")]
    pub started_at: Option<Timestamp>,
    /// When it ended; null before.
    #[ts(type = "string | null")]
    pub finished_at: Option<Timestamp>,
    /// Why it failed or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<Problem>,
}

/// A resource in a [`RunReport`].
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportedResource {
    /// The step that made or adopted it; in a removal the one that takes it away.
    pub step: String,
    /// The vendor.
    pub provider: Provider,
    /// What it is.
    pub kind: ResourceKind,
    /// The vendor's id.
    pub id: String,
    /// The vendor's name for it.
    pub name: String,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub url: Option<String>,
    /// Whether this run made it.
    pub origin: Origin,
    /// Where it stands.
    pub state: ResourceState,
}
