//! How Vercel counts (per operation; how far is in its headers alone) and says no: `{"error": {"code", "message"}}`, and 403 for a token that is none.

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, provider::Provider};
use http::{HeaderMap, Request};
use serde::Deserialize;
use url::form_urlencoded;

use crate::{Call, Count, Dialect, Refusal, Reset, Verdict, Words};

#[derive(Clone, Copy, Debug)]
pub(super) struct VercelDialect;

#[derive(Deserialize)]
struct Body {
    error: ErrorBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    code: Option<String>,
    message: Option<String>,
    #[serde(default)]
    invalid_token: bool,
}

/// The code under which an `invalidToken` is kept, since Vercel's own is the same as for a missing right.
const INVALID_TOKEN: &str = "invalid_token";

impl Dialect for VercelDialect {
    fn provider(&self) -> Provider {
        Provider::Vercel
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        match serde_json::from_slice::<Body>(body) {
            Ok(Body { error }) if error.invalid_token => Words {
                code: Some(INVALID_TOKEN.to_owned()),
                message: error.message,
            },
            Ok(Body { error }) => Words {
                code: error.code,
                message: error.message,
            },
            Err(_) => Words::default(),
        }
    }

    fn reset(&self) -> Reset {
        Reset::Epoch("x-ratelimit-reset")
    }

    fn counts(&self, call: Call, request: &Request<Bytes>) -> Vec<Count> {
        let query = request.uri().query().unwrap_or_default();
        let team = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| matches!(name.as_ref(), "teamId" | "slug"))
            .map(|(_, team)| team.into_owned());
        vec![Count {
            class: format!("{} {}", call.operation, team.unwrap_or_default()),
            limits: &[],
            units: 1,
            told: true,
        }]
    }

    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        if refusal.has_code(INVALID_TOKEN) {
            return Some(Verdict {
                outcome: Outcome::Unauthorized,
                cause: Cause::CredentialRejected,
            });
        }
        // Vercel asks for money where the plan ends.
        (refusal.status.as_u16() == 402).then(|| Verdict {
            outcome: Outcome::Refused,
            cause: Cause::QuotaExceeded {
                quota: refusal
                    .words
                    .code
                    .clone()
                    .unwrap_or_else(|| "plan".to_owned()),
            },
        })
    }
}
