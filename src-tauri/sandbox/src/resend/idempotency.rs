//! `Idempotency-Key`: kept a day. The same key with the same body gets the first answer again;
//! with another body it is a conflict, and so it is with any while the first is not answered.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::refused;
use crate::{answer::Refusal, error::SandboxError, figure::Figure, platform::Core};

const KIND: &str = "idempotency_key";
const LONGEST: usize = 256;
const LIFE: Duration = Duration::from_hours(24);

#[derive(Clone, Serialize, Deserialize)]
struct Taken {
    body: String,
    email: String,
    at: Timestamp,
    /// When the answer goes out.
    #[serde(default)]
    answered: Timestamp,
}

/// A key and the body it came with, as hashes.
pub(super) struct Key {
    id: String,
    body: String,
}

/// A mail is taken in the middle of what the call takes.
fn half(core: &Core) -> Duration {
    core.latency(Figure::Resend) / 2
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Key {
    /// The key of a request, where it has one.
    pub(super) fn of(headers: &HeaderMap, body: &[u8]) -> Result<Option<Self>, Refusal> {
        let Some(key) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        if key.is_empty() || key.len() > LONGEST {
            let message = "The idempotency key must be between 1-256 chars.";
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "invalid_idempotency_key",
                message,
            ));
        }
        Ok(Some(Self {
            id: hash(key.as_bytes()),
            body: hash(body),
        }))
    }

    /// The mail that was sent with this key, where one was.
    pub(super) fn sent(&self, core: &Core) -> Result<Option<String>, Refusal> {
        let taken = core
            .documents(Provider::Resend)
            .get::<Taken>(KIND, &self.id)?;
        // The latency's first half was before this.
        let came = core.now() - half(core);
        if taken.as_ref().is_some_and(|taken| came < taken.answered) {
            let message = "Same idempotency key used while original request is still in progress.";
            return Err(refused(
                StatusCode::CONFLICT,
                "concurrent_idempotent_requests",
                message,
            ));
        }
        match taken.filter(|taken| core.now() < taken.at + LIFE) {
            None => Ok(None),
            Some(taken) if taken.body == self.body => Ok(Some(taken.email)),
            Some(_) => {
                let message = "Same idempotency key used with a different request payload.";
                Err(refused(
                    StatusCode::CONFLICT,
                    "invalid_idempotent_request",
                    message,
                ))
            }
        }
    }

    /// Keeps the key with the mail it sent.
    pub(super) fn keep(self, core: &Core, email: &str) -> Result<(), SandboxError> {
        let taken = Taken {
            body: self.body,
            email: email.to_owned(),
            at: core.now(),
            answered: core.now() + half(core),
        };
        core.documents(Provider::Resend).put(KIND, &self.id, &taken)
    }
}
