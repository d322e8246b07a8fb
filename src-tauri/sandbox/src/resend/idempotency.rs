//! `Idempotency-Key`: kept a day. The same key with the same body gets the first answer again;
//! with another body it is a conflict.

use axum::http::{HeaderMap, StatusCode};
use fabrik_domain::provider::Provider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::refused;
use crate::{answer::Refusal, error::SandboxError, hex::hex, platform::Core};

const KIND: &str = "idempotency_key";
const LONGEST: usize = 256;
const LIFE: std::time::Duration = std::time::Duration::from_hours(24);

#[derive(Clone, Serialize, Deserialize)]
struct Taken {
    body: String,
    email: String,
    at: Timestamp,
}

/// A key and the body it came with, as hashes.
pub(super) struct Key {
    id: String,
    body: String,
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
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
        };
        core.documents(Provider::Resend).put(KIND, &self.id, &taken)
    }
}
