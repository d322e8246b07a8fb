//! How long a run may be driven until it waits for its owner. Only time in which a process drives it counts: what
//! passes between a kill and the resume takes nothing away, and a kill gives none of it back. A run that stood still
//! by itself has the whole of it again, from whoever resumes it.

use std::time::Duration;

use fabrik_domain::{
    Problem,
    event::{Happening, RunEvent},
    run::{Run, RunState, Snapshot},
};
use jiff::{SignedDuration, Timestamp};

use crate::Engine;

/// The setting with the minutes.
const SETTING: &str = "run.deadline";

/// Where nothing else is set. Longer than any vendor's ceiling.
const USUAL: Duration = Duration::from_hours(2);

/// A quarter of it is left to whoever resumes a run that was cut off. What was driven is told by a wall clock, which
/// may have been set, and goes on while the machine sleeps; and a resume that stops at once is none.
const LEAST: u32 = 4;

/// The whole of it.
pub(crate) fn whole(snapshot: &Snapshot) -> Duration {
    snapshot
        .settings
        .get(SETTING)
        .and_then(|minutes| minutes.parse().ok())
        .filter(|minutes| *minutes > 0)
        .map_or(USUAL, Duration::from_mins)
}

/// What is left of the whole after a run was driven for so long and cut off.
pub(crate) fn left(whole: Duration, driven: Duration) -> Duration {
    whole.saturating_sub(driven).max(whole / LEAST)
}

impl Engine {
    /// For how long the run was driven by processes that were killed, since it last stood still by itself.
    pub(crate) async fn driven_before(&self, run: &Run) -> Result<Duration, Problem> {
        if matches!(run.state, RunState::Running | RunState::Interrupted) {
            let events = self.read(|| self.store.events_since(run.id, 0)).await?;
            Ok(driven(&events))
        } else {
            Ok(Duration::ZERO)
        }
    }
}

/// Each stretch from when a process took the run on to the last that was heard of it. How long it went on in silence
/// until it was killed is not known, and doesn't count.
fn driven(events: &[RunEvent]) -> Duration {
    let mut driven = Duration::ZERO;
    let mut stretch = None;
    for event in events {
        match event.what {
            Happening::Run {
                state: RunState::Running,
                ..
            } => {
                driven = driven.saturating_add(length(stretch));
                stretch = Some((event.at, event.at));
            }
            Happening::Run {
                state: RunState::Interrupted,
                ..
            } => driven = driven.saturating_add(length(stretch.take())),
            Happening::Run { .. } => {
                driven = Duration::ZERO;
                stretch = None;
            }
            _ => {
                if let Some((_, last)) = &mut stretch {
                    *last = event.at;
                }
            }
        }
    }
    driven.saturating_add(length(stretch))
}

fn length(stretch: Option<(Timestamp, Timestamp)>) -> Duration {
    let length = stretch.map_or(SignedDuration::ZERO, |(first, last)| {
        last.duration_since(first)
    });
    length.max(SignedDuration::ZERO).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use fabrik_domain::id::RunId;

    use super::*;

    /// What a run's events of these minutes tell; `None` is a word of a step.
    fn told(events: &[(i64, Option<RunState>)]) -> Duration {
        let run = RunId::new();
        let events: Vec<_> = (1..)
            .zip(events)
            .map(|(number, (minute, state))| RunEvent {
                run,
                number,
                at: Timestamp::from_second(1_795_000_000 + minute * 60).unwrap(),
                step: None,
                what: match *state {
                    Some(state) => Happening::Run {
                        state,
                        reason: None,
                    },
                    None => Happening::Looking {
                        name: "akermark".to_owned(),
                    },
                },
            })
            .collect();
        driven(&events)
    }

    const BEGUN: Option<RunState> = Some(RunState::Running);
    const KILLED: Option<RunState> = Some(RunState::Interrupted);
    const STILL: Option<RunState> = Some(RunState::Waiting);

    #[test]
    fn what_was_driven_before_a_kill_counts_and_what_passed_after_it_does_not() {
        for (events, minutes) in [
            (vec![], 0),
            (vec![(0, BEGUN), (7, None)], 7),
            // Marked a day later, and taken on an hour after that.
            (vec![(0, BEGUN), (7, None), (1440, KILLED)], 7),
            (
                vec![
                    (0, BEGUN),
                    (7, None),
                    (1440, KILLED),
                    (1500, BEGUN),
                    (1505, None),
                    (1600, KILLED),
                ],
                12,
            ),
            // Taken on before anybody marked it.
            (vec![(0, BEGUN), (7, None), (60, BEGUN), (61, None)], 8),
            // What the owner said of it while nobody drove it.
            (vec![(0, BEGUN), (7, None), (9, KILLED), (99, None)], 7),
            // It stood still by itself.
            (vec![(0, BEGUN), (120, STILL), (200, BEGUN), (203, None)], 3),
            (vec![(0, BEGUN), (7, None), (8, STILL)], 0),
            // The clock was set back.
            (vec![(100, BEGUN), (7, None)], 0),
        ] {
            let expected = Duration::from_mins(minutes);
            assert_eq!(told(&events), expected, "{events:?}");
        }
    }

    #[test]
    fn something_is_left_to_whoever_resumes_it() {
        let whole = Duration::from_hours(2);
        for (driven, minutes) in [(0, 120), (50, 70), (119, 30), (600, 30)] {
            let expected = Duration::from_mins(minutes);
            assert_eq!(left(whole, Duration::from_mins(driven)), expected);
        }
    }
}
