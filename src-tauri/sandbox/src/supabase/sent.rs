//! A secret in a request's body.

use fabrik_domain::secret::{ExposeSecret, Secret};
use serde::{Deserialize, Deserializer};

/// A secret that was sent: masked and wiped like any other from the moment it is read.
pub(super) struct SentSecret(pub(super) Secret);

impl SentSecret {
    pub(super) fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }
}

impl<'de> Deserialize<'de> for SentSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::from(text)))
    }
}
