//! Moving in with an `.env` file of an older system: tokens to the keyring, the rest to settings.

mod lines;

use fabrik_domain::{
    Cause, Problem,
    id::CustomerId,
    provider::Provider,
    secret::{ExposeSecret, Secret, SecretRef},
    setting::{self, Setting, SettingKind},
};
use fabrik_steps::DATABASE_URL_VARIABLE as DATABASE_URL;
use serde_json::json;

use self::lines::{Line, read};
use crate::{
    App,
    credentials::{clean, last_four, refuse_unfit},
    database_url::check_database_url,
    entered::EnteredSecret,
    views::{EnvEntry, EnvImport, EnvVerdict},
};

/// Where a known variable goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Destination {
    Token(Provider),
    Setting(&'static str),
    SecretSetting(&'static Setting),
    TemplateOwner,
    TemplateName,
}

/// The names in use in the systems that Fabrik replaces.
fn destination(name: &str) -> Option<Destination> {
    use Destination::{SecretSetting, Setting, TemplateName, TemplateOwner, Token};
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
        "SMTP_HOST" => Setting("smtp.host"),
        "SMTP_PORT" => Setting("smtp.port"),
        "SMTP_USER" => Setting("smtp.user"),
        "SMTP_FROM" | "SMTP_SENDER" => Setting("smtp.sender"),
        "SMTP_PASS" | "SMTP_PASSWORD" => {
            return setting::find("smtp.password").ok().map(SecretSetting);
        }
        _ => {
            let mut settings = setting::SETTINGS.iter();
            let setting = settings.find(|setting| setting.variable() == name)?;
            if setting.is_secret() {
                SecretSetting(setting)
            } else {
                Setting(setting.key)
            }
        }
    })
}

/// What is to be kept of a line.
enum Keep {
    Token(Provider, Secret),
    Setting(&'static str, String),
    SecretSetting(&'static Setting, Secret),
    DatabaseUrl(CustomerId, SecretRef, Secret),
}

impl Keep {
    /// Whether the other goes to the same place and says something else.
    fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(provider, token), Self::Token(same, other)) => {
                provider == same && token.expose_secret() != other.expose_secret()
            }
            (Self::Setting(key, value), Self::Setting(same, other)) => {
                key == same && value != other
            }
            (Self::SecretSetting(setting, secret), Self::SecretSetting(same, other)) => {
                setting == same && secret.expose_secret() != other.expose_secret()
            }
            (Self::DatabaseUrl(customer, _, url), Self::DatabaseUrl(same, _, other)) => {
                customer == same && url.expose_secret() != other.expose_secret()
            }
            _ => false,
        }
    }
}

