//! Mails as they are taken to be handed over.

use fabrik_domain::id::MailId;

/// Takes a mail to hand it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailClaim {
    /// Which.
    pub id: MailId,
    /// To whom, where nobody has fixed it yet.
    pub to: String,
    /// What, where nobody has fixed it yet. No secrets.
    pub content: serde_json::Value,
    /// The process.
    pub by: String,
    /// A process that has it and is known to have ended.
    pub dead: Option<String>,
}
