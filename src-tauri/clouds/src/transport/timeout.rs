//! A call ends in time, whatever the server does: connecting, redirects and the whole body included.

use std::sync::Arc;

use bytes::Bytes;
use fabrik_domain::ports::Clock;
use futures::future::{Either, select};
use http::Request;
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

use super::{Transport, TransportError};
use crate::call::Call;

/// Ends each call after its [`Call`]'s timeout, by the clock that is passed in.
pub(super) fn limited(inner: Transport, clock: Arc<dyn Clock>) -> Transport {
    BoxCloneSyncService::new(service_fn(move |request: Request<Bytes>| {
        let (inner, clock) = (inner.clone(), Arc::clone(&clock));
        async move {
            let limit = Call::of(&request).timeout;
            let answer = Box::pin(inner.oneshot(request));
            match select(answer, clock.sleep(limit)).await {
                Either::Left((answer, _)) => answer,
                Either::Right(((), _)) => Err(TransportError::TimedOut),
            }
        }
    }))
}
