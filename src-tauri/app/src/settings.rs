//! The settings of a workspace: what is stored, what a variable or the sandbox says, what holds.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    customer::without_login,
    secret::{ExposeSecret, Secret, SecretRef},
    setting::{SETTINGS, Setting, SettingKind, find},
};
use fabrik_store::Topic;
use serde_json::json;

use crate::{
    App,
    entered::EnteredSecret,
    environment::Environment,
    views::{SettingSource, SettingView},
};

/// What holds for each setting, and why.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<&'static str, (String, SettingSource)>);

impl Settings {
    /// A variable wins over the sandbox, that over what is stored, that over the default. A value that a
    /// variable or the store holds against the rules is refused, by its name. What holds of a secret is a reference.
    pub fn resolve(
        stored: &BTreeMap<String, String>,
        sandbox: Option<&Environment>,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let mut settings = BTreeMap::new();
        for setting in SETTINGS {
            let variable = setting.variable();
            if setting.is_secret() && environment.has_secret_of_setting(&variable) {
                let reference = SecretRef::Env(variable).to_string();
                settings.insert(setting.key, (reference, SettingSource::Environment));
                continue;
            }
            let value = environment
                .get(&variable)
                .map(|value| (value, SettingSource::Environment))
                .or_else(|| Some((sandbox?.get(&variable)?, SettingSource::Sandbox)))
                .or_else(|| Some((stored.get(setting.key)?.as_str(), SettingSource::Stored)))
                .or_else(|| Some((setting.default?, SettingSource::Default)));
            if let Some((value, source)) = value {
                let value = setting.value(value);
                setting
                    .check(value)
                    .map_err(|problem| problem.detail(named(setting, value, source)))?;
                settings.insert(setting.key, (value.to_owned(), source));
            }
        }
        Ok(Self(settings))
    }

    /// What holds.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|(value, _)| value.as_str())
    }

    /// All that hold, by key, for a run's snapshot.
    pub fn values(&self) -> BTreeMap<String, String> {
        self.0
            .iter()
            .map(|(key, (value, _))| ((*key).to_owned(), value.clone()))
            .collect()
    }

    /// As they are shown, beside what is stored.
    fn views(&self, stored: &BTreeMap<String, String>) -> Vec<SettingView> {
        SETTINGS
            .iter()
            .map(|setting| {
                let held = self.0.get(setting.key);
                let source = held.map_or(SettingSource::Unset, |(_, source)| *source);
                let goes_before =
                    matches!(source, SettingSource::Environment | SettingSource::Sandbox);
                SettingView {
                    key: setting.key.to_owned(),
                    value: held
                        .filter(|_| !setting.is_secret())
                        .map(|(value, _)| value.clone()),
                    source,
                    overruled: goes_before && stored.contains_key(setting.key),
                    variable: setting.variable(),
                    secret: setting.is_secret(),
                }
            })
            .collect()
    }
}

/// Which value it is, by the variable or the setting that says it. An address may hold a login, and is told by its
/// refusal as far as it may be.
fn named(setting: &Setting, value: &str, source: SettingSource) -> String {
    let name = match source {
        SettingSource::Environment | SettingSource::Sandbox => setting.variable(),
        SettingSource::Stored | SettingSource::Default | SettingSource::Unset => {
            setting.key.to_owned()
        }
    };
    match setting.kind {
        SettingKind::BaseUrl
        | SettingKind::Server
        | SettingKind::BaseUrlTemplate
        | SettingKind::Secret => name,
        _ => format!("{name}={}", without_login(value)),
    }
}

impl App {
    /// The settings, as they hold now.
    pub async fn settings(&self) -> Result<Settings, Problem> {
        let stored = self.store.settings().await?;
        Settings::resolve(&stored, self.sandbox_environment(), &self.environment)
    }

    /// What wins over what is stored for a setting that has no secret; none where that holds.
    pub(crate) fn overruled(&self, key: &str) -> Option<SettingSource> {
        let variable = fabrik_domain::setting::find(key).ok()?.variable();
        let says = |environment: &Environment| environment.get(&variable).is_some();
        if says(&self.environment) {
            Some(SettingSource::Environment)
        } else {
            let sandbox = self.sandbox_environment();
            sandbox
                .filter(|sandbox| says(sandbox))
                .map(|_| SettingSource::Sandbox)
        }
    }

