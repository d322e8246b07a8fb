//! Values that follow from the seed: the same seed gives the same tokens, ids and readiness times.

use sha2::{Digest, Sha256};

/// An endless stream of pseudo-random values for one purpose.
pub(crate) struct Seeded {
    key: [u8; 32],
    block: [u8; 32],
    used: usize,
    counter: u64,
}

impl Seeded {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let key = Sha256::new()
            .chain_update(seed.to_le_bytes())
            .chain_update(purpose)
            .finalize();
        Self {
            key: key.into(),
            block: [0; 32],
            used: 32,
            counter: 0,
        }
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            let next = Sha256::new()
                .chain_update(self.key)
                .chain_update(self.counter.to_le_bytes());
            self.block = next.finalize().into();
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block[self.used];
        self.used += 1;
        byte
    }

    /// Fills `bytes`.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.byte());
    }

    /// A text of `length` characters of `alphabet` (ASCII).
    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..length)
            .map(|_| char::from(letters[usize::from(self.byte()) % letters.len()]))
            .collect()
    }

    /// Lower-case letters, as in a Supabase ref.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        self.text("abcdefghijklmnopqrstuvwxyz", length)
    }

    /// Letters and digits, as in most vendors' ids and tokens.
    pub(crate) fn alphanumeric(&mut self, length: usize) -> String {
        self.text(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            length,
        )
    }

    /// Lower-case hexadecimal digits, as in a commit's hash.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.text("0123456789abcdef", length)
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn fraction(&mut self) -> f64 {
        let bytes = [self.byte(), self.byte(), self.byte(), self.byte()];
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> String {
        let bytes = std::array::from_fn(|_| self.byte());
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .hyphenated()
            .to_string()
    }
}
