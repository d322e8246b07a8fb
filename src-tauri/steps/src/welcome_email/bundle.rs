//! The secret parts of a mail, as one entry of the vault.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause,
    failure::Failure,
    secret::{ExposeSecret, Secret},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::letter::Secrets;

/// Several secrets, with when they were made.
#[derive(Serialize, Deserialize)]
pub(super) struct Bundle {
    /// By our clock.
    pub(super) at: Timestamp,
    texts: BTreeMap<String, String>,
}

impl Bundle {
    pub(super) fn new(at: Timestamp, secrets: &Secrets) -> Self {
        let texts = secrets.iter();
        let texts = texts
            .map(|(name, secret)| (name.clone(), secret.expose_secret().to_owned()))
            .collect();
        Self { at, texts }
    }

    pub(super) fn text(&self) -> Secret {
        serde_json::to_string(self).unwrap_or_default().into()
    }

    pub(super) fn read(kept: &Secret) -> Result<Self, Failure> {
        // What is wrong with it isn't told: the words would hold a part of it.
        serde_json::from_str(kept.expose_secret()).map_err(|_| Failure::refused(Cause::Internal))
    }

    pub(super) fn secrets(self) -> Secrets {
        let texts = self.texts.into_iter();
        texts
            .map(|(name, text)| (name, Secret::from(text)))
            .collect()
    }
}
