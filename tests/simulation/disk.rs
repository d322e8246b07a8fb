//! The disk is full, at any write: nothing is asked of a vendor that is not written down before, and when there is
//! room again the run goes on or back (P9).

use std::{pin::pin, time::Duration};

use fabrik_domain::{
    Cause,
    run::{OnFailure, RunState},
};
use fabrik_tests::Proof;

use crate::{
    crashes::{Then, points},
    extent::one_in,
    world::{Past, Trial, cells, simulate, tally},
};

/// How many writes fail: one, which may be any, or all from one on.
const FAILING: [usize; 2] = [1, usize::MAX];

#[test]
fn a_disk_that_is_full_at_any_write_leaves_nothing_unknown() {
    let proof = Proof::of("P9", "the disk is full from a write on, or for one");
    let step = one_in(5);
    for (blueprint, past) in cells() {
        let points: Vec<_> = points(blueprint, past).into_iter().step_by(step).collect();
        let refused = tally(&points, |point| {
            let mut refused = 0;
            for failing in FAILING {
                for then in [Then::On, Then::Back] {
                    refused += usize::from(full(blueprint, past, *point, failing, then));
                }
            }
            refused
        });
        assert!(refused > 0, "{blueprint}, {past:?}: writes fail");
        proof.held(refused);
    }
}

/// Whether a write failed: after a run's last there is none.
fn full(blueprint: &'static str, past: Past, point: usize, failing: usize, then: Then) -> bool {
    simulate(async || {
        let when = format!(
            "{blueprint}, {past:?}: {failing} writes fail from point {point} on, then {then:?}"
        );
        let trial = Trial::new(blueprint, past);
        let world = &trial.world;
        let begun = world.begin("first", &trial.customer, OnFailure::Keep).await;
        let (begun, lease) = begun.unwrap();
        let mut driven = pin!(world.drive("first", lease));
        let (ended, to_fail) = match world.probe.reaches(point, driven.as_mut()).await {
            Some(ended) => (ended, 0),
            None => {
                world.fill_disk(failing);
                let ended = tokio::time::timeout(Duration::from_hours(12), driven).await;
                let ended = ended.unwrap_or_else(|_| panic!("{when}: it ends"));
                (ended, failing)
            }
        };
        if let Err(problem) = &ended {
            assert_eq!(*problem.cause, Cause::DiskFull, "{when}: it is said why");
        }
        trial.assert_intended(&when).await;
        let refused = world.fill_disk(0) < to_fail;
        let run = match ended {
            Ok(run) if run.state == RunState::Succeeded => run,
            _ => trial.end(begun.id, "first", then).await,
        };
        trial.check(&run, then, &when).await;
        refused
    })
}
