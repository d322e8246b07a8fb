//! Blueprints in a list.

use fabrik_domain::{
    blueprint::{Bilingual, MonthlyPrice, StepKind},
    provider::Provider,
};
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
    /// What it needs first.
    pub needs: Vec<String>,
}
