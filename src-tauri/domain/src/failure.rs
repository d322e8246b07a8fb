//! What became of a call to a vendor: the engine decides by this alone what may be done next.

use jiff::Timestamp;

use crate::{
    problem::{Cause, Problem},
    provider::Provider,
};

/// How a call ended that gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The vendor said no (a 4xx that is none of the others): nothing was done, and asking again won't help.
    Refused,
    /// The token is refused or may not do this, or the keyring doesn't give it: nothing was done; the owner
    /// must act.
    Unauthorized,
    /// Too many calls (429, GitHub's 403): nothing was done; wait until then.
    Throttled(Timestamp),
    /// The request never left, or it only read: nothing was done, and it may be sent again.
    NotSent,
    /// Sent, and no answer that tells: it may have been done, or be done later.
    Unknown,
}

/// A call, or a step's action, that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Failure {
    /// What may have happened at the vendor.
    pub outcome: Outcome,
    /// What to say of it.
    pub problem: Problem,
}

impl Failure {
    /// Nothing was done, and asking again won't help.
    pub fn refused(problem: impl Into<Problem>) -> Self {
        Self {
            outcome: Outcome::Refused,
            problem: problem.into(),
        }
    }

    /// Says whose call it was.
    #[must_use]
    pub fn by(self, provider: Provider) -> Self {
        Self {
            problem: self.problem.by(provider),
            ..self
        }
    }
}

/// What stopped a step beside a vendor's answer: a rule of ours, or a secret that could not be read. Some
/// secrets are the vendor's to give, and a read may be repeated.
impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let outcome = match *problem.cause {
            Cause::Throttled { until } => Outcome::Throttled(until),
            Cause::CredentialMissing
            | Cause::CredentialRejected
            | Cause::CredentialScopeMissing { .. }
            | Cause::KeyringMissing { .. }
            | Cause::KeyringLocked
            | Cause::KeyringTimedOut
            | Cause::KeyringFailed => Outcome::Unauthorized,
            Cause::Unreachable { .. }
            | Cause::TimedOut { .. }
            | Cause::AnswerLost { .. }
            | Cause::AnswerUnreadable { .. }
            | Cause::VendorFailed { .. } => Outcome::NotSent,
            _ => Outcome::Refused,
        };
        Self { outcome, problem }
    }
}
