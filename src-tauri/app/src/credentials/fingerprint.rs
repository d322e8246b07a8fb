//! By what a kept verdict is known to be of the token that is there now.

use fabrik_domain::{
    ports::Random,
    secret::{ExposeSecret, Secret},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::system::SystemRandom;

/// A token's fingerprint: enough to tell it from another, too little to find it by, and with a salt that makes two of one
/// token unlike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    salt: [u8; 16],
    digest: [u8; 4],
}

impl Fingerprint {
    /// One of the token, another each time.
    pub(super) fn of(token: &Secret) -> Self {
        let mut salt = [0; 16];
        SystemRandom.fill(&mut salt);
        Self {
            digest: digest(&salt, token),
            salt,
        }
    }

    /// Whether it is this token's.
    pub(super) fn is_of(&self, token: &Secret) -> bool {
        digest(&self.salt, token) == self.digest
    }
}

fn digest(salt: &[u8; 16], token: &Secret) -> [u8; 4] {
    let whole = Sha256::new()
        .chain_update(salt)
        .chain_update(token.expose_secret().as_bytes())
        .finalize();
    let mut first = [0; 4];
    for (to, from) in first.iter_mut().zip(whole.iter()) {
        *to = *from;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_one_token_and_tells_nothing_of_it() {
        let token = Secret::from("rk_test_0123456789");
        let (one, other) = (Fingerprint::of(&token), Fingerprint::of(&token));
        assert!(one.is_of(&token) && other.is_of(&token));
        assert_ne!(one.salt, other.salt, "no two are alike");
        assert!(!one.is_of(&Secret::from("rk_test_9876543210")));
        let kept = serde_json::to_string(&one).unwrap();
        let read: Fingerprint = serde_json::from_str(&kept).unwrap();
        assert!(read.is_of(&token), "as it is kept: {kept}");
    }
}
