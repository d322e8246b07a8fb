//! How much is tried: a share in every test, all of it in the full proof.

use fabrik_tests::in_full;

#[expect(
    clippy::disallowed_methods,
    reason = "what the test is told from outside"
)]
pub(crate) fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// So many numbers from one to the next: `step` in each test, 1 in the full proof.
pub(crate) fn one_in(step: usize) -> usize {
    if share() == 1 { 1 } else { step }
}

/// Whether a pair of points is of the share that is tried.
pub(crate) fn is_in_share(number: usize) -> bool {
    number.is_multiple_of(share())
}

/// Whether a pair is of the third that is tried of what would else double them.
pub(crate) fn is_in_sample(number: usize) -> bool {
    number.is_multiple_of(3)
}

/// One pair of points in so many is tried; the full proof tries all, whatever else is said.
pub(crate) fn share() -> usize {
    if in_full() {
        return 1;
    }
    let share = variable("FABRIK_PAIRS_SHARE").unwrap_or(199);
    share.max(1) as usize
}
