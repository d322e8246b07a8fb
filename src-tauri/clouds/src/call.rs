//! What a request is, beyond its bytes: carried in its extensions down to the layers.

use std::time::Duration;

use http::{Method, Request};

/// What a request does at the vendor. A lost answer matters only to one that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: asking again is free.
    Reads,
    /// Something: it must never be repeated blindly.
    Changes,
}

/// A call of a vendor's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The vendor's own name of the operation: `v1-create-a-project`.
    pub operation: &'static str,
    /// What it does.
    pub effect: Effect,
    /// The permissions that a token needs for it, in the vendor's words; named when it is refused.
    pub scopes: &'static [&'static str],
    /// How long it may take, whole.
    pub timeout: Duration,
    /// The statuses of a refusal that is an answer like others: what the call is made to try.
    pub tries: &'static [u16],
}

impl Call {
    /// What calls get that say nothing else.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// A call that only reads, whatever its method.
    pub const fn reads(operation: &'static str) -> Self {
        Self {
            operation,
            effect: Effect::Reads,
            scopes: &[],
            timeout: Self::TIMEOUT,
            tries: &[],
        }
    }

    /// A call that changes something.
    pub const fn changes(operation: &'static str) -> Self {
        Self {
            operation,
            effect: Effect::Changes,
            scopes: &[],
            timeout: Self::TIMEOUT,
            tries: &[],
        }
    }

    /// With the permissions it needs.
    #[must_use]
    pub const fn needs(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// With more, or less, time.
    #[must_use]
    pub const fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// To try whether it is refused, with one of these statuses.
    #[must_use]
    pub const fn tries(mut self, statuses: &'static [u16]) -> Self {
        self.tries = statuses;
        self
    }

    /// The call that a request says it is; by its method, where it says nothing.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        request
            .extensions()
            .get()
            .copied()
            .unwrap_or_else(|| match *request.method() {
                Method::GET => Self::reads("GET"),
                Method::HEAD => Self::reads("HEAD"),
                Method::POST => Self::changes("POST"),
                Method::PUT => Self::changes("PUT"),
                Method::PATCH => Self::changes("PATCH"),
                Method::DELETE => Self::changes("DELETE"),
                _ => Self::changes("other"),
            })
    }
}
