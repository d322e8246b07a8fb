//! Secrets from the environment, laid over another vault.
//!
//! They win over what the vault keeps, are never stored, and are read by the application: this
//! crate sees no variable.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    id::WorkspaceId,
    ports::Secrets,
    provider::Provider,
    secret::{Secret, SecretRef},
};

use crate::VaultError;

type Variables = dyn Fn(&str) -> Option<Secret> + Send + Sync;

/// `FABRIK_SECRET_…` over another vault, and what `env:NAME` refers to.
///
/// Setting or removing a token changes the vault below, where the variable goes on winning for as
/// long as the process lives.
pub struct EnvironmentSecrets {
    below: Arc<dyn Secrets>,
    tokens: BTreeMap<SecretRef, (Provider, Secret)>,
    variables: Box<Variables>,
}

impl EnvironmentSecrets {
    /// Lays a workspace's `tokens` over `below`; `variables` looks up the name of an `env:` reference.
    ///
    /// An empty token counts as none: that is how a shell turns a variable off.
    pub fn over(
        below: Arc<dyn Secrets>,
        workspace: WorkspaceId,
        tokens: BTreeMap<Provider, Secret>,
        variables: impl Fn(&str) -> Option<Secret> + Send + Sync + 'static,
    ) -> Self {
        use fabrik_domain::secret::ExposeSecret;
        let tokens = tokens
            .into_iter()
            .filter(|(_, token)| !token.expose_secret().is_empty())
            .map(|(provider, token)| (SecretRef::token(workspace, provider), (provider, token)))
            .collect();
        Self {
            below,
            tokens,
            variables: Box::new(variables),
        }
    }

    /// The providers whose token is from the environment.
    pub fn providers(&self) -> impl Iterator<Item = Provider> + '_ {
        self.tokens.values().map(|(provider, _)| *provider)
    }
}

impl fmt::Debug for EnvironmentSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentSecrets")
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Secrets for EnvironmentSecrets {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        if let SecretRef::Env(name) = reference {
            return Ok((self.variables)(name));
        }
        match self.tokens.get(reference) {
            Some((_, token)) => Ok(Some(token.clone())),
            None => self.below.get(reference).await,
        }
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        match reference {
            SecretRef::Env(_) => Err(VaultError::NotKeptHere.about(reference)),
            _ => self.below.set(reference, secret).await,
        }
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        match reference {
            SecretRef::Env(_) => Err(VaultError::NotKeptHere.about(reference)),
            _ => self.below.remove(reference).await,
        }
    }

    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        match self.tokens.get(reference) {
            Some((_, token)) => Ok(token.clone()),
            None => self.below.create_if_absent(reference, secret).await,
        }
    }

    async fn writable(&self) -> Result<(), Problem> {
        self.below.writable().await
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::secret::ExposeSecret;

    use super::*;
    use crate::MemoryVault;

    fn text(secret: Option<Secret>) -> Option<String> {
        secret.map(|secret| secret.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn a_variable_wins_and_is_never_stored() {
        let below = Arc::new(MemoryVault::new());
        let workspace = WorkspaceId::new();
        let github = SecretRef::token(workspace, Provider::GitHub);
        let vercel = SecretRef::token(workspace, Provider::Vercel);
        let elsewhere = SecretRef::token(WorkspaceId::new(), Provider::GitHub);
        for reference in [&github, &vercel, &elsewhere] {
            below.set(reference, Secret::from("kept")).await.unwrap();
        }

        let given = BTreeMap::from([
            (Provider::GitHub, Secret::from("given")),
            (Provider::Vercel, Secret::from("")),
        ]);
        let vault = EnvironmentSecrets::over(below.clone(), workspace, given, |_| None);

        assert_eq!(
            text(vault.get(&github).await.unwrap()).as_deref(),
            Some("given")
        );
        assert_eq!(
            text(vault.get(&vercel).await.unwrap()).as_deref(),
            Some("kept"),
            "empty is none"
        );
        assert_eq!(
            text(vault.get(&elsewhere).await.unwrap()).as_deref(),
            Some("kept")
        );
        assert_eq!(vault.providers().collect::<Vec<_>>(), [Provider::GitHub]);

        vault.set(&github, Secret::from("new")).await.unwrap();
        assert_eq!(
            text(below.get(&github).await.unwrap()).as_deref(),
            Some("new"),
            "goes below"
        );
        assert_eq!(
            text(vault.get(&github).await.unwrap()).as_deref(),
            Some("given"),
            "still wins"
        );
        assert!(
            !format!("{vault:?}").contains("given"),
            "the token must never be printed"
        );
    }

    #[tokio::test]
    async fn a_variable_is_read_by_reference_and_never_written() {
        let below = Arc::new(MemoryVault::new());
        let look_up =
            |name: &str| (name == "DATABASE_URL_AKERMARK").then(|| Secret::from("postgres://"));
        let vault =
            EnvironmentSecrets::over(below.clone(), WorkspaceId::new(), BTreeMap::new(), look_up);

        let known = SecretRef::Env("DATABASE_URL_AKERMARK".into());
        let unknown = SecretRef::Env("DATABASE_URL_NONE".into());
        assert_eq!(
            text(vault.get(&known).await.unwrap()).as_deref(),
            Some("postgres://")
        );
        assert_eq!(text(vault.get(&unknown).await.unwrap()), None);
        assert_eq!(
            vault
                .set(&known, Secret::from("x"))
                .await
                .unwrap_err()
                .code(),
            "secret_missing"
        );
        assert!(
            vault.remove(&known).await.is_err(),
            "a variable can't be removed"
        );
        assert_eq!(below.names(), Vec::<String>::new(), "nothing is stored");
    }
}
