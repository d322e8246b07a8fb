//! The agency's tokens: set, tried, replaced, removed. A value goes in and never comes out: what is shown
//! of one is its last four characters, and what the vendor said when it was tried.

mod fingerprint;
mod needs;
mod pasted;
mod tried;

use fabrik_domain::{
    Cause, Problem,
    provider::Provider,
    secret::{Secret, SecretRef},
};
use fabrik_vault::VaultStatus;
use jiff::SignedDuration;

pub use needs::token_page;
pub(crate) use pasted::{clean, last_four, refuse_unfit};

use needs::{needed_scopes, prefix};
use tried::LastCheck;

use crate::{
    App,
    entered::EnteredSecret,
    open::tokens_of,
    views::{Credential, CredentialSource, CredentialState, CredentialsPage, KeyringView, System},
};

/// A token that ends within this time is shown as such.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

impl App {
    /// See the table of commands.
    pub async fn credentials_list(&self) -> Result<CredentialsPage, Problem> {
        let keyring = self.vault_status().await;
        let mut credentials = Vec::new();
        for provider in Provider::ALL {
            credentials.push(self.row(provider, Some(&keyring)).await?);
        }
        let tokens = credentials
            .iter()
            .filter(|c| c.source == CredentialSource::Keyring)
            .count();
        Ok(CredentialsPage {
            sandbox: self.is_sandbox(),
            keyring: keyring_view(keyring, u32::try_from(tokens).unwrap_or(u32::MAX)),
            credentials,
        })
    }

    /// See the table of commands. The token is kept before it is tried, so that a vendor that is down
    /// loses nothing. The sandbox has made up its own, and its vault is a file: it takes none.
    pub async fn credential_set(
        &self,
        provider: Provider,
        token: EnteredSecret,
    ) -> Result<Credential, Problem> {
        if self.is_sandbox() {
            return Err(Cause::SandboxKeepsNoSecrets.into());
        }
        let token = clean(&token.0).ok_or_else(|| nothing_entered(provider))?;
        refuse_unfit(provider, &token)?;
        self.keyring_asks_again().await;
        let reference = self.token_reference(provider);
        let replaced = self.secrets.get(&reference).await.ok().flatten().is_some();
        self.vault.set(&reference, token).await?;
        let action = if replaced {
            "credential.replaced"
        } else {
            "credential.set"
        };
        // What was seen of the one before no longer holds, also where this is killed before the new one is tried.
        self.remember(provider, None, action).await?;
        self.credential_test(provider).await
    }

    /// See the table of commands.
    pub async fn credential_remove(&self, provider: Provider) -> Result<Credential, Problem> {
        self.vault.remove(&self.token_reference(provider)).await?;
        self.remember(provider, None, "credential.removed").await?;
        self.credential(provider).await
    }

    /// Keeps a token that came with an `.env` file. What was seen of the one before it no longer holds.
    pub(crate) async fn keep_token(
        &self,
        provider: Provider,
        token: Secret,
    ) -> Result<(), Problem> {
        self.vault
            .set(&self.token_reference(provider), token)
            .await?;
        self.remember(provider, None, "credential.imported").await
    }

    /// A provider's row of the page.
    pub async fn credential(&self, provider: Provider) -> Result<Credential, Problem> {
        self.row(provider, None).await
    }

