//! A secret as it comes in from outside: typed, pasted or read from a file. Goes in, never out.

use fabrik_domain::secret::Secret;
use serde::{Deserialize, Deserializer};

/// A secret that somebody entered.
#[derive(Debug)]
pub struct EnteredSecret(pub Secret);

// It is among the arguments of commands, and in no answer.
static_assertions::assert_not_impl_any!(EnteredSecret: serde::Serialize, std::fmt::Display);

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

#[cfg(test)]
mod tests {
    use fabrik_tests::Proof;

    use super::*;

    #[test]
    fn what_is_typed_is_taken_in_and_not_told() {
        let proof = Proof::of(
            "S3",
            "a token as it is typed, which the compiler lets nobody tell on",
        );
        let code = include_str!("entered.rs").split_once("#[cfg(test)]");
        let (code, _) = code.expect("code, then tests");
        assert!(
            code.contains(
                "assert_not_impl_any!(EnteredSecret: serde::Serialize, std::fmt::Display)"
            ),
            "every build asserts it"
        );
        let typed: EnteredSecret = serde_json::from_str("\"ghp_canary-5f1c9a\"").unwrap();
        let printed = format!("{typed:?}");
        assert!(!printed.contains("canary"), "{printed}");
        proof.held(1);
    }
}
