//! macOS: the user's Keychain.

use std::{error::Error, sync::Arc};

use keyring_core::CredentialStore;

use super::Look;
use crate::VaultError;

/// Whether the Keychain is locked shows only by using it, which asks.
pub(crate) const SEES_LOCKS: bool = false;

/// For the password, or for leave to read what another program has written.
pub(crate) const PROMPTS_UNSEEN: bool = true;

pub(crate) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

/// An item of the Keychain has no label beside its service and account.
pub(crate) fn modifiers(_name: &str) -> Vec<(&'static str, String)> {
    Vec::new()
}

pub(crate) fn look() -> Look {
    let found = open().map(drop).map_err(|_| VaultError::NoProvider);
    Look {
        backend: "macOS Keychain".into(),
        found,
    }
}

/// The system asks by itself at the next use.
#[expect(clippy::unnecessary_wraps, reason = "the same on every OS")]
pub(crate) fn unlock() -> Result<(), VaultError> {
    Ok(())
}

/// The user has cancelled, a password was wrong for the last time, or nobody can be asked: `errSecUserCanceled`,
/// `errSecAuthFailed` and `errSecInteractionNotAllowed`, which the store has no kind for.
pub(crate) fn turned_away(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<security_framework::base::Error>();
    error.is_some_and(|error| matches!(error.code(), -128 | -25293 | -25308))
}

pub(crate) fn error_name(_error: &(dyn Error + 'static)) -> String {
    "the keychain failed".to_owned()
}
