//! Looking at the sandbox.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::State,
    response::Response,
};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::{environment, error::SandboxError, platform::Core};

/// A line so often shows a holder that the sandbox lives, and the sandbox a holder that died
/// without closing.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// `GET /_sandbox/environment`: as in the ready document.
pub(super) async fn environment(State(core): State<Core>) -> Json<Value> {
    Json(environment::of(&core))
}

/// `GET /_sandbox/state`.
pub(super) async fn state(State(core): State<Core>) -> Json<Value> {
    Json(json!({
        "resources": core.everything(),
        "calls": core.log().counters(),
        "mutating": core.log().mutating(),
        "latencies": core.latencies().to_json(),
        "holds": core.holds().count(),
    }))
}

/// `GET /_sandbox/calls`.
pub(super) async fn calls(State(core): State<Core>) -> Json<Value> {
    Json(core.log().to_json())
}

/// `GET /_sandbox/mails`: `{"mails": […]}`, everything that was sent, oldest first, with bodies.
pub(super) async fn mails(State(core): State<Core>) -> Result<Json<Value>, SandboxError> {
    Ok(Json(json!({ "mails": crate::resend::sent(&core)? })))
}

/// `GET /_sandbox/hold`: a line at once and then one every few seconds, until the client closes.
pub(super) async fn hold(State(core): State<Core>) -> Response {
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
