//! How a vendor counts and says no: its classes of calls, its error bodies, its codes, its units.

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, gate::Limit, provider::Provider};
use http::{HeaderMap, Request, StatusCode};
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

/// A class of calls that a call counts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its name among the account's.
    pub class: String,
    /// The documented limits; those that the headers speak of come first. None where only the headers know.
    pub limits: &'static [Limit],
    /// How much the call counts.
    pub units: u32,
    /// Whether the headers speak of it.
    pub told: bool,
}

/// What differs between vendors when they count and when they refuse. The rest is the same for all.
pub trait Dialect: Send + Sync {
    /// Whose.
    fn provider(&self) -> Provider;

    /// The vendor's code and words in an error body. What can't be read gives none.
    fn words(&self, headers: &HeaderMap, body: &Bytes) -> Words;

    /// What the vendor's rate-limit header counts.
    fn reset(&self) -> Reset;

    /// What a call counts in, by the vendor's documents. In nothing, where there is no limit.
    fn counts(&self, call: Call, request: &Request<Bytes>) -> Vec<Count> {
        let _ = (call, request);
        Vec::new()
    }

    /// What this refusal means, where the vendor means something else than the status says: GitHub's 403
    /// for too many calls, Resend's 429 for a used-up month.
    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        let _ = refusal;
        None
    }
}
