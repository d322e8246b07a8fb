//! What a vendor's headers have told of a window. Which calls its word knows of is `counter`'s and `usage`'s.

use super::At;

const SECOND: At = 1_000_000;
/// Ends of a window that are told so close to each other are those of one.
const SAME_WINDOW: At = 2 * SECOND;

/// The vendor's word on its window.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// How much is left: the least that was told.
    pub(super) remaining: u32,
    /// When the window ends.
    pub(super) resets: At,
    /// What all calls came to that were let through up to the latest that was answered so.
    pub(super) passed: u64,
    /// Whether it is a guess, and no vendor's word.
    pub(super) guessed: bool,
}

impl Told {
    /// With one more word of the vendor, on the same window or another.
    pub(super) fn and(self, word: Self) -> Self {
        let passed = self.passed.max(word.passed);
        if (self.resets - word.resets).abs() <= SAME_WINDOW {
            // Answers overtake each other, and calls do on their way: within a window the least that was told counts.
            return Self {
                remaining: self.remaining.min(word.remaining),
                resets: self.resets.max(word.resets),
                passed,
                guessed: false,
            };
        }
        // Of two windows the answer to the later call tells the newer, unless the other one's ends later.
        let is_newer = self.passed > word.passed && self.resets > word.resets;
        if is_newer && !self.guessed {
            self
        } else {
            Self { passed, ..word }
        }
    }
}
