//! The process's variables, read here and nowhere else, and passed on as values.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use fabrik_domain::{language::Language, provider::Provider, secret::Secret, setting::SETTINGS};
use tokio::process::Command;

/// See <https://learn.microsoft.com/windows/win32/procthread/process-creation-flags>.
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// What the variables said when the process began.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    secrets: BTreeMap<Provider, Secret>,
    /// Of settings, by their variables.
    setting_secrets: BTreeMap<String, Secret>,
    /// Names of variables that hold tokens, taken or not.
    secret_names: BTreeSet<String>,
}

impl Environment {
    /// Reads the process's variables. Tokens (`FABRIK_SECRET_…`) are taken only where `with_secrets` says
    /// so: for the command line.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn of_process(with_secrets: bool) -> Self {
        Self::of(
            std::env::vars_os().filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            }),
            with_secrets,
        )
    }

    /// Takes variables from anywhere.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>, with_secrets: bool) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            if value.is_empty() {
                continue;
            }
            match name.strip_prefix("FABRIK_SECRET_") {
                Some(key) => {
                    let is_setting = || SETTINGS.iter().any(|setting| setting.variable() == name);
                    match Provider::from_key(key) {
                        _ if !with_secrets => {}
                        Some(provider) => {
                            environment.secrets.insert(provider, Secret::from(value));
                        }
                        None if is_setting() => {
                            let secret = Secret::from(value);
                            environment.setting_secrets.insert(name.clone(), secret);
                        }
                        None => {}
                    }
                    environment.secret_names.insert(name);
                }
                None => {
                    environment.variables.insert(name, value);
                }
            }
        }
        environment
    }

    /// The same with a variable set, for an option that stands for one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Tokens for this process alone.
    pub fn secrets(&self) -> &BTreeMap<Provider, Secret> {
        &self.secrets
    }

    /// Takes the variables that hold tokens out of what a program that is started gets: it has no need of them,
    /// and other programs of this user can read them as long as it runs.
    pub fn keep_secrets_from(&self, command: &mut std::process::Command) {
        for name in &self.secret_names {
            command.env_remove(name);
        }
    }

    /// A program of Fabrik's own, to be started beside this one, with none of the tokens.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        self.keep_secrets_from(command.as_std_mut());
        // The window has no console: Windows would open one for the command line, and end it with that.
        #[cfg(windows)]
        command.creation_flags(CREATE_NO_WINDOW);
        command
    }

    /// What `env:NAME` stands for: a variable that may hold a secret.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        let setting = self.setting_secrets.get(name).cloned();
        setting.or_else(|| self.get(name).map(Secret::from))
    }

    /// Whether a variable holds the secret of a setting.
    pub fn has_secret_of_setting(&self, name: &str) -> bool {
        self.setting_secrets.contains_key(name)
    }

    /// Whether `FABRIK_DATA_DIR` is set.
    pub fn names_data_dir(&self) -> bool {
        self.get("FABRIK_DATA_DIR").is_some()
    }

    /// `FABRIK_DATA_DIR`, else the platform's place for data.
    pub fn data_dir(&self) -> Option<PathBuf> {
        self.get("FABRIK_DATA_DIR").map(PathBuf::from).or_else(|| {
            directories::ProjectDirs::from("se", "", "fabrik")
                .map(|dirs| dirs.data_dir().to_owned())
        })
    }

    /// `XDG_DOWNLOAD_DIR`, else the user's folder for downloads, else the home folder.
    pub fn downloads(&self) -> Option<PathBuf> {
        let asked = self.get("XDG_DOWNLOAD_DIR").map(PathBuf::from);
        asked.filter(|path| path.is_absolute()).or_else(|| {
            let dirs = directories::UserDirs::new()?;
            let downloads = dirs.download_dir().unwrap_or_else(|| dirs.home_dir());
            Some(downloads.to_owned())
        })
    }

    /// `FABRIK_LANG`, where it is set.
    pub fn asked_language(&self) -> Option<Language> {
        self.get("FABRIK_LANG").and_then(Language::from_tag)
    }

    /// `FABRIK_LANG`, else the system's language, else English.
    pub fn language(&self) -> Language {
        self.asked_language().unwrap_or_else(Self::system_language)
    }

    /// The system's language, else English.
    pub fn system_language() -> Language {
        sys_locale::get_locale()
            .as_deref()
            .and_then(Language::from_tag)
            .unwrap_or_default()
    }
}

/// Variables of other programs may be secrets too: only their names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("secrets", &self.secrets.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_app_ignores_tokens_of_the_environment() {
        let variables = || {
            [
                ("FABRIK_SECRET_SUPABASE", "sbp_x"),
                ("FABRIK_LANG", "sv"),
                ("EMPTY", ""),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let desktop = Environment::of(variables(), false);
        assert!(desktop.secrets().is_empty() && desktop.get("FABRIK_SECRET_SUPABASE").is_none());
        assert_eq!(desktop.language(), Language::Sv);
        assert_eq!(desktop.get("EMPTY"), None, "an empty variable is none");
        let mut command = std::process::Command::new("browser");
        desktop.keep_secrets_from(&mut command);
        let removed: Vec<_> = command.get_envs().collect();
        assert_eq!(
            removed,
            [("FABRIK_SECRET_SUPABASE".as_ref(), None)],
            "what is started gets none either"
        );
        let command_line = Environment::of(variables(), true);
        assert!(command_line.secrets().contains_key(&Provider::Supabase));
        assert!(
            !format!("{command_line:?}").contains("sbp_x"),
            "a token is never printed"
        );
    }
}
