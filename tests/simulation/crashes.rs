//! Killed at every write of the journal and around every request and change of the vault, on the way there and on the
//! way back, then on or back: no duplicate, no orphan, nothing foreign touched (P1, P11).

use fabrik_domain::{
    id::RunId,
    run::{OnFailure, Run, RunState},
};
use fabrik_tests::Proof;
use serde_json::json;

use crate::{
    blueprints::in_matrices,
    extent::{begins_in_share, ends_in_share, is_in_sample, one_in},
    failures::provisioned,
    midway::{REFUSED, late_refusal},
    world::{Image, Past, Trial, all_cells, cells, each, simulate},
};

/// Which way the next start goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    On,
    Back,
}

/// The points at which a run that nothing disturbs can be killed, or otherwise met.
pub(crate) fn points(blueprint: &'static str, past: Past) -> Vec<usize> {
    let mut points = Vec::new();
    undisturbed(blueprint, past, |_, point| points.push(point));
    points
}

/// A run that nothing disturbs. Calls `at` with each of its points.
fn undisturbed(blueprint: &'static str, past: Past, mut at: impl FnMut(&Trial, usize)) -> RunId {
    simulate(async || {
        let trial = Trial::new(blueprint, past);
        let (begun, lease) = trial.begin("first").await;
        let mut many = 0;
        let at = |point| {
            many += 1;
            at(&trial, point);
        };
        let run = trial.world.drive_through("first", lease, at).await;
        let when = format!("{blueprint}, {past:?}, undisturbed");
        trial.assert_whole(&run, &when).await;
        // Of an instance that stands most is looked at alone.
        let fewest = if past.is_another_plan() { 40 } else { 60 };
        assert!(many > fewest, "{when}: a run has many points, not {many}");
        begun.id
    })
}

/// The points of the removal of an instance, as [`points`].
pub(crate) fn points_of_removal(instance: &Image) -> Vec<usize> {
    let mut points = Vec::new();
    undisturbed_removal(instance, |_, point| points.push(point));
    points
}

/// The removal of an instance that nothing disturbs. Calls `at` with each of its points.
fn undisturbed_removal(instance: &Image, mut at: impl FnMut(&Trial, usize)) -> RunId {
    simulate(async || {
        let trial = instance.begin(0);
        let (removal, lease) = trial.world.begin_removal("first", &trial.customer).await;
        let at = |point| at(&trial, point);
        let run = trial.world.drive_through("first", lease, at).await;
        trial.assert_removed(&run, "undisturbed").await;
        removal.id
    })
}

/// A run that goes back by itself, since its last call was refused, and that nothing else disturbs. Calls `at` with each
/// of its points from the refusal on.
fn undisturbed_back(
    blueprint: &'static str,
    past: Past,
    mut at: impl FnMut(&Trial, usize),
) -> RunId {
    let refusal = late_refusal(blueprint, past);
    simulate(async || {
        let trial = Trial::new(blueprint, past);
        let world = &trial.world;
        world.cloud.faults(json!([refusal])).unwrap();
        let begun = world
            .begin("first", &trial.customer, OnFailure::Rollback)
            .await;
        let (begun, lease) = begun.unwrap();
        let mut many = 0;
        let at = |point| {
            if world.was_struck(REFUSED) {
                many += 1;
                at(&trial, point);
            }
        };
        let run = world.drive_through("first", lease, at).await;
        let when = format!("{blueprint}, {past:?}, back undisturbed");
        trial.assert_gone(&run, &when).await;
        // What an earlier run had changed is not taken back.
        let fewest = if past.is_changed_before() { 6 } else { 12 };
        assert!(many > fewest, "{when}: it has many points, not {many}");
        begun.id
    })
}

/// A run killed at each point: the image of what it leaves there.
struct Killed {
    run: RunId,
    at: Vec<(usize, Image)>,
}

impl Killed {
    fn everywhere(blueprint: &'static str, past: Past) -> Self {
        let mut at = Vec::new();
        let run = undisturbed(blueprint, past, |trial, point| {
            at.push((point, Image::of(trial)));
        });
        Self { run, at }
    }

    /// Taken on, or back, from where it was killed, and killed again on that way: the images of what that leaves, at
    /// those of the points that are `wanted` by their place, each with that place.
    fn again(
        &self,
        killed: &Image,
        way: Then,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(usize, usize, Image)> {
        simulate(async || {
            let trial = killed.begin(0);
            let world = &trial.world;
            let back = way == Then::Back;
            let Ok(lease) = world.taken_on(self.run, "second", "first", back).await else {
                // It had ended before it was killed.
                return Vec::new();
            };
            let mut at = Vec::new();
            let mut place = 0;
            let passed = |point| {
                if wanted(place) {
                    at.push((place, point, Image::of(&trial)));
                }
                place += 1;
            };
            match way {
                Then::On => world.drive_through("second", lease, passed).await,
                Then::Back => world.roll_back_through("second", lease, passed).await,
            };
            at
        })
    }
}

impl Trial {
    async fn begin(&self, owner: &str) -> (Run, fabrik_store::Lease) {
        let begun = self
            .world
            .begin(owner, &self.customer, OnFailure::Keep)
            .await;
        begun.unwrap()
    }

    /// What the next start makes of a run whose process was killed.
    pub(crate) async fn end(&self, run: RunId, dead: &str, then: Then) -> Run {
        let back = then == Then::Back;
        match self.world.taken_on(run, "last", dead, back).await {
            Ok(lease) if back => self.world.roll_back("last", lease).await,
            Ok(lease) => self.world.drive("last", lease).await.unwrap(),
            // It had ended before it was killed.
            Err(_) => self.world.store.run(run).await.unwrap(),
        }
    }

