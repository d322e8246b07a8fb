//! The wall clock is set, or the machine sleeps, in the middle of a run, while another process looks for runs to
//! take: the run is made once (P10).

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use fabrik_domain::{
    Cause,
    run::{OnFailure, Run, RunState, WaitReason},
};
use fabrik_tests::Proof;

use crate::{
    blueprints::in_matrices,
    crashes::points,
    extent::one_in,
    world::{Past, Trial, simulate, tally},
};

const HOUR: i64 = 3600;

/// What becomes of the clocks, in seconds.
#[derive(Clone, Copy, Debug)]
enum Jump {
    /// Ours alone is set.
    Set(i64),
    /// The machine sleeps, and the vendors' go on.
    Sleep(i64),
}

/// A day, an hour of daylight saving told as another time, and ten minutes of sleep.
const JUMPS: [Jump; 5] = [
    Jump::Set(24 * HOUR),
    Jump::Set(-24 * HOUR),
    Jump::Set(HOUR),
    Jump::Set(-HOUR),
    Jump::Sleep(600),
];

#[test]
fn a_clock_that_is_set_makes_no_second_run() {
    let proof = Proof::of(
        "P10",
        "the wall clock is set, or the machine sleeps, while others look on",
    );
    let step = one_in(23);
    for blueprint in in_matrices() {
        let points: Vec<_> = points(blueprint, Past::Nothing)
            .into_iter()
            .step_by(step)
            .collect();
        for jump in JUMPS {
            let asked = AtomicUsize::new(0);
            let struck = tally(&points, |point| {
                let mut struck = 0;
                for late in [false, true] {
                    if let Some(asks) = jumped(blueprint, jump, *point, late) {
                        asked.fetch_add(usize::from(asks), Ordering::Relaxed);
                        struck += 1;
                    }
                }
                struck
            });
            let asked = asked.into_inner();
            assert!(
                asked * 5 <= struck,
                "{blueprint}, {jump:?}: few ask the owner, but {asked} of {struck}"
            );
            proof.held(struck);
        }
    }
}

/// Whether the run ends with a question to the owner; none where it had ended before the clocks jumped.
fn jumped(blueprint: &'static str, jump: Jump, point: usize, late: bool) -> Option<bool> {
    simulate(async || {
        let when = format!("{blueprint}, {jump:?} at point {point}, late: {late}");
        let trial = Trial::new(blueprint, Past::Nothing);
        let world = &trial.world;
        if late {
            let rules = serde_json::json!([
                { "method": "POST", "path": "/v1/projects", "nth": 1, "do": "commit_after:20s" },
                { "method": "POST", "path": "/v11/projects", "nth": 1, "do": "commit_after:20s" },
                { "method": "POST", "path": "/repos/*/*/generate", "nth": 1, "do": "commit_after:20s" },
            ]);
            world.cloud.faults(rules).unwrap();
        }
        let begun = world.begin("first", &trial.customer, OnFailure::Keep).await;
        let (run, lease) = begun.unwrap();
        let mut first = pin!(world.drive("first", lease));
        if let Some(run) = world.probe.reaches(point, first.as_mut()).await {
            trial.assert_whole(&run.unwrap(), &when).await;
            return None;
        }
        match jump {
            Jump::Set(seconds) => world.clock.set_by(seconds),
            Jump::Sleep(seconds) => world.sleep(seconds),
        }
        // Somebody else looks at once, and again and again.
        let second = async {
            for _ in 0..40 {
                match world.taken_on(run.id, "second", "nobody", false).await {
                    Ok(lease) => return Some(world.drive("second", lease).await),
                    Err(problem) => assert!(
                        matches!(
                            *problem.cause,
                            Cause::RunOwned { .. } | Cause::RunEnded { .. }
                        ),
                        "{when}: {problem}"
                    ),
                }
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            None
        };
        let (first, second) = tokio::join!(first, second);
        let won = [Some(first), second].into_iter().flatten().flatten();
        let ran: Vec<_> = won.collect();
        // By a clock that is further off than vendors' may be, a project that is new, or a domain on the project that
        // all share, is none that our call can have made: the owner is asked, and nothing is made meanwhile.
        let asks = |run: &Run| run.reason == Some(WaitReason::NeedsDecision);
        if ran.iter().any(asks) {
            assert!(
                matches!(jump, Jump::Set(_)),
                "{when}: by clocks that agree, nothing is to be asked: {ran:#?}"
            );
            let made = world.census();
            let before = trial.before.foreign();
            let count = |of: &str| {
                made.difference(&before)
                    .filter(|(kind, _)| kind == of)
                    .count()
            };
            assert_eq!(
                count("supabase project"),
                1,
                "{when}: one, which the owner is asked about"
            );
            for kind in ["github repository", "vercel project"] {
                assert!(count(kind) <= 1, "{when}: at most one {kind}");
            }
            return Some(true);
        }
        let won: Vec<_> = ran
            .into_iter()
            .filter(|run| run.state == RunState::Succeeded)
            .collect();
        assert!(!won.is_empty(), "{when}: one of them ends it");
        // What was late has come by now.
        tokio::time::sleep(Duration::from_mins(1)).await;
        trial.assert_whole(&won[0], &when).await;
        Some(false)
    })
}
