//! Settings.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A setting, with where its value comes from.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SettingView {
    /// Its key.
    pub key: String,
    /// What holds; of a secret nothing is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub value: Option<String>,
    /// Where that comes from.
    pub source: SettingSource,
    /// One is stored too, which that goes before: a variable, or the sandbox.
    pub overruled: bool,
    /// The variable that would win.
    pub variable: String,
    /// Its value is in the keyring, and comes in by a command of its own.
    pub secret: bool,
}

/// Where a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    /// Nothing is set.
    Unset,
    /// What holds where nothing is set.
    Default,
    /// The workspace's own.
    Stored,
    /// A variable.
    Environment,
    /// The sandbox.
    Sandbox,
}
