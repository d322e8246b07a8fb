//! How much is tried: a share in every test, all of it in the full proof.

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

/// One pair of points in so many is tried; the full proof tries all.
pub(crate) fn share() -> usize {
    let share = variable("FABRIK_PAIRS_SHARE").unwrap_or(199);
    share.max(1) as usize
}
