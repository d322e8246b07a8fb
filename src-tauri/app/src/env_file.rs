//! Moving in with an `.env` file of an older system (R42): tokens to the keyring, the rest to settings.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    id::CustomerId,
    provider::Provider,
    secret::{ExposeSecret, Secret, SecretRef},
    setting::{self, SettingKind},
};
use serde_json::json;

use crate::{
    App,
    credentials::{clean, last_four},
    entered::EnteredSecret,
    views::{EnvEntry, EnvImport, EnvVerdict},
};

/// Where a known variable goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Token(Provider),
    Setting(&'static str),
    TemplateOwner,
    TemplateName,
}

/// The names in use in the systems that Fabrik replaces.
fn destination(name: &str) -> Option<Destination> {
    use Destination::{Setting, TemplateName, TemplateOwner, Token};
    Some(match name {
        "GITHUB_ACCESS_TOKEN" | "GITHUB_TOKEN" => Token(Provider::GitHub),
        "GITHUB_TEMPLATE_OWNER" => TemplateOwner,
        "GITHUB_TEMPLATE_REPO" => TemplateName,
        "GITHUB_ORG" | "GITHUB_OWNER" => Setting("github.owner"),
        "SUPABASE_ACCESS_TOKEN" | "SUPABASE_MANAGEMENT_TOKEN" => Token(Provider::Supabase),
        "SUPABASE_ORG_ID" => Setting("supabase.organization"),
        "VERCEL_TOKEN" => Token(Provider::Vercel),
        "VERCEL_TEAM_ID" => Setting("vercel.team"),
        "N8N_API_KEY" => Token(Provider::N8n),
        "N8N_HOST" => Setting("n8n.url"),
        "RESEND_API_KEY" => Token(Provider::Resend),
        "STRIPE_SECRET_KEY" => Token(Provider::Stripe),
        "GITEA_URL" => Setting("gitea.url"),
        "GITEA_TOKEN" => Token(Provider::Gitea),
        "EMAIL_FROM" => Setting("email.from"),
        _ => {
            return setting::SETTINGS
                .iter()
                .find(|setting| setting.variable() == name)
                .map(|setting| Setting(setting.key));
        }
    })
}

/// What is to be kept of a line.
enum Keep {
    Token(Provider, Secret),
    Setting(&'static str, String),
    DatabaseUrl(CustomerId, Secret),
}

impl App {
    /// See the table of commands. Each line has its own verdict; the good ones go on.
    pub async fn env_import(
        &self,
        content: EnteredSecret,
        dry_run: bool,
    ) -> Result<EnvImport, Problem> {
        let lines = read(&content.0);
        let template = template(&lines);
        let mut entries = Vec::with_capacity(lines.len());
        for (name, value) in &lines {
            let (mut entry, keep) = self.judge(name, value, template.as_deref()).await?;
            if !dry_run
                && let Some(keep) = keep
                && let Err(problem) = self.keep(keep).await
            {
                entry.verdict = EnvVerdict::Refused;
                entry.problem = Some(problem);
            }
            entries.push(entry);
        }
        Ok(EnvImport {
            entries,
            done: !dry_run,
        })
    }

    async fn judge(
        &self,
        name: &str,
        value: &Secret,
        template: Option<&str>,
    ) -> Result<(EnvEntry, Option<Keep>), Problem> {
        let entry = |verdict, target: Option<&str>, shown| EnvEntry {
            name: name.to_owned(),
            verdict,
            target: target.map(ToOwned::to_owned),
            shown,
            problem: None,
        };
        let Some(value) = clean(value) else {
            return Ok((entry(EnvVerdict::Empty, None, None), None));
        };
        if let Some(label) = name.strip_prefix("DATABASE_URL_") {
            let subdomain = label.to_ascii_lowercase().replace('_', "-");
            return Ok(match self.store.subdomain_owner(&subdomain).await? {
                Some(owner) => (
                    entry(EnvVerdict::DatabaseUrl, Some(&subdomain), None),
                    Some(Keep::DatabaseUrl(owner.id, value)),
                ),
                None => {
                    let problem = Cause::CustomerUnknown {
                        customer: subdomain.clone(),
                    }
                    .into();
                    let refused = entry(EnvVerdict::Refused, Some(&subdomain), None);
                    (
                        EnvEntry {
                            problem: Some(problem),
                            ..refused
                        },
                        None,
                    )
                }
            });
        }
        let as_setting = |key: &'static str, text: String| {
            let (verdict, problem) =
                match setting::find(key).and_then(|setting| setting.check(&text)) {
                    Ok(()) => (EnvVerdict::Setting, None),
                    Err(problem) => (EnvVerdict::Refused, Some(problem)),
                };
            let keep = problem.is_none().then(|| Keep::Setting(key, text.clone()));
            (
                EnvEntry {
                    problem,
                    ..entry(verdict, Some(key), Some(text))
                },
                keep,
            )
        };
        Ok(match destination(name) {
            None => (entry(EnvVerdict::Ignored, None, None), None),
            Some(Destination::Token(provider)) => (
                entry(
                    EnvVerdict::Credential,
                    Some(provider.key()),
                    last_four(&value),
                ),
                Some(Keep::Token(provider, value)),
            ),
            Some(Destination::Setting(key)) => {
                let text = value.expose_secret();
                // Older systems give n8n's host without a scheme.
                let text =
                    if setting::find(key)?.kind == SettingKind::BaseUrl && !text.contains("://") {
                        format!("https://{text}")
                    } else {
                        text.to_owned()
                    };
                as_setting(key, text)
            }
            Some(Destination::TemplateOwner | Destination::TemplateName) => match template {
                Some(template) => as_setting("github.template", template.to_owned()),
                None => {
                    let problem = Cause::SettingInvalid {
                        setting: "github.template".to_owned(),
                        expected: "GITHUB_TEMPLATE_OWNER + GITHUB_TEMPLATE_REPO".to_owned(),
                    };
                    let refused = entry(EnvVerdict::Refused, Some("github.template"), None);
                    (
                        EnvEntry {
                            problem: Some(problem.into()),
                            ..refused
                        },
                        None,
                    )
                }
            },
        })
    }

