//! Looking at the sandbox, over HTTP and in a simulation alike.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures::StreamExt;
use serde_json::{Map, Value, json};

use crate::{error::SandboxError, platform::Core};

/// A line so often shows a holder that the sandbox lives, and the sandbox a holder that died
/// without closing.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// `GET /_sandbox/state`.
pub(crate) fn state(core: &Core) -> Value {
    // By provider, kind and id.
    let mut resources = Map::new();
    for ((provider, kind, id), document) in core.everything() {
        let kinds = resources.entry(provider).or_insert_with(|| json!({}));
        kinds[kind][id] = Value::clone(&document);
    }
    json!({
        "resources": resources,
        "calls": core.log().counters(),
        "mutating": core.log().mutating(),
        "latencies": core.latencies().to_json(),
        "holds": core.holds().count(),
    })
}

/// `GET /_sandbox/calls`.
pub(crate) fn calls(core: &Core) -> Value {
    core.log().to_json()
}

/// `GET /_sandbox/mails`: `{"mails": […]}`, everything that was sent, oldest first, with bodies.
pub(crate) fn mails(core: &Core) -> Result<Value, SandboxError> {
    Ok(json!({ "mails": crate::resend::sent(core)? }))
}

/// `GET /_sandbox/hold`: a line at once and then one every few seconds, until the client closes.
pub(super) async fn hold(core: Core) -> Response {
    let hold = core.holds().take();
    let stopping = core.stopping().clone();
    let lines = futures::stream::unfold((hold, false), |(hold, begun)| async move {
        if begun {
            tokio::time::sleep(HEARTBEAT).await;
        }
        Some((
            Ok::<_, Infallible>(Bytes::from_static(b"held\n")),
            (hold, true),
        ))
    });
    Response::new(Body::from_stream(
        lines.take_until(stopping.cancelled_owned()),
    ))
}
