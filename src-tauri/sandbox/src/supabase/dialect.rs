//! How the Management API speaks: errors, and limits of 120 calls a minute, counted for the user,
//! or for the project or organisation that the call is about, per endpoint.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use fabrik_domain::provider::Provider;
use serde_json::{Value, json};

use super::permissions::permit;
use crate::{
    limit::{Limit, Standing, say},
    routes::{Dialect, Incoming},
    token::bearer,
};

/// The Management API.
pub(super) const MANAGEMENT: Dialect = Dialect {
    token: Some(bearer),
    permit,
    limits,
    limit_headers,
    throttled,
    ..Dialect::plain(Provider::Supabase, error)
};

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

fn limits(call: &Incoming<'_>) -> Vec<Limit> {
    // Migrations have a window of three minutes, and logs and usage a quarter of the calls.
    let (max, minutes) = if call.pattern.ends_with("/database/migrations") {
        (120, 3)
    } else if call.pattern.contains("/analytics/") {
        (30, 1)
    } else {
        (120, 1)
    };
    let bucket = format!("{} {} {}", call.method, call.pattern, counted_for(call));
    vec![Limit::new(bucket, max, Duration::from_mins(minutes))]
}

/// The project or organisation of the path, or of the body of a project's creation, or the user.
pub(super) fn counted_for(call: &Incoming<'_>) -> String {
    if call.method == Method::POST && call.pattern == "/v1/projects" {
        let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
        return body["organization_slug"]
            .as_str()
            .unwrap_or("user")
            .to_owned();
    }
    // The position in the pattern is the one in the path.
    let names = call
        .pattern
        .split('/')
        .zip(call.uri.path().split('/').skip(skipped(call)));
    let mut owner = names.filter(|(part, _)| *part == "{ref}" || *part == "{slug}");
    owner.next().map_or("user", |(_, name)| name).to_owned()
}

/// How many parts the path has before the pattern's: none, unless the base is still on it.
fn skipped(call: &Incoming<'_>) -> usize {
    call.uri
        .path()
        .split('/')
        .count()
        .saturating_sub(call.pattern.split('/').count())
}

fn limit_headers(standings: &[Standing], headers: &mut HeaderMap) {
    if let Some(standing) = standings.first() {
        let said = [
            ("x-ratelimit-limit", standing.max()),
            ("x-ratelimit-remaining", standing.remaining()),
            ("x-ratelimit-reset", standing.reset_seconds()),
        ];
        say(headers, said);
    }
}

fn throttled(standing: &Standing) -> Response {
    let words = "ThrottlerException: Too Many Requests";
    let mut answer = error(StatusCode::TOO_MANY_REQUESTS, words);
    limit_headers(std::slice::from_ref(standing), answer.headers_mut());
    answer
}
