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

/// Where the open workspace's central database is, from the next start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DatabaseView {
    /// A file's path, or a server's address without its password.
    pub place: String,
    /// It is on a server, which several desktops can share.
    pub server: bool,
    /// What goes to the server is encrypted, and its certificate checked.
    pub encrypted: bool,
    /// Another one is open until Fabrik is started again. Where none could be opened, this one is used at once.
    pub restart: bool,
    /// What was moved there just now, table by table.
    pub moved: Vec<MovedTable>,
    /// The server that was left just now, whose records stay there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<String>,
    /// Who else has changed those of late, as `name@machine`.
    pub others: Vec<String>,
}

/// A table whose records were moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MovedTable {
    /// Its name.
    pub table: String,
    /// How many rows, each compared.
    #[ts(type = "number")]
    pub rows: u64,
}

/// A copy of the central database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DatabaseCopy {
    /// The day it was made, in UTC: `2026-11-22`.
    pub day: String,
    /// How large it is.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// What going back to a copy came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RestoredDatabase {
    /// The day of the copy.
    pub day: String,
    /// The file in which the database is that was there before.
    pub set_aside: String,
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
