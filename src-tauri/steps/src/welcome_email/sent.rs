//! Whether a mail has gone out, by Resend's list of sent mail.

use fabrik_clouds::resend::SentEmail;
use fabrik_domain::{Cause, Problem, failure::Failure};
use jiff::SignedDuration;

use super::{Evidence, WelcomeEmail};

/// How much Resend's clock may be behind ours.
const CLOCKS: SignedDuration = SignedDuration::from_mins(10);

/// What the list of sent mail says.
#[derive(Debug, PartialEq)]
pub(super) enum Looked {
    Sent(String),
    NotSent,
    CannotSee(Problem),
}

fn look(sent: &[SentEmail], evidence: &Evidence) -> Looked {
    let ours = sent.iter().find(|mail| {
        let mut to = mail.to.iter();
        mail.subject == evidence.letter.subject
            && to.any(|to| to.eq_ignore_ascii_case(&evidence.to))
    });
    match ours {
        Some(mail) => Looked::Sent(mail.id.clone()),
        None => Looked::NotSent,
    }
}

impl WelcomeEmail {
    /// Whether the key is of the team that the mail may have been sent by.
    pub(super) async fn is_of_that_team(&self, evidence: &Evidence) -> Result<bool, Failure> {
        let Some(before) = &evidence.team else {
            return Ok(true);
        };
        let now = self.resend.team().await?;
        Ok(now.is_some_and(|now| !now.is_disjoint(before)))
    }

    /// The mail in Resend's list.
    pub(super) async fn sent(&self, evidence: &Evidence) -> Result<Looked, Failure> {
        let since = evidence.at.saturating_sub(CLOCKS).unwrap_or(evidence.at);
        let sent = match self.resend.sent_since(since).await {
            Ok(sent) => sent,
            // A key that may only send.
            Err(failure)
                if matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. }) =>
            {
                return Ok(Looked::CannotSee(failure.problem));
            }
            Err(failure) => return Err(failure),
        };
        Ok(look(&sent, evidence))
    }
}
