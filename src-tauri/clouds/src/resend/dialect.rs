//! How Resend counts and says no: `{"statusCode", "name", "message"}`, where 409 and 429 mean three things each.

use std::time::Duration;

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, gate::Limit, provider::Provider};
use http::{HeaderMap, Request, StatusCode};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use crate::{Call, Count, Dialect, Refusal, Reset, Verdict, Words};

/// A team's calls, whatever they are.
const TEAM: &[Limit] = &[Limit::new(5, Duration::from_secs(1))];

#[derive(Clone, Copy, Debug)]
pub(super) struct ResendDialect;

#[derive(Deserialize)]
struct Body {
    name: Option<String>,
    message: Option<String>,
}

/// Any call of the team.
pub(super) fn counted() -> Count {
    Count {
        class: "team".to_owned(),
        limits: TEAM,
        units: 1,
        told: true,
    }
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

    fn counts(&self, _: Call, _: &Request<Bytes>) -> Vec<Count> {
        vec![counted()]
    }

    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        let verdict = |outcome, cause| Some(Verdict { outcome, cause });
        let refused = |cause| verdict(Outcome::Refused, cause);
        // Only time mends it, so whoever called waits; a rate limit it is not.
        let quota = |quota: &str, until| {
            let cause = Cause::QuotaExceeded {
                quota: quota.to_owned(),
            };
            verdict(Outcome::Throttled(until), cause)
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
            (_, "daily_quota_exceeded") => quota("daily", tomorrow(refusal.now)),
            (_, "monthly_quota_exceeded") => quota("monthly", next_month(refusal.now)),
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

/// When a day's quota is new. Resend doesn't say when its day begins; in UTC is a guess.
fn tomorrow(now: Timestamp) -> Timestamp {
    let day = now.to_zoned(TimeZone::UTC).date().tomorrow();
    begins(day.ok(), now)
}

/// When a month's quota is new, by the same guess.
fn next_month(now: Timestamp) -> Timestamp {
    let last = now.to_zoned(TimeZone::UTC).date().last_of_month();
    begins(last.tomorrow().ok(), now)
}

fn begins(day: Option<Date>, now: Timestamp) -> Timestamp {
    day.and_then(|day| day.to_zoned(TimeZone::UTC).ok())
        .map_or(now, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_new_at_midnight() {
        let now: Timestamp = "2026-11-30T22:10:00Z".parse().unwrap();
        assert_eq!(tomorrow(now).to_string(), "2026-12-01T00:00:00Z");
        let now: Timestamp = "2026-12-05T00:00:00Z".parse().unwrap();
        assert_eq!(tomorrow(now).to_string(), "2026-12-06T00:00:00Z");
        assert_eq!(next_month(now).to_string(), "2027-01-01T00:00:00Z");
    }
}
