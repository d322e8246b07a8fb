//! What `fabrik doctor` and the credentials page say about the keyring.

use fabrik_domain::Problem;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::VaultError;

/// The keyring as it was found, without a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VaultStatus {
    /// Its name, for people: `Secret Service, GNOME Keyring`, `macOS Keychain` …
    pub backend: String,
    /// How it was found.
    pub state: VaultState,
    /// What mends it, where something is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hint: Option<VaultHint>,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

/// How a keyring was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// Open, as far as can be told without asking for a password.
    Unlocked,
    /// Locked: the next use asks for the password.
    Locked,
    /// There is none.
    Missing,
    /// It did not answer.
    TimedOut,
    /// Something else is wrong.
    Failed,
}

/// What mends a keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultHint {
    /// Log in to a desktop session, or start one with `dbus-run-session`; on a server hand tokens in
    /// as `FABRIK_SECRET_…`.
    StartSession,
    /// Install one: `gnome-keyring`, `KWallet` or `KeePassXC` with its Secret Service turned on.
    InstallService,
    /// Make a default keyring: unlocking offers it.
    CreateKeyring,
    /// Unlock it.
    Unlock,
    /// Answer the dialog, which may be behind the window; else restart the service.
    AnswerDialog,
    /// Restart the service, or log in anew.
    RestartService,
}

impl VaultStatus {
    /// The sandbox's own vault: files, which nobody has to unlock.
    pub fn sandbox() -> Self {
        Self::unlocked("Sandbox".to_owned())
    }

    pub(crate) fn unlocked(backend: String) -> Self {
        Self {
            backend,
            state: VaultState::Unlocked,
            hint: None,
            problem: None,
        }
    }

    pub(crate) fn wrong(backend: String, error: &VaultError) -> Self {
        let (state, hint) = match error {
            VaultError::NoSession => (VaultState::Missing, VaultHint::StartSession),
            VaultError::NoProvider => (VaultState::Missing, VaultHint::InstallService),
            VaultError::NoKeyring => (VaultState::Missing, VaultHint::CreateKeyring),
            VaultError::Locked => (VaultState::Locked, VaultHint::Unlock),
            VaultError::TimedOut => (VaultState::TimedOut, VaultHint::AnswerDialog),
            _ => (VaultState::Failed, VaultHint::RestartService),
        };
        Self {
            backend,
            state,
            hint: Some(hint),
            problem: Some(error.into()),
        }
    }
}
