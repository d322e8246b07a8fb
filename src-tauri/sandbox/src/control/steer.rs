//! Steering the sandbox.

use axum::{Json, extract::State, http::StatusCode};
use fabrik_domain::{provider::Provider, secret::Secret};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::{error::SandboxError, fault::Rule, figure::Latencies, platform::Core};

/// `POST /_sandbox/faults`: the rules from now on, in place of those before.
pub(super) async fn faults(
    State(core): State<Core>,
    Json(rules): Json<Vec<Rule>>,
) -> Result<Json<Value>, SandboxError> {
    Ok(Json(json!({ "rules": core.faults().set(rules)? })))
}

/// `POST /_sandbox/latency`: `"none"`, `"realistic"`, or `{"base"?, "vercel.ready": 3, …}`.
pub(super) async fn latency(
    State(core): State<Core>,
    Json(document): Json<Value>,
) -> Result<Json<Value>, SandboxError> {
    core.set_latencies(Latencies::parse(&document)?);
    Ok(Json(core.latencies().to_json()))
}

/// Whether limits are enforced.
#[derive(Deserialize)]
pub(super) struct Limits {
    enforce: bool,
}

/// `POST /_sandbox/limits`.
pub(super) async fn limits(State(core): State<Core>, Json(limits): Json<Limits>) -> StatusCode {
    core.limiter().enforce(limits.enforce);
    StatusCode::NO_CONTENT
}

/// `POST /_sandbox/accounts`: `{"vercel": {"github_app": "missing"}, …}`; what is left out stays
/// as it is, `null` takes a switch back to its default.
pub(super) async fn accounts(
    State(core): State<Core>,
    Json(changes): Json<Map<String, Value>>,
) -> Result<Json<Value>, SandboxError> {
    crate::vendors::set_accounts(&core, changes).map(Json)
}

/// A token to accept, narrow or revoke.
#[derive(Deserialize)]
pub(super) struct TokenChange {
    provider: String,
    #[serde(deserialize_with = "secret")]
    token: Secret,
    #[serde(default)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    revoked: bool,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::from)
}

/// `POST /_sandbox/tokens`: accepts a token with these scopes (all, where none are named), or no
/// longer (`"revoked": true`).
pub(super) async fn tokens(
    State(core): State<Core>,
    Json(change): Json<TokenChange>,
) -> Result<StatusCode, SandboxError> {
    let provider = Provider::from_key(&change.provider).ok_or_else(|| {
        SandboxError::Invalid(format!("there is no provider {}", change.provider))
    })?;
    if change.revoked {
        core.tokens().revoke(provider, &change.token)?;
    } else {
        core.tokens()
            .register(provider, &change.token, change.scopes)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /_sandbox/reset`: as on a first start; tokens, latencies and port stay.
pub(super) async fn reset(State(core): State<Core>) -> Result<StatusCode, SandboxError> {
    core.reset().await?;
    crate::vendors::seed(&core)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /_sandbox/stop`: ends the process once changes under way are made.
pub(super) async fn stop(State(core): State<Core>) -> StatusCode {
    core.stopping().cancel();
    StatusCode::ACCEPTED
}
