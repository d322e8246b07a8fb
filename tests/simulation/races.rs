//! Two processes on one customer: exactly one provisions it. One that slept past its lease writes nothing
//! more (P7).

use std::{pin::pin, time::Duration};

use fabrik_domain::{Cause, run::OnFailure};

use crate::{
    blueprints::{BLUEPRINTS, in_matrices},
    crashes::points,
    extent::one_in,
    world::{Past, Trial, each, next, simulate, spread},
};

const RACES: u64 = 200;

#[test]
fn of_two_processes_exactly_one_wins() {
    spread(0..RACES, |race| {
        simulate(async || {
            let mut dice = race;
            let blueprint = BLUEPRINTS[race as usize % BLUEPRINTS.len()];
            let trial = Trial::of_seed(race, blueprint, Past::Nothing);
            let (world, customer) = (&trial.world, &trial.customer);
            let ahead = next(&mut dice) % 12;
            let process = async |owner: &'static str, behind: u64| {
                for _ in 0..behind {
                    tokio::task::yield_now().await;
                }
                let (_, lease) = world.begin(owner, customer, OnFailure::Keep).await?;
                world.drive(owner, lease).await
            };
            let (one, other) = if next(&mut dice).is_multiple_of(2) {
                tokio::join!(process("one", 0), process("other", ahead))
            } else {
                tokio::join!(process("one", ahead), process("other", 0))
            };
            let (won, lost) = match (one, other) {
                (Ok(run), Err(problem)) | (Err(problem), Ok(run)) => (run, problem),
                both => panic!("race {race}: one wins, not {both:?}"),
            };
            assert!(
                matches!(*lost.cause, Cause::RunActive { .. }),
                "race {race}: the other is told that there is a run: {lost}"
            );
            trial.assert_whole(&won, &format!("race {race}")).await;
        });
    });
}

/// The first process stands still after a write of its journal, an answer, or right before a change of the
/// vault, for longer than its lease; the second takes the run over and ends it; then the first wakes.
#[test]
fn who_slept_past_the_lease_writes_nothing_more() {
    let step = one_in(4);
    for blueprint in in_matrices() {
        let points = points(blueprint, Past::Nothing);
        let points: Vec<_> = points.into_iter().step_by(step).collect();
        each(&points, |point| asleep(blueprint, *point));
    }
}

fn asleep(blueprint: &'static str, point: usize) {
    simulate(async || {
        let when = format!("{blueprint}, asleep at point {point}");
        let trial = Trial::new(blueprint, Past::Nothing);
        let world = &trial.world;
        let begun = world
            .begin("sleeper", &trial.customer, OnFailure::Keep)
            .await;
        let (run, lease) = begun.unwrap();
        let mut sleeper = pin!(world.drive("sleeper", lease));
        let awake = world.probe.reaches(point, sleeper.as_mut()).await;
        if let Some(run) = awake {
            trial.assert_whole(&run.unwrap(), &when).await;
            return;
        }
        let lease = loop {
            match world.taken_on(run.id, "second", "nobody", false).await {
                Ok(lease) => break lease,
                // It fell asleep with everything written.
                Err(problem) if matches!(*problem.cause, Cause::RunEnded { .. }) => return,
                Err(problem) => assert!(
                    matches!(*problem.cause, Cause::RunOwned { .. }),
                    "{when}: {problem}"
                ),
            }
            tokio::time::sleep(Duration::from_secs(10)).await;
        };
        let run = world.drive("second", lease).await.unwrap();
        let rows = world.rows(&trial.customer).await;
        let woken = sleeper.await;
        assert!(
            woken.is_err(),
            "{when}: it is told that it lost the run: {woken:?}"
        );
        assert_eq!(
            world.rows(&trial.customer).await,
            rows,
            "{when}: nothing was written"
        );
        // The vault is empty too, and the cloud is what the records say.
        trial.assert_whole(&run, &when).await;
    });
}
