//! The audit log's entries, and the anchors by which it shows whether one was changed.

mod chain;

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    id::{CustomerId, RunId},
};
use jiff::Timestamp;

pub use self::chain::{
    AuditExamination, AuditFault, AuditKey, AuditLink, AuditVerdict, KeptAnchor,
};

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

/// An entry exactly as it stands in the database, whatever somebody may have made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows, with gaps where a writing was taken back.
    pub number: i64,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Who.
    pub operator: String,
    /// What.
    pub action: String,
    /// The customer's id.
    pub customer: Option<String>,
    /// The run's id.
    pub run: Option<String>,
    /// JSON, letter by letter.
    pub facts: String,
}

/// Says that one computer saw the log up to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditAnchor {
    /// Which key made it: a digest of it.
    pub key: String,
    /// The last entry that is covered.
    pub number: i64,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// In hexadecimal.
    pub mac: String,
}

/// The audit log from its beginning, and its anchors. What they are made of is told by
/// [`AuditKey`].
#[async_trait]
pub trait AuditTrail: Send + Sync {
    /// The newest entry's number, 0 where there is none. Whatever has a lower one is written by now, or never will be.
    async fn audit_end(&self) -> Result<i64, Problem>;

    /// Entries from a number on, the lowest first, at most so many. Fabrik's own numbers begin at 1; whoever writes past
    /// it may use any, so whoever looks for such a one begins at the least there is.
    async fn audit_rows(&self, from: i64, limit: u32) -> Result<Vec<AuditRow>, Problem>;

    /// All anchors, each key's in their order.
    async fn audit_anchors(&self) -> Result<Vec<AuditAnchor>, Problem>;

    /// A key's anchor at this number, else its newest. Read by the primary key: what it costs does not grow with the log.
    async fn audit_anchor(
        &self,
        key: &str,
        number: Option<i64>,
    ) -> Result<Option<AuditAnchor>, Problem>;

    /// Adds an anchor that follows the one at `after`, where that is still its key's newest. Whether it was.
    async fn add_audit_anchor(
        &self,
        anchor: AuditAnchor,
        after: Option<i64>,
    ) -> Result<bool, Problem>;
}
