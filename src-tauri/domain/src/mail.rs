//! Mails beside a run's steps: to the owner about a run that has failed, and the welcome mail once more. Each
//! is written down before it is handed over, so that none goes out twice.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    id::{CustomerId, MailId, RunId},
    problem::Problem,
};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// A run has failed; to the owner.
    Failure,
    /// The welcome mail, sent again on the owner's wish; to the customer.
    Welcome,
}

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is to be sent; nobody has tried yet.
    Due,
    /// It was handed over, or is about to be, and no answer tells yet.
    Sending,
    /// The vendor has taken it.
    Sent,
    /// It did not go out, and is not tried again.
    NotSent,
    /// No answer ever told whether it went out, and it is not tried again.
    Unknown,
    /// Nobody was named who is to be told.
    Unaddressed,
    /// What it would have told was no longer so before it could be sent.
    Overtaken,
}

/// A row of the table `mails`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Ours; the vendor's idempotency key is made of it.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// About whom, or to whom.
    pub customer: CustomerId,
    /// The run it is about.
    pub run: Option<RunId>,
    /// When the run failed, or the owner asked for it.
    pub at: Timestamp,
    /// Where it stands.
    pub state: MailState,
    /// The address, once it is known.
    pub to: Option<String>,
    /// What goes out, fixed before it is first handed over: the same key always goes with the same bytes. Only of
    /// mails that hold no secret.
    pub content: Option<serde_json::Value>,
    /// How often it was handed over.
    pub attempts: u32,
    /// When that was done first.
    pub tried_at: Option<Timestamp>,
    /// The process that hands it over.
    pub held_by: Option<String>,
    /// Nobody else hands it over before this.
    pub not_before: Option<Timestamp>,
    /// When it was settled.
    pub ended_at: Option<Timestamp>,
    /// Why it is not sent, or not yet.
    pub error: Option<Problem>,
}

/// The vendor keeps an idempotency key for a day; a little less, for what the clocks differ.
pub const KEY_LIFE: SignedDuration = SignedDuration::from_hours(23);

impl MailState {
    /// Nothing more becomes of it.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Due | Self::Sending)
    }
}

impl Mail {
    /// One that is to be sent.
    pub fn new(kind: MailKind, customer: CustomerId, at: Timestamp) -> Self {
        Self {
            id: MailId::new(),
            kind,
            customer,
            run: None,
            at,
            state: MailState::Due,
            to: None,
            content: None,
            attempts: 0,
            tried_at: None,
            held_by: None,
            not_before: None,
            ended_at: None,
            error: None,
        }
    }

    /// The vendor's idempotency key.
    pub fn key(&self) -> String {
        format!("mail/{}", self.id)
    }

    /// Whether the vendor may have forgotten the key: then handing it over again could send it twice.
    pub fn key_is_old(&self, now: Timestamp) -> bool {
        self.tried_at
            .is_some_and(|tried| now.duration_since(tried) >= KEY_LIFE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_old_before_the_vendor_forgets_it() {
        let now = Timestamp::UNIX_EPOCH;
        let mut mail = Mail::new(MailKind::Failure, CustomerId::new(), now);
        let in_hours = |hours| now + SignedDuration::from_hours(hours);
        assert!(!mail.key_is_old(in_hours(48)), "it was never used");
        mail.tried_at = Some(now);
        assert!(!mail.key_is_old(in_hours(22)));
        assert!(
            mail.key_is_old(in_hours(23)),
            "a day, less what clocks differ"
        );
    }
}
