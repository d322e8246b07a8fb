//! The customer list, a customer's screen, and an import.

use std::collections::BTreeMap;

use fabrik_domain::{
    Problem,
    blueprint::MonthlyPrice,
    customer::{Customer, InstanceState},
    id::RunId,
    provider::Provider,
    resource::Resource,
    run::Run,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{BlueprintSummary, DomainView};

/// A part of the customer list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CustomerPage {
    /// The rows asked for.
    pub customers: Vec<CustomerRow>,
    /// How many match.
    #[ts(type = "number")]
    pub total: u64,
}

/// How many customers are in a state.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StateCount {
    /// The state.
    pub state: InstanceState,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// How many customers there are, by what a list can be narrowed by.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CustomerCounts {
    /// Of each state, those that no customer is in too.
    pub states: Vec<StateCount>,
    /// Of each plan, the most first.
    pub plans: Vec<NameCount>,
    /// Of each blueprint, the most first.
    pub blueprints: Vec<NameCount>,
}

/// How many there are of a name.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NameCount {
    /// The name.
    pub name: String,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// A row of the customer list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CustomerRow {
    /// The customer.
    #[serde(flatten)]
    pub customer: Customer,
    /// What the row shows first.
    pub state: InstanceState,
    /// The vendors of its blueprint; none where the blueprint is not known.
    pub stack: Vec<StackMark>,
    /// Its newest run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_run: Option<Run>,
    /// What the vendors ask a month for its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub monthly_price: Option<MonthlyPrice>,
    /// How long its provisioning usually takes, in seconds.
    pub expected_seconds: f64,
    /// How far its newest run has come, while that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub progress: Option<StepProgress>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StepProgress {
    /// Steps that are done; of a removal, those that are undone.
    pub done: u32,
    /// Steps in all.
    pub total: u32,
}

/// A vendor in a customer's row.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StackMark {
    /// The vendor.
    pub provider: Provider,
    /// What there is of it.
    pub state: MarkState,
}

/// What there is of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MarkState {
    /// Nothing yet.
    Absent,
    /// A step of it is under way.
    SettingUp,
    /// Everything is there, but for what is waited for outside: a domain's DNS records.
    Deferred,
    /// Everything is there.
    Live,
    /// A step of it failed or waits.
    NeedsYou,
}

/// A customer with everything the detail screen shows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CustomerDetail {
    /// As in the list.
    pub row: CustomerRow,
    /// Links to the instance, by what they open.
    pub links: Vec<InstanceLink>,
    /// A card per vendor of the blueprint, in the blueprint's order.
    pub cards: Vec<InstanceCard>,
    /// Its domains that wait for their DNS records.
    pub domains: Vec<DomainView>,
    /// Everything that was made or adopted for it, the newest first.
    pub resources: Vec<Resource>,
    /// Its runs, the newest first.
    pub runs: Vec<Run>,
    /// What happened to it, the newest first.
    pub activity: Vec<Activity>,
    /// Its modules are others than a run has brought its instance, in whole or in part: the next one brings the change.
    pub modules_changed: bool,
    /// Its plan is another than a run has brought its instance, in whole or in part: the next one brings the change.
    pub plan_changed: bool,
    /// It has an instance with members, to which more can be imported.
    pub takes_members: bool,
    /// The blueprint's title and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub blueprint: Option<BlueprintSummary>,
}

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum LinkTarget {
    /// The instance.
    Production,
    /// The repository.
    GitHub,
    /// The Supabase project.
    Supabase,
    /// The Vercel project.
    Vercel,
}

/// A link to the instance. Opened by Rust, which checks it again.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InstanceLink {
    /// What it opens.
    pub target: LinkTarget,
    /// Where.
    pub url: String,
}

/// A vendor's card on the detail screen.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InstanceCard {
    /// The vendor.
    pub provider: Provider,
    /// What there is of it.
    pub state: MarkState,
    /// The name of its main resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Its page at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub url: Option<String>,
    /// What is worth copying: project ref, `owner/name`, host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub copy: Option<String>,
    /// Facts, label over value.
    pub facts: Vec<Fact>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

/// A fact of a card.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Fact {
    /// Of what kind: the words are the UI's.
    pub label: FactLabel,
    /// Its value; a time is RFC 3339.
    pub value: String,
}

/// Kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FactLabel {
    /// Region of the database.
    Region,
    /// Tables in the database.
    Tables,
    /// The administrator's address.
    Administrator,
    /// Branch deployed from.
    Branch,
    /// The newest commit of ours.
    Commit,
    /// When the newest deployment was made.
    Deployment,
    /// The domain of its own.
    Domain,
    /// How many workflows there are.
    Workflows,
    /// To any second of so many days the database can go back.
    RecoveryDays,
    /// When it was made.
    CreatedAt,
    /// Whether we made it or found it.
    Origin,
}

/// An entry of a customer's activity.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Activity {
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Who.
    pub operator: String,
    /// The audit log's verb: `customer.added`, `run.succeeded` …
    pub action: String,
    /// The run it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<RunId>,
    /// The run's number, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub run_number: Option<i64>,
    /// Fields that were changed, or other facts by name.
    pub facts: BTreeMap<String, String>,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ImportProgress {
    /// Pieces of work that are done: each row is read, then written.
    #[ts(type = "number")]
    pub done: u64,
    /// Of so many; 0 while that is not known.
    #[ts(type = "number")]
    pub total: u64,
}

/// What an import of customers did, or would do.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CustomerImport {
    /// A row per row of the file; in a window, of a long file, those that are refused first, and not all.
    pub rows: Vec<ImportedRow>,
    /// How many were (or would be) added.
    #[ts(type = "number")]
    pub added: u64,
    /// How many were refused.
    #[ts(type = "number")]
    pub refused: u64,
    /// Nothing was kept.
    pub dry_run: bool,
    /// The blueprint of the rows that name none, where there are several and nobody chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub assumed: Option<String>,
}

/// A row of an import.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportedRow {
    /// Its line (CSV) or place (JSON) in the file, from 1.
    #[ts(type = "number")]
    pub line: u64,
    /// The name in it.
    pub name: String,
    /// The customer, where it was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub customer: Option<Customer>,
    /// Why it was refused: every fault.
    pub problems: Vec<Problem>,
}