impl App {
    /// See the table of commands. Each line has its own verdict; the good ones go on. Of two names for the same
    /// thing that say different things the first counts, and the second is refused: which is meant can't be known.
    pub async fn env_import(
        &self,
        content: EnteredSecret,
        dry_run: bool,
    ) -> Result<EnvImport, Problem> {
        if !dry_run {
            self.keyring_asks_again().await;
        }
        let lines = read(&content.0);
        let template = template(&lines);
        let mut judged: Vec<(EnvEntry, Option<Keep>)> = Vec::with_capacity(lines.len());
        for line in &lines {
            let (mut entry, mut keep) = match line {
                Line::Value { name, value } => self.judge(name, value, template.as_deref()).await?,
                Line::Unreadable { line, name } => {
                    let problem = Cause::LineUnreadable { line: *line };
                    let name = name.clone().unwrap_or_else(|| format!(":{line}"));
                    (refused(&name, None, problem), None)
                }
            };
            let other = keep.as_ref().and_then(|keep| {
                let before = judged.iter().find(|(_, before)| {
                    before
                        .as_ref()
                        .is_some_and(|before| before.contradicts(keep))
                });
                before.map(|(entry, _)| entry.name.clone())
            });
            if let Some(other) = other {
                let contradicted = Cause::VariableContradicted { other };
                entry = refused(&entry.name, entry.target.as_deref(), contradicted);
                keep = None;
            }
            judged.push((entry, keep));
        }
        let mut entries = Vec::with_capacity(judged.len());
        for (mut entry, keep) in judged {
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
            overruled: None,
            problem: None,
        };
        let destination = destination(name);
        let Some(value) = meant(name, destination, value) else {
            return Ok((entry(EnvVerdict::Empty, None, None), None));
        };
        if let Some(label) = name.strip_prefix(DATABASE_URL) {
            let subdomain = label.to_ascii_lowercase().replace('_', "-");
            if self.is_sandbox() {
                let refused = refused(name, Some(&subdomain), Cause::SandboxKeepsNoSecrets);
                return Ok((refused, None));
            }
            if let Err(problem) = check_database_url(&value) {
                return Ok((refused(name, Some(&subdomain), problem), None));
            }
            return Ok(match self.store.subdomain_owner(&subdomain).await? {
                Some(owner) => match self.place_of_database_url(&owner, &value).await {
                    Ok(place) => (
                        entry(EnvVerdict::DatabaseUrl, Some(&subdomain), None),
                        Some(Keep::DatabaseUrl(owner.id, place, value)),
                    ),
                    Err(problem) => (refused(name, Some(&subdomain), problem), None),
                },
                None => {
                    let customer = subdomain.clone();
                    let unknown = Cause::CustomerUnknown { customer };
                    (refused(name, Some(&subdomain), unknown), None)
                }
            });
        }
        let as_setting = |key: &'static str, text: String| {
            match setting::find(key).and_then(|setting| setting.check(&text)) {
                Ok(()) => (
                    EnvEntry {
                        overruled: self.overruled(key),
                        ..entry(EnvVerdict::Setting, Some(key), Some(text.clone()))
                    },
                    Some(Keep::Setting(key, text)),
                ),
                // What was meant for something else may be a secret: it is not shown.
                Err(problem) => (refused(name, Some(key), problem), None),
            }
        };
        Ok(match destination {
            None => (entry(EnvVerdict::Ignored, None, None), None),
            Some(Destination::Token(provider)) if self.is_sandbox() => (
                refused(name, Some(provider.key()), Cause::SandboxKeepsNoSecrets),
                None,
            ),
            Some(Destination::SecretSetting(setting)) if self.is_sandbox() => (
                refused(name, Some(setting.key), Cause::SandboxKeepsNoSecrets),
                None,
            ),
            Some(Destination::SecretSetting(setting)) => (
                entry(EnvVerdict::Credential, Some(setting.key), None),
                Some(Keep::SecretSetting(setting, value)),
            ),
            Some(Destination::Token(provider)) => match refuse_unfit(provider, &value) {
                Ok(()) => (
                    entry(
                        EnvVerdict::Credential,
                        Some(provider.key()),
                        last_four(&value),
                    ),
                    Some(Keep::Token(provider, value)),
                ),
                Err(problem) => (refused(name, Some(provider.key()), problem), None),
            },
            Some(Destination::Setting(key)) => {
                let setting = setting::find(key)?;
                let text = setting.value(value.expose_secret());
                let text = match setting.kind {
                    SettingKind::BaseUrl | SettingKind::Server => with_scheme(text),
                    _ => text.to_owned(),
                };
                as_setting(key, text)
            }
            Some(Destination::TemplateOwner | Destination::TemplateName) => match template {
                Some(template) => as_setting("github.template", template.to_owned()),
                None => {
                    let invalid = Cause::SettingInvalid {
                        setting: "github.template".to_owned(),
                        expected: "GITHUB_TEMPLATE_OWNER + GITHUB_TEMPLATE_REPO".to_owned(),
                    };
                    (refused(name, Some("github.template"), invalid), None)
                }
            },
        })
    }

    async fn keep(&self, keep: Keep) -> Result<(), Problem> {
        match keep {
            Keep::Token(provider, token) => self.keep_token(provider, token).await,
            Keep::Setting(key, value) => {
                let audit =
                    self.audit("setting.changed", json!({ "setting": key, "value": value }));
                self.store.set_setting(key, Some(&value), audit).await
            }
            Keep::SecretSetting(setting, secret) => self.keep_setting_secret(setting, secret).await,
            Keep::DatabaseUrl(customer, place, url) => {
                self.keep_database_url_at(customer, &place, url).await
            }
        }
    }
}

