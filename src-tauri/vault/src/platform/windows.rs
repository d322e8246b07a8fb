//! Windows: the Credential Manager. Open for as long as the user is logged in.

use std::{error::Error, sync::Arc};

use keyring_core::CredentialStore;

use super::Look;
use crate::VaultError;

/// There is no lock to see.
pub(crate) const SEES_LOCKS: bool = false;

pub(crate) const PROMPTS_UNSEEN: bool = false;

pub(crate) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// On this machine alone: a token does not roam with the user's profile.
pub(crate) fn modifiers(_name: &str) -> Vec<(&'static str, String)> {
    vec![("persistence", "Local".to_owned())]
}

pub(crate) fn look() -> Look {
    let found = open().map(drop).map_err(|_| VaultError::NoProvider);
    Look {
        backend: "Windows Credential Manager".into(),
        found,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the same on every OS")]
pub(crate) fn unlock() -> Result<(), VaultError> {
    Ok(())
}

/// Nobody is asked.
pub(crate) fn turned_away(_error: &(dyn Error + 'static)) -> bool {
    false
}

pub(crate) fn error_name(_error: &(dyn Error + 'static)) -> String {
    "the credential manager failed".to_owned()
}
