//! The audit log's entries.

use fabrik_domain::id::{CustomerId, RunId};
use jiff::Timestamp;

/// Who did what, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAudit {
    /// `name@machine`.
    pub operator: String,
    /// A verb in dotted form: `customer.added`, `run.started`, `credential.replaced`.
    pub action: String,
    /// The customer, where it is about one.
    pub customer: Option<CustomerId>,
    /// The run, where it is about one.
    pub run: Option<RunId>,
    /// Anything else worth keeping. No secrets.
    pub facts: serde_json::Value,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Grows by one.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: NewAudit,
}
