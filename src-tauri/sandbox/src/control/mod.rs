//! `/_sandbox`: what only tests, benches and the programs that share a sandbox ask for.

mod steer;
mod view;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use fabrik_domain::setting::is_loopback;

use crate::platform::Core;

pub(crate) fn routes(core: &Core) -> Router {
    let control = Router::new()
        .route("/environment", get(view::environment))
        .route("/state", get(view::state))
        .route("/calls", get(view::calls))
        .route("/mails", get(view::mails))
        .route("/hold", get(view::hold))
        .route("/faults", post(steer::faults))
        .route("/latency", post(steer::latency))
        .route("/limits", post(steer::limits))
        .route("/accounts", post(steer::accounts))
        .route("/tokens", post(steer::tokens))
        .route("/reset", post(steer::reset))
        .route("/stop", post(steer::stop))
        .layer(middleware::from_fn(only_programs));
    Router::new()
        .nest("/_sandbox", control)
        .with_state(core.clone())
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
