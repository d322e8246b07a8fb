//! Links to a customer's instance, made here and checked before one is opened (S9): `https` and the
//! vendor's own host, or this machine where the workspace has the vendor there, as the sandbox has.

use std::collections::BTreeMap;

use fabrik_clouds::BaseUrl;
use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, check_link},
    id::{CustomerId, RunId},
    provider::Provider,
    resource::{Resource, ResourceKind, ResourceState},
    setting::is_loopback,
};
use url::Url;

use crate::{
    App,
    views::{InstanceLink, LinkTarget},
};

/// Where Vercel's GitHub app is installed, and where it is said which repositories it sees. No call of Vercel's does that.
pub const VERCEL_APP_PAGE: &str = "https://github.com/apps/vercel/installations/select_target";

/// The links there are for a customer. What is gone, or was let be, has none: only its page in the vendor's cloud is
/// left in the records.
pub(crate) fn of(customer: &Customer, resources: &[Resource]) -> Vec<InstanceLink> {
    let page = |kind| {
        resources
            .iter()
            .find(|resource| {
                resource.kind == kind
                    && matches!(
                        resource.state,
                        ResourceState::Live | ResourceState::Leftover
                    )
            })
            .and_then(|resource| resource.url.clone())
    };
    let supabase = page(ResourceKind::SupabaseProject).or_else(|| {
        let project = customer.supabase_project_ref.as_ref()?;
        Some(format!("https://supabase.com/dashboard/project/{project}"))
    });
    [
        (LinkTarget::Production, customer.production_url.clone()),
        (
            LinkTarget::GitHub,
            customer
                .github_repo_url
                .clone()
                .or_else(|| page(ResourceKind::Repository)),
        ),
        (LinkTarget::Supabase, supabase),
        (
            LinkTarget::Vercel,
            // A project's own page goes by the team's slug; its deployment's is always known.
            page(ResourceKind::VercelProject).or_else(|| page(ResourceKind::VercelDeployment)),
        ),
    ]
    .into_iter()
    .filter_map(|(target, url)| Some(InstanceLink { target, url: url? }))
    .collect()
}

/// Checks a link that is about to be opened: its scheme, no user info, and for a vendor's page its host. `base` is
/// where the workspace has the vendor.
fn check(url: &str, provider: Option<Provider>, base: Option<&BaseUrl>) -> Result<(), Problem> {
    check_link("url", Some(url)).map_err(|_| Cause::LinkRefused)?;
    let parsed = Url::parse(url).map_err(|_| Cause::LinkRefused)?;
    let host = parsed.host_str().unwrap_or_default();
    let is_own = base.is_some_and(|base| base.host() == host);
    let is_there = match provider {
        _ if is_loopback(host) => base.is_some_and(BaseUrl::is_local),
        Some(Provider::Supabase) => host == "supabase.com",
        Some(Provider::GitHub) => host == "github.com",
        Some(Provider::Vercel) => host == "vercel.com",
        Some(Provider::Resend) => host == "resend.com",
        Some(Provider::Stripe) => matches!(host, "dashboard.stripe.com" | "stripe.com"),
        // The agency's own servers; how one makes a key is told elsewhere.
        Some(Provider::N8n) => is_own || host == "docs.n8n.io",
        Some(Provider::Gitea) => is_own || host == "docs.gitea.com",
        // The instance itself.
        None => true,
    };
    if is_there {
        Ok(())
    } else {
        Err(Cause::LinkRefused.into())
    }
}

/// The same, by the settings.
fn check_by<'s>(
    url: &str,
    provider: Option<Provider>,
    setting: impl Fn(&str) -> Option<&'s str>,
) -> Result<(), Problem> {
    // Vercel has the sites.
    let vendor = provider.unwrap_or(Provider::Vercel);
    let base = setting(&format!("{}.url", vendor.key()));
    let base = base.map(BaseUrl::parse).transpose()?;
    check(url, provider, base.as_ref())
}

/// Whose page a resource has. A domain is the customer's own.
fn vendor_of(resource: &Resource) -> Option<Provider> {
    (resource.kind != ResourceKind::Domain).then_some(resource.provider)
}

/// A resource for a mail: its link only where that would be opened from here, too. The address of another is left out, for
/// what reads mail makes links of addresses.
pub(crate) fn mailed(resource: Resource, settings: &BTreeMap<String, String>) -> Resource {
    let vendor = vendor_of(&resource);
    let setting = |key: &str| settings.get(key).map(String::as_str);
    let is_expected = |url: &String| check_by(url, vendor, setting).is_ok();
    let url = resource.url.filter(is_expected);
    Resource { url, ..resource }
}

impl App {
    /// Opens a vendor's page, or without a vendor a customer's own site, once it is checked.
    async fn open_link(&self, url: &str, provider: Option<Provider>) -> Result<(), Problem> {
        let settings = self.settings().await?;
        check_by(url, provider, |setting| settings.get(setting))?;
        self.open_outside(url)
    }

    /// See the table of commands.
    pub async fn link_open(&self, customer: CustomerId, target: LinkTarget) -> Result<(), Problem> {
        let customer = self.store.customer(customer).await?;
        let resources = self.store.resources(customer.id).await?;
        let provider = match target {
            LinkTarget::Production => None,
            LinkTarget::GitHub => Some(Provider::GitHub),
            LinkTarget::Supabase => Some(Provider::Supabase),
            LinkTarget::Vercel => Some(Provider::Vercel),
        };
        let link = of(&customer, &resources)
            .into_iter()
            .find(|link| link.target == target)
            .ok_or(Cause::LinkRefused)?;
        self.open_link(&link.url, provider).await
    }

    /// See the table of commands.
    pub async fn resource_open(
        &self,
        customer: CustomerId,
        resource: String,
    ) -> Result<(), Problem> {
        let resources = self.store.resources(customer).await?;
        let found = resources
            .into_iter()
            .find(|row| row.key.to_string() == resource)
            .ok_or(Cause::LinkRefused)?;
        let vendor = vendor_of(&found);
        let url = found.url.ok_or(Cause::LinkRefused)?;
        self.open_link(&url, vendor).await
    }

    /// See the table of commands.
    pub async fn candidate_open(
        &self,
        run: RunId,
        step: String,
        id: String,
    ) -> Result<(), Problem> {
        let steps = self.store.steps(run).await?;
        let step = steps.into_iter().find(|record| record.id == step);
        let asked = step.and_then(|step| Some((step.kind.provider(), step.error?)));
        let Some((provider, problem)) = asked else {
            return Err(Cause::LinkRefused.into());
        };
        let Cause::Ambiguous { candidates, .. } = *problem.cause else {
            return Err(Cause::LinkRefused.into());
        };
        let found = candidates.into_iter().find(|found| found.id == id);
        let url = found
            .and_then(|found| found.url)
            .ok_or(Cause::LinkRefused)?;
        self.open_link(&url, provider).await
    }

    /// See the table of commands.
    pub async fn token_page_open(&self, provider: Provider) -> Result<(), Problem> {
        let page = self.own_token_page(provider).await;
        self.open_link(&page, Some(provider)).await
    }

    /// See the table of commands.
    pub async fn vercel_app_open(&self) -> Result<(), Problem> {
        self.open_link(VERCEL_APP_PAGE, Some(Provider::GitHub))
            .await
    }
}

#[cfg(test)]
mod tests;
