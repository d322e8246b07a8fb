//! A project's API keys, and the secret ones among them as secrets that are fetched, never kept.

use std::sync::Arc;

use async_trait::async_trait;
use fabrik_domain::{
    Cause, Problem,
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use serde::{Deserialize, Deserializer};

use super::Management;

/// An API key of a project.
#[derive(Clone, Debug, Deserialize)]
pub struct ApiKey {
    /// `default`; of the older ones `anon` and `service_role`. Two keys of different types may share one.
    pub name: String,
    /// `publishable`, `secret`, `legacy`; the vendor may leave it out.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The key itself, where the token may see it.
    #[serde(rename = "api_key", default, deserialize_with = "secret")]
    pub value: Option<Secret>,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(from)?
        .filter(|key| !key.is_empty())
        .map(Secret::from))
}

/// The API keys of a project: `v1-get-project-api-keys`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct ApiKeys(Vec<ApiKey>);

/// The name of the secret key that new projects have.
const DEFAULT: &str = "default";
/// The older key that may do everything: a JWT.
const SERVICE_ROLE: &str = "service_role";

impl ApiKeys {
    /// The key for browsers, public by nature: a publishable one, the one named `default` first, else
    /// the older `anon`.
    pub fn publishable(&self) -> Option<&str> {
        self.of_kind("publishable", DEFAULT)
            .or_else(|| self.named("anon"))
            .and_then(|key| key.value.as_ref())
            .map(ExposeSecret::expose_secret)
    }

    /// Where the key that may do everything is: a secret one, the one named `default` first, else the
    /// older `service_role`.
    pub fn secret(&self, project: &str) -> Option<SecretRef> {
        let key = self
            .of_kind("secret", DEFAULT)
            .or_else(|| self.named(SERVICE_ROLE))?;
        Some(SecretRef::SupabaseKey {
            project: project.to_owned(),
            key: key.name.clone(),
        })
    }

    /// The secret key of a name; publishable ones are none.
    fn reveal(&self, name: &str) -> Option<Secret> {
        let newer = self
            .0
            .iter()
            .find(|key| key.is("secret") && key.name == name);
        newer
            .filter(|key| key.value.is_some())
            .or_else(|| self.named(name))?
            .value
            .clone()
    }

    fn of_kind(&self, kind: &str, preferred: &str) -> Option<&ApiKey> {
        let usable = || {
            self.0
                .iter()
                .filter(|key| key.is(kind) && key.value.is_some())
        };
        usable()
            .find(|key| key.name == preferred)
            .or_else(|| usable().next())
    }

    /// An older key by name.
    fn named(&self, name: &str) -> Option<&ApiKey> {
        self.0.iter().find(|key| {
            !key.is("publishable") && !key.is("secret") && key.name == name && key.value.is_some()
        })
    }
}

impl ApiKey {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }
}

/// Secrets, those of [`SecretRef::SupabaseKey`] among them: these are asked of the Management API each
/// time they are read, with the agency's token. All others are `inner`'s.
///
/// The key `default` means the secret one of that name, `service_role` the older JWT.
pub struct SupabaseKeys {
    inner: Arc<dyn Secrets>,
    management: Management,
}

impl SupabaseKeys {
    /// Lays the projects' keys over `inner`.
    pub fn new(inner: Arc<dyn Secrets>, management: Management) -> Self {
        Self { inner, management }
    }

    /// Where the older key of a project is, for what the newer one is refused.
    pub fn legacy(project: &str) -> SecretRef {
        SecretRef::SupabaseKey {
            project: project.to_owned(),
            key: SERVICE_ROLE.to_owned(),
        }
    }
}

#[async_trait]
impl Secrets for SupabaseKeys {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        match reference {
            SecretRef::SupabaseKey { project, key } => {
                let keys = self.management.api_keys(project).await;
                Ok(keys.map_err(|failure| failure.problem)?.reveal(key))
            }
            _ => self.inner.get(reference).await,
        }
    }

    /// A key of a project is the vendor's to make: setting one is a fault of ours.
    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        match reference {
            SecretRef::SupabaseKey { .. } => Err(Cause::Internal.into()),
            _ => self.inner.set(reference, secret).await,
        }
    }

    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        match reference {
            SecretRef::SupabaseKey { .. } => Err(Cause::Internal.into()),
            _ => self.inner.create_if_absent(reference, secret).await,
        }
    }

    /// What isn't kept here need not be dropped.
    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        match reference {
            SecretRef::SupabaseKey { .. } => Ok(()),
            _ => self.inner.remove(reference).await,
        }
    }

    async fn writable(&self) -> Result<(), Problem> {
        self.inner.writable().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(json: &str) -> ApiKeys {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn newer_keys_come_first_and_names_may_be_shared() {
        let keys = keys(
            r#"[{"name":"anon","type":"legacy","api_key":"eyJa"},
                {"name":"service_role","type":"legacy","api_key":"eyJs"},
                {"name":"default","type":"publishable","api_key":"sb_publishable_x"},
                {"name":"default","type":"secret","api_key":"sb_secret_x","prefix":"x"}]"#,
        );
        assert_eq!(keys.publishable(), Some("sb_publishable_x"));
        let reference = keys.secret("abc").unwrap();
        assert_eq!(reference.to_string(), "supabase:abc/default");
        let shown = |name| keys.reveal(name).map(|key| key.expose_secret().to_owned());
        assert_eq!(
            shown("default").as_deref(),
            Some("sb_secret_x"),
            "never the publishable one"
        );
        assert_eq!(shown("service_role").as_deref(), Some("eyJs"));
        assert_eq!(shown("other"), None);
    }

    #[test]
    fn older_projects_have_older_keys() {
        let keys = keys(
            r#"[{"name":"anon","api_key":"eyJa"},{"name":"service_role","api_key":"eyJs","type":null},
                {"name":"default","type":"secret","api_key":null}]"#,
        );
        assert_eq!(keys.publishable(), Some("eyJa"));
        assert_eq!(
            keys.secret("abc").unwrap().to_string(),
            "supabase:abc/service_role"
        );
        assert!(
            !format!("{keys:?}").contains("eyJ"),
            "a key is never printed"
        );
    }
}
