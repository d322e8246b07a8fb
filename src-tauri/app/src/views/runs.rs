//! A run's screen and the list of runs.

use fabrik_domain::{
    Problem,
    blueprint::StepKind,
    customer::Customer,
    event::RunEvent,
    id::CustomerId,
    provider::Provider,
    resource::Resource,
    run::{Run, RunState, StepState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::MailView;

/// A run with everything the run screen shows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunDetail {
    /// The run.
    pub run: Run,
    /// Whose.
    pub customer: Customer,
    /// Its steps, in the blueprint's order.
    pub steps: Vec<StepView>,
    /// What it made, adopted or will make, in the blueprint's order.
    pub resources: Vec<Resource>,
    /// The run's events, the oldest first, at most the last 500.
    pub events: Vec<RunEvent>,
    /// Where the instance answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub instance_url: Option<String>,
    /// The longest chain of usual times, in seconds.
    pub expected_seconds: f64,
    /// How the owner was told by mail that it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub owner_mail: Option<MailView>,
    /// This process drives it; else another does, or none.
    pub owned_here: bool,
    /// The process that is at work on it now; none where it stands still or has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub driver: Option<Driver>,
    /// It can't be taken on any more: a later run has removed what it left, or has made it its own.
    pub superseded: bool,
    /// It can't be taken back any more: a later run uses all that it made.
    pub taken_over: bool,
    /// Why it can't be gone on with, where its customer has another subdomain by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub renamed: Option<Problem>,
    /// Now, by the clock that the times above are of.
    #[ts(type = "string")]
    pub now: Timestamp,
}

/// A step of a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StepView {
    /// The blueprint's short name.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// The vendor; none for Fabrik's own steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub provider: Option<Provider>,
    /// Where it stands.
    pub state: StepState,
    /// Calls that were begun for its action.
    pub attempts: u32,
    /// Until when it waits before it goes on: a vendor has asked for it, or a call is tried again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub waits_until: Option<Timestamp>,
    /// What it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// What it needs first.
    pub needs: Vec<String>,
    /// How long it usually takes, in seconds.
    pub usual_seconds: f64,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub finished_at: Option<Timestamp>,
    /// Why it failed or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<Problem>,
}

/// A run in the list of runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunRow {
    /// The run.
    #[serde(flatten)]
    pub run: Run,
    /// The customer's name.
    pub customer_name: String,
    /// Steps complete.
    pub steps_done: u32,
    /// Steps in all.
    pub steps_total: u32,
    /// How many things are still there of those that it left over; none of a run that has told of no such thing. The run's
    /// state stays what it ended in, and with 0 another run has taken them away since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<u32>,
    /// The process that is at work on it now; none where it stands still or has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub driver: Option<Driver>,
}

/// A process that drives a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Driver {
    /// It is this one.
    pub here: bool,
    /// The machine it runs on.
    pub machine: String,
    /// Its number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub process: Option<u32>,
}

/// A part of the list of runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunPage {
    /// The rows asked for.
    pub runs: Vec<RunRow>,
    /// How many match.
    #[ts(type = "number")]
    pub total: u64,
    /// How many there are of each state that is found, whatever states are asked for.
    pub counts: Vec<RunCount>,
}

/// How many runs are in a state.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunCount {
    /// The state.
    pub state: RunState,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// What came of beginning many runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct ProvisionMany {
    /// Those under way, in the order asked for.
    pub begun: Vec<Run>,
    /// Those that could not begin; nothing was made for them.
    pub refused: Vec<RefusedCustomer>,
}

/// A customer whose run could not begin.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RefusedCustomer {
    /// Whose.
    pub customer: CustomerId,
    /// The first thing that stands in the way.
    pub problem: Problem,
}

/// A customer's own domain that has waited for its DNS records.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DomainView {
    /// Whose.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// The domain.
    pub domain: String,
    /// It is verified, and the instance answers there.
    pub verified: bool,
    /// Why it isn't, with the records that are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// Since when it has waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub since: Option<Timestamp>,
}
