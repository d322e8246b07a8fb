//! How long to wait before a call is tried again: exponential, with jitter, so that many customers
//! whose calls failed together don't come back together.

use std::time::Duration;

use fabrik_domain::ports::Random;

/// Tries of one action before it has failed for good.
pub(crate) const MOST_ATTEMPTS: u32 = 6;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// The longest pause, with its jitter.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(38);

/// The wait after the failure of try number `attempt`, from 1: 0.5 s, 1 s, 2 s … at most 30 s, each
/// shortened or lengthened by up to a quarter.
pub(crate) fn pause(attempt: u32, random: &dyn Random) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    doubled.min(LONGEST).mul_f64(0.75 + 0.5 * random.fraction())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_double_and_end_at_thirty_seconds() {
        let pauses: Vec<_> = (1..9).map(|n| pause(n, &Fixed(0)).as_millis()).collect();
        assert_eq!(
            pauses,
            [375, 750, 1500, 3000, 6000, 12000, 22500, 22500],
            "the shortest of each"
        );
        assert!(
            pause(20, &Fixed(255)) <= LONGEST_PAUSE,
            "never beyond the longest"
        );
    }
}
