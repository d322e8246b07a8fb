//! Steering the sandbox, over HTTP and in a simulation alike.

use fabrik_domain::{provider::Provider, secret::Secret};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::{
    error::SandboxError, fault::Rule, figure::Latencies, gitea, github, n8n, platform::Core,
    supabase, token::Token, vendors, vercel,
};

/// `POST /_sandbox/faults`: the rules from now on, in place of those before.
pub(crate) fn faults(core: &Core, rules: Vec<Rule>) -> Result<Value, SandboxError> {
    Ok(json!({ "rules": core.faults().set(rules)? }))
}

/// `POST /_sandbox/latency`: `"none"`, `"realistic"`, or `{"base"?, "vercel.ready": 3, …}`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "each of them takes what was sent"
)]
pub(crate) fn latency(core: &Core, document: Value) -> Result<Value, SandboxError> {
    core.set_latencies(Latencies::parse(&document)?);
    Ok(core.latencies().to_json())
}

/// Whether limits are enforced.
#[derive(Deserialize)]
pub(crate) struct Limits {
    enforce: bool,
}

/// `POST /_sandbox/limits`.
#[expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "of the shape that all of them have"
)]
pub(crate) fn limits(core: &Core, limits: Limits) -> Result<Value, SandboxError> {
    core.limiter().enforce(limits.enforce);
    Ok(Value::Null)
}

/// `POST /_sandbox/accounts`: `{"vercel": {"github_app": "missing"}, …}`; what is left out stays
/// as it is, `null` takes a switch back to its default.
pub(crate) fn accounts(core: &Core, changes: Map<String, Value>) -> Result<Value, SandboxError> {
    vendors::set_accounts(core, changes)
}

/// A token to accept, narrow or revoke.
#[derive(Deserialize)]
pub(crate) struct TokenChange {
    provider: String,
    #[serde(deserialize_with = "secret")]
    token: Secret,
    #[serde(default)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    only: Option<Vec<String>>,
    #[serde(default)]
    revoked: bool,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::from)
}

/// `POST /_sandbox/tokens`: accepts a token with these scopes and for `only` these organisations,
/// projects, repositories or teams (all, where none are named), or no longer (`"revoked": true`).
pub(crate) fn tokens(core: &Core, change: TokenChange) -> Result<Value, SandboxError> {
    let provider = Provider::from_key(&change.provider).ok_or_else(|| {
        SandboxError::Invalid(format!("there is no provider {}", change.provider))
    })?;
    if change.revoked {
        core.tokens().revoke(provider, &change.token)?;
    } else {
        let accepted = Token {
            provider: provider.key().to_owned(),
            scopes: change.scopes,
            only: change.only,
        };
        core.tokens().register(provider, &change.token, &accepted)?;
    }
    Ok(Value::Null)
}

/// A resource that gets another name behind the owner's back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Renaming {
    provider: String,
    id: String,
    name: String,
}

/// `POST /_sandbox/rename`: a Supabase project (by ref), a repository (by number, or GitHub's by `owner/name`), a
/// Vercel project (by id or name) or a workflow (by id).
#[expect(
    clippy::needless_pass_by_value,
    reason = "each of them takes what was sent"
)]
pub(crate) fn rename(core: &Core, wish: Renaming) -> Result<Value, SandboxError> {
    let Renaming { provider, id, name } = &wish;
    match Provider::from_key(provider) {
        Some(Provider::Supabase) => supabase::rename(core, id, name),
        Some(Provider::GitHub) => github::rename(core, id, name),
        Some(Provider::Vercel) => vercel::rename(core, id, name),
        Some(Provider::N8n) => n8n::rename(core, id, name),
        Some(Provider::Gitea) => gitea::rename(core, id, name),
        _ => Err(SandboxError::unknown("provider with names", provider)),
    }
}

/// A resource that somebody else made and that looks like one of ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Foreign {
    provider: String,
    name: String,
    /// Of a repository: where a mark would be.
    #[serde(default)]
    description: String,
    /// Of a Vercel project: what it is linked to, as `owner/name`.
    #[serde(default)]
    repository: Option<String>,
    /// Of a Vercel project: plain ones, for production.
    #[serde(default)]
    variables: Map<String, Value>,
}

/// `POST /_sandbox/foreign`: a Supabase project, repository (Gitea's in the person's own account), Vercel project or
/// workflow of this name, complete and nobody's of ours. The answer has its id.
pub(crate) fn foreign(core: &Core, wish: Foreign) -> Result<Value, SandboxError> {
    match Provider::from_key(&wish.provider) {
        Some(Provider::Supabase) => supabase::put_foreign(core, &wish.name),
        Some(Provider::GitHub) => github::put_foreign(core, &wish.name, &wish.description),
        Some(Provider::Vercel) => {
            let repository = wish.repository.as_deref();
            vercel::put_foreign(core, &wish.name, repository, wish.variables)
        }
        Some(Provider::N8n) => n8n::put_foreign(core, &wish.name),
        Some(Provider::Gitea) => gitea::put_foreign(core, &wish.name),
        _ => Err(SandboxError::unknown("provider with names", &wish.provider)),
    }
}

/// The records of a name in the DNS.
#[derive(Deserialize)]
pub(crate) struct Dns {
    /// Or `*.example.com`, for every name below that has no records of its own.
    domain: String,
    #[serde(flatten)]
    records: vercel::Records,
}

/// `POST /_sandbox/dns`: `{"domain", "points"?: true, "challenge"?: true}`, in place of what the name
/// led to before.
#[expect(
    clippy::needless_pass_by_value,
    reason = "each of them takes what was sent"
)]
pub(crate) fn dns(core: &Core, wish: Dns) -> Result<Value, SandboxError> {
    vercel::put_records(core, &wish.domain, wish.records)?;
    Ok(Value::Null)
}

/// `POST /_sandbox/reset`: as on a first start; tokens, latencies and port stay.
pub(crate) async fn reset(core: &Core) -> Result<(), SandboxError> {
    core.reset().await?;
    vendors::seed(core)
}
