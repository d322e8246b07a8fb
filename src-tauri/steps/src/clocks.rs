//! Whether what bears no mark can have come of our call, by the time that the vendor says it was made. What can't is
//! asked about: nothing of anybody's is taken, nor is ours lost by clocks that are far apart.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How far a vendor's clock may be from ours.
const APART: Duration = Duration::from_secs(30);

/// Whether it was made between the look before the intent and the last instant at which a call, last `sent` then, can
/// come true, which is `settle` after that.
pub(crate) fn agree(
    looked: Timestamp,
    made: Timestamp,
    sent: Option<Timestamp>,
    settle: Duration,
) -> bool {
    let last = sent.unwrap_or(looked).max(looked);
    let by = |span: SignedDuration| span.max(SignedDuration::ZERO).unsigned_abs();
    by(looked.duration_since(made)) <= APART && by(made.duration_since(last)) <= settle + APART
}
