//! Limits of the public API, which a server has from 2.47.0 on and which its owner turns on: by key, reads and writes
//! apart, all of them and those of one endpoint. The documents say no numbers, so the switch does.

use std::time::Duration;

use axum::{
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{N8nAccount, key, vendor_error};
use crate::{
    limit::{Limit, Standing, say},
    routes::Incoming,
};

/// How all buckets begin.
const OWN: &str = "n8n";

/// Calls a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallLimits {
    read: u32,
    write: u32,
    endpoint_read: u32,
    endpoint_write: u32,
}

pub(super) fn limits(call: &Incoming<'_>) -> Vec<Limit> {
    let account: N8nAccount = call.core.account().unwrap_or_default();
    let Some(limits) = account.limits else {
        return Vec::new();
    };
    let (kind, all, endpoint) = if *call.method == Method::GET {
        ("reads", limits.read, limits.endpoint_read)
    } else {
        ("writes", limits.write, limits.endpoint_write)
    };
    // What is counted is kept, and no key is.
    let whose = hex::encode(Sha256::digest(key(call.headers).unwrap_or_default()));
    let minute = Duration::from_mins(1);
    let of_endpoint = format!("{OWN} {whose} {} {}", call.method, call.pattern);
    vec![
        Limit::new(format!("{OWN} {whose} {kind}"), all, minute),
        Limit::new(of_endpoint, endpoint, minute),
    ]
}

/// Of the two, the one with the least left is told.
pub(super) fn headers(standings: &[Standing], headers: &mut HeaderMap) {
    let least = standings.iter().min_by_key(|standing| standing.remaining());
    if let Some(standing) = least {
        let said = [
            ("x-ratelimit-limit", standing.max()),
            ("x-ratelimit-remaining", standing.remaining()),
        ];
        say(headers, said);
    }
}

pub(super) fn throttled(standing: &Standing) -> Response {
    let mut answer = vendor_error(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    // A server that doesn't count refuses nothing: a proxy before it does, and says no more.
    if standing.limit.bucket.starts_with(OWN) {
        headers(std::slice::from_ref(standing), answer.headers_mut());
        let wait = [("retry-after", standing.reset_seconds())];
        say(answer.headers_mut(), wait);
    }
    answer
}
