//! How a vendor says no: its error bodies, its codes, its units.

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, provider::Provider};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::{Call, Reset};

/// A vendor's error body, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Its code for programs, such as `bad_jwt`.
    pub code: Option<String>,
    /// Its words for people.
    pub message: Option<String>,
}

/// An answer that is no success.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// What was called.
    pub call: Call,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, decoded by [`Dialect::words`].
    pub words: &'a Words,
    /// When it came.
    pub now: Timestamp,
}

impl Refusal<'_> {
    /// Whether the vendor's code is this one.
    pub fn has_code(&self, code: &str) -> bool {
        self.words.code.as_deref() == Some(code)
    }

    /// Whether the vendor's words hold these, in any case.
    pub fn says(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        self.words
            .message
            .as_ref()
            .is_some_and(|m| m.to_lowercase().contains(&words))
    }
}

/// What a refusal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What may have been done.
    pub outcome: Outcome,
    /// What to say of it.
    pub cause: Cause,
}

/// What differs between vendors when they refuse. The rest is the same for all.
pub trait Dialect: Send + Sync {
    /// Whose.
    fn provider(&self) -> Provider;

    /// The vendor's code and words in an error body. What can't be read gives none.
    fn words(&self, headers: &HeaderMap, body: &Bytes) -> Words;

    /// What the vendor's rate-limit header counts.
    fn reset(&self) -> Reset;

    /// What this refusal means, where the vendor means something else than the status says: GitHub's 403
    /// for too many calls, Resend's 429 for a used-up month.
    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        let _ = refusal;
        None
    }
}