/// The value that is kept, nothing where there is none. The file's own quotes are off already; tokens and plain settings
/// are pasted with more around them, but of a password all that is left is its own.
fn meant(name: &str, destination: Option<Destination>, value: &Secret) -> Option<Secret> {
    let text = value.expose_secret();
    let text = if name.starts_with(DATABASE_URL) {
        // No address begins or ends with a space.
        text.trim()
    } else if matches!(destination, Some(Destination::SecretSetting(_))) {
        text
    } else {
        return clean(value);
    };
    (!text.trim().is_empty()).then(|| Secret::from(text))
}

/// A base URL. Older systems give n8n's host without a scheme: on this machine it is `http`, which a server has by
/// itself; elsewhere only `https` may be called.
fn with_scheme(url: &str) -> String {
    let scheme = match url.split(['/', '?', '#']).next() {
        _ if url.contains("://") => return url.to_owned(),
        Some(authority) if setting::is_loopback(authority) => "http",
        _ => "https",
    };
    format!("{scheme}://{url}")
}

/// A line that can't be used. Nothing of its value is shown.
fn refused(name: &str, target: Option<&str>, problem: impl Into<Problem>) -> EnvEntry {
    EnvEntry {
        name: name.to_owned(),
        verdict: EnvVerdict::Refused,
        target: target.map(ToOwned::to_owned),
        shown: None,
        overruled: None,
        problem: Some(problem.into()),
    }
}

