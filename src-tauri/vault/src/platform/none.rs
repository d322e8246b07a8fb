//! Any other system: there is no keyring to use, and it is said.

use std::{error::Error, sync::Arc};

use keyring_core::CredentialStore;

use super::Look;
use crate::VaultError;

pub(crate) const SEES_LOCKS: bool = false;

pub(crate) const PROMPTS_UNSEEN: bool = false;

pub(crate) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}

pub(crate) fn modifiers(_name: &str) -> Vec<(&'static str, String)> {
    Vec::new()
}

pub(crate) fn look() -> Look {
    Look {
        backend: "keyring".into(),
        found: Err(VaultError::NoProvider),
    }
}

pub(crate) fn unlock() -> Result<(), VaultError> {
    Err(VaultError::NoProvider)
}

/// Nobody is asked.
pub(crate) fn turned_away(_error: &(dyn Error + 'static)) -> bool {
    false
}

pub(crate) fn error_name(_error: &(dyn Error + 'static)) -> String {
    "no keyring".to_owned()
}
