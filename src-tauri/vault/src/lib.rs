//! Secrets in the OS keyring, and what stands in for it where there is none to ask.
//!
//! | | keeps | for |
//! |---|---|---|
//! | [`KeyringVault`] | in the OS keyring | every workspace with real accounts |
//! | [`SandboxVault`] | sealed in a folder | the sandbox's made-up tokens, and no others |
//! | [`EnvironmentSecrets`] | nothing: it lies over another vault | `FABRIK_SECRET_…`, `env:NAME` |
//! | [`MemoryVault`] | in memory | tests |
//!
//! Nothing else in Fabrik sees the keyring. What is deliberately not here: reading the environment
//! (values are handed in), and any fallback to plain text. A vault is chosen once and never
//! switched silently.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test that can't go on has failed"
    )
)]

mod actor;
mod cache;
mod chunks;
mod entries;
mod environment;
mod error;
mod keyring;
mod loopback;
mod memory;
mod platform;
mod sandbox;
mod sealed;
mod status;

pub use environment::EnvironmentSecrets;
pub use error::VaultError;
pub use keyring::{KeyringVault, Patience, SERVICE};
pub use loopback::refuse_non_loopback;
pub use memory::MemoryVault;
pub use sandbox::SandboxVault;
pub use status::{VaultHint, VaultState, VaultStatus};

use fabrik_domain::secret::SecretRef;

/// Longest secret, in bytes. The longest in use, a database URL with certificates, is a tenth of it.
pub const MAX_BYTES: usize = 64 * 1024;

/// The entry's name in a reference to the keyring.
///
/// A reference of another kind (`env:…`, an API key) is resolved before it gets here, or not at all.
/// Names are plain ASCII: a NUL would break the D-Bus connection, and `#` is ours, for chunks.
fn entry_name(reference: &SecretRef) -> Result<&str, VaultError> {
    match reference {
        SecretRef::Keyring(name) => {
            let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
            if !name.is_empty() && name.len() <= 240 && name.bytes().all(plain) {
                Ok(name)
            } else {
                Err(VaultError::NameInvalid)
            }
        }
        SecretRef::Env(_) | SecretRef::SupabaseKey { .. } => Err(VaultError::NotKeptHere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_reach_the_keyring() {
        for name in ["", "a b", "a\0b", "å", "v1/a#0", &"x".repeat(241)] {
            let reference = SecretRef::Keyring(name.to_owned());
            assert_eq!(
                entry_name(&reference),
                Err(VaultError::NameInvalid),
                "{name:?}"
            );
        }
        let reference = SecretRef::Env("DATABASE_URL_AKERMARK".into());
        assert_eq!(
            entry_name(&reference),
            Err(VaultError::NotKeptHere),
            "an env: reference"
        );
        assert_eq!(
            entry_name(&SecretRef::Keyring("v1/a/github/token".into())),
            Ok("v1/a/github/token")
        );
    }
}
