//! What is written of a call: method, host, path without its query, status, time, request id. Never a
//! header, a body or a query, so that no secret is in a log. One that failed is a warning, which the log files take.

use std::sync::Arc;

use bytes::Bytes;
use fabrik_domain::ports::Clock;
use http::{Method, Request, StatusCode};
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

use super::Transport;
use crate::{Call, Effect, classify::request_id};

/// Writes one line for each call.
pub(super) fn logged(inner: Transport, clock: Arc<dyn Clock>) -> Transport {
    BoxCloneSyncService::new(service_fn(move |request: Request<Bytes>| {
        let (inner, clock) = (inner.clone(), Arc::clone(&clock));
        async move {
            let call = Call::of(&request);
            let operation = call.operation;
            let method = request.method().clone();
            let host = request.uri().host().unwrap_or_default().to_owned();
            let path = request.uri().path().to_owned();
            let began = clock.monotonic();
            let answer = inner.oneshot(request).await;
            let ms = clock.monotonic().saturating_sub(began).as_millis();
            match &answer {
                Ok(response) => {
                    let failed = failed(call, &method, response.status());
                    let status = response.status().as_u16();
                    let id = request_id(response.headers()).unwrap_or_default();
                    if failed {
                        tracing::warn!(%method, host, path, operation, status, ms, id, "call refused");
                    } else {
                        tracing::debug!(%method, host, path, status, ms, id, "call");
                    }
                }
                Err(error) => {
                    tracing::warn!(%method, host, path, operation, ms, %error, "call without an answer");
                }
            }
            answer
        }
    }))
}

/// Whether the answer is one that somebody may look for later. What is looked for or taken away may well not be
/// there: then 404 is an answer like others. So is a refusal that the call was made to try.
fn failed(call: Call, method: &Method, status: StatusCode) -> bool {
    let may_be_absent = call.effect == Effect::Reads || *method == Method::DELETE;
    let refused = status.is_client_error() || status.is_server_error();
    let was_tried = call.tries.contains(&status.as_u16());
    refused && !was_tried && !(may_be_absent && status == StatusCode::NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_failed_and_what_is_not_there_did_not() {
        let (look, make) = (Call::reads("look"), Call::changes("make"));
        let attempt = look.tries(&[400, 403]);
        for (call, method, status, expected) in [
            (look, Method::GET, 200, false),
            (look, Method::GET, 404, false),
            (make, Method::DELETE, 404, false),
            (make, Method::POST, 404, true),
            (look, Method::GET, 403, true),
            (look, Method::GET, 503, true),
            (make, Method::DELETE, 500, true),
            (attempt, Method::POST, 403, false),
            (attempt, Method::POST, 401, true),
            (attempt, Method::POST, 503, true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let told = failed(call, &method, status);
            assert_eq!(told, expected, "{} {method} {status}", call.operation);
        }
    }
}
