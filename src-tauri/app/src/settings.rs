//! The settings of a workspace: what is stored, what a variable or the sandbox says, what holds.

use std::collections::BTreeMap;

use fabrik_domain::{
    Problem,
    setting::{SETTINGS, find},
};
use fabrik_store::Topic;

use crate::{
    App,
    environment::Environment,
    views::{SettingSource, SettingView},
};

/// What holds for each setting, and why.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<&'static str, (String, SettingSource)>);

impl Settings {
    /// A variable wins over the sandbox, that over what is stored, that over the default. A value that a
    /// variable or the store holds against the rules is refused, by its name.
    pub fn resolve(
        stored: &BTreeMap<String, String>,
        sandbox: Option<&Environment>,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let mut settings = BTreeMap::new();
        for setting in SETTINGS {
            let variable = setting.variable();
            let value = environment
                .get(&variable)
                .map(|value| (value, SettingSource::Environment))
                .or_else(|| Some((sandbox?.get(&variable)?, SettingSource::Sandbox)))
                .or_else(|| Some((stored.get(setting.key)?.as_str(), SettingSource::Stored)))
                .or_else(|| Some((setting.default?, SettingSource::Default)));
            if let Some((value, source)) = value {
                setting.check(value)?;
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

    fn views(&self) -> Vec<SettingView> {
        SETTINGS
            .iter()
            .map(|setting| {
                let held = self.0.get(setting.key);
                SettingView {
                    key: setting.key.to_owned(),
                    value: held.map(|(value, _)| value.clone()),
                    source: held.map_or(SettingSource::Unset, |(_, source)| *source),
                    variable: setting.variable(),
                }
            })
            .collect()
    }
}

impl App {
    /// The settings, as they hold now.
    pub async fn settings(&self) -> Result<Settings, Problem> {
        let stored = self.store.settings().await?;
        Settings::resolve(&stored, self.sandbox_environment(), &self.environment)
    }

    /// See the table of commands.
    pub async fn settings_list(&self) -> Result<Vec<SettingView>, Problem> {
        Ok(self.settings().await?.views())
    }

    /// See the table of commands. An empty value drops the setting.
    pub async fn setting_set(
        &self,
        key: String,
        value: Option<String>,
    ) -> Result<Vec<SettingView>, Problem> {
        let setting = find(&key)?;
        let value = value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty());
        if let Some(value) = value {
            setting.check(value)?;
        }
        let audit = self.audit(
            "setting.changed",
            serde_json::json!({ "setting": key, "value": value }),
        );
        self.store.set_setting(&key, value, audit).await?;
        self.store.announce(Topic::Settings, &key).await?;
        self.settings_list().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let bad = environment(&[("FABRIK_SUPABASE_URL", "http://api.supabase.com")]);
        assert!(
            Settings::resolve(&stored, None, &bad).is_err(),
            "a token may not go there"
        );
    }
}