    /// The same, where it is known how the keyring is: one that can't be read is not asked then, which would be a prompt,
    /// and half a minute's wait where nobody answers it.
    async fn row(
        &self,
        provider: Provider,
        keyring: Option<&VaultStatus>,
    ) -> Result<Credential, Problem> {
        let shut = keyring.and_then(|status| status.problem.as_ref());
        let kept = self.last_check(provider).await?;
        let read = match shut.filter(|_| self.is_of_vault(provider)) {
            Some(problem) => Err(problem.clone()),
            None => self.secrets.get(&self.token_reference(provider)).await,
        };
        // A keyring that can't be read doesn't say that there is no token.
        let (token, unread) = match read {
            Ok(token) => (token, None),
            Err(problem) => (None, Some(problem)),
        };
        // What was seen of another token says nothing of this one.
        let check = match &token {
            Some(token) => kept.of(token),
            None => LastCheck::default(),
        };
        let source = self.source(provider, token.is_some());
        let overruled =
            source == CredentialSource::Environment && self.is_overruled(provider, keyring).await;
        let soon = check
            .expires_at
            .is_some_and(|at| at.duration_since(self.clock.now()) < SOON);
        let state = match (&token, check.checked_at, &check.problem) {
            (None, ..) if unread.is_some() => CredentialState::Unreachable,
            (None, ..) => CredentialState::Missing,
            (Some(_), None, _) => CredentialState::Untested,
            (Some(_), Some(_), Some(problem))
                if matches!(*problem.cause, Cause::Throttled { .. }) =>
            {
                CredentialState::Waits
            }
            (Some(_), Some(_), Some(_)) if check.unreachable => CredentialState::Unreachable,
            (Some(_), Some(_), Some(_)) => CredentialState::Rejected,
            (Some(_), Some(_), None) if soon => CredentialState::ExpiresSoon,
            (Some(_), Some(_), None) => CredentialState::Works,
        };
        Ok(Credential {
            provider,
            state,
            source,
            overruled,
            last_four: token.as_ref().and_then(last_four),
            account: check.account,
            scopes: check.scopes,
            needed_scopes: needed_scopes(provider)
                .iter()
                .map(ToString::to_string)
                .collect(),
            expires_at: check.expires_at,
            checked_at: check.checked_at,
            problem: unread.or(check.problem),
            token_page: self.own_token_page(provider).await,
            prefix: prefix(provider).to_owned(),
            needed: self
                .blueprints_in_use()
                .await?
                .iter()
                .any(|blueprint| blueprint.providers().contains(&provider)),
        })
    }

    /// Where a provider's token of this workspace is kept.
    pub fn token_reference(&self, provider: Provider) -> SecretRef {
        SecretRef::token(self.store.workspace(), provider)
    }

    fn source(&self, provider: Provider, there: bool) -> CredentialSource {
        match there {
            false => CredentialSource::None,
            true if !self.is_of_vault(provider) => CredentialSource::Environment,
            true if self.is_sandbox() => CredentialSource::Sandbox,
            true => CredentialSource::Keyring,
        }
    }

    /// Whether the keyring holds a token of a provider whose token comes from the environment. A keyring that is shut, or
    /// may be, isn't read: nobody needs what is in it. The sandbox's own tokens are nobody's to miss.
    async fn is_overruled(&self, provider: Provider, keyring: Option<&VaultStatus>) -> bool {
        if self.is_sandbox() || self.vault_may_ask(keyring).await {
            return false;
        }
        let kept = self.vault.get(&self.token_reference(provider)).await;
        matches!(kept, Ok(Some(_)))
    }

    /// Whether a provider's token would be in the vault: none was given to this process.
    pub(crate) fn is_of_vault(&self, provider: Provider) -> bool {
        !tokens_of(&self.environment, self.is_sandbox()).contains_key(&provider)
    }
}

fn keyring_view(status: VaultStatus, tokens: u32) -> KeyringView {
    KeyringView {
        backend: status.backend,
        usable: status.problem.is_none(),
        tokens,
        hint: status.hint,
        system: System::here(),
        problem: status.problem,
    }
}

