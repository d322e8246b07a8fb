//! What is written of a call: method, host, path without its query, status, time, request id. Never a
//! header, a body or a query, so that no secret is in a log.

use std::sync::Arc;

use bytes::Bytes;
use fabrik_domain::ports::Clock;
use http::Request;
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

use super::Transport;
use crate::classify::request_id;

/// Writes one line for each call.
pub(super) fn logged(inner: Transport, clock: Arc<dyn Clock>) -> Transport {
    BoxCloneSyncService::new(service_fn(move |request: Request<Bytes>| {
        let (inner, clock) = (inner.clone(), Arc::clone(&clock));
        async move {
            let method = request.method().clone();
            let host = request.uri().host().unwrap_or_default().to_owned();
            let path = request.uri().path().to_owned();
            let began = clock.monotonic();
            let answer = inner.oneshot(request).await;
            let ms = clock.monotonic().saturating_sub(began).as_millis();
            match &answer {
                Ok(response) => {
                    let status = response.status().as_u16();
                    let id = request_id(response.headers()).unwrap_or_default();
                    tracing::debug!(%method, host, path, status, ms, id, "call");
                }
                Err(error) => {
                    tracing::debug!(%method, host, path, ms, %error, "call without an answer");
                }
            }
            answer
        }
    }))
}
