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
    use std::sync::{Arc, Mutex};

    use fabrik_domain::customer::{CustomerPatch, NewCustomer};
    use fabrik_tests::Proof;
    use serde_json::json;

    use super::*;
    use crate::testing;

    /// What would be opened, by the link that would lead there: none of it is.
    const REFUSED: [(LinkTarget, &str); 40] = [
        (LinkTarget::Production, "javascript:alert(1)"),
        (LinkTarget::Production, "JavaScript:alert(1)"),
        (LinkTarget::Production, " javascript:alert(1)"),
        (LinkTarget::Production, "java\tscript:alert(1)"),
        (
            LinkTarget::Production,
            "data:text/html,<script>alert(1)</script>",
        ),
        (LinkTarget::Production, "vbscript:x"),
        (LinkTarget::Production, "file:///etc/passwd"),
        (LinkTarget::Production, "file://host/share"),
        (LinkTarget::Production, "smb://host/share"),
        (LinkTarget::Production, "\\\\host\\share"),
        (LinkTarget::Production, "ftp://akermark.se"),
        (LinkTarget::Production, "ssh://akermark.se"),
        (LinkTarget::Production, "mailto:a@b.se"),
        (LinkTarget::Production, "ms-settings:"),
        (LinkTarget::Production, "tel:112"),
        (LinkTarget::Production, "about:blank"),
        (LinkTarget::Production, "/etc/passwd"),
        (LinkTarget::Production, "--new-window"),
        (LinkTarget::Production, "//akermark.se"),
        (LinkTarget::Production, "akermark.se"),
        (LinkTarget::Production, "http://akermark.se"),
        (LinkTarget::Production, "HTTPS://akermark.se"),
        (LinkTarget::Production, "https://"),
        (LinkTarget::Production, "https:///akermark.se"),
        (LinkTarget::Production, "https://user@akermark.se"),
        (LinkTarget::Production, "https://user:password@akermark.se"),
        (LinkTarget::Production, "https://akermark.se\\@evil.se"),
        (LinkTarget::Production, "https://akermark.se/\u{202e}"),
        (LinkTarget::Production, "https://å.se"),
        (LinkTarget::Production, "https://akermark.se/a b"),
        (LinkTarget::Production, "https://akermark.se/\n--x"),
        (LinkTarget::Production, "http://127.0.0.1.evil.se"),
        (LinkTarget::Production, "http://localhost.evil.se"),
        (LinkTarget::GitHub, "https://github.com.evil.se/x"),
        (LinkTarget::GitHub, "https://evil.se/github.com/x"),
        (LinkTarget::GitHub, "https://gist.github.com/x"),
        (LinkTarget::GitHub, "https://xn--gthub-cta.com/x"),
        (LinkTarget::GitHub, "https://user@github.com/x"),
        (LinkTarget::GitHub, "https://github.com\\@evil.se/x"),
        (LinkTarget::GitHub, "https://vercel.com/x"),
    ];

    /// As if somebody who has the database had written it: the rules of the fields are not asked.
    #[tokio::test]
    async fn whatever_stands_in_the_records_only_pages_we_know_are_opened() {
        let proof = Proof::of(
            "S9",
            "links in the records that lead elsewhere: none is opened",
        );
        let (_folder, mut app) = testing::app().await;
        let opened = Arc::<Mutex<Vec<String>>>::default();
        let browser = Arc::clone(&opened);
        app.browser = Some(Box::new(move |page| {
            browser.lock().unwrap().push(page.to_owned());
            true
        }));
        let new = NewCustomer {
            name: "Åkermark".to_owned(),
            subdomain: "akermark".to_owned(),
            contact_email: "anna@akermark.example".to_owned(),
            blueprint: "factory".to_owned(),
            plan: "starter".to_owned(),
            ..NewCustomer::default()
        };
        let customer = app.customer_add(new).await.unwrap().id;
        let write = async |target, url: &str| {
            let link = Some(Some(url.to_owned()));
            let patch = match target {
                LinkTarget::GitHub => CustomerPatch {
                    github_repo_url: link,
                    ..CustomerPatch::default()
                },
                _ => CustomerPatch {
                    production_url: link,
                    ..CustomerPatch::default()
                },
            };
            let audit = app.audit("customer.changed", json!({}));
            app.store
                .edit_customer(customer, patch, audit)
                .await
                .unwrap();
            app.link_open(customer, target).await
        };
        for (target, url) in REFUSED {
            let refused = write(target, url).await;
            assert_eq!(refused, Err(Cause::LinkRefused.into()), "{url:?}");
        }
        assert_eq!(*opened.lock().unwrap(), [""; 0], "none was opened");
        proof.held(REFUSED.len());

        let good = [
            (LinkTarget::GitHub, "https://github.com/norrform/akermark"),
            (
                LinkTarget::Production,
                "https://akermark.norrform.se/x?a=b#c",
            ),
            (
                LinkTarget::Production,
                "http://127.0.0.1:4000/_sites/akermark",
            ),
        ];
        for (target, url) in good {
            write(target, url).await.unwrap();
        }
        assert_eq!(*opened.lock().unwrap(), good.map(|(_, url)| url));
    }
}
