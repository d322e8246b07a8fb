//! The keyring's entries, one value of at most 2,000 bytes each, by name.

use std::{collections::HashMap, sync::Arc};

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use crate::{VaultError, platform};

/// One value per name. Values are bytes, so that no OS makes two of each character.
pub(crate) trait Entries {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault>;
    fn write(&self, name: &str, value: &[u8]) -> Result<(), Fault>;
    /// Whether there was one.
    fn delete(&self, name: &str) -> Result<bool, Fault>;
}

/// Why an entry can't be read or written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection or the service behind it may be gone: a new one may do better.
    Platform(String),
    /// Nothing that trying again changes.
    Settled(VaultError),
}

impl Fault {
    /// Takes the kind of an error, and leaves the payload, which may be the secret.
    pub(crate) fn of(error: &Error) -> Self {
        let failed = |kind| Self::Settled(VaultError::Unexpected(kind));
        match error {
            // To ask once more is to put the dialog up again that was just turned away.
            Error::PlatformFailure(inner) if platform::turned_away(inner.as_ref()) => {
                Self::Settled(VaultError::Locked)
            }
            Error::PlatformFailure(inner) => Self::Platform(platform::error_name(inner.as_ref())),
            Error::NoStorageAccess(_) => Self::Settled(VaultError::Locked),
            Error::TooLong(..) => Self::Settled(VaultError::TooLong),
            Error::NoDefaultStore => Self::Settled(VaultError::NoProvider),
            Error::Invalid(..) => failed("it refuses the entry's name or attributes"),
            Error::Ambiguous(_) => failed("it has several entries of that name"),
            Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
                failed("the entry is damaged")
            }
            Error::NotSupportedByStore(_) => failed("it can't do that"),
            _ => failed("for an unknown reason"),
        }
    }
}

/// The OS keyring's entries of one service.
pub(crate) struct OsEntries {
    store: Arc<CredentialStore>,
    service: String,
}

impl OsEntries {
    pub(crate) fn open(service: &str) -> Result<Self, Fault> {
        let store = platform::open().map_err(|error| Fault::of(&error))?;
        Ok(Self {
            store,
            service: service.to_owned(),
        })
    }

    fn entry(&self, name: &str) -> Result<Entry, Fault> {
        let modifiers = platform::modifiers(name);
        let modifiers: HashMap<&str, &str> = modifiers
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        self.store
            .build(&self.service, name, Some(&modifiers))
            .map_err(|error| Fault::of(&error))
    }
}

impl Entries for OsEntries {
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        match self.entry(name)?.get_secret() {
            Ok(value) => Ok(Some(Zeroizing::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(Fault::of(&error)),
        }
    }

    fn write(&self, name: &str, value: &[u8]) -> Result<(), Fault> {
        self.entry(name)?
            .set_secret(value)
            .map_err(|error| Fault::of(&error))
    }

    fn delete(&self, name: &str) -> Result<bool, Fault> {
        match self.entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(Fault::of(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_brings_its_payload_along() {
        let canary = || b"sbp_canary".to_vec();
        let errors = [
            Error::BadEncoding(canary()),
            Error::BadDataFormat(canary(), "sbp_canary".into()),
            Error::BadStoreFormat("sbp_canary".into()),
            Error::Invalid("sbp_canary".into(), "sbp_canary".into()),
            Error::PlatformFailure("sbp_canary".into()),
            Error::NoStorageAccess("sbp_canary".into()),
            Error::NotSupportedByStore("sbp_canary".into()),
        ];
        for error in errors {
            let fault = format!("{:?}", Fault::of(&error));
            assert!(
                !fault.contains("canary") && !fault.contains("115, 98"),
                "{fault}"
            );
        }
    }
}
