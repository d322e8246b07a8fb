//! GitHub's limits: 5,000 requests an hour; besides, requests at once, points, and creating requests
//! a minute and an hour ("secondary"). Headers speak of the first alone; `reset` is in epoch seconds.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode},
    response::Response,
};
use serde_json::{Value, json};

use super::vendor_error;
use crate::{
    answer::{Answer, json_answer},
    limit::{Limit, Standing, say},
    platform::Core,
    routes::Incoming,
};

/// Requests at once.
pub(super) const AT_ONCE: u32 = 100;
const CORE: &str = "github core";
const CORE_MAX: u32 = 5000;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Creating calls in an hour. Over it the answer is 429, over the other limits 403: a client meets both.
const AN_HOUR: &str = "github creating an hour";

fn limit(bucket: &str, max: u32, window: Duration, cost: u32) -> Limit {
    Limit {
        cost,
        ..Limit::new(bucket, max, window)
    }
}

pub(super) fn limits(call: &Incoming<'_>) -> Vec<Limit> {
    // Asking for the limits costs nothing of the primary one.
    if call.pattern == "/rate_limit" {
        return vec![limit(CORE, CORE_MAX, HOUR, 0)];
    }
    let writes = *call.method != Method::GET;
    let mut limits = vec![
        limit(CORE, CORE_MAX, HOUR, 1),
        limit("github points", 900, MINUTE, if writes { 5 } else { 1 }),
    ];
    if writes {
        limits.push(limit("github creating a minute", 80, MINUTE, 1));
        limits.push(limit(AN_HOUR, 500, HOUR, 1));
    }
    limits
}

pub(super) fn headers(standings: &[Standing], headers: &mut HeaderMap) {
    let Some(core) = standings
        .iter()
        .find(|standing| standing.limit.bucket == CORE)
    else {
        return;
    };
    let said = [
        ("x-ratelimit-limit", core.max()),
        ("x-ratelimit-remaining", core.remaining()),
        ("x-ratelimit-used", core.used.into()),
        ("x-ratelimit-reset", core.reset_second()),
    ];
    say(headers, said);
    headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
}

pub(super) fn throttled(standing: &Standing) -> Response {
    if standing.limit.bucket == CORE {
        let mut answer = vendor_error(
            StatusCode::FORBIDDEN,
            "API rate limit exceeded for user ID 1000.",
        );
        headers(std::slice::from_ref(standing), answer.headers_mut());
        return answer;
    }
    let message =
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let status = if standing.limit.bucket == AN_HOUR {
        StatusCode::TOO_MANY_REQUESTS
    } else {
        StatusCode::FORBIDDEN
    };
    let mut answer = vendor_error(status, message);
    say(
        answer.headers_mut(),
        [("retry-after", standing.reset_seconds())],
    );
    answer
}

/// `GET /rate_limit`, `rate-limit/get`.
pub(super) async fn rate_limit(core: Core) -> Answer {
    let counted = core
        .limiter()
        .count(vec![limit(CORE, CORE_MAX, HOUR, 0)], core.now());
    let standing = match counted {
        Ok(standings) => standings.into_iter().next(),
        Err(standing) => Some(standing),
    };
    let rate = standing.map_or(Value::Null, |standing| {
        json!({
            "limit": standing.limit.max, "remaining": standing.remaining(), "used": standing.used,
            "reset": standing.reset.as_second(),
        })
    });
    let now = core.now().as_second();
    let search = json!({ "limit": 30, "remaining": 30, "used": 0, "reset": now + 60 });
    let graphql = json!({ "limit": 5000, "remaining": 5000, "used": 0, "reset": now + 3600 });
    let resources = json!({ "core": rate, "search": search, "graphql": graphql });
    json_answer(
        StatusCode::OK,
        &json!({ "resources": resources, "rate": rate }),
    )
}
