//! Stripe's API at `/stripe`, as far as it is read: events, subscriptions, checkouts, prices, customers. Nobody
//! subscribes here by himself: `POST /_sandbox/stripe` does it for them.

mod account;
mod control;
mod list;
mod objects;

use std::time::Duration;

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use fabrik_domain::provider::Provider;
use serde_json::json;

use crate::{
    answer::Refusal,
    documents::Documents,
    figure::Figure,
    limit::{Limit, Standing},
    platform::Core,
    routes::{Dialect, Incoming, Routes},
    token::{Token, bearer},
};

pub(crate) use account::StripeAccount;
pub(crate) use control::{act, seed};

const DIALECT: Dialect = Dialect {
    token: Some(bearer),
    permit,
    limits,
    throttled,
    ..Dialect::plain(Provider::Stripe, vendor_error)
};

pub(crate) fn routes() -> Router {
    Routes::new(DIALECT)
        .get("/v1/account", Figure::Read, account::get)
        .get("/v1/events", Figure::Read, list::events)
        .get("/v1/events/{id}", Figure::Read, objects::event)
        .get("/v1/subscriptions", Figure::Read, list::subscriptions)
        .get(
            "/v1/subscriptions/{id}",
            Figure::Read,
            objects::subscription,
        )
        .get("/v1/checkout/sessions", Figure::Read, list::sessions)
        .get("/v1/checkout/sessions/{id}", Figure::Read, objects::session)
        .get("/v1/prices", Figure::Read, list::prices)
        .get("/v1/prices/{id}", Figure::Read, objects::price)
        .get("/v1/customers", Figure::Read, list::customers)
        .get("/v1/customers/{id}", Figure::Read, objects::customer)
        .finish("/stripe")
}

fn documents(core: &Core) -> Documents {
    core.documents(Provider::Stripe)
}

fn answer(status: StatusCode, kind: &str, code: Option<&str>, message: &str) -> Response {
    let body = json!({ "error": { "type": kind, "code": code, "message": message } });
    (status, Json(body)).into_response()
}

/// No object of this kind has this id, or none that is told of any more.
fn no_such(kind: &str, id: &str, status: StatusCode) -> Refusal {
    let message = format!("No such {kind}: '{id}'");
    let code = Some("resource_missing");
    answer(status, "invalid_request_error", code, &message).into()
}

fn vendor_error(status: StatusCode, message: &str) -> Response {
    let (kind, code) = match status {
        StatusCode::TOO_MANY_REQUESTS => ("invalid_request_error", Some("rate_limit")),
        status if status.is_server_error() => ("api_error", None),
        _ => ("invalid_request_error", None),
    };
    let message = match status {
        StatusCode::UNAUTHORIZED => "Invalid API Key provided",
        StatusCode::NOT_FOUND => "Unrecognized request URL",
        _ => message,
    };
    answer(status, kind, code, message)
}

/// What a restricted key must be allowed for an operation.
fn needed(pattern: &str) -> Option<&'static str> {
    Some(match pattern.split('/').nth(2)? {
        "account" => "account:read",
        "events" => "events:read",
        "subscriptions" => "subscriptions:read",
        "checkout" => "checkout_sessions:read",
        "prices" => "prices:read",
        "customers" => "customers:read",
        _ => return None,
    })
}

fn permit(token: &Token, call: &Incoming<'_>) -> Option<Response> {
    let needed = needed(call.pattern)?;
    if token.has(needed) {
        return None;
    }
    let message = format!(
        "The provided key does not have the required permissions for this endpoint. Having the '{needed}' permission would allow this request to continue."
    );
    let code = Some("more_permissions_required");
    let refused = answer(
        StatusCode::FORBIDDEN,
        "invalid_request_error",
        code,
        &message,
    );
    Some(refused)
}

/// A hundred calls a second in live mode and twenty-five outside of it, and of one endpoint twenty-five in either.
fn limits(call: &Incoming<'_>) -> Vec<Limit> {
    let account: StripeAccount = call.core.account().unwrap_or_default();
    let max = if account.live_limits { 100 } else { 25 };
    let endpoint = format!("stripe {} {}", call.method, call.pattern);
    let second = Duration::from_secs(1);
    vec![
        Limit::new("stripe account", max, second),
        Limit::new(endpoint, 25, second),
    ]
}

fn throttled(standing: &Standing) -> Response {
    let mut answer = vendor_error(
        StatusCode::TOO_MANY_REQUESTS,
        "Request rate limit exceeded.",
    );
    retry_after(standing, answer.headers_mut());
    answer
}

fn retry_after(standing: &Standing, headers: &mut HeaderMap) {
    crate::limit::say(headers, [("retry-after", standing.reset_seconds())]);
}