/// What was to be kept is empty. That there is no token yet is not the point.
fn nothing_entered(provider: Provider) -> Problem {
    let field = "token".to_owned();
    Problem::from(Cause::FieldMissing { field }).by(provider)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fabrik_domain::ports::Secrets;
    use fabrik_vault::{KeyringVault, MemoryVault};

    use super::*;
    use crate::{open::Keyring, testing::Locked};

    #[tokio::test]
    async fn a_key_that_may_do_anything_is_not_even_kept() {
        let (_folder, app) = app_on(Arc::new(MemoryVault::new())).await;
        let (live, organization) = ("sk_live_0123456789abcdef", "sk_org_live_0123456789abcdef");
        for (file, key) in [(false, live), (true, live), (false, organization)] {
            let refused = if file {
                let content = EnteredSecret(Secret::from(format!("STRIPE_SECRET_KEY={key}")));
                let import = app.env_import(content, false).await.unwrap();
                import.entries[0].problem.clone().unwrap()
            } else {
                let token = EnteredSecret(Secret::from(key));
                let set = app.credential_set(Provider::Stripe, token).await;
                set.unwrap_err()
            };
            assert_eq!(*refused.cause, Cause::CredentialUnrestricted);
            let row = app.credential(Provider::Stripe).await.unwrap();
            assert_eq!(row.state, CredentialState::Missing, "by file: {file}");
        }
    }

    #[tokio::test]
    async fn an_empty_token_is_told_as_that() {
        let (_folder, app) = app_on(Arc::new(MemoryVault::new())).await;
        let token = EnteredSecret(Secret::from(" \n"));
        let refused = app.credential_set(Provider::GitHub, token).await;
        assert_eq!(refused.unwrap_err(), nothing_entered(Provider::GitHub));
    }

    /// A workspace whose secrets are in this.
    async fn app_on(vault: Arc<dyn Secrets>) -> (tempfile::TempDir, App) {
        let nobody = [("FABRIK_STRIPE_URL", "http://127.0.0.1:9")];
        let (folder, mut app) = crate::testing::app_with(&nobody).await;
        app.secrets = Arc::clone(&vault);
        app.vault = vault;
        // Whatever this machine's own is like.
        app.keyring = Keyring::Sandbox;
        (folder, app)
    }

    #[tokio::test]
    async fn a_locked_keyring_does_not_say_that_there_is_no_token() {
        let (_folder, mut app) = app_on(Arc::new(Locked)).await;
        let locked = Some(Problem::from(Cause::KeyringLocked));
        let tested = app.credential_test(Provider::GitHub).await.unwrap();
        assert_eq!(
            (tested.state, tested.problem),
            (CredentialState::Unreachable, locked.clone())
        );
        for row in app.credentials_list().await.unwrap().credentials {
            assert_eq!(
                (row.state, row.problem),
                (CredentialState::Unreachable, locked.clone())
            );
        }
        // Nor is one asked again that is known not to answer, but for what is not in it.
        let silent = Problem::from(Cause::KeyringTimedOut);
        let found = VaultStatus {
            problem: Some(silent.clone()),
            ..VaultStatus::sandbox()
        };
        let row = app.row(Provider::GitHub, Some(&found)).await.unwrap();
        let told = (CredentialState::Unreachable, Some(silent));
        assert_eq!((row.state, row.problem), told);
        // Unlocked, nothing of it is left.
        app.secrets = Arc::new(MemoryVault::new());
        let row = app.credential(Provider::GitHub).await.unwrap();
        assert_eq!((row.state, row.problem), (CredentialState::Missing, None));
        assert_eq!(row.checked_at, None, "it was not tried");
    }

    #[tokio::test]
    async fn every_token_that_is_kept_can_be_seen_and_removed() {
        let (_folder, app) = app_on(Arc::new(MemoryVault::new())).await;
        let file = "N8N_API_KEY=n8n_0123456789\nGITEA_TOKEN=gitea_0123456789\nSTRIPE_SECRET_KEY=rk_test_0123456789\n";
        let content = EnteredSecret(Secret::from(file));
        app.env_import(content, false).await.unwrap();
        let kept = [Provider::N8n, Provider::Gitea, Provider::Stripe];
        let listed = || async {
            let page = app.credentials_list().await.unwrap();
            let rows = page.credentials.into_iter();
            rows.map(|row| row.provider).collect::<Vec<_>>()
        };
        for provider in kept {
            assert!(listed().await.contains(&provider), "{provider} is listed");
            let row = app.credential_test(provider).await.unwrap();
            assert_eq!(row.state, CredentialState::Unreachable);
            let why = match provider {
                // Nobody listens there.
                Provider::Stripe => "unreachable",
                // Nobody has said where the server is.
                _ => "setting_missing",
            };
            assert_eq!(row.problem.unwrap().code(), why);
            let row = app.credential_remove(provider).await.unwrap();
            assert_eq!(row.state, CredentialState::Missing, "{provider} is gone");
        }
        let log = app.store.audit_log(None, 100).await.unwrap();
        let done = |action: &str| {
            log.iter()
                .filter(|line| line.entry.action == action)
                .count()
        };
        assert_eq!(done("credential.removed"), 3);
        assert_eq!(done("credential.tested"), 3);
    }

    #[tokio::test]
    async fn what_was_seen_of_one_token_is_not_said_of_another() {
        let vault = Arc::new(MemoryVault::new());
        let (_folder, app) = app_on(vault.clone()).await;
        let reference = app.token_reference(Provider::Stripe);
        let first = || Secret::from("rk_test_0123456789");
        app.keep_token(Provider::Stripe, first()).await.unwrap();
        let tried = app.credential_test(Provider::Stripe).await.unwrap();
        assert!(tried.checked_at.is_some() && tried.problem.is_some());
        let kept = app.store.settings().await.unwrap();
        assert!(!format!("{kept:?}").contains("0123456789"), "{kept:?}");

        // As another process does, or a variable.
        let other = Secret::from("rk_test_9876543210");
        vault.set(&reference, other).await.unwrap();
        let row = app.credential(Provider::Stripe).await.unwrap();
        let told = (row.state, row.checked_at, row.problem);
        assert_eq!(told, (CredentialState::Untested, None, None));
        vault.set(&reference, first()).await.unwrap();
        let row = app.credential(Provider::Stripe).await.unwrap();
        let told = (row.state, row.checked_at);
        assert_eq!(told, (tried.state, tried.checked_at));
    }

    #[tokio::test]
    async fn a_token_of_the_keyring_that_a_variable_goes_before_is_told() {
        let variables = [("FABRIK_SECRET_STRIPE", "rk_test_0123456789")];
        let (_folder, mut app) = crate::testing::app_with(&variables).await;
        let vault = Arc::new(MemoryVault::new());
        app.vault = vault.clone();
        // Whatever this machine's own is like.
        app.keyring = Keyring::Sandbox;
        let told = async || {
            let row = app.credential(Provider::Stripe).await.unwrap();
            (row.source, row.overruled)
        };
        assert_eq!(told().await, (CredentialSource::Environment, false));
        let reference = app.token_reference(Provider::Stripe);
        let kept = Secret::from("rk_test_9876543210");
        vault.set(&reference, kept).await.unwrap();
        assert_eq!(told().await, (CredentialSource::Environment, true));

        // A list has looked at the keyring: it is not looked at again for each, whatever this machine's own is like.
        app.keyring = Keyring::System(Arc::new(KeyringVault::new()));
        let found = VaultStatus::sandbox();
        let row = app.row(Provider::Stripe, Some(&found)).await.unwrap();
        assert_eq!(row.overruled, !KeyringVault::PROMPTS_UNSEEN);
    }

    #[tokio::test]
    async fn a_vendor_that_gave_no_answer_stands_until_it_gives_one() {
        let (_folder, app) = app_on(Arc::new(MemoryVault::new())).await;
        let silent = || async {
            let standing = app.standing().await.unwrap();
            let of_vendors = standing
                .iter()
                .filter_map(|one| Some((one.provider?, one.code())));
            of_vendors.collect::<Vec<_>>()
        };
        assert!(silent().await.is_empty(), "nobody was asked");
        app.keep_token(Provider::Stripe, Secret::from("rk_test_0123456789"))
            .await
            .unwrap();
        app.credential_test(Provider::Stripe).await.unwrap();
        let told = silent().await;
        assert_eq!(told, [(Provider::Stripe, "vendor_silent".to_owned())]);
    }
}
