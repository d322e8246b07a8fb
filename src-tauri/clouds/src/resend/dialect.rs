//! How Resend says no: `{"statusCode", "name", "message"}`, where 409 and 429 mean three things each.

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, provider::Provider};
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::{Dialect, Refusal, Reset, Verdict, Words};

#[derive(Clone, Copy, Debug)]
pub(super) struct ResendDialect;

#[derive(Deserialize)]
struct Body {
    name: Option<String>,
    message: Option<String>,
}

/// How long the first request of an idempotency key may still run.
const STILL_RUNNING: SignedDuration = SignedDuration::from_secs(2);

impl Dialect for ResendDialect {
    fn provider(&self) -> Provider {
        Provider::Resend
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        match serde_json::from_slice::<Body>(body) {
            Ok(body) => Words {
                code: body.name,
                message: body.message,
            },
            Err(_) => Words::default(),
        }
    }

    fn reset(&self) -> Reset {
        Reset::FromNow("ratelimit-reset")
    }

    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        let verdict = |outcome, cause| Some(Verdict { outcome, cause });
        let refused = |cause| verdict(Outcome::Refused, cause);
        let quota = |quota: &str| {
            refused(Cause::QuotaExceeded {
                quota: quota.to_owned(),
            })
        };
        match (
            refusal.status,
            refusal.words.code.as_deref().unwrap_or_default(),
        ) {
            // The key's permission, not its truth.
            (StatusCode::UNAUTHORIZED, "restricted_api_key") => verdict(
                Outcome::Unauthorized,
                Cause::CredentialScopeMissing {
                    scopes: vec!["full_access".to_owned()],
                },
            ),
            (_, "invalid_api_key" | "missing_api_key") => {
                verdict(Outcome::Unauthorized, Cause::CredentialRejected)
            }
            // A sender that may not send is no matter of the token.
            (StatusCode::FORBIDDEN, _) => refused(Cause::Refused {
                operation: refusal.call.operation.to_owned(),
                status: refusal.status.as_u16(),
            }),
            (_, "daily_quota_exceeded") => quota("daily"),
            (_, "monthly_quota_exceeded") => quota("monthly"),
            // The key was used with another body: a mail of that key is taken.
            (StatusCode::CONFLICT, "invalid_idempotent_request") => refused(Cause::MailAlreadySent),
            (StatusCode::CONFLICT, "concurrent_idempotent_requests" | "resource_locked") => {
                let until = refusal
                    .now
                    .saturating_add(STILL_RUNNING)
                    .unwrap_or(refusal.now);
                verdict(Outcome::Throttled(until), Cause::Throttled { until })
            }
            _ => None,
        }
    }
}
