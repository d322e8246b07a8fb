//! Blueprints in a list.

use fabrik_domain::{
    Problem,
    blueprint::{Bilingual, MonthlyPrice, StepKind},
    provider::Provider,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A blueprint in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BlueprintSummary {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// For people.
    pub title: Bilingual,
    /// For people.
    pub description: Bilingual,
    /// Its plans, the default first.
    pub plans: Vec<PlanSummary>,
    /// Its modules.
    pub modules: Vec<String>,
    /// The vendors it needs.
    pub providers: Vec<Provider>,
    /// Its steps, by short name and kind.
    pub steps: Vec<StepSummary>,
    /// The longest chain of usual times, in seconds.
    pub expected_seconds: f64,
}

/// A plan of a blueprint.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PlanSummary {
    /// Its name, as stored.
    pub name: String,
    /// For people.
    pub title: Bilingual,
    /// What the vendors ask a month for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub monthly_price: Option<MonthlyPrice>,
}

/// A step of a blueprint.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StepSummary {
    /// The blueprint's short name.
    pub id: String,
    /// Its kind.
    pub kind: StepKind,
    /// The vendor it is done at; none for one of Fabrik's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub provider: Option<Provider>,
    /// What it needs first.
    pub needs: Vec<String>,
}

/// A blueprint of the workspace, also one that can't be used.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BlueprintOnShelf {
    /// Its name.
    pub name: String,
    /// What it is; none where it can't be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub summary: Option<BlueprintSummary>,
    /// Why it can't be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// How many customers have it.
    #[ts(type = "number")]
    pub customers: u64,
}

/// A blueprint, to be read and changed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BlueprintContents {
    /// Its name.
    pub name: String,
    /// In the workspace's own folder: a built-in one is copied, not changed.
    pub own: bool,
    /// Of all files, as a run compares it.
    pub hash: String,
    /// In the order of their paths, the manifest first.
    pub files: Vec<BlueprintFile>,
    /// How many customers have it.
    #[ts(type = "number")]
    pub customers: u64,
}

/// A version of a blueprint that another took the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlueprintVersion {
    /// As its manifest counts; 0 where that can't be read.
    pub version: u32,
    /// The beginning of its files' hash, by which it is known.
    pub hash: String,
    /// When another took its place: RFC 3339, UTC.
    #[ts(type = "string")]
    pub replaced_at: Timestamp,
}

/// A text of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlueprintFile {
    /// From the blueprint's folder, with `/` on every system.
    pub path: String,
    /// The whole of it.
    pub text: String,
}

/// What is wrong with a blueprint, its SQL tried on a database.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BlueprintCheck {
    /// Each fault; none where it is well.
    pub faults: Vec<BlueprintFault>,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub checked_at: Timestamp,
}

/// A fault of a blueprint, in the command line's words.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BlueprintFault {
    /// The file, relative to the blueprint's folder.
    pub file: String,
    /// From 1, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub line: Option<u64>,
    /// The step, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub step: Option<String>,
    /// The place in the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}
