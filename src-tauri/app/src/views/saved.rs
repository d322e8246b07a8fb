//! Files that were kept for the owner, and folders that can be opened.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A file that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedFile {
    /// Its name.
    pub name: String,
    /// Where it is, its name included.
    pub path: String,
}

/// A folder that the window can have opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    /// The data directory.
    Data,
    /// The workspace's own blueprints.
    Blueprints,
    /// Where files are kept for the owner.
    Downloads,
}

/// As what customers are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Rows, whose cells no spreadsheet takes for formulas.
    Csv,
    /// A document.
    Json,
}

/// What is shown of Fabrik to whoever helps: no secret is in it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DiagnosticBundle {
    /// All of it, as it would be kept.
    pub text: String,
}
