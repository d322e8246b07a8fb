//! Links to a customer's instance, made here and checked before one is opened (S9): `https` and the
//! vendor's own host, or this machine while it is the sandbox that answers.

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, check_link},
    id::{CustomerId, RunId},
    provider::Provider,
    resource::{Resource, ResourceKind},
    setting::is_loopback,
};
use url::Url;

use crate::{
    App,
    views::{InstanceLink, LinkTarget},
};

/// The links there are for a customer.
pub(crate) fn of(customer: &Customer, resources: &[Resource]) -> Vec<InstanceLink> {
    let page = |kind| {
        resources
            .iter()
            .find(|resource| resource.kind == kind)
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

/// Checks a link that is about to be opened: its scheme, no user info, and for a vendor's page its host.
fn check(url: &str, provider: Option<Provider>) -> Result<(), Problem> {
    check_link("url", Some(url)).map_err(|_| Cause::LinkRefused)?;
    let parsed = Url::parse(url).map_err(|_| Cause::LinkRefused)?;
    let host = parsed.host_str().unwrap_or_default();
    let expected: &[&str] = match provider {
        Some(Provider::Supabase) => &["supabase.com"],
        Some(Provider::GitHub) => &["github.com"],
        Some(Provider::Vercel) => &["vercel.com"],
        Some(Provider::Resend) => &["resend.com"],
        Some(Provider::Stripe) => &["dashboard.stripe.com", "stripe.com"],
        // The agency's own servers, and the instance itself.
        Some(Provider::N8n | Provider::Gitea) | None => return Ok(()),
    };
    if expected.contains(&host) || is_loopback(host) {
        Ok(())
    } else {
        Err(Cause::LinkRefused.into())
    }
}

impl App {
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
        check(&link.url, provider)?;
        self.open_outside(&link.url)
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
        let url = found.url.ok_or(Cause::LinkRefused)?;
        check(&url, Some(found.provider))?;
        self.open_outside(&url)
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
        check(&url, provider)?;
        self.open_outside(&url)
    }

    /// See the table of commands.
    pub async fn token_page_open(&self, provider: Provider) -> Result<(), Problem> {
        let page = self.own_token_page(provider).await;
        check(&page, Some(provider))?;
        self.open_outside(&page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_we_know_are_opened() {
        for (url, provider) in [
            (
                "https://github.com/norrform/akermark",
                Some(Provider::GitHub),
            ),
            ("https://akermark.norrform.se", None),
            ("http://127.0.0.1:4000/_sites/akermark", None),
        ] {
            assert!(check(url, provider).is_ok(), "{url} may be opened");
        }
        for (url, provider) in [
            ("https://github.com.evil.se/x", Some(Provider::GitHub)),
            ("https://user@github.com/x", Some(Provider::GitHub)),
            ("https://vercel.com/x", Some(Provider::GitHub)),
            ("http://github.com/x", Some(Provider::GitHub)),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("file:///etc/passwd", None),
            ("smb://host/share", None),
            ("http://akermark.se", None),
            ("http://127.0.0.1.evil.se", None),
            ("https://github.com\\@evil.se", Some(Provider::GitHub)),
        ] {
            assert!(check(url, provider).is_err(), "{url} may not be opened");
        }
    }
}
