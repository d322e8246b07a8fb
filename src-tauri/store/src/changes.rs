//! The hints by which other processes and windows follow the records.

/// What kind of record changed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    ts_rs::TS,
    PartialOrd,
    Ord,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A customer was added, changed or removed.
    Customers,
    /// A run or one of its steps.
    Runs,
    /// A request of the inbox was added, changed or decided; or Stripe was read.
    Requests,
    /// A setting.
    Settings,
    /// A credential was set, tested or removed.
    Credentials,
}

/// Whether the database tells of changes by itself, and how often it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// It does, as far as is known: nobody needs to ask. Where the way to it is cut, or deaf, somebody must.
    pub listening: bool,
    /// Grows with each reason to look.
    pub times: u64,
}

/// A hint that something changed: other processes and windows follow the growing number.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Change {
    /// Grows; numbers may be missing.
    #[ts(type = "number")]
    pub number: i64,
    /// What kind of record.
    pub topic: Topic,
    /// The record's id or key; empty where many changed.
    pub id: String,
}
