//! The process's variables, read here once and nowhere else, and passed on as values.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use fabrik_domain::{language::Language, provider::Provider, secret::Secret};

/// What the variables said when the process began.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    secrets: BTreeMap<Provider, Secret>,
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
                Some(key) if with_secrets => {
                    if let Some(provider) = Provider::from_key(key) {
                        environment.secrets.insert(provider, Secret::from(value));
                    }
                }
                Some(_) => {}
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

    /// What `env:NAME` stands for: a variable that may hold a secret.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.get(name).map(Secret::from)
    }

    /// `FABRIK_DATA_DIR`, else the platform's place for data.
    pub fn data_dir(&self) -> Option<PathBuf> {
        self.get("FABRIK_DATA_DIR").map(PathBuf::from).or_else(|| {
            directories::ProjectDirs::from("se", "", "fabrik")
                .map(|dirs| dirs.data_dir().to_owned())
        })
    }

    /// `FABRIK_LANG`, else the system's language, else English.
    pub fn language(&self) -> Language {
        self.get("FABRIK_LANG")
            .and_then(Language::from_tag)
            .or_else(|| {
                sys_locale::get_locale()
                    .as_deref()
                    .and_then(Language::from_tag)
            })
            .unwrap_or_default()
    }
}

/// Variables of other programs may be secrets too: only their names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("secrets", &self.secrets.keys())
            .finish()
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
        let command_line = Environment::of(variables(), true);
        assert!(command_line.secrets().contains_key(&Provider::Supabase));
        assert!(
            !format!("{command_line:?}").contains("sbp_x"),
            "a token is never printed"
        );
    }
}
