//! What a vendor's headers have told of a window. Which calls its word knows of is `counter`'s and `usage`'s.

use super::At;

const SECOND: At = 1_000_000;
/// Ends of a window that are told so close to each other are those of one; of a short window half of it.
const SAME_WINDOW: At = 2 * SECOND;

/// The vendor's word on its window.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// How much is left: the least that was told.
    pub(super) remaining: u32,
    /// When the window ends, by the latest that was told of it.
    pub(super) resets: At,
    /// When it ends, by the first that was told of it.
    first: At,
    /// What all calls came to that were let through up to the latest that was answered so.
    pub(super) passed: u64,
    /// Whether it is a guess, and no vendor's word.
    guessed: bool,
}

impl Told {
    /// What an answer tells.
    pub(super) fn new(remaining: u32, resets: At, passed: u64) -> Self {
        Self {
            remaining,
            resets,
            first: resets,
            passed,
            guessed: false,
        }
    }

    /// What may be, until an answer tells.
    pub(super) fn guess(remaining: u32, resets: At, passed: u64) -> Self {
        Self {
            guessed: true,
            ..Self::new(remaining, resets, passed)
        }
    }

    /// With one more word of the vendor, on the same window or another. `window` is how long one lasts, as far as that is
    /// known.
    pub(super) fn and(self, word: Self, window: At) -> Self {
        let passed = self.passed.max(word.passed);
        let newest = Self { passed, ..word };
        if self.guessed {
            return newest;
        }
        let same = SAME_WINDOW.min(window / 2);
        // By the first, so that windows which follow each other don't become one.
        if (self.first - word.resets).abs() <= same {
            // Answers overtake each other, and calls do on their way: within a window the least that was told counts.
            return Self {
                remaining: self.remaining.min(word.remaining),
                resets: self.resets.max(word.resets),
                passed,
                ..self
            };
        }
        // Of two windows the answer to the later call tells the newer, unless the other one's ends later by a good part of
        // one: an answer that was long on its way seems to end its window so much later.
        let is_newer = self.passed > word.passed && word.resets - self.resets < window / 2;
        if is_newer { self } else { newest }
    }
}
