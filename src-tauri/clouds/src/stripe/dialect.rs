//! How Stripe counts and says no: `{"error": {"type", "code", "param", "message"}}`, and no counting headers.

use std::time::Duration;

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, gate::Limit, provider::Provider};
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;

use crate::{Call, Count, Dialect, Refusal, Reset, Verdict, Words};

/// What an account may do a second outside live mode, which is the less.
const ACCOUNT: &[Limit] = &[Limit::new(25, Duration::from_secs(1))];

#[derive(Clone, Copy, Debug)]
pub(super) struct StripeDialect;

#[derive(Deserialize)]
struct Body {
    error: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

impl Dialect for StripeDialect {
    fn provider(&self) -> Provider {
        Provider::Stripe
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        match serde_json::from_slice::<Body>(body) {
            Ok(Body { error }) => Words {
                code: error.code.or(error.kind),
                message: error.message,
            },
            Err(_) => Words::default(),
        }
    }

    fn reset(&self) -> Reset {
        Reset::Unknown
    }

    fn counts(&self, _: Call, _: &Request<Bytes>) -> Vec<Count> {
        vec![Count {
            class: "account".to_owned(),
            limits: ACCOUNT,
            units: 1,
            told: false,
        }]
    }

    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        // A key that has ended is refused as one that never was.
        let rejected =
            refusal.status == StatusCode::UNAUTHORIZED || refusal.has_code("api_key_expired");
        rejected.then_some(Verdict {
            outcome: Outcome::Unauthorized,
            cause: Cause::CredentialRejected,
        })
    }
}
