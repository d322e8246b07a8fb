//! What `doctor` found.

use fabrik_domain::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::DatabaseCopy;

/// What `doctor` found.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Diagnosis {
    /// Everything is well.
    pub healthy: bool,
    /// A row per thing looked at.
    pub findings: Vec<Finding>,
    /// The copies of the central database, the newest first.
    pub copies: Vec<DatabaseCopy>,
}

/// A thing `doctor` looked at.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Finding {
    /// What.
    pub subject: FindingSubject,
    /// Its name: a path, a provider, a backend.
    pub name: String,
    /// What is wrong; none where it is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// It is not needed for anything now.
    pub optional: bool,
    /// Nothing is wrong with it that waiting doesn't mend: a vendor's limit is used up.
    pub waits: bool,
}

/// What `doctor` looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindingSubject {
    /// The data directory.
    DataDirectory,
    /// The central database.
    Database,
    /// The cloud on this machine.
    Sandbox,
    /// The keyring.
    Keyring,
    /// A vendor's host.
    Network,
    /// A provider's token.
    Credential,
    /// A setting.
    Setting,
    /// The workspace as a whole.
    Workspace,
}
