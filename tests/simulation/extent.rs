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

/// Whether pairs that begin with a point are of the share that is tried, by its place. To reach the second points of one
/// takes a run of its own, however many of them are tried.
pub(crate) fn begins_in_share(first: usize) -> bool {
    first.is_multiple_of(share())
}

/// Whether a second point is of that share, after a first one that is: after each they are others.
pub(crate) fn ends_in_share(first: usize, second: usize) -> bool {
    (first / share() + second).is_multiple_of(share())
}

/// Whether a pair is of the third that is tried of what would else double them.
pub(crate) fn is_in_sample(number: usize) -> bool {
    number.is_multiple_of(3)
}

/// Of pairs of points, one first point in so many is tried, and one second point after each; the full proof tries all,
/// whatever else is said.
pub(crate) fn share() -> usize {
    if in_full() {
        return 1;
    }
    let share = variable("FABRIK_PAIRS_SHARE").unwrap_or(14);
    share.max(1) as usize
}

#[test]
fn the_share_of_pairs_has_first_and_second_points_of_every_kind() {
    let share = share();
    let firsts: Vec<_> = (0..share * share)
        .filter(|&at| begins_in_share(at))
        .collect();
    assert_eq!(firsts.len(), share);
    for second in 0..share {
        let tried = firsts.iter().filter(|&&first| ends_in_share(first, second));
        assert_eq!(
            tried.count(),
            1,
            "{second} is tried after one of {firsts:?}"
        );
    }
}
