//! By what a kept verdict is known to be of the token that is there now.

use fabrik_domain::{
    ports::Random,
    secret::{ExposeSecret, Secret},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::system::SystemRandom;

/// A token's print: enough to tell it from another, too little to find it by, and with a salt that makes two prints of
/// one token unlike.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Print {
    salt: [u8; 16],
    sum: [u8; 4],
}

impl Print {
    /// A print of the token, another each time.
    pub(super) fn of(token: &Secret) -> Self {
        let mut salt = [0; 16];
        SystemRandom.fill(&mut salt);
        Self {
            sum: sum(&salt, token),
            salt,
        }
    }

    /// Whether it is this token's.
    pub(super) fn is_of(&self, token: &Secret) -> bool {
        sum(&self.salt, token) == self.sum
    }
}

fn sum(salt: &[u8; 16], token: &Secret) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(token.expose_secret().as_bytes())
        .finalize();
    let mut sum = [0; 4];
    for (to, from) in sum.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_print_is_of_one_token_and_tells_nothing_of_it() {
        let token = Secret::from("rk_test_0123456789");
        let (one, other) = (Print::of(&token), Print::of(&token));
        assert!(one.is_of(&token) && other.is_of(&token));
        assert_ne!(one.salt, other.salt, "no two are alike");
        assert!(!one.is_of(&Secret::from("rk_test_9876543210")));
        let kept = serde_json::to_string(&one).unwrap();
        let read: Print = serde_json::from_str(&kept).unwrap();
        assert!(read.is_of(&token), "as it is kept: {kept}");
    }
}