    pub(crate) async fn check(&self, run: &Run, then: Then, when: &str) {
        match (then, run.state) {
            (Then::Back, RunState::RolledBack) => self.assert_gone(run, when).await,
            // It had succeeded before the kill, or is on.
            _ => self.assert_whole(run, when).await,
        }
    }
}

/// Of another plan's run at a share of the points in each test, and in the full proof at each.
#[test]
fn killed_at_every_point_it_goes_on_or_back() {
    let proof = Proof::of("P1", "killed at every point of a run, then on or back");
    let foreign = Proof::of(
        "P11",
        "foreign, adopted and look-alike resources around every kill",
    );
    for (blueprint, past) in all_cells() {
        let killed = Killed::everywhere(blueprint, past);
        let points: Vec<_> = killed.at.iter().step_by(past.share()).collect();
        each(&points, |(point, image)| {
            for then in [Then::On, Then::Back] {
                simulate(async || {
                    let when =
                        format!("{blueprint}, {past:?}, killed at point {point}, then {then:?}");
                    let trial = image.begin(0);
                    let run = trial.end(killed.run, "first", then).await;
                    trial.check(&run, then, &when).await;
                });
                proof.held(1);
                foreign.held(1);
            }
        });
    }
}

/// A third of the points in each test, and in the full proof each. The next start goes on with what it finds, or is told
/// to take it back: a run that had begun to go back goes back either way.
#[test]
fn killed_at_every_point_of_the_way_back_it_goes_on() {
    let proof = Proof::of("P1", "killed at every point of the way back, then on");
    let step = one_in(3);
    for (blueprint, past) in all_cells() {
        let mut killed = Vec::new();
        let mut place: usize = 0;
        let run = undisturbed_back(blueprint, past, |trial, point| {
            if place.is_multiple_of(step) {
                killed.push((point, Image::of(trial)));
            }
            place += 1;
        });
        each(&killed, |(point, image)| {
            for then in [Then::On, Then::Back] {
                simulate(async || {
                    let when = format!(
                        "{blueprint}, {past:?}, killed at point {point} on the way back, then {then:?}"
                    );
                    let trial = image.begin(0);
                    let stood = trial.world.store.run(run).await.unwrap();
                    let run = trial.end(run, "first", then).await;
                    if then == Then::Back || stood.undo_began_at.is_some() {
                        trial.assert_gone(&run, &when).await;
                    } else {
                        // Killed before it had begun to go back. What was refused is taken by now.
                        trial.check(&run, Then::Back, &when).await;
                    }
                });
                proof.held(1);
            }
        });
    }
}

/// Killed, taken on, killed again, then on or back: every pair of points in the full proof, one way each, and a third of
/// them the other way too. Killed, taken back, and killed again on that way, then on and back: a third of those pairs. Of
/// all of them a share in each test.
#[test]
fn killed_twice_it_goes_on_or_back() {
    let proof = Proof::of("P1", "killed at pairs of points, then on or back");
    let other = Proof::of(
        "P1",
        "killed at a third of the pairs of points, then the other way",
    );
    let back = Proof::of(
        "P1",
        "killed at a point, and at a third of those of its way back, then on and back",
    );
    for (blueprint, past) in cells() {
        let killed = Killed::everywhere(blueprint, past);
        let firsts = killed.at.iter().enumerate();
        let firsts: Vec<_> = firsts
            .filter(|(place, _)| begins_in_share(*place))
            .collect();
        each(&firsts, |(place, (first, image))| {
            let tried = |way: Then, second: usize, image: &Image, then: Then| {
                simulate(async || {
                    let when = format!(
                        "{blueprint}, {past:?}, killed at {first}, then {way:?}, killed at {second}, then {then:?}"
                    );
                    let trial = image.begin(0);
                    let stood = trial.world.store.run(killed.run).await.unwrap();
                    let run = trial.end(killed.run, "second", then).await;
                    let went_back = way == Then::Back && run.state == RunState::RolledBack;
                    if stood.undo_began_at.is_some() || went_back {
                        // From where a way back has begun there is no other, and none has where nothing was made.
                        trial.assert_gone(&run, &when).await;
                    } else {
                        trial.check(&run, then, &when).await;
                    }
                });
            };
            let shared = |second| ends_in_share(*place, second);
            let sampled = |second| shared(second) && is_in_sample(place + second);
            for (second_place, second, image) in &killed.again(image, Then::On, shared) {
                let (then, otherwise) = if (first + second) % 2 == 0 {
                    (Then::On, Then::Back)
                } else {
                    (Then::Back, Then::On)
                };
                tried(Then::On, *second, image, then);
                proof.held(1);
                if sampled(*second_place) {
                    tried(Then::On, *second, image, otherwise);
                    other.held(1);
                }
            }
            for (_, second, image) in &killed.again(image, Then::Back, sampled) {
                for then in [Then::On, Then::Back] {
                    tried(Then::Back, *second, image, then);
                    back.held(1);
                }
            }
        });
    }
}

#[test]
fn killed_at_every_point_of_a_removal_it_goes_on() {
    let proof = Proof::of("P1", "killed at every point of a removal, then on");
    for blueprint in in_matrices() {
        let provisioned = simulate(async || provisioned(blueprint).await);
        let mut killed = Vec::new();
        let removal = undisturbed_removal(&provisioned, |trial, point| {
            killed.push((point, Image::of(trial)));
        });
        each(&killed, |(point, image)| {
            simulate(async || {
                let when = format!("removal of {blueprint} killed at point {point}");
                let trial = image.begin(0);
                let run = trial.end(removal, "first", Then::On).await;
                trial.assert_removed(&run, &when).await;
            });
            proof.held(1);
        });
    }
}
