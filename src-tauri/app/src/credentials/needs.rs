//! What each vendor's tokens look like, what they must be allowed, and where one is made.

use fabrik_domain::provider::Provider;

use crate::App;

impl App {
    /// Where a token is made: of a server of the agency's own, there, once it is known where it is.
    pub(crate) async fn own_token_page(&self, provider: Provider) -> String {
        let page = match provider {
            Provider::N8n => "settings/api",
            Provider::Gitea => "user/settings/applications",
            _ => return token_page(provider).to_owned(),
        };
        let settings = self.settings().await.ok();
        let values = settings.map(|settings| settings.values());
        let base =
            values.and_then(|values| values.get(&format!("{}.url", provider.key())).cloned());
        match base {
            Some(base) => format!("{}/{page}", base.trim_end_matches('/')),
            None => token_page(provider).to_owned(),
        }
    }
}

/// The vendor's page where a token is made.
pub fn token_page(provider: Provider) -> &'static str {
    match provider {
        Provider::Supabase => "https://supabase.com/dashboard/account/tokens",
        Provider::GitHub => {
            "https://github.com/settings/tokens/new?scopes=repo,delete_repo,workflow&description=Fabrik"
        }
        Provider::Vercel => "https://vercel.com/account/settings/tokens",
        Provider::Resend => "https://resend.com/api-keys",
        Provider::Stripe => "https://dashboard.stripe.com/apikeys",
        Provider::N8n => "https://docs.n8n.io/api/authentication/",
        Provider::Gitea => "https://docs.gitea.com/development/api-usage",
    }
}

/// What a token begins with.
pub(super) const fn prefix(provider: Provider) -> &'static str {
    match provider {
        Provider::Supabase => "sbp_",
        Provider::GitHub => "ghp_",
        Provider::Resend => "re_",
        Provider::Stripe => "rk_",
        Provider::Vercel | Provider::N8n | Provider::Gitea => "",
    }
}

/// The scopes a token needs, in the vendor's words.
pub(super) const fn needed_scopes(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Supabase => &["all"],
        Provider::GitHub => &["repo", "delete_repo", "workflow"],
        Provider::Vercel | Provider::Resend => &["full access"],
        Provider::N8n => &fabrik_clouds::n8n::NEEDED,
        Provider::Gitea => &["write:repository", "write:organization", "read:user"],
        Provider::Stripe => &fabrik_clouds::stripe::NEEDED,
    }
}
