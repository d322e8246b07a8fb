//! The frame of the window: where we are and what is going on.

use fabrik_domain::{
    id::{CustomerId, RunId},
    language::Language,
    run::RunState,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The frame of the window: where we are and what is going on.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Overview {
    /// Fabrik's version.
    pub version: String,
    /// The workspace's name.
    pub workspace: String,
    /// Nothing is made for real.
    pub sandbox: bool,
    /// The language chosen, else the system's.
    pub language: Language,
    /// The language chosen; none follows the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub chosen_language: Option<Language>,
    /// The theme chosen.
    pub theme: Theme,
    /// How much room a row has.
    pub density: Density,
    /// How many customers there are.
    #[ts(type = "number")]
    pub customers: u64,
    /// Runs under way now, in this or another process, and those that wait for somebody.
    pub active_runs: Vec<ActiveRun>,
    /// Runs that a process left in the middle and that can be resumed.
    pub interrupted_runs: Vec<ActiveRun>,
    /// How many runs left something over that the owner is to see to.
    #[ts(type = "number")]
    pub leftover_runs: u64,
    /// How many requests wait for the owner.
    #[ts(type = "number")]
    pub open_requests: u64,
}

/// A run, in the frame.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ActiveRun {
    /// The run.
    pub run: RunId,
    /// Whose.
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// Where it stands.
    pub state: RunState,
    /// Which interruption it stands at: another each time that it went on and is interrupted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub interruption: Option<i64>,
}

/// How much room a row has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// As many rows as can be read.
    #[default]
    Compact,
    /// More room around each.
    Comfortable,
}

/// Light, dark, or as the system is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
