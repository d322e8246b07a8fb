//! Hashes as lower-case hexadecimal texts.

use sha2::{Digest, Sha224, Sha256};

/// SHA-256, 64 digits.
pub(super) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// SHA-224, 56 digits.
pub(super) fn sha224(text: &str) -> String {
    hex::encode(Sha224::digest(text))
}
