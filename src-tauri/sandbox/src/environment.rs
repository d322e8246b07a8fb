//! The variables that point a workspace at this sandbox.

use fabrik_domain::{provider::Provider, secret::ExposeSecret};
use serde_json::{Map, Value};

use crate::{platform::Core, token};

/// The vendors that are served.
pub(crate) const SERVED: &[Provider] = &[
    Provider::Supabase,
    Provider::GitHub,
    Provider::Vercel,
    Provider::N8n,
    Provider::Gitea,
    Provider::Resend,
    Provider::Stripe,
];

/// The Supabase organisation's slug.
pub const ORGANIZATION: &str = "qhbyunfzrtkdwoamvexc";
/// The GitHub organisation that owns the repositories.
pub const OWNER: &str = "sandbox-agency";
/// The template repository's name; it belongs to [`OWNER`].
pub const TEMPLATE: &str = "template";
/// The repository that customers share who have none of their own, and the Vercel project of it; the repository
/// belongs to [`OWNER`].
pub(crate) const SHARED: &str = "app";
/// The domain that mail is sent from.
pub const MAIL_DOMAIN: &str = "sandbox-agency.example";

/// `{"FABRIK_…": "…"}`: base URLs, made-up tokens, and the settings that have no default which fits.
pub(crate) fn of(core: &Core) -> Value {
    let base = core.base_url();
    let mut variables = Map::new();
    let mut set = |name: String, value: String| variables.insert(name, Value::String(value));
    for provider in SERVED {
        let key = provider.key();
        let upper = key.to_ascii_uppercase();
        set(format!("FABRIK_{upper}_URL"), format!("{base}/{key}"));
        let secret = token::made_up(*provider, core.seeded(&format!("token/{key}")));
        set(
            format!("FABRIK_SECRET_{upper}"),
            secret.expose_secret().to_owned(),
        );
    }
    let settings = [
        ("SUPABASE_PROJECT_URL", format!("{base}/_projects/{{ref}}")),
        ("SUPABASE_ORGANIZATION", ORGANIZATION.to_owned()),
        ("GITHUB_OWNER", OWNER.to_owned()),
        ("GITHUB_TEMPLATE", format!("{OWNER}/{TEMPLATE}")),
        ("GITHUB_REPOSITORY", format!("{OWNER}/{SHARED}")),
        ("VERCEL_TEAM", vercel_team(core)),
        ("VERCEL_PROJECT", vercel_project(core)),
        (
            "EMAIL_FROM",
            format!("Sandbox Agency <hello@{MAIL_DOMAIN}>"),
        ),
        ("EMAIL_SUPPORT", format!("support@{MAIL_DOMAIN}")),
        ("EMAIL_OWNER", format!("owner@{MAIL_DOMAIN}")),
    ];
    for (name, value) in settings {
        set(format!("FABRIK_{name}"), value);
    }
    Value::Object(variables)
}

/// The id of the Vercel project that customers share.
pub(crate) fn vercel_project(core: &Core) -> String {
    format!("prj_{}", core.seeded("vercel/shared").alphanumeric(28))
}

/// The id of the Vercel team.
pub(crate) fn vercel_team(core: &Core) -> String {
    format!("team_{}", core.seeded("vercel/team").alphanumeric(24))
}
