//! The agency's own table of customers: what is connected, what there is to connect, what came of it.

use fabrik_domain::{
    Problem,
    customer::NewCustomer,
    mapping::{Mapping, Relation},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Preset;

/// What is connected.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourceView {
    /// The table; none where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub connected: Option<ConnectedSource>,
}

/// A connected table.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConnectedSource {
    /// The database's address, without a password.
    pub place: String,
    /// What means what.
    pub mapping: Mapping,
    /// When this process last looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub seen_at: Option<Timestamp>,
    /// What stood in the way then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub report: Option<SourceReport>,
    /// How many runs have ended whose results are still to be written.
    #[ts(type = "number")]
    pub untold: u64,
}

/// What there is to connect.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourceLook {
    /// The tables and views that may be read.
    pub tables: Vec<Relation>,
    /// The system that the proposal is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub preset: Option<Preset>,
    /// The columns of the table that the proposal reads.
    pub columns: Vec<SourceColumnView>,
    /// Those of the table that results would go to.
    pub written: Vec<SourceColumnView>,
    /// A proposal; none where no table was named and none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mapping: Option<Mapping>,
}

/// A column of a table.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourceColumnView {
    /// Its name.
    pub name: String,
    /// Its type, as the database writes it.
    pub kind: String,
}

/// What a mapping would do.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourcePreview {
    /// Everything that is wrong with it; rows are shown where nothing is.
    pub problems: Vec<Problem>,
    /// That row security may keep some of its rows back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_back: Option<Problem>,
    /// The first ten rows.
    pub rows: Vec<SourceRowView>,
}

/// A row of a table, as a customer.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourceRowView {
    /// Its id there.
    pub key: String,
    /// The name in it.
    pub name: String,
    /// The customer; none where its status says that it is none, or something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub customer: Option<NewCustomer>,
    /// Whether it asks to become one, in the inbox.
    pub asks: bool,
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
}

/// What came of a look at the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceReport {
    /// How many rows it has.
    #[ts(type = "number")]
    pub rows: u64,
    /// How many customers were added.
    #[ts(type = "number")]
    pub added: u64,
    /// How many went to the inbox.
    #[ts(type = "number")]
    pub asked: u64,
    /// How many were changed.
    #[ts(type = "number")]
    pub changed: u64,
    /// How many are as they were.
    #[ts(type = "number")]
    pub unchanged: u64,
    /// How many rows are no customers, by their status.
    #[ts(type = "number")]
    pub skipped: u64,
    /// How many rows were refused.
    #[ts(type = "number")]
    pub refused: u64,
    /// The first hundred of them.
    pub refusals: Vec<RefusedSourceRow>,
    /// How many customers have an id that the table has not. They stay.
    #[ts(type = "number")]
    pub absent: u64,
    /// How many runs' results were written.
    #[ts(type = "number")]
    pub told: u64,
    /// Those that the table refused; they are tried again.
    pub untold: Vec<RefusedSourceRow>,
    /// That row security may keep some of its rows back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_back: Option<Problem>,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefusedSourceRow {
    /// Its id there.
    pub key: String,
    /// The name in it.
    pub name: String,
    /// Every fault.
    pub problems: Vec<Problem>,
}
