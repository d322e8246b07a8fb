//! Killed at every write of the journal and around every request and change of the vault, then on or back: no
//! duplicate, no orphan, nothing foreign touched (P1, P11).

use fabrik_domain::run::{OnFailure, Run, RunState};

use crate::{
    blueprints::BLUEPRINTS,
    failures::provisioned,
    world::{Past, Trial, cells, each, simulate},
};

/// Which way the next start goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    On,
    Back,
}

/// The points at which a run that nothing disturbs can be killed, or otherwise met.
pub(crate) fn points(blueprint: &'static str, past: Past) -> Vec<usize> {
    simulate(async || {
        let trial = Trial::new(blueprint, past);
        let (_, lease) = trial.begin("first").await;
        let (run, points) = trial.world.drive_through("first", lease).await;
        let when = format!("{blueprint}, {past:?}, undisturbed");
        trial.assert_whole(&run, &when).await;
        let many = points.len();
        assert!(many > 60, "{when}: a run has many points, not {many}");
        points
    })
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
    async fn end(&self, run: &Run, dead: &str, then: Then) -> Run {
        let back = then == Then::Back;
        match self.world.taken_on(run.id, "last", dead, back).await {
            Ok(lease) if back => self.world.roll_back("last", lease).await,
            Ok(lease) => self.world.drive("last", lease).await.unwrap(),
            // It had ended before it was killed.
            Err(_) => self.world.store.run(run.id).await.unwrap(),
        }
    }

    async fn check(&self, run: &Run, then: Then, when: &str) {
        match (then, run.state) {
            (Then::Back, RunState::RolledBack) => self.assert_gone(run, when).await,
            // It had succeeded before the kill, or is on.
            _ => self.assert_whole(run, when).await,
        }
    }
}

fn killed_once(blueprint: &'static str, past: Past, point: usize, then: Then) {
    simulate(async || {
        let when = format!("{blueprint}, {past:?}, killed at point {point}, then {then:?}");
        let trial = Trial::new(blueprint, past);
        let (run, lease) = trial.begin("first").await;
        let ended = trial.world.killed_at("first", lease, point).await;
        let run = match ended {
            Some(run) => run,
            None => trial.end(&run, "first", then).await,
        };
        trial.check(&run, then, &when).await;
    });
}

#[test]
fn killed_at_every_point_it_goes_on_or_back() {
    for (blueprint, past) in cells() {
        each(&points(blueprint, past), |point| {
            for then in [Then::On, Then::Back] {
                killed_once(blueprint, past, *point, then);
            }
        });
    }
}

/// Killed, taken on, killed again, then on or back: every pair of points in the full proof, a share of them in
/// each test.
#[test]
fn killed_twice_it_goes_on_or_back() {
    let share = crate::seeds::share();
    for (blueprint, past) in cells() {
        let points = points(blueprint, past);
        let pairs = points.len() * points.len();
        let pairs: Vec<_> = (0..pairs).step_by(share).collect();
        each(&pairs, |pair| {
            let (first, second) = (pair / points.len(), pair % points.len());
            let then = if (first + second) % 2 == 0 {
                Then::On
            } else {
                Then::Back
            };
            killed_twice(blueprint, past, points[first], points[second], then);
        });
    }
}

fn killed_twice(blueprint: &'static str, past: Past, first: usize, second: usize, then: Then) {
    simulate(async || {
        let when =
            format!("{blueprint}, {past:?}, killed at {first}, then at {second}, then {then:?}");
        let trial = Trial::new(blueprint, past);
        let world = &trial.world;
        let (run, lease) = trial.begin("first").await;
        if world.killed_at("first", lease, first).await.is_some() {
            return;
        }
        if let Ok(lease) = world.taken_on(run.id, "second", "first", false).await
            && let Some(run) = world.killed_at("second", lease, second).await
        {
            trial.check(&run, Then::On, &when).await;
            return;
        }
        let run = trial.end(&run, "second", then).await;
        trial.check(&run, then, &when).await;
    });
}

#[test]
fn killed_at_every_point_of_a_removal_it_goes_on() {
    for blueprint in BLUEPRINTS {
        let provisioned = simulate(async || provisioned(blueprint).await);
        let points = simulate(async || {
            let trial = provisioned.begin(0);
            let (_, lease) = trial.world.begin_removal(&trial.customer).await;
            trial.world.drive_through("first", lease).await.1
        });
        each(&points, |point| {
            simulate(async || {
                let when = format!("removal of {blueprint} killed at point {point}");
                let trial = provisioned.begin(0);
                let (removal, lease) = trial.world.begin_removal(&trial.customer).await;
                let ended = trial.world.killed_at("first", lease, *point).await;
                let run = match ended {
                    Some(run) => run,
                    None => trial.end(&removal, "first", Then::On).await,
                };
                trial.assert_removed(&run, &when).await;
            });
        });
    }
}
