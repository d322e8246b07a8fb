//! A secret as it comes in from outside: typed, pasted or read from a file. Goes in, never out.

use fabrik_domain::secret::Secret;
use serde::{Deserialize, Deserializer};

/// A secret that somebody entered.
#[derive(Debug)]
pub struct EnteredSecret(pub Secret);

impl<'de> Deserialize<'de> for EnteredSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::from(text)))
    }
}

impl ts_rs::TS for EnteredSecret {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }

    fn inline(config: &ts_rs::Config) -> String {
        Self::name(config)
    }
}
