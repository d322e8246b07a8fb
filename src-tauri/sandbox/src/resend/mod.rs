//! Resend's API at `/resend`: mail that is kept instead of sent, and domains. What was sent is
//! read at `/_sandbox/mails`.

mod account;
mod domains;
mod emails;
mod idempotency;

use std::time::Duration;

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use fabrik_domain::provider::Provider;
use serde_json::json;

use crate::{
    answer::Refusal,
    figure::Figure,
    limit::{Limit, Standing, say},
    routes::{Dialect, Incoming, Routes},
    token::{Token, bearer},
};

pub(crate) use account::ResendAccount;
pub(crate) use domains::seed;
pub(crate) use emails::sent;

const DIALECT: Dialect = Dialect {
    guard,
    token: Some(bearer),
    limits,
    limit_headers,
    throttled,
    ..Dialect::plain(Provider::Resend, vendor_error)
};

/// The scope of a key that may only send.
const SENDING: &str = "sending_access";

pub(crate) fn routes() -> Router {
    Routes::new(DIALECT)
        .post("/emails", Figure::Resend, emails::send)
        .get("/emails", Figure::Read, emails::list)
        .get("/emails/{id}", Figure::Read, emails::get)
        .get("/domains", Figure::Read, domains::list)
        .post("/domains", Figure::Resend, domains::create)
        .get("/domains/{id}", Figure::Read, domains::get)
        .post("/domains/{id}/verify", Figure::Resend, domains::verify)
        .delete("/domains/{id}", Figure::Resend, domains::remove)
        .finish("/resend")
}

fn answer(status: StatusCode, name: &str, message: &str) -> Response {
    let body = json!({ "statusCode": status.as_u16(), "name": name, "message": message });
    (status, Json(body)).into_response()
}

fn refused(status: StatusCode, name: &str, message: &str) -> Refusal {
    answer(status, name, message).into()
}

fn vendor_error(status: StatusCode, message: &str) -> Response {
    match status {
        StatusCode::UNAUTHORIZED => answer(
            StatusCode::FORBIDDEN,
            "invalid_api_key",
            "API key is invalid",
        ),
        StatusCode::NOT_FOUND => answer(status, "not_found", message),
        StatusCode::METHOD_NOT_ALLOWED => answer(status, "method_not_allowed", message),
        StatusCode::TOO_MANY_REQUESTS => answer(status, "rate_limit_exceeded", message),
        status if status.is_server_error() => answer(status, "application_error", message),
        _ => answer(status, "validation_error", message),
    }
}

/// A call without `User-Agent` is turned away before anything else, then one without a key.
fn guard(headers: &HeaderMap) -> Option<Response> {
    if !headers.contains_key(header::USER_AGENT) {
        return Some((StatusCode::FORBIDDEN, "error code: 1010").into_response());
    }
    bearer(headers).is_none().then(|| {
        answer(
            StatusCode::UNAUTHORIZED,
            "missing_api_key",
            "Missing API key in the authorization header",
        )
    })
}

/// Refused where the key may only send.
fn require_full_access(token: &Token) -> Result<(), Refusal> {
    if token.scopes.is_some() && token.has(SENDING) {
        let message = "This API key is restricted to only send emails";
        return Err(refused(
            StatusCode::UNAUTHORIZED,
            "restricted_api_key",
            message,
        ));
    }
    Ok(())
}

/// Five requests a second for the team, whatever they are.
fn limits(_: &Incoming<'_>) -> Vec<Limit> {
    vec![Limit::new("resend team", 5, Duration::from_secs(1))]
}

fn limit_headers(standings: &[Standing], headers: &mut HeaderMap) {
    if let Some(standing) = standings.first() {
        let said = [
            ("ratelimit-limit", standing.max()),
            ("ratelimit-remaining", standing.remaining()),
            ("ratelimit-reset", standing.reset_seconds()),
        ];
        say(headers, said);
    }
}

fn throttled(standing: &Standing) -> Response {
    let message = "Too many requests. You can only make 5 requests per second.";
    let mut answer = answer(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limit_exceeded",
        message,
    );
    limit_headers(std::slice::from_ref(standing), answer.headers_mut());
    say(
        answer.headers_mut(),
        [("retry-after", standing.reset_seconds())],
    );
    answer
}
