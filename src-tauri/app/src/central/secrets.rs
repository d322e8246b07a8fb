//! What the keyring is given for a place that is still to be noted: the server's password, and the agency's tokens by the
//! names that they have there. Where the place is refused it is taken out again.

use std::path::{Path, PathBuf};

use fabrik_domain::{
    Cause, Problem,
    id::WorkspaceId,
    ports::Secrets,
    provider::Provider,
    secret::{Secret, SecretRef},
};
use fabrik_store::Address;

use super::place::{Kept, desk};

/// What was put into the keyring for a place that is still to be noted.
pub(super) struct KeptSecrets {
    /// The file that is to name the place.
    noted: PathBuf,
    /// Whose records are there.
    workspace: WorkspaceId,
    /// None where the address has none.
    password: Option<KeptPassword>,
    /// Those that were not there before.
    tokens: Vec<SecretRef>,
}

struct KeptPassword {
    reference: SecretRef,
    /// What was in its place. What couldn't be read can't be put back.
    before: Result<Option<Secret>, Problem>,
}

/// Keeps an address's password in the keyring, where it has one.
pub(super) async fn keep_password(
    noted: &Path,
    address: &Address,
    workspace: WorkspaceId,
    vault: &dyn Secrets,
) -> Result<KeptSecrets, Problem> {
    let password = match address.password() {
        Some(password) => {
            let reference = SecretRef::database(workspace, &desk(noted, address));
            let before = vault.get(&reference).await;
            vault.set(&reference, password.clone()).await?;
            Some(KeptPassword { reference, before })
        }
        None => None,
    };
    Ok(KeptSecrets {
        noted: noted.to_owned(),
        workspace,
        password,
        tokens: Vec::new(),
    })
}

impl KeptSecrets {
    /// The password that is to be noted.
    pub(super) fn password(&self) -> Option<&SecretRef> {
        self.password.as_ref().map(|password| &password.reference)
    }

    /// The agency's tokens are named by the workspace's id, which is the database's. What is known there already stays.
    pub(super) async fn bring_tokens(
        &mut self,
        from: WorkspaceId,
        vault: &dyn Secrets,
    ) -> Result<(), Problem> {
        if from == self.workspace {
            return Ok(());
        }
        for provider in Provider::ALL {
            let token = match vault.get(&SecretRef::token(from, provider)).await {
                // Where there is no keyring, there is no token in it.
                Err(problem) if matches!(*problem.cause, Cause::KeyringMissing { .. }) => {
                    return Ok(());
                }
                token => token?,
            };
            let reference = SecretRef::token(self.workspace, provider);
            if let Some(token) = token
                && vault.get(&reference).await?.is_none()
            {
                vault.create_if_absent(&reference, token).await?;
                self.tokens.push(reference);
            }
        }
        Ok(())
    }

    /// Hands on what came of what they were kept for. Where that was refused, the keyring is as it was before.
    pub(super) async fn or_put_back<T>(
        &self,
        done: Result<T, Problem>,
        vault: &dyn Secrets,
    ) -> Result<T, Problem> {
        if done.is_err()
            && let Err(problem) = self.put_back(vault).await
        {
            tracing::warn!(%problem, "a secret for a database that was not chosen is kept");
        }
        done
    }

