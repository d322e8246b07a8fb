//! Hashes as lower-case hexadecimal texts.

use std::fmt::Write;

use sha2::{Digest, Sha224, Sha256};

/// SHA-256, 64 digits.
pub(super) fn sha256(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

/// SHA-224, 56 digits.
pub(super) fn sha224(text: &str) -> String {
    hexadecimal(&Sha224::digest(text))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a text never fails.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