    /// See the table of commands.
    pub async fn settings_list(&self) -> Result<Vec<SettingView>, Problem> {
        let stored = self.store.settings().await?;
        let held = Settings::resolve(&stored, self.sandbox_environment(), &self.environment)?;
        Ok(held.views(&stored))
    }

    /// See the table of commands. An empty value drops the setting; that is all that it can do with a secret one.
    pub async fn setting_set(
        &self,
        key: String,
        value: Option<String>,
    ) -> Result<Vec<SettingView>, Problem> {
        let setting = find(&key)?;
        let value = value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(|value| setting.value(value));
        match value {
            // Whatever was typed may be the secret: it is not looked at.
            Some(_) if setting.is_secret() => {
                return Err(Cause::SettingInvalid {
                    setting: key,
                    expected: "keyring:…".to_owned(),
                }
                .into());
            }
            Some(value) => setting.check(value)?,
            None if setting.is_secret() => {
                let reference = SecretRef::setting(self.store.workspace(), setting.key);
                self.vault.remove(&reference).await?;
            }
            None => {}
        }
        self.store_setting(setting, value).await?;
        self.settings_list().await
    }

    /// See the table of commands. It replaces the one before; an empty one drops it.
    pub async fn setting_secret_set(
        &self,
        key: String,
        secret: EnteredSecret,
    ) -> Result<Vec<SettingView>, Problem> {
        let setting = find(&key)?;
        if !setting.is_secret() {
            return Err(Cause::SettingUnknown { setting: key }.into());
        }
        if self.is_sandbox() {
            return Err(Cause::SandboxKeepsNoSecrets.into());
        }
        // Of what is piped in the line's end is no part. A space may be.
        let text = secret.0.expose_secret().trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            return self.setting_set(key, None).await;
        }
        self.keyring_asks_again().await;
        self.keep_setting_secret(setting, Secret::from(text))
            .await?;
        self.settings_list().await
    }

    /// Keeps a setting's secret in the keyring, and a reference to it in the records.
    pub(crate) async fn keep_setting_secret(
        &self,
        setting: &Setting,
        secret: Secret,
    ) -> Result<(), Problem> {
        let reference = SecretRef::setting(self.store.workspace(), setting.key);
        self.vault.set(&reference, secret).await?;
        let reference = reference.to_string();
        self.store_setting(setting, Some(&reference)).await
    }

    async fn store_setting(&self, setting: &Setting, value: Option<&str>) -> Result<(), Problem> {
        let facts = json!({ "setting": setting.key, "value": value });
        let audit = self.audit("setting.changed", facts);
        self.store.set_setting(setting.key, value, audit).await?;
        self.store.announce(Topic::Settings, setting.key).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fabrik_vault::MemoryVault;

    use super::*;
    use crate::testing;

    const PASSWORD: &str = "smtp.password";

    fn told(list: &[SettingView]) -> &SettingView {
        list.iter().find(|setting| setting.key == PASSWORD).unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_set_replaced_and_removed_in_the_keyring_alone() {
        let (_folder, mut app) = testing::app().await;
        let vault = Arc::new(MemoryVault::new());
        app.vault = vault.clone();
        let set = async |text: &str| {
            let secret = EnteredSecret(Secret::from(text));
            app.setting_secret_set(PASSWORD.to_owned(), secret).await
        };
        let reference = SecretRef::setting(app.store.workspace(), PASSWORD);
        for (typed, kept) in [("first secret\n", "first secret"), ("second", "second")] {
            let list = set(typed).await.unwrap();
            let view = told(&list);
            assert_eq!(
                (&view.value, view.source, view.secret),
                (&None, SettingSource::Stored, true)
            );
            let secret = app.vault.get(&reference).await.unwrap().unwrap();
            assert_eq!(secret.expose_secret(), kept);
        }
        let values = app.settings().await.unwrap().values();
        assert_eq!(values[PASSWORD], reference.to_string());
        let log = app.store.audit_log(None, 0).await.unwrap();
        assert!(!format!("{log:?}").contains("second"), "{log:?}");

        let typed = app.setting_set(PASSWORD.to_owned(), Some("hunter2".to_owned()));
        let problem = typed.await.unwrap_err();
        assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
        let other = EnteredSecret(Secret::from("hunter2"));
        let other = app.setting_secret_set("github.owner".to_owned(), other);
        assert_eq!(other.await.unwrap_err().code(), "setting_unknown");

        let list = set("").await.unwrap();
        assert_eq!(told(&list).source, SettingSource::Unset);
        assert!(vault.names().is_empty(), "it is gone");
        assert!(
            !app.settings()
                .await
                .unwrap()
                .values()
                .contains_key(PASSWORD)
        );
    }

    #[tokio::test]
    async fn a_server_is_the_same_with_the_root_of_its_api_by_every_door() {
        const GIVEN: &str = "https://n8n.norrform.example/api/v1";
        let (_folder, app) = testing::app().await;
        let set = app.setting_set("n8n.url".to_owned(), Some(GIVEN.to_owned()));
        set.await.unwrap();
        let stored = app.store.settings().await.unwrap();
        let kept = Some("https://n8n.norrform.example");
        assert_eq!(stored.get("n8n.url").map(String::as_str), kept);

        let before = BTreeMap::from([("n8n.url".to_owned(), GIVEN.to_owned())]);
        let variable = Environment::of([("FABRIK_N8N_URL".to_owned(), GIVEN.to_owned())], true);
        let nothing = Environment::default();
        for (stored, environment) in [(before, nothing), (BTreeMap::new(), variable)] {
            let settings = Settings::resolve(&stored, None, &environment).unwrap();
            assert_eq!(settings.get("n8n.url"), kept, "{environment:?}");
        }
    }

    #[test]
    fn a_secret_in_a_variable_wins_and_is_read_where_it_is_used() {
        let variable = "FABRIK_SECRET_SMTP_PASSWORD";
        let given = [(variable.to_owned(), "hunter2".to_owned())];
        let environment = Environment::of(given.clone(), true);
        let settings = Settings::resolve(&BTreeMap::new(), None, &environment).unwrap();
        assert_eq!(
            settings.get(PASSWORD),
            Some("env:FABRIK_SECRET_SMTP_PASSWORD")
        );
        assert!(!format!("{settings:?}").contains("hunter2"));
        let secret = environment.secret(variable).unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
        let window = Environment::of(given, false);
        let settings = Settings::resolve(&BTreeMap::new(), None, &window).unwrap();
        assert_eq!(settings.get(PASSWORD), None, "a window takes none");
    }

    #[test]
    fn a_variable_wins_over_what_is_stored() {
        let environment = |pairs: &[(&str, &str)]| {
            Environment::of(
                pairs
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
                true,
            )
        };
        let stored = BTreeMap::from([
            ("github.owner".to_owned(), "stored".to_owned()),
            ("vercel.team".to_owned(), "stored".to_owned()),
        ]);
        let sandbox = environment(&[
            ("FABRIK_GITHUB_OWNER", "sandbox"),
            ("FABRIK_VERCEL_TEAM", "sandbox"),
        ]);
        let process = environment(&[("FABRIK_GITHUB_OWNER", "process")]);
        let settings = Settings::resolve(&stored, Some(&sandbox), &process).unwrap();
        assert_eq!(settings.get("github.owner"), Some("process"));
        assert_eq!(settings.get("vercel.team"), Some("sandbox"));
        assert_eq!(settings.get("site.check"), Some("on"), "the default");
        assert_eq!(settings.get("gitea.owner"), Some("ops-hub"), "the default");
        let views = settings.views(&stored);
        let overruled = views.iter().filter(|view| view.overruled);
        let mut overruled: Vec<_> = overruled.map(|view| view.key.as_str()).collect();
        overruled.sort_unstable();
        assert_eq!(overruled, ["github.owner", "vercel.team"]);
        let bad = environment(&[("FABRIK_SUPABASE_URL", "http://api.supabase.com")]);
        assert!(
            Settings::resolve(&stored, None, &bad).is_err(),
            "a token may not go there"
        );
    }
}
