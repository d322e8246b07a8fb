//! The hints by which other processes and windows follow the records.

/// What kind of record changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
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
