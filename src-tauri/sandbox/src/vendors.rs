//! The vendors that are served: their routes in one router, and their accounts' switches.

use std::sync::LazyLock;

use axum::{Router, http::Extensions};
use fabrik_domain::provider::Provider;
use serde_json::{Map, Value, json};

use crate::{
    environment,
    error::SandboxError,
    gitea::{self, GiteaAccount},
    github::{self, GitHubAccount},
    n8n::{self, N8nAccount},
    platform::{Account, Core},
    resend::{self, ResendAccount},
    sites,
    stripe::{self, StripeAccount},
    supabase::{self, SupabaseAccount},
    token,
    vercel::{self, VercelAccount},
};

/// The routes of all vendors. Making them takes longer than a whole simulated run: there is one copy.
static ROUTES: LazyLock<Router> = LazyLock::new(|| {
    Router::new()
        .merge(supabase::routes())
        .merge(github::routes())
        .merge(vercel::routes())
        .merge(n8n::routes())
        .merge(gitea::routes())
        .merge(resend::routes())
        .merge(stripe::routes())
        .merge(sites::routes())
});

/// The routes of all vendors; a request must bring [`Vendors`] along.
pub(crate) fn routes() -> Router {
    ROUTES.clone()
}

/// What one sandbox's vendors have between calls.
#[derive(Clone)]
pub(crate) struct Vendors {
    core: Core,
    supabase: supabase::Cloud,
}

impl Vendors {
    /// Ready for their first call: the tokens that are handed out are accepted, unless they were
    /// revoked, and accounts hold what they hold from the start.
    pub(crate) fn open(core: &Core) -> Result<Self, SandboxError> {
        for provider in environment::SERVED {
            let purpose = format!("token/{}", provider.key());
            let made_up = token::made_up(*provider, core.seeded(&purpose));
            if !core.tokens().is_revoked(*provider, &made_up)? {
                core.tokens().register_new(*provider, &made_up)?;
            }
        }
        seed(core)?;
        Ok(Self {
            core: core.clone(),
            supabase: supabase::Cloud::open(core)?,
        })
    }

    /// What a simulation's databases hold.
    pub(crate) fn databases(&self) -> Value {
        self.supabase.content()
    }

    /// A simulation's, copied for another core.
    pub(crate) fn fork(&self, core: &Core) -> Result<Self, SandboxError> {
        Ok(Self {
            core: core.clone(),
            supabase: self.supabase.fork(core)?,
        })
    }

    /// Gives a request what the handlers take.
    pub(crate) fn accompany(&self, extensions: &mut Extensions) {
        extensions.insert(self.core.clone());
        extensions.insert(self.supabase.clone());
    }
}

/// What accounts hold from the start, where it is not there.
pub(crate) fn seed(core: &Core) -> Result<(), SandboxError> {
    github::seed(core)?;
    vercel::seed(core)?;
    resend::seed(core)?;
    stripe::seed(core)
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
            Some(Provider::N8n) => change::<N8nAccount>(core, &changes)?,
            Some(Provider::Gitea) => change::<GiteaAccount>(core, &changes)?,
            Some(Provider::Resend) => change::<ResendAccount>(core, &changes)?,
            Some(Provider::Stripe) => change::<StripeAccount>(core, &changes)?,
            _ => return Err(SandboxError::Invalid(format!("no switches for {provider}"))),
        }
    }
    Ok(json!({
        "supabase": shown(&core.account::<SupabaseAccount>()?)?,
        "github": shown(&core.account::<GitHubAccount>()?)?,
        "vercel": shown(&core.account::<VercelAccount>()?)?,
        "n8n": shown(&core.account::<N8nAccount>()?)?,
        "gitea": shown(&core.account::<GiteaAccount>()?)?,
        "resend": shown(&core.account::<ResendAccount>()?)?,
        "stripe": shown(&core.account::<StripeAccount>()?)?,
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
