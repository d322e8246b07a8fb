//! The vendors' clients, for the accounts that settings and vault say.

use std::{collections::BTreeMap, sync::Arc};

use fabrik_clouds::{
    AccountInfo, BaseUrl, GitHub, Gitea, Http, N8n, Resend, Site, Stripe, Token, Vercel, supabase,
};
use fabrik_domain::{
    Cause, Problem, customer::CustomerStatus, failure::Failure, id::CustomerId, provider::Provider,
};
use fabrik_steps::{Clouds, Registry};
use fabrik_store::{CustomerQuery, Store};
use fabrik_vault::refuse_non_loopback;

use crate::App;

/// Of so many instances one may be tried as a neighbour: some are paused, one may be the customer's own.
const NEIGHBOURS: u64 = 4;

/// The clients, with what the surfaces ask of them beyond the steps.
pub(crate) struct Accounts {
    clouds: Clouds,
    /// Not of the steps: nothing is made there.
    stripe: Stripe,
}

impl App {
    /// The clients for these settings.
    pub(crate) fn clouds(&self, settings: &BTreeMap<String, String>) -> Result<Accounts, Problem> {
        self.clouds_over(&self.http, settings)
    }

    fn clouds_over(
        &self,
        http: &Http,
        settings: &BTreeMap<String, String>,
    ) -> Result<Accounts, Problem> {
        if let Some(problem) = self.sandbox_trouble() {
            return Err(problem);
        }
        let url = |key: &str| {
            settings.get(key).map(String::as_str).ok_or_else(|| {
                Problem::from(Cause::SettingMissing {
                    setting: key.to_owned(),
                })
            })
        };
        let base = |provider: Provider| {
            let url = url(&format!("{}.url", provider.key()))?;
            if self.is_sandbox() {
                refuse_non_loopback(url)?;
            }
            BaseUrl::parse(url)
        };
        // A server of the agency's own, which it may not have.
        let own = |provider: Provider| match settings.get(&format!("{}.url", provider.key())) {
            Some(_) => base(provider).map(Some),
            None => Ok(None),
        };
        let token = |provider| {
            let token = Token::new(Arc::clone(&self.secrets), self.token_reference(provider));
            if self.is_sandbox() {
                token.local_only()
            } else {
                token
            }
        };
        let project_url = url("supabase.project.url")?;
        if self.is_sandbox() {
            refuse_non_loopback(project_url)?;
        }
        let http = || http.clone();
        let stripe = Stripe::new(http(), base(Provider::Stripe)?, token(Provider::Stripe));
        let clouds = Clouds {
            supabase: supabase::Management::new(
                http(),
                base(Provider::Supabase)?,
                token(Provider::Supabase),
            ),
            projects: supabase::ProjectUrl::parse(project_url)?,
            github: GitHub::new(http(), base(Provider::GitHub)?, token(Provider::GitHub)),
            vercel: Vercel::new(http(), base(Provider::Vercel)?, token(Provider::Vercel)),
            n8n: own(Provider::N8n)?.map(|base| N8n::new(http(), base, token(Provider::N8n))),
            gitea: own(Provider::Gitea)?
                .map(|base| Gitea::new(http(), base, token(Provider::Gitea))),
            resend: Resend::new(http(), base(Provider::Resend)?, token(Provider::Resend)),
            site: Site::new(http()),
            http: http(),
            secrets: Arc::clone(&self.secrets),
            neighbours: Vec::new(),
        };
        Ok(Accounts { clouds, stripe })
    }

    /// What builds the steps of a run with these settings, for this customer.
    pub(crate) async fn factory(
        &self,
        settings: &BTreeMap<String, String>,
        customer: CustomerId,
    ) -> Result<Registry, Problem> {
        // The gates deal turns by customer.
        let http = self.http.for_customer(customer);
        let clouds = self.clouds_over(&http, settings)?.clouds;
        let neighbours = neighbours_of(self.store.as_ref(), customer).await?;
        Ok(Registry::new(clouds, self.store.workspace()).beside(neighbours))
    }
}

/// The projects of some other customers that have an instance.
pub async fn neighbours_of(
    store: &dyn Store,
    customer: CustomerId,
) -> Result<Vec<String>, Problem> {
    let query = CustomerQuery {
        status: Some(CustomerStatus::Active),
        limit: NEIGHBOURS,
        ..CustomerQuery::default()
    };
    let active = store.customers(query).await?.rows;
    let others = active.into_iter().filter(|other| other.id != customer);
    Ok(others
        .filter_map(|other| other.supabase_project_ref)
        .collect())
}

impl Accounts {
    /// What is in an instance's database.
    pub(crate) fn supabase(&self) -> &supabase::Management {
        &self.clouds.supabase
    }

    /// Who subscribes.
    pub(crate) fn stripe(&self) -> Stripe {
        self.stripe.clone()
    }

    /// Why mail from this sender would not be taken, where that can be told.
    pub(crate) async fn refused_sender(&self, from: &str) -> Option<Problem> {
        // Whatever else is wrong with the key is told by asking whose it is.
        self.clouds.resend.refused_sender(from).await.ok().flatten()
    }

    /// Whose a provider's token is, and what it may do.
    pub(crate) async fn whoami(&self, provider: Provider) -> Result<AccountInfo, Failure> {
        match provider {
            Provider::Supabase => self.clouds.supabase.whoami().await,
            Provider::GitHub => self.clouds.github.whoami().await,
            Provider::Vercel => self.clouds.vercel.whoami().await,
            Provider::Resend => self.clouds.resend.whoami().await,
            Provider::N8n => match &self.clouds.n8n {
                Some(n8n) => n8n.whoami().await,
                None => Err(without_address(provider)),
            },
            Provider::Gitea => match &self.clouds.gitea {
                Some(gitea) => gitea.whoami().await,
                None => Err(without_address(provider)),
            },
            Provider::Stripe => self.stripe.whoami().await,
        }
    }
}

/// Nobody has said where the server is, which every token of it is for.
fn without_address(provider: Provider) -> Failure {
    let setting = format!("{}.url", provider.key());
    Problem::from(Cause::SettingMissing { setting })
        .by(provider)
        .into()
}
