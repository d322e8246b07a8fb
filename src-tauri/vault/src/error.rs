//! What can go wrong in a vault, and its code.
//!
//! The errors of `keyring-core` never get past this crate: some carry the secret's bytes, and their
//! `Debug` prints them. What is kept of one is its kind and, on Linux, the D-Bus error's name.

use fabrik_domain::{Cause, Problem, secret::SecretRef};

/// What can go wrong in a vault. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no session to ask for a keyring (Linux: no session bus).
    #[error("no session bus to ask for a keyring")]
    NoSession,
    /// Nothing in the session offers a keyring.
    #[error("no keyring service in this session")]
    NoProvider,
    /// The service has no keyring yet.
    #[error("the keyring service has no default keyring")]
    NoKeyring,
    /// It is locked, and was not unlocked when asked.
    #[error("the keyring is locked")]
    Locked,
    /// It did not answer.
    #[error("the keyring did not answer in time")]
    TimedOut,
    /// The secret is longer than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("the secret is too long for the keyring")]
    TooLong,
    /// Part of a secret in several chunks is missing.
    #[error("part of the secret is missing")]
    Incomplete,
    /// The entry's name is not plain ASCII.
    #[error("the entry's name is not plain ascii")]
    NameInvalid,
    /// The reference is none to this vault.
    #[error("the reference is to something that is not kept here")]
    NotKeptHere,
    /// A file of the sandbox's vault can't be read or written.
    #[error("the sandbox's vault can't be used: {0}")]
    Files(std::io::ErrorKind),
    /// Any other fault, by the system's own name of it.
    #[error("the keyring failed: {0}")]
    Failed(String),
    /// Any other fault that the system has no name for.
    #[error("the keyring failed: {0}")]
    Unexpected(&'static str),
}

impl VaultError {
    /// The code, for a call about `reference`.
    pub fn about(&self, reference: &SecretRef) -> Problem {
        match self {
            Self::Incomplete | Self::NotKeptHere => Problem::from(Cause::SecretMissing {
                reference: reference.to_string(),
                variable: None,
            }),
            _ => self.into(),
        }
    }

    /// What a person is told beside the code's own text, whatever their language: only what the system calls it. The rest
    /// says no more than that text does, and is in English.
    fn of_the_system(&self) -> String {
        match self {
            // Where the default keyring is asked for.
            Self::NoKeyring => "/org/freedesktop/secrets/aliases/default".to_owned(),
            Self::Files(kind) => kind.to_string(),
            Self::Failed(name) => name.clone(),
            // A fault of ours, for who mends it.
            Self::NameInvalid => self.to_string(),
            Self::NoSession
            | Self::NoProvider
            | Self::Locked
            | Self::TimedOut
            | Self::TooLong
            | Self::Incomplete
            | Self::NotKeptHere
            | Self::Unexpected(_) => String::new(),
        }
    }
}

impl From<&VaultError> for Problem {
    fn from(error: &VaultError) -> Self {
        // What is not told stands here.
        tracing::debug!(%error, "the vault");
        let cause = match error {
            // Only Linux has a bus that may be missing: over ssh, or in a container.
            VaultError::NoSession => Cause::KeyringMissing {
                service: None,
                variable: Some("DBUS_SESSION_BUS_ADDRESS".to_owned()),
            },
            VaultError::NoProvider => Cause::KeyringMissing {
                service: None,
                variable: None,
            },
            // Only Linux has services that may be without one.
            VaultError::NoKeyring => Cause::KeyringMissing {
                service: Some("Secret Service".to_owned()),
                variable: None,
            },
            VaultError::Locked => Cause::KeyringLocked,
            VaultError::TimedOut => Cause::KeyringTimedOut,
            VaultError::TooLong => Cause::SecretTooLong,
            VaultError::NameInvalid => Cause::Internal,
            VaultError::Incomplete
            | VaultError::NotKeptHere
            | VaultError::Files(_)
            | VaultError::Failed(_)
            | VaultError::Unexpected(_) => Cause::KeyringFailed,
        };
        Self::from(cause).detail(error.of_the_system())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_keeps_its_code() {
        let code = |error: VaultError| Problem::from(&error).code();
        assert_eq!(code(VaultError::NoSession), "keyring_missing");
        assert_eq!(code(VaultError::NoProvider), "keyring_missing");
        let lacking = Problem::from(&VaultError::NoKeyring);
        let service = Some("Secret Service".to_owned());
        let variable = None;
        assert_eq!(*lacking.cause, Cause::KeyringMissing { service, variable });
        let (service, variable) = (None, Some("DBUS_SESSION_BUS_ADDRESS".to_owned()));
        let busless = Problem::from(&VaultError::NoSession);
        assert_eq!(*busless.cause, Cause::KeyringMissing { service, variable });
        assert_eq!(code(VaultError::Locked), "keyring_locked");
        assert_eq!(code(VaultError::TimedOut), "keyring_timed_out");
        assert_eq!(code(VaultError::TooLong), "secret_too_long");
        assert_eq!(code(VaultError::Failed("x".into())), "keyring_failed");
        let reference = SecretRef::Keyring("v1/a".into());
        assert_eq!(
            VaultError::Incomplete.about(&reference).code(),
            "secret_missing"
        );
        assert_eq!(
            VaultError::Locked.about(&reference).code(),
            "keyring_locked"
        );
    }

    #[test]
    fn none_of_our_own_english_is_told_beside_the_text() {
        let detail = |error: VaultError| Problem::from(&error).detail;
        for (error, name) in [
            (VaultError::NoSession, None),
            (VaultError::NoProvider, None),
            (VaultError::Locked, None),
            (VaultError::TimedOut, None),
            (VaultError::TooLong, None),
            (VaultError::Unexpected("the call ended early"), None),
            (
                VaultError::Failed("org.x.Error".into()),
                Some("org.x.Error"),
            ),
        ] {
            assert_eq!(detail(error).as_deref(), name);
        }
        let reference = SecretRef::Keyring("v1/a".into());
        assert_eq!(VaultError::Incomplete.about(&reference).detail, None);
    }
}
