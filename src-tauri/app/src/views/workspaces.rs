//! Workspaces.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The workspaces of this data directory.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Workspaces {
    /// Each, the sandbox first.
    pub workspaces: Vec<WorkspaceView>,
    /// The variable that decides which is opened, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fixed_by: Option<String>,
    /// Where all of them lie.
    pub data_directory: String,
    /// The open one's central database.
    pub database: String,
}

/// A workspace.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkspaceView {
    /// Its name.
    pub name: String,
    /// Nothing is made for real in it.
    pub sandbox: bool,
    /// It is the one that is open.
    pub open: bool,
    /// The next start opens it.
    pub next: bool,
}
