//! The wall clock is set, or the machine sleeps, in the middle of a run, while another process looks for runs to
//! take: the run is made once (P10).

use std::{pin::pin, time::Duration};

use fabrik_domain::{
    Cause,
    run::{OnFailure, Run, RunState, WaitReason},
};

use crate::{
    blueprints::in_matrices,
    crashes::points,
    extent::one_in,
    world::{Past, Trial, each, simulate},
};

const HOUR: i64 = 3600;

/// By how much the clock is set: a day, an hour of daylight saving told as another time, and ten minutes in
/// which the machine slept.
const SETS: [i64; 5] = [24 * HOUR, -24 * HOUR, HOUR, -HOUR, 600];

#[test]
fn a_clock_that_is_set_makes_no_second_run() {
    let step = one_in(23);
    for blueprint in in_matrices() {
        let points: Vec<_> = points(blueprint, Past::Nothing)
            .into_iter()
            .step_by(step)
            .collect();
        for seconds in SETS {
            each(&points, |point| {
                for late in [false, true] {
                    set_in_the_middle(blueprint, seconds, *point, late);
                }
            });
        }
    }
}

fn set_in_the_middle(blueprint: &'static str, seconds: i64, point: usize, late: bool) {
    simulate(async || {
        let when = format!("{blueprint}, clock set by {seconds} s at point {point}, late: {late}");
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
        let ended = world.probe.reaches(point, first.as_mut()).await;
        world.clock.set_by(seconds);
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
        let (first, second) = match ended {
            Some(run) => (run, None),
            None => tokio::join!(first, second),
        };
        let won = [Some(first), second].into_iter().flatten().flatten();
        let ran: Vec<_> = won.collect();
        // By a clock that is a day off, a project that is new is none that our call can have made: the owner is
        // asked, and nothing is made meanwhile.
        let asks = |run: &Run| run.reason == Some(WaitReason::NeedsDecision);
        if ran.iter().any(asks) {
            let made = world.census();
            let before = trial.before.foreign();
            let projects = made.difference(&before);
            let projects = projects.filter(|(kind, _)| kind == "supabase project");
            assert_eq!(
                projects.count(),
                1,
                "{when}: one, which the owner is asked about"
            );
            return;
        }
        let won: Vec<_> = ran
            .into_iter()
            .filter(|run| run.state == RunState::Succeeded)
            .collect();
        assert!(!won.is_empty(), "{when}: one of them ends it");
        // What was late has come by now.
        tokio::time::sleep(Duration::from_mins(1)).await;
        trial.assert_whole(&won[0], &when).await;
    });
}
