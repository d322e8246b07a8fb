//! From an answer, or none, to what may have been done: the one place that decides it for all vendors.
//!
//! | the call | changes something | only reads |
//! |---|---|---|
//! | no connection | not sent | not sent |
//! | timeout, cut, 5xx, an answer that can't be read | **unknown** | not sent: nothing was done |
//! | 401, 403 | unauthorized | unauthorized |
//! | 429 | throttled | throttled |
//! | other 4xx, 3xx | refused | refused |
//!
//! A read that failed on the way counts as not sent: it may be repeated at once, which is all that the
//! outcome tells.

use bytes::Bytes;
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    secret::Secret,
};
use http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;

use crate::{
    Call, Dialect, Effect, Refusal, TransportError, Verdict, dialect::Words, throttle, token::mask,
};

/// Where vendors put the id by which their support finds a request, the most telling first.
const REQUEST_IDS: [&str; 7] = [
    "x-github-request-id",
    "sb-request-id",
    "x-vercel-id",
    "request-id",
    "x-request-id",
    "x-gotrue-id",
    "cf-ray",
];

/// So much of a refusal is looked at, in bytes.
const MOST_SAID: usize = 64 * 1024;

/// The vendor's id of a request, from its answer.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    REQUEST_IDS
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .filter(|id| !id.is_empty() && id.len() <= 200)
}

/// What a call without an answer may have done.
pub(crate) fn unanswered(error: &TransportError, call: Call, host: &str) -> Failure {
    let operation = call.operation.to_owned();
    let reads = call.effect == Effect::Reads;
    let (outcome, cause) = match error {
        TransportError::NotSent(_) => (
            Outcome::NotSent,
            Cause::Unreachable {
                host: host.to_owned(),
            },
        ),
        TransportError::Cut(_) => (lost(call), Cause::AnswerLost { operation, reads }),
        TransportError::TimedOut => (lost(call), Cause::TimedOut { operation, reads }),
        TransportError::TooLarge => (lost(call), Cause::AnswerUnreadable { operation }),
        TransportError::RedirectRefused => {
            (Outcome::Refused, Cause::AnswerUnreadable { operation })
        }
    };
    Failure {
        outcome,
        problem: Problem::from(cause).detail(error.to_string()),
    }
}

/// What an answer without sense may hide. `why` holds nothing of the answer itself.
pub(crate) fn unreadable(call: Call, headers: &HeaderMap, why: &str) -> Failure {
    let cause = Cause::AnswerUnreadable {
        operation: call.operation.to_owned(),
    };
    Failure {
        outcome: lost(call),
        problem: Problem::from(cause)
            .request(request_id(headers))
            .detail(why),
    }
}

/// Lets a success through and says what anything else means. The vendor's words may repeat what they were
/// given: `masked` is taken out of them, while they are whole.
pub(crate) fn answered(
    response: Response<Bytes>,
    call: Call,
    dialect: &dyn Dialect,
    now: Timestamp,
    masked: &[Secret],
) -> Result<Response<Bytes>, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    // What a vendor says of a refusal is short.
    let said = response.body().len().min(MOST_SAID);
    let said = response.body().slice(..said);
    let words = dialect.words(response.headers(), &said);
    let refusal = Refusal {
        call,
        status,
        headers: response.headers(),
        words: &words,
        now,
    };
    let verdict = dialect
        .judge(&refusal)
        .unwrap_or_else(|| by_status(&refusal, dialect));
    let mut problem = Problem::from(verdict.cause).request(request_id(response.headers()));
    problem = problem.detail(mask(&shown(&words), masked));
    Err(Failure {
        outcome: verdict.outcome,
        problem,
    })
}

fn by_status(refusal: &Refusal<'_>, dialect: &dyn Dialect) -> Verdict {
    let operation = refusal.call.operation.to_owned();
    let reads = refusal.call.effect == Effect::Reads;
    let status = refusal.status.as_u16();
    match refusal.status {
        StatusCode::UNAUTHORIZED => Verdict {
            outcome: Outcome::Unauthorized,
            cause: Cause::CredentialRejected,
        },
        StatusCode::FORBIDDEN => Verdict {
            outcome: Outcome::Unauthorized,
            cause: Cause::CredentialScopeMissing {
                scopes: refusal
                    .call
                    .scopes
                    .iter()
                    .map(|&scope| scope.to_owned())
                    .collect(),
            },
        },
        StatusCode::TOO_MANY_REQUESTS => {
            let until = throttle::until(refusal.headers, dialect.reset(), refusal.now);
            Verdict {
                outcome: Outcome::Throttled(until),
                cause: Cause::Throttled { until },
            }
        }
        // The vendor's gateway gave up on the vendor: as a timeout of our own.
        StatusCode::REQUEST_TIMEOUT => Verdict {
            outcome: lost(refusal.call),
            cause: Cause::TimedOut { operation, reads },
        },
        code if code.is_server_error() || code.is_informational() || status >= 600 => Verdict {
            outcome: lost(refusal.call),
            cause: Cause::VendorFailed { operation, status },
        },
        _ => Verdict {
            outcome: Outcome::Refused,
            cause: Cause::Refused { operation, status },
        },
    }
}

/// After a request went out and nothing usable came back.
fn lost(call: Call) -> Outcome {
    match call.effect {
        Effect::Reads => Outcome::NotSent,
        Effect::Changes => Outcome::Unknown,
    }
}

/// A refusal's words as people are shown them, the code first so that cutting can't take it.
fn shown(words: &Words) -> String {
    match (&words.code, &words.message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(word), None) | (None, Some(word)) => word.clone(),
        (None, None) => String::new(),
    }
}

/// Whether the vendor refused with this code of its own, such as `bad_jwt` or `email_exists`.
pub fn refused_as(failure: &Failure, code: &str) -> bool {
    let words = failure.problem.detail.as_deref().unwrap_or_default();
    words
        .strip_prefix(code)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
}
