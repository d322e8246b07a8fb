//! The vendors that are served: their routes in one router, and their accounts' switches.

use axum::Router;
use fabrik_domain::provider::Provider;
use serde_json::{Map, Value, json};

use crate::{
    error::SandboxError,
    github::{self, GitHubAccount},
    platform::{Account, Core},
    resend::{self, ResendAccount},
    sites,
    supabase::{self, SupabaseAccount},
    vercel::{self, VercelAccount},
};

/// All vendors.
pub(crate) fn routes(core: &Core) -> Result<Router, SandboxError> {
    Ok(Router::new()
        .merge(supabase::routes(core)?)
        .merge(github::routes(core))
        .merge(vercel::routes(core))
        .merge(resend::routes(core))
        .merge(sites::routes(core)))
}

/// What accounts hold from the start, where it is not there.
pub(crate) fn seed(core: &Core) -> Result<(), SandboxError> {
    github::seed(core)?;
    resend::seed(core)
}

/// Changes switches of accounts and returns all of them as they are now.
pub(crate) fn set_accounts(
    core: &Core,
    changes: Map<String, Value>,
) -> Result<Value, SandboxError> {
    for (provider, changes) in changes {
        match Provider::from_key(&provider) {
            Some(Provider::Supabase) => change::<SupabaseAccount>(core, &changes)?,
            Some(Provider::GitHub) => change::<GitHubAccount>(core, &changes)?,
            Some(Provider::Vercel) => change::<VercelAccount>(core, &changes)?,
            Some(Provider::Resend) => change::<ResendAccount>(core, &changes)?,
            _ => return Err(SandboxError::Invalid(format!("no switches for {provider}"))),
        }
    }
    Ok(json!({
        "supabase": shown(&core.account::<SupabaseAccount>()?)?,
        "github": shown(&core.account::<GitHubAccount>()?)?,
        "vercel": shown(&core.account::<VercelAccount>()?)?,
        "resend": shown(&core.account::<ResendAccount>()?)?,
    }))
}

fn change<A: Account>(core: &Core, changes: &Value) -> Result<(), SandboxError> {
    let invalid = |why: String| SandboxError::Invalid(format!("{}: {why}", A::PROVIDER.key()));
    let mut account = shown(&core.account::<A>()?)?;
    let defaults = shown(&A::default())?;
    let changes = changes
        .as_object()
        .ok_or_else(|| invalid("switches are an object".to_owned()))?;
    for (name, value) in changes {
        let value = if value.is_null() {
            &defaults[name]
        } else {
            value
        };
        account[name] = value.clone();
    }
    let checked =
        serde_json::from_value::<A>(account).map_err(|error| invalid(error.to_string()))?;
    core.set_account(A::PROVIDER, &shown(&checked)?)
}

fn shown<A: Account>(account: &A) -> Result<Value, SandboxError> {
    serde_json::to_value(account).map_err(|source| SandboxError::Document {
        kind: "account".to_owned(),
        source,
    })
}