    /// But for what is noted all the same, by another process or from before: the server has just taken this password, and
    /// may take the former one no more.
    async fn put_back(&self, vault: &dyn Secrets) -> Result<(), Problem> {
        // What can't be read leads to no entry.
        let named = Kept::at(&self.noted).ok().flatten();
        let mut put_back = Ok(());
        if let Some(KeptPassword { reference, before }) = &self.password
            && named.as_ref().and_then(|named| named.password.as_ref()) != Some(reference)
        {
            put_back = match before {
                Ok(Some(before)) => vault.set(reference, before.clone()).await,
                Ok(None) => vault.remove(reference).await,
                Err(problem) => Err(problem.clone()),
            };
        }
        if named.and_then(|named| named.workspace) != Some(self.workspace) {
            for token in &self.tokens {
                put_back = put_back.and(vault.remove(token).await);
            }
        }
        put_back
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::secret::ExposeSecret;
    use fabrik_vault::MemoryVault;

    use super::*;

    const SERVER: &str = "postgres://anna@db.studio.se/byran";

    fn refused() -> Result<(), Problem> {
        Err(Problem::from(Cause::DatabaseBusy))
    }

    async fn keep(
        noted: &Path,
        workspace: WorkspaceId,
        password: Option<&str>,
        vault: &MemoryVault,
    ) -> KeptSecrets {
        let server = Address::parse(SERVER).unwrap();
        let address = server.with_password(password.map(Secret::from));
        let kept = keep_password(noted, &address, workspace, vault).await;
        kept.unwrap()
    }

    async fn found(reference: &SecretRef, vault: &MemoryVault) -> Option<String> {
        let found = vault.get(reference).await.unwrap();
        found.map(|secret| secret.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn what_is_refused_leaves_the_keyring_as_it_was() {
        let (vault, workspace) = (MemoryVault::new(), WorkspaceId::new());
        let noted = Path::new("/one/database.json");
        let first = keep(noted, workspace, Some("one"), &vault).await;
        let told = first.or_put_back(refused(), &vault).await;
        assert_eq!(told, refused());
        assert_eq!(vault.names(), [""; 0], "there was none");

        let first = keep(noted, workspace, Some("one"), &vault).await;
        assert_eq!(first.or_put_back(Ok(()), &vault).await, Ok(()));
        let again = keep(noted, workspace, Some("two"), &vault).await;
        assert_eq!(again.or_put_back(refused(), &vault).await, refused());
        let kept = found(again.password().unwrap(), &vault).await;
        assert_eq!(kept.as_deref(), Some("one"), "the one that was there");

        let none = keep(noted, workspace, None, &vault).await;
        assert_eq!(none.or_put_back(refused(), &vault).await, refused());
        assert_eq!(vault.names().len(), 1, "nothing was kept for it");
    }

    #[tokio::test]
    async fn tokens_come_along_but_to_a_place_that_is_refused() {
        let vault = MemoryVault::new();
        let (from, to) = (WorkspaceId::new(), WorkspaceId::new());
        let noted = Path::new("/one/database.json");
        let own = SecretRef::token(to, Provider::Vercel);
        for (reference, token) in [
            (SecretRef::token(from, Provider::GitHub), "brought"),
            (SecretRef::token(from, Provider::Vercel), "brought"),
            (own.clone(), "own"),
        ] {
            vault.set(&reference, Secret::from(token)).await.unwrap();
        }
        let before = vault.names();
        let mut secrets = keep(noted, to, None, &vault).await;
        secrets.bring_tokens(from, &vault).await.unwrap();
        let brought = found(&SecretRef::token(to, Provider::GitHub), &vault).await;
        assert_eq!(brought.as_deref(), Some("brought"));
        assert_eq!(secrets.or_put_back(refused(), &vault).await, refused());
        assert_eq!(vault.names(), before, "a later choice brings newer ones");
        let kept = found(&own, &vault).await;
        assert_eq!(kept.as_deref(), Some("own"), "it was known there");
    }

    #[tokio::test]
    async fn what_another_process_has_noted_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let noted = folder.path().join("database.json");
        let vault = MemoryVault::new();
        let (from, to) = (WorkspaceId::new(), WorkspaceId::new());
        let token = SecretRef::token(from, Provider::GitHub);
        vault.set(&token, Secret::from("brought")).await.unwrap();
        let mut secrets = keep(&noted, to, Some("two"), &vault).await;
        secrets.bring_tokens(from, &vault).await.unwrap();
        let before = vault.names();
        let others = Kept {
            url: SERVER.to_owned(),
            password: secrets.password().cloned(),
            workspace: Some(to),
        };
        others.keep(&noted).unwrap();
        assert_eq!(secrets.or_put_back(refused(), &vault).await, refused());
        assert_eq!(vault.names(), before, "the other process has chosen it");
        let kept = found(secrets.password().unwrap(), &vault).await;
        assert_eq!(kept.as_deref(), Some("two"), "which the server takes");
    }
}