    async fn keep(&self, keep: Keep) -> Result<(), Problem> {
        match keep {
            Keep::Token(provider, token) => {
                self.vault
                    .set(&self.token_reference(provider), token)
                    .await?;
                self.store
                    .announce(fabrik_store::Topic::Credentials, provider.key())
                    .await?;
                let facts = json!({ "provider": provider.key() });
                self.store
                    .audit(self.audit("credential.imported", facts))
                    .await
            }
            Keep::Setting(key, value) => {
                let audit =
                    self.audit("setting.changed", json!({ "setting": key, "value": value }));
                self.store.set_setting(key, Some(&value), audit).await
            }
            Keep::DatabaseUrl(customer, url) => {
                let reference =
                    SecretRef::customer(self.store.workspace(), customer, "database-url");
                self.vault.set(&reference, url).await?;
                self.store
                    .set_database_url(
                        customer,
                        &reference,
                        self.audit("customer.database_url_imported", json!({})),
                    )
                    .await
            }
        }
    }
}

/// The file's variables, in its order; of a name given twice the last counts, as programs read it.
fn read(content: &Secret) -> Vec<(String, Secret)> {
    let mut order = Vec::new();
    let mut values: BTreeMap<String, Secret> = BTreeMap::new();
    // A line that can't be read is left out; its text may be a secret, so nothing is said of it.
    for (name, value) in dotenvy::from_read_iter(content.expose_secret().as_bytes()).flatten() {
        if values.insert(name.clone(), Secret::from(value)).is_none() {
            order.push(name);
        }
    }
    order
        .into_iter()
        .filter_map(|name| {
            let value = values.remove(&name)?;
            Some((name, value))
        })
        .collect()
}

/// `owner/name` of the template, from the two variables that hold its halves; a repository given whole
/// needs no owner.
fn template(lines: &[(String, Secret)]) -> Option<String> {
    let value = |wanted: &str| {
        let (_, value) = lines.iter().find(|(name, _)| name == wanted)?;
        clean(value).map(|value| value.expose_secret().to_owned())
    };
    let name = value("GITHUB_TEMPLATE_REPO")?;
    if name.contains('/') {
        return Some(name);
    }
    Some(format!("{}/{name}", value("GITHUB_TEMPLATE_OWNER")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_use_has_a_destination() {
        for name in [
            "GITHUB_ACCESS_TOKEN",
            "GITHUB_TOKEN",
            "GITHUB_TEMPLATE_OWNER",
            "GITHUB_TEMPLATE_REPO",
            "GITHUB_ORG",
            "SUPABASE_ACCESS_TOKEN",
            "SUPABASE_MANAGEMENT_TOKEN",
            "SUPABASE_ORG_ID",
            "VERCEL_TOKEN",
            "VERCEL_TEAM_ID",
            "N8N_API_KEY",
            "N8N_HOST",
            "RESEND_API_KEY",
            "STRIPE_SECRET_KEY",
            "GITEA_URL",
            "GITEA_TOKEN",
            "FABRIK_EMAIL_SUPPORT",
        ] {
            assert!(destination(name).is_some(), "{name} is known");
        }
        assert_eq!(destination("PATH"), None);
    }

    #[test]
    fn comments_quotes_and_repeats_are_read_as_programs_do() {
        let file = Secret::from(
            "# a\nexport GITHUB_TEMPLATE_OWNER=norrform\nGITHUB_TEMPLATE_REPO='mall'\nA=1\nA=2\n",
        );
        let lines = read(&file);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[2].1.expose_secret(), "2", "the last counts");
        assert_eq!(template(&lines).as_deref(), Some("norrform/mall"));
    }
}
