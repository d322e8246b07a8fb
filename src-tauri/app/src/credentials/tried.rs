//! A token that is tried: what the vendor said of it, and that it is kept.

use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    provider::Provider,
    secret::Secret,
};
use fabrik_store::Topic;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::fingerprint::Fingerprint;
use crate::{App, views::Credential};

/// What was seen when a token was last tried: kept, so that the page need not ask the vendor to be drawn.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LastCheck {
    pub(super) account: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) checked_at: Option<Timestamp>,
    pub(super) problem: Option<Problem>,
    /// The vendor could not be asked: that says nothing of the token.
    pub(super) unreachable: bool,
    /// Which token was tried. It may have been another process's, from a variable, or the keyring's before another was set.
    fingerprint: Option<Fingerprint>,
}

impl LastCheck {
    /// What of it holds for a token: all where that was the one that was tried, else nothing.
    pub(super) fn of(self, token: &Secret) -> Self {
        let fingerprint = self.fingerprint.as_ref();
        if fingerprint.is_some_and(|fingerprint| fingerprint.is_of(token)) {
            self
        } else {
            Self::default()
        }
    }
}

impl App {
    /// See the table of commands. What can't be tried is told as it stands: a token that isn't there, a
    /// keyring that can't be read.
    pub async fn credential_test(&self, provider: Provider) -> Result<Credential, Problem> {
        self.keyring_asks_again().await;
        let fingerprint = match self.secrets.get(&self.token_reference(provider)).await {
            Ok(Some(token)) => Fingerprint::of(&token),
            _ => return self.credential(provider).await,
        };
        let settings = self.settings().await?;
        let check = match self.clouds(&settings.values())?.whoami(provider).await {
            Ok(info) => {
                let missing = info.missing_scopes;
                let problem = (!missing.is_empty()).then(|| {
                    Problem::from(Cause::CredentialScopeMissing { scopes: missing }).by(provider)
                });
                LastCheck {
                    account: Some(info.account),
                    scopes: info.scopes,
                    expires_at: info.expires_at,
                    problem,
                    ..LastCheck::default()
                }
            }
            Err(Failure { problem, .. }) if problem.cause.is_of_keyring() => {
                let credential = self.credential(provider).await?;
                return Ok(Credential {
                    problem: Some(problem),
                    ..credential
                });
            }
            Err(Failure { outcome, problem }) => LastCheck {
                unreachable: !matches!(outcome, Outcome::Unauthorized | Outcome::Refused)
                    || matches!(*problem.cause, Cause::SettingMissing { .. }),
                problem: Some(problem),
                ..LastCheck::default()
            },
        };
        let check = LastCheck {
            checked_at: Some(self.clock.now()),
            fingerprint: Some(fingerprint),
            ..check
        };
        self.remember(provider, Some(&check), "credential.tested")
            .await?;
        self.credential(provider).await
    }

    /// What was seen when it was last tried, where it was.
    pub(super) async fn last_check(&self, provider: Provider) -> Result<LastCheck, Problem> {
        let stored = self.store.settings().await?;
        Ok(stored
            .get(&check_key(provider))
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default())
    }

    /// Keeps what was seen of a token, or drops it, with the entry of the audit log that says why.
    pub(super) async fn remember(
        &self,
        provider: Provider,
        check: Option<&LastCheck>,
        action: &str,
    ) -> Result<(), Problem> {
        let text = check
            .map(serde_json::to_string)
            .transpose()
            .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?;
        let audit = self.audit(action, json!({ "provider": provider.key() }));
        self.store
            .set_setting(&check_key(provider), text.as_deref(), audit)
            .await?;
        self.store
            .announce(Topic::Credentials, provider.key())
            .await
    }
}

/// The key under which the last check is kept; no setting that people set.
fn check_key(provider: Provider) -> String {
    format!("credential.{}", provider.key())
}
