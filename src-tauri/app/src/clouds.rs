//! The vendors' clients, for the accounts that settings and vault say.

use std::{collections::BTreeMap, sync::Arc};

use fabrik_clouds::{AccountInfo, BaseUrl, GitHub, Http, Resend, Site, Token, Vercel, supabase};
use fabrik_domain::{Cause, Problem, failure::Failure, id::CustomerId, provider::Provider};
use fabrik_steps::{Clouds, Registry};
use fabrik_vault::refuse_non_loopback;

use crate::App;

/// The vendors that this version has clients for.
pub(crate) const CONNECTED: [Provider; 4] = [
    Provider::Supabase,
    Provider::GitHub,
    Provider::Vercel,
    Provider::Resend,
];

/// The clients, with what the surfaces ask of them beyond the steps.
pub(crate) struct Accounts(Clouds);

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
        Ok(Accounts(Clouds {
            supabase: supabase::Management::new(
                http(),
                base(Provider::Supabase)?,
                token(Provider::Supabase),
            ),
            projects: supabase::ProjectUrl::parse(project_url)?,
            github: GitHub::new(http(), base(Provider::GitHub)?, token(Provider::GitHub)),
            vercel: Vercel::new(http(), base(Provider::Vercel)?, token(Provider::Vercel)),
            resend: Resend::new(http(), base(Provider::Resend)?, token(Provider::Resend)),
            site: Site::new(http()),
            http: http(),
            secrets: Arc::clone(&self.secrets),
            neighbours: Vec::new(),
        }))
    }

    /// What builds the steps of a run with these settings, for this customer.
    pub(crate) fn factory(
        &self,
        settings: &BTreeMap<String, String>,
        customer: Option<CustomerId>,
    ) -> Result<Registry, Problem> {
        // The gates deal turns by customer.
        let http = match customer {
            Some(customer) => self.http.for_customer(customer),
            None => self.http.clone(),
        };
        Ok(Registry::new(
            self.clouds_over(&http, settings)?.0,
            self.store.workspace(),
        ))
    }
}

impl Accounts {
    /// Whose a provider's token is, and what it may do.
    pub(crate) async fn whoami(&self, provider: Provider) -> Result<AccountInfo, Failure> {
        match provider {
            Provider::Supabase => self.0.supabase.whoami().await,
            Provider::GitHub => self.0.github.whoami().await,
            Provider::Vercel => self.0.vercel.whoami().await,
            Provider::Resend => self.0.resend.whoami().await,
            Provider::N8n | Provider::Gitea | Provider::Stripe => {
                Err(Problem::from(Cause::ProviderUnknown {
                    name: provider.key().to_owned(),
                })
                .into())
            }
        }
    }
}
