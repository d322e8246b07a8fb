//! Passwords that Fabrik makes up.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fabrik_domain::{ports::Random, secret::Secret};

/// A password of 36 characters: 192 random bits, and one of each kind of character that a project's rules
/// may ask for.
pub(crate) fn generate(random: &dyn Random) -> Secret {
    let mut bytes = [0; 24];
    random.fill(&mut bytes);
    let mut text = URL_SAFE_NO_PAD.encode(bytes);
    text.push_str("aA1-");
    bytes.fill(0);
    Secret::from(text)
}

#[cfg(test)]
mod tests {
    use fabrik_domain::secret::ExposeSecret;

    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, n) in bytes.iter_mut().zip(0..) {
                *byte = n;
            }
        }
    }

    #[test]
    fn every_random_byte_counts_and_every_kind_is_there() {
        let password = generate(&Counting);
        let text = password.expose_secret();
        assert_eq!(text.len(), 36);
        assert!(
            text.starts_with("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"),
            "{text}"
        );
        assert!(
            text.chars()
                .all(|c| c.is_ascii_graphic() && !"'\"\\$`".contains(c)),
            "safe in any text"
        );
    }
}