/// `owner/name` of the template, from the two variables that hold its halves; a repository given whole
/// needs no owner.
fn template(lines: &[Line]) -> Option<String> {
    let value = |wanted: &str| {
        let value = lines.iter().find_map(|line| match line {
            Line::Value { name, value } if name == wanted => Some(value),
            _ => None,
        })?;
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
    use std::sync::Arc;

    use fabrik_domain::customer::{Customer, CustomerPatch};
    use fabrik_vault::MemoryVault;
    use tempfile::TempDir;

    use super::*;
    use crate::views::SettingSource;

    async fn app_with_a_customer() -> (TempDir, App, Customer) {
        let (folder, mut app) = crate::testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let customer = app.customer_add(crate::testing::new_customer());
        let customer = customer.await.unwrap();
        (folder, app, customer)
    }

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
    fn a_template_is_made_of_its_halves() {
        let file = "export GITHUB_TEMPLATE_OWNER=norrform\nGITHUB_TEMPLATE_REPO='mall'\n";
        let lines = read(&Secret::from(file));
        assert_eq!(template(&lines).as_deref(), Some("norrform/mall"));
    }

    #[test]
    fn a_host_without_a_scheme_is_called_as_it_may_be() {
        for (given, url) in [
            ("localhost:5678", "http://localhost:5678"),
            ("127.0.0.1:5678/n8n", "http://127.0.0.1:5678/n8n"),
            ("[::1]:5678", "http://[::1]:5678"),
            ("n8n.norrform.se", "https://n8n.norrform.se"),
            ("localhost.evil.example", "https://localhost.evil.example"),
            ("https://localhost:5678", "https://localhost:5678"),
            ("http://n8n.norrform.se", "http://n8n.norrform.se"),
        ] {
            assert_eq!(with_scheme(given), url);
        }
    }

    #[tokio::test]
    async fn a_server_on_this_machine_is_taken_over_with_http() {
        let (_folder, app) = crate::testing::app().await;
        let content = EnteredSecret(Secret::from("N8N_HOST=localhost:5678"));
        let import = app.env_import(content, false).await.unwrap();
        assert_eq!(import.entries[0].verdict, EnvVerdict::Setting);
        let settings = app.store.settings().await.unwrap();
        let url = settings.get("n8n.url").map(String::as_str);
        assert_eq!(url, Some("http://localhost:5678"));
    }

    #[tokio::test]
    async fn a_secret_setting_goes_to_the_keyring() {
        let (_folder, mut app) = crate::testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let file = "SMTP_HOST=smtp.example\nSMTP_PASSWORD=hunter2hunter2\n";
        let content = EnteredSecret(Secret::from(file));
        let import = app.env_import(content, false).await.unwrap();
        let password = &import.entries[1];
        assert_eq!(password.verdict, EnvVerdict::Credential);
        assert_eq!(password.target.as_deref(), Some("smtp.password"));
        assert_eq!(password.shown, None);
        let settings = app.store.settings().await.unwrap();
        let reference = SecretRef::setting(app.store.workspace(), "smtp.password");
        assert_eq!(settings["smtp.password"], reference.to_string());
        let kept = app.vault.get(&reference).await.unwrap().unwrap();
        assert_eq!(kept.expose_secret(), "hunter2hunter2");
    }

    #[tokio::test]
    async fn of_a_password_and_an_address_nothing_is_taken_off() {
        let (_folder, app, customer) = app_with_a_customer().await;
        let kept = async |file: &str, reference: &SecretRef| {
            let content = EnteredSecret(Secret::from(file));
            let import = app.env_import(content, false).await.unwrap();
            let told = &import.entries[0];
            assert_eq!(told.problem, None, "{told:?}");
            let kept = app.vault.get(reference).await.unwrap();
            (
                told.verdict,
                kept.map(|kept| kept.expose_secret().to_owned()),
            )
        };
        let password = SecretRef::setting(app.store.workspace(), "smtp.password");
        for (written, expected) in [
            (r#""it's'""#, "it's'"),
            (r#"" pass ""#, " pass "),
            (r#"'"quoted"'"#, "\"quoted\""),
            ("ends\"", "ends\""),
            ("'\"'", "\""),
        ] {
            let (verdict, kept) = kept(&format!("SMTP_PASS={written}\n"), &password).await;
            assert_eq!(verdict, EnvVerdict::Credential, "{written}");
            assert_eq!(kept.as_deref(), Some(expected), "{written}");
        }
        let (verdict, kept_before) = kept("SMTP_PASS=\"  \"\n", &password).await;
        assert_eq!(verdict, EnvVerdict::Empty, "spaces alone are no password");
        assert_eq!(kept_before.as_deref(), Some("\""), "what was there stays");

        let url = app.database_url_reference(customer.id);
        let file = "DATABASE_URL_AKERMARK=\" postgres://u:p@db/x?options='a' \"\n";
        let (verdict, kept_url) = kept(file, &url).await;
        assert_eq!(verdict, EnvVerdict::DatabaseUrl);
        assert_eq!(kept_url.as_deref(), Some("postgres://u:p@db/x?options='a'"));

        let token = app.token_reference(Provider::GitHub);
        let (_, kept_token) = kept("GITHUB_TOKEN=\" 'ghp_pasted' \"\n", &token).await;
        assert_eq!(
            kept_token.as_deref(),
            Some("ghp_pasted"),
            "as one is pasted"
        );
    }

    #[tokio::test]
    async fn a_database_keeps_its_address_and_what_is_none_is_refused() {
        let (_folder, app, customer) = app_with_a_customer().await;
        let import = async |url: &str| {
            let file = format!("DATABASE_URL_AKERMARK={url}\n");
            let content = EnteredSecret(Secret::from(file));
            let mut entries = app.env_import(content, false).await.unwrap().entries;
            let entry = entries.remove(0);
            entry.problem.map(|problem| problem.code())
        };
        let now = async || {
            let customer = app.store.customer(customer.id).await.unwrap();
            customer.database_url
        };
        for wrong in ["changeme", "https://db.example/x", "mysql://u:p@db/x"] {
            let told = import(wrong).await;
            assert_eq!(told.as_deref(), Some("database_url_invalid"), "{wrong}");
        }
        assert_eq!(now().await, None);
        let own = app.database_url_reference(customer.id);
        for url in ["postgres://u:p@db/x", "postgresql://u:p2@db/x"] {
            assert_eq!(import(url).await, None, "{url}");
            assert_eq!(now().await.as_ref(), Some(&own));
        }
        // As a run writes it.
        let made = SecretRef::customer(
            app.store.workspace(),
            customer.id,
            "database/abc/pooled-url",
        );
        let audit = app.audit("x", json!({}));
        let set = app.store.set_database_url(customer.id, &made, audit);
        set.await.unwrap();
        let url = Secret::from("postgres://postgres.abc:p@pooler/x");
        app.vault.set(&made, url).await.unwrap();
        let told = import("postgres://u:p@db/x").await;
        assert_eq!(told.as_deref(), Some("database_url_kept"));
        assert_eq!(now().await, Some(made), "it is still the instance's");
    }

    #[tokio::test]
    async fn the_address_that_another_desktop_keeps_is_taken_for_its_own_project() {
        let (_folder, app, customer) = app_with_a_customer().await;
        // As a run on the other desktop writes it: this one's keyring has nothing there.
        let made = SecretRef::customer(
            app.store.workspace(),
            customer.id,
            "database/abcdefghijklmnopqrst/pooled-url",
        );
        let patch = CustomerPatch {
            supabase_project_ref: Some(Some("abcdefghijklmnopqrst".to_owned())),
            ..CustomerPatch::default()
        };
        app.customer_edit(customer.id, patch).await.unwrap();
        let audit = app.audit("x", json!({}));
        let set = app.store.set_database_url(customer.id, &made, audit);
        set.await.unwrap();
        let own = "postgresql://postgres.abcdefghijklmnopqrst:p@pooler.example:6543/postgres";
        for (url, told) in [
            ("postgres://u:p@db.example/x", Some("database_url_invalid")),
            (
                "postgres://postgres.abcdefghijklmnopqrst@pooler.example/x",
                Some("database_url_invalid"),
            ),
            (own, None),
            (own, Some("database_url_kept")),
        ] {
            let file = format!("DATABASE_URL_AKERMARK={url}\n");
            let content = EnteredSecret(Secret::from(file));
            let mut entries = app.env_import(content, false).await.unwrap().entries;
            let problem = entries.remove(0).problem;
            let code = problem.as_ref().map(Problem::code);
            assert_eq!(code.as_deref(), told, "{url}: {problem:?}");
        }
        let kept = app.vault.get(&made).await.unwrap().unwrap();
        assert_eq!(kept.expose_secret(), own);
        let now = app.store.customer(customer.id).await.unwrap();
        assert_eq!(now.database_url, Some(made), "the record says the same");
        let other = app.database_url_reference(customer.id);
        assert!(app.vault.get(&other).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn two_names_for_one_thing_may_not_say_different_things() {
        let (_folder, mut app) = crate::testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let file = "GITHUB_ACCESS_TOKEN=ghp_first\nGITHUB_TOKEN=ghp_second\n\
                    SUPABASE_ACCESS_TOKEN=sbp_same\nSUPABASE_MANAGEMENT_TOKEN=sbp_same\n\
                    GITHUB_ORG=norrform\nGITHUB_OWNER=soderform\n\
                    GITHUB_TEMPLATE_OWNER=norrform\nGITHUB_TEMPLATE_REPO=mall\n";
        for dry_run in [true, false] {
            let content = EnteredSecret(Secret::from(file));
            let import = app.env_import(content, dry_run).await.unwrap();
            let told: Vec<_> = import
                .entries
                .iter()
                .filter_map(|entry| {
                    let problem = entry.problem.as_ref()?;
                    assert_eq!((entry.verdict, &entry.shown), (EnvVerdict::Refused, &None));
                    Some((entry.name.as_str(), (*problem.cause).clone()))
                })
                .collect();
            let contradicted = |other: &str| Cause::VariableContradicted {
                other: other.to_owned(),
            };
            assert_eq!(
                told,
                [
                    ("GITHUB_TOKEN", contradicted("GITHUB_ACCESS_TOKEN")),
                    ("GITHUB_OWNER", contradicted("GITHUB_ORG")),
                ],
                "only tried: {dry_run}"
            );
        }
        let token = app.token_reference(Provider::GitHub);
        let token = app.vault.get(&token).await.unwrap().unwrap();
        assert_eq!(token.expose_secret(), "ghp_first");
        let settings = app.store.settings().await.unwrap();
        let owner = settings.get("github.owner").map(String::as_str);
        assert_eq!(owner, Some("norrform"));
    }

    #[tokio::test]
    async fn a_server_is_kept_without_the_root_of_its_api() {
        let (_folder, app) = crate::testing::app().await;
        let file = "N8N_HOST=n8n.norrform.example/api/v1/\n\
                    GITEA_URL=https://git.norrform.example/gitea/api/v1\n\
                    FABRIK_SUPABASE_URL=https://supabase.norrform.example/api/v1\n";
        let content = EnteredSecret(Secret::from(file));
        let import = app.env_import(content, true).await.unwrap();
        let shown = import.entries.iter().map(|entry| entry.shown.as_deref());
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                Some("https://n8n.norrform.example"),
                Some("https://git.norrform.example/gitea"),
                Some("https://supabase.norrform.example/api/v1"),
            ],
            "{import:#?}"
        );
    }

    #[tokio::test]
    async fn what_is_refused_shows_nothing_of_its_value() {
        let (_folder, app) = crate::testing::app().await;
        let file = "GITEA_URL=https://bot:hunter2@git.example\n\
                    N8N_HOST=http://n8n.example/?key=hunter2\nFABRIK_SITE_CHECK=hunter2\n\
                    DATABASE_URL_NOBODY=postgres://u:hunter2@db\nhunter2\nGITHUB_ORG='hunter2\n";
        let import = app
            .env_import(EnteredSecret(Secret::from(file)), true)
            .await
            .unwrap();
        assert_eq!(import.entries.len(), 6, "{import:#?}");
        for entry in &import.entries {
            assert_eq!(entry.verdict, EnvVerdict::Refused, "{entry:?}");
            assert!(
                entry.problem.is_some() && entry.shown.is_none(),
                "{entry:?}"
            );
        }
        let told = serde_json::to_string(&import.entries).unwrap();
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[tokio::test]
    async fn a_setting_that_something_else_wins_over_is_told_so() {
        let (_folder, app) = crate::testing::app_with(&[("FABRIK_GITHUB_OWNER", "others")]).await;
        let file = "GITHUB_ORG=norrform\nEMAIL_FROM=hej@norrform.example\n";
        let content = EnteredSecret(Secret::from(file));
        let import = app.env_import(content, false).await.unwrap();
        let told: Vec<_> = import
            .entries
            .iter()
            .map(|entry| (entry.target.as_deref(), entry.overruled))
            .collect();
        let expected = [
            (Some("github.owner"), Some(SettingSource::Environment)),
            (Some("email.from"), None),
        ];
        assert_eq!(told, expected, "{import:#?}");
        let kept = app.store.settings().await.unwrap();
        assert_eq!(
            kept["github.owner"], "norrform",
            "it holds once nothing does"
        );
    }
}
