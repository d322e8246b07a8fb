//! Files whose content can be read with a key alone.
//!
//! XChaCha20-Poly1305 with a random nonce in front; the entry's name is authenticated along with it,
//! so that a file under another name does not open.

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// Length of a key, in bytes.
pub(crate) const KEY: usize = 32;

/// Seals and opens with one key.
pub(crate) struct Seal(XChaCha20Poly1305);

impl Seal {
    pub(crate) fn new(key: &[u8; KEY]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// The value, sealed under a name. `None` where the system gives no randomness.
    pub(crate) fn close(&self, name: &str, value: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload {
            msg: value,
            aad: name.as_bytes(),
        };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([&nonce, sealed.as_slice()].concat())
    }

    /// The value, or `None` where it was sealed under another key or name, or changed since.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        self.0
            .decrypt(&XNonce::from(*nonce), payload)
            .ok()
            .map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_name_open_it() {
        let seal = Seal::new(&[7; KEY]);
        let sealed = seal.close("a", b"sbp_canary").unwrap();
        assert_eq!(seal.open("a", &sealed).unwrap().as_slice(), b"sbp_canary");
        assert!(seal.open("b", &sealed).is_none(), "another name");
        assert!(
            Seal::new(&[8; KEY]).open("a", &sealed).is_none(),
            "another key"
        );
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(
                seal.open("a", &changed).is_none(),
                "byte {position} changed"
            );
        }
        assert!(seal.open("a", &sealed[..10]).is_none(), "cut short");
        assert_ne!(
            seal.close("a", b"sbp_canary"),
            Some(sealed),
            "each nonce is new"
        );
    }
}
