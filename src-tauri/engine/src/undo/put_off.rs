//! Since when a vendor has put an undo off, by what processes that were killed have told. A kill gives none of that time
//! back: what passes after it counts too, for the vendor has had it.

use std::time::Duration;

use fabrik_domain::{
    event::{Happening, RunEvent},
    run::RunState,
};
use jiff::{SignedDuration, Timestamp};

use crate::step::Timing;

/// A quarter of the whole is left to whoever goes on: the wall clock may have been set, and the vendor is asked more than
/// once.
const LEAST: u32 = 4;

/// For how long the thing of this name, which the step shows, was being taken away before now, since the run last
/// stood still by itself or the thing was left over.
pub(super) fn before(told: &[RunEvent], step: &str, name: &str, now: Timestamp) -> Duration {
    let mut since = None;
    for event in told {
        let is_meant = |other: &str| event.step.as_deref() == Some(step) && other == name;
        match &event.what {
            Happening::Removing { name } if is_meant(name) => {
                since.get_or_insert(event.at);
            }
            Happening::LeftOver { name, .. } if is_meant(name) => since = None,
            Happening::Run { state, .. }
                if !matches!(state, RunState::Undoing | RunState::Interrupted) =>
            {
                since = None;
            }
            _ => {}
        }
    }
    let passed = since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
    let passed = passed.max(SignedDuration::ZERO).unsigned_abs();
    passed.min(Timing::UNDO.saturating_sub(Timing::UNDO / LEAST))
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{Cause, id::RunId};

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + minute * 60).unwrap()
    }

    /// How many minutes count of what these minutes' events tell, at the hundredth.
    fn minutes(told: &[(i64, Happening)]) -> u64 {
        let run = RunId::new();
        let events: Vec<_> = (1..)
            .zip(told)
            .map(|(number, (minute, what))| RunEvent {
                run,
                number,
                at: at(*minute),
                step: match what {
                    Happening::Run { .. } => None,
                    _ => Some("database".to_owned()),
                },
                what: what.clone(),
            })
            .collect();
        before(&events, "database", "akermark", at(100)).as_secs() / 60
    }

    #[test]
    fn it_counts_from_the_first_try_until_it_is_given_up_or_stands_still() {
        let run = |state| Happening::Run {
            state,
            reason: None,
        };
        let removing = |name: &str| Happening::Removing {
            name: name.to_owned(),
        };
        let left = || Happening::LeftOver {
            name: "akermark".to_owned(),
            problem: Cause::Internal.into(),
        };
        let ours = || removing("akermark");
        let undoing = || run(RunState::Undoing);
        for (told, expected) in [
            (vec![], 0),
            (vec![(70, undoing()), (71, removing("another's"))], 0),
            (vec![(70, undoing()), (80, ours())], 20),
            // Killed and taken on, marked or not.
            (
                vec![
                    (70, undoing()),
                    (75, ours()),
                    (80, run(RunState::Interrupted)),
                    (85, undoing()),
                    (90, ours()),
                    (95, undoing()),
                ],
                25,
            ),
            // Something is left to whoever goes on.
            (vec![(1, undoing()), (2, ours())], 45),
            // Tried again by its owner.
            (vec![(10, ours()), (71, left()), (90, ours())], 10),
            (vec![(10, ours()), (80, run(RunState::Waiting))], 0),
            // The clock was set back.
            (vec![(200, undoing()), (201, ours())], 0),
        ] {
            assert_eq!(minutes(&told), expected, "{told:?}");
        }
    }
}
