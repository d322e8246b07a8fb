//! Mails beside a run's steps, as they are shown.

use fabrik_domain::{
    Problem,
    mail::{Mail, MailState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A mail, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MailView {
    /// Where it stands.
    pub state: MailState,
    /// The address, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub to: Option<String>,
    /// When it fell due or was asked for.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// When it was sent or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub ended_at: Option<Timestamp>,
    /// Why it is not sent, or not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

impl From<Mail> for MailView {
    fn from(mail: Mail) -> Self {
        Self {
            state: mail.state,
            to: mail.to,
            at: mail.at,
            ended_at: mail.ended_at,
            problem: mail.error,
        }
    }
}

/// A customer's welcome mail as it would go out now, with a mask for each secret.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WelcomePreview {
    /// `Name <address>`.
    pub from: String,
    /// One address.
    pub to: String,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// Without markup.
    pub text: String,
    /// With markup: for a file or a browser, never for the window itself.
    pub html: String,
    /// The one that was sent, or asked for, last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last: Option<MailView>,
    /// Why it can't be sent now; nothing where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refused: Option<Problem>,
}
