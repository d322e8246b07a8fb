//! `/_sandbox`: what only tests, benches and the programs that share a sandbox ask for.
//!
//! Resources, tokens, accounts, DNS and how much of a limit's window is used outlive the process. What is of one
//! process alone begins anew with the next: the calls and their counters, fault rules, latencies.

pub(crate) mod steer;
pub(crate) mod view;

use axum::{
    Json, Router,
    body::Bytes,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use fabrik_domain::setting::is_loopback;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{environment, error::SandboxError, platform::Core, stripe};

pub(crate) fn routes() -> Router {
    let control = Router::new()
        .route("/environment", seen(|core| Ok(environment::of(core))))
        .route("/state", seen(|core| Ok(view::state(core))))
        .route("/calls", seen(|core| Ok(view::calls(core))))
        .route("/mails", seen(view::mails))
        .route("/hold", get(view::hold))
        .route("/faults", steered(steer::faults))
        .route("/latency", steered(steer::latency))
        .route("/limits", steered(steer::limits))
        .route("/accounts", steered(steer::accounts))
        .route("/tokens", steered(steer::tokens))
        .route("/rename", steered(steer::rename))
        .route("/foreign", steered(steer::foreign))
        .route("/dns", steered(steer::dns))
        .route("/stripe", steered(stripe::act))
        .route("/reset", post(reset))
        .route("/stop", post(stop))
        .layer(middleware::from_fn(only_programs));
    Router::new().nest("/_sandbox", control)
}

/// A `GET` of what `look` shows.
fn seen(look: fn(&Core) -> Result<Value, SandboxError>) -> MethodRouter {
    get(move |core: Core| async move { look(&core).map(Json) })
}

/// A `POST` of what `change` takes; 204 where it has nothing to say.
fn steered<T: DeserializeOwned + Send + 'static>(
    change: fn(&Core, T) -> Result<Value, SandboxError>,
) -> MethodRouter {
    post(move |core: Core, body: Bytes| async move {
        let asked = serde_json::from_slice(&body)
            .map_err(|error| SandboxError::Invalid(format!("the body: {error}")))?;
        change(&core, asked).map(|answer| match answer {
            Value::Null => StatusCode::NO_CONTENT.into_response(),
            answer => Json(answer).into_response(),
        })
    })
}

async fn reset(core: Core) -> Result<StatusCode, SandboxError> {
    steer::reset(&core).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the process once changes under way are made.
async fn stop(core: Core) -> StatusCode {
    core.stopping().cancel();
    StatusCode::ACCEPTED
}

/// Turns web pages away: one in the owner's browser could otherwise steer the sandbox or read its
/// tokens, directly (it sends `Origin`) or through a name that resolves to this machine (`Host`).
async fn only_programs(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if headers.contains_key(header::ORIGIN) || !host.is_some_and(is_loopback) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}
