//! Two engines on one customer: exactly one provisions it. One that slept past its lease writes nothing
//! more (P7).

use std::{pin::pin, time::Duration};

use fabrik_domain::{Cause, run::OnFailure};
use fabrik_tests::{Proof, spoiled::Dice};

use crate::{
    blueprints::{BLUEPRINTS, in_matrices},
    crashes::points,
    extent::one_in,
    world::{Past, Trial, each, simulate, spread},
};

const RACES: u64 = 200;

#[test]
fn of_two_engines_exactly_one_wins() {
    let proof = Proof::of("P7", "two engines provision one customer at once").from_seeds(RACES);
    spread(0..RACES, |race| {
        simulate(async || {
            let mut dice = Dice::of(race);
            let blueprint = BLUEPRINTS[race as usize % BLUEPRINTS.len()];
            let trial = Trial::of_seed(race, blueprint, Past::Nothing);
            let (world, customer) = (&trial.world, &trial.customer);
            let ahead = dice.below(12);
            let engine = async |owner: &'static str, behind: usize| {
                for _ in 0..behind {
                    tokio::task::yield_now().await;
                }
                let (_, lease) = world.begin(owner, customer, OnFailure::Keep).await?;
                world.drive(owner, lease).await
            };
            let (one, other) = if dice.below(2) == 0 {
                tokio::join!(engine("one", 0), engine("other", ahead))
            } else {
                tokio::join!(engine("one", ahead), engine("other", 0))
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
        proof.held(1);
    });
}

/// The first engine stands still after a write of its journal, an answer, or right before a change of the
/// vault, for longer than its lease; the second takes the run over and ends it; then the first wakes.
#[test]
fn who_slept_past_the_lease_writes_nothing_more() {
    let proof = Proof::of(
        "P7",
        "asleep past its lease, and awake while another has the run",
    );
    let step = one_in(4);
    for blueprint in in_matrices() {
        let points = points(blueprint, Past::Nothing);
        let points: Vec<_> = points.into_iter().step_by(step).collect();
        each(&points, |point| {
            proof.held(usize::from(asleep(blueprint, *point)));
        });
    }
}

/// Whether it lost a run by its sleep: it may have ended before, or have had nothing more to write.
fn asleep(blueprint: &'static str, point: usize) -> bool {
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
            return false;
        }
        let lease = loop {
            match world.taken_on(run.id, "second", "nobody", false).await {
                Ok(lease) => break lease,
                // It fell asleep with everything written.
                Err(problem) if matches!(*problem.cause, Cause::RunEnded { .. }) => return false,
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
        true
    })
}
