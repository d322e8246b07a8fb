//! How GitHub counts and says no. Over a limit it answers 403 as often as 429.

use std::time::Duration;

use bytes::Bytes;
use fabrik_domain::{Cause, failure::Outcome, gate::Limit, provider::Provider};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde::Deserialize;

use crate::{Call, Count, Dialect, Refusal, Reset, Verdict, Words, throttle};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// A user's calls, of which the headers speak.
const CORE: &[Limit] = &[Limit::new(5000, HOUR), Limit::at_once(100)];
/// A reading call is a point, any other five.
const POINTS: &[Limit] = &[Limit::new(900, MINUTE)];
/// Calls that make something.
const CONTENT: &[Limit] = &[Limit::new(80, MINUTE), Limit::new(500, HOUR)];

const RESET: Reset = Reset::Epoch("x-ratelimit-reset");

/// `{"message", "documentation_url", "errors": […]}`.
#[derive(Clone, Copy, Debug)]
pub(super) struct GitHubDialect;

#[derive(Deserialize)]
struct Body {
    message: Option<String>,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

impl Dialect for GitHubDialect {
    fn provider(&self) -> Provider {
        Provider::GitHub
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        let Ok(body) = serde_json::from_slice::<Body>(body) else {
            return Words::default();
        };
        // An error of the list is a text, or an object with a message or a code.
        let errors = body.errors.iter().filter_map(|error| {
            error
                .as_str()
                .or_else(|| error["message"].as_str())
                .or_else(|| error["code"].as_str())
        });
        let message: Vec<_> = body.message.as_deref().into_iter().chain(errors).collect();
        Words {
            code: None,
            message: (!message.is_empty()).then(|| message.join(": ")),
        }
    }

    fn reset(&self) -> Reset {
        RESET
    }

    fn counts(&self, _: Call, request: &Request<Bytes>) -> Vec<Count> {
        counted(!matches!(*request.method(), Method::GET | Method::HEAD))
    }

    fn judge(&self, refusal: &Refusal<'_>) -> Option<Verdict> {
        let exhausted = refusal
            .headers
            .get("x-ratelimit-remaining")
            .is_some_and(|left| left == "0");
        let told = refusal.headers.contains_key(header::RETRY_AFTER);
        let limited = match refusal.status {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::FORBIDDEN => {
                exhausted || told || refusal.says("rate limit") || refusal.says("abuse detection")
            }
            _ => false,
        };
        if !limited {
            return None;
        }
        // The reset is the hourly limit's; a secondary limit says nothing of it while calls remain.
        let reset = if exhausted { RESET } else { Reset::Unknown };
        let until = throttle::until(refusal.headers, reset, refusal.now);
        Some(Verdict {
            outcome: Outcome::Throttled(until),
            cause: Cause::Throttled { until },
        })
    }
}

/// What a call counts in, by whether it makes something.
pub(super) fn counted(makes: bool) -> Vec<Count> {
    let count = |class: &str, limits, units| Count {
        class: class.to_owned(),
        limits,
        units,
        told: class == "core",
    };
    let mut counts = vec![
        count("core", CORE, 1),
        count("points", POINTS, if makes { 5 } else { 1 }),
    ];
    if makes {
        counts.push(count("content", CONTENT, 1));
    }
    counts
}
