//! Secrets, and references to them.
//!
//! A [`Secret`] has no `Serialize` and no `Display`, prints a mask with `{:?}`, and is wiped when
//! dropped. Turning it into text is one call, [`ExposeSecret::expose_secret`], that a search finds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{CustomerId, RunId, WorkspaceId},
    provider::Provider,
};

pub use secrecy::{ExposeSecret, SecretString as Secret};

// One that could be has no business in an answer to the window, and would get there unseen.
static_assertions::assert_not_impl_any!(Secret: Serialize, fmt::Display);

/// Where a secret is, in place of the secret: `keyring:v1/…`, `env:NAME`, `supabase:<ref>/<key name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// An entry of the OS keyring, by its account name.
    Keyring(String),
    /// An environment variable, for what was imported from an older system.
    Env(String),
    /// An API key that the vendor gives again on request, so it is not kept.
    SupabaseKey {
        /// The project's ref.
        project: String,
        /// The key's name, such as `service_role`.
        key: String,
    },
}

impl SecretRef {
    /// The agency's token for a provider.
    pub fn token(workspace: WorkspaceId, provider: Provider) -> Self {
        Self::Keyring(format!("v1/{workspace}/{}/token", provider.key()))
    }

    /// The password of the server that the central database is on, of one `desk` among those whose keyring this is. Earlier
    /// versions had one for all of them: `v1/<workspace>/database/password`.
    pub fn database(workspace: WorkspaceId, desk: &str) -> Self {
        Self::Keyring(format!("v1/{workspace}/database/{desk}/password"))
    }

    /// Whether it is the [`database`](Self::database) password of this desk, in whatever workspace.
    pub fn is_database_of(&self, desk: &str) -> bool {
        let end = format!("/database/{desk}/password");
        matches!(self, Self::Keyring(account) if account.ends_with(&end))
    }

    /// The workspace by whose id an entry of the keyring is named.
    pub fn workspace(&self) -> Option<WorkspaceId> {
        let Self::Keyring(account) = self else {
            return None;
        };
        let (workspace, _) = account.strip_prefix("v1/")?.split_once('/')?;
        workspace.parse().ok()
    }

    /// The password of the server that the agency's own table of customers is on.
    pub fn source(workspace: WorkspaceId) -> Self {
        Self::Keyring(format!("v1/{workspace}/source/password"))
    }

    /// The value of a setting that is a secret, by its key.
    pub fn setting(workspace: WorkspaceId, key: &str) -> Self {
        Self::Keyring(format!("v1/{workspace}/setting/{key}"))
    }

    /// The key under which this computer anchors the audit log.
    pub fn audit_key(workspace: WorkspaceId) -> Self {
        Self::Keyring(format!("v1/{workspace}/audit/key"))
    }

    /// The newest anchor of the audit log: no secret, but nobody else may change it.
    pub fn audit_anchor(workspace: WorkspaceId) -> Self {
        Self::Keyring(format!("v1/{workspace}/audit/anchor"))
    }

    /// What a run must keep for a customer until it ends.
    pub fn run(workspace: WorkspaceId, customer: CustomerId, run: RunId, purpose: &str) -> Self {
        Self::Keyring(format!(
            "v1/{workspace}/customer/{customer}/{run}/{purpose}"
        ))
    }

    /// What belongs to a customer beyond a run, such as an imported database URL.
    pub fn customer(workspace: WorkspaceId, customer: CustomerId, purpose: &str) -> Self {
        Self::Keyring(format!("v1/{workspace}/customer/{customer}/{purpose}"))
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring(account) => write!(f, "keyring:{account}"),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::SupabaseKey { project, key } => write!(f, "supabase:{project}/{key}"),
        }
    }
}

/// A text that is no reference to a secret. The text itself is not kept: it may be a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a reference to a secret (keyring:…, env:NAME or supabase:ref/key)")]
pub struct NotAReference;

impl FromStr for SecretRef {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').ok_or(NotAReference)?;
        let plain = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic());
        match scheme {
            "keyring" if plain => Ok(Self::Keyring(rest.to_owned())),
            "env" if plain => Ok(Self::Env(rest.to_owned())),
            "supabase" if plain => {
                let (project, key) = rest.split_once('/').ok_or(NotAReference)?;
                Ok(Self::SupabaseKey {
                    project: project.to_owned(),
                    key: key.to_owned(),
                })
            }
            _ => Err(NotAReference),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use fabrik_tests::Proof;

    use super::*;

    /// This runs only where the line above the tests has compiled: in every build, not in that of the tests alone.
    #[test]
    fn a_secret_that_could_be_serialised_does_not_compile() {
        let proof = Proof::of(
            "S3",
            "secrets that can't be serialised or displayed, by the compiler",
        );
        let code = include_str!("secret.rs").split_once("#[cfg(test)]");
        let (code, _) = code.unwrap();
        assert!(
            code.contains("assert_not_impl_any!(Secret: Serialize, fmt::Display)"),
            "every build asserts it"
        );
        proof.held(1);
    }

    #[test]
    fn debug_prints_a_mask() {
        let secret = Secret::from("sbp_do_not_print");
        assert!(
            !format!("{secret:?}").contains("do_not_print"),
            "the value must never be printed"
        );
    }

    #[test]
    fn an_entry_of_the_keyring_tells_whose_it_is() {
        let workspace = WorkspaceId::new();
        for reference in [
            SecretRef::database(workspace, "0123456789abcdef"),
            SecretRef::token(workspace, Provider::GitHub),
        ] {
            assert_eq!(reference.workspace(), Some(workspace), "{reference}");
        }
        for reference in ["keyring:v1/a/b", "env:DATABASE_URL_AKERMARK"] {
            assert_eq!(
                reference
                    .parse()
                    .ok()
                    .and_then(|one: SecretRef| one.workspace()),
                None
            );
        }
    }

    #[test]
    fn references_survive_a_round_trip() {
        for text in [
            "keyring:v1/a/b",
            "env:DATABASE_URL_AKERMARK",
            "supabase:abc/service_role",
        ] {
            assert_eq!(
                text.parse::<SecretRef>().map(|r| r.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            "postgres://user:password@host/db".parse::<SecretRef>(),
            Err(NotAReference)
        );
    }
}
