//! Killed at every write of the journal and around every request, then on or back: no duplicate, no orphan,
//! nothing foreign touched.

use fabrik_domain::run::{OnFailure, Run};

use crate::world::{BLUEPRINTS, World, simulate, spread};

/// Which way the next start goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    On,
    Back,
}

/// How many points a run passes that nothing disturbs.
fn points(blueprint: &str) -> usize {
    simulate(async || {
        let world = World::new(7).await;
        let customer = world.customer(blueprint, "akermark").await;
        let (_, lease) = world
            .begin("first", &customer, OnFailure::Keep)
            .await
            .unwrap();
        world.probe.take();
        let before = world.census();
        let run = world.drive("first", lease).await.unwrap();
        let points = world.probe.take();
        world
            .assert_whole(
                &customer,
                &run,
                &before,
                &format!("{blueprint}, undisturbed"),
            )
            .await;
        points
    })
}

/// Another customer's instance, and an earlier run of this one's that made a part.
async fn neighbours(world: &World, blueprint: &str) {
    let other = world.customer(blueprint, "akermark-2").await;
    let run = world.provision(&other, OnFailure::Keep).await;
    assert_eq!(
        run.state,
        fabrik_domain::run::RunState::Succeeded,
        "the neighbour's: {:?}",
        run.error
    );
}

async fn end(world: &World, run: &Run, dead: &str, then: Then) -> Run {
    match world
        .taken_on(run.id, "last", dead, then == Then::Back)
        .await
    {
        Ok(lease) if then == Then::Back => world.roll_back("last", lease).await,
        Ok(lease) => world.drive("last", lease).await.unwrap(),
        // It had ended before it was killed.
        Err(_) => world.store.run(run.id).await.unwrap(),
    }
}

fn killed_once(blueprint: &str, point: usize, then: Then) {
    simulate(async || {
        let when = format!("{blueprint} killed at point {point}, then {then:?}");
        let world = World::new(7).await;
        neighbours(&world, blueprint).await;
        let before = world.census();
        let customer = world.customer(blueprint, "akermark").await;
        let (run, lease) = world
            .begin("first", &customer, OnFailure::Keep)
            .await
            .unwrap();
        let ended = world.killed_at("first", lease, point).await;
        let run = match ended {
            Some(run) => run,
            None => end(&world, &run, "first", then).await,
        };
        check(&world, &customer, &run, &before, then, &when).await;
    });
}

async fn check(
    world: &World,
    customer: &fabrik_domain::customer::Customer,
    run: &Run,
    before: &std::collections::BTreeSet<(String, String)>,
    then: Then,
    when: &str,
) {
    use fabrik_domain::run::RunState;
    match (then, run.state) {
        (Then::Back, RunState::RolledBack) => world.assert_gone(customer, run, before, when).await,
        // It had succeeded before the kill, or is on.
        _ => world.assert_whole(customer, run, before, when).await,
    }
}

#[test]
fn killed_at_every_point_it_goes_on_or_back() {
    for blueprint in BLUEPRINTS {
        let points = points(blueprint) as u64;
        assert!(
            points > 60,
            "{blueprint}: a run has many points, not {points}"
        );
        spread(1..points + 1, |point| {
            for then in [Then::On, Then::Back] {
                killed_once(blueprint, point as usize, then);
            }
        });
    }
}

/// Killed, taken on, killed again, then on or back: every pair of points in the full proof, a share of them in
/// each test.
#[test]
fn killed_twice_it_goes_on_or_back() {
    let share = crate::seeds::share();
    for blueprint in BLUEPRINTS {
        let points = points(blueprint) as u64;
        spread(0..points * points, |pair| {
            if pair % share != 0 {
                return;
            }
            let (first, second) = (pair / points + 1, pair % points + 1);
            let then = if (first + second) % 2 == 0 {
                Then::On
            } else {
                Then::Back
            };
            killed_twice(blueprint, first as usize, second as usize, then);
        });
    }
}

fn killed_twice(blueprint: &str, first: usize, second: usize, then: Then) {
    simulate(async || {
        let when = format!("{blueprint} killed at {first}, then at {second}, then {then:?}");
        let world = World::new(7).await;
        let before = world.census();
        let customer = world.customer(blueprint, "akermark").await;
        let (run, lease) = world
            .begin("first", &customer, OnFailure::Keep)
            .await
            .unwrap();
        if world.killed_at("first", lease, first).await.is_some() {
            return;
        }
        if let Ok(lease) = world.taken_on(run.id, "second", "first", false).await
            && let Some(run) = world.killed_at("second", lease, second).await
        {
            check(&world, &customer, &run, &before, Then::On, &when).await;
            return;
        }
        let run = end(&world, &run, "second", then).await;
        check(&world, &customer, &run, &before, then, &when).await;
    });
}

#[test]
fn killed_at_every_point_of_a_removal_it_goes_on() {
    for blueprint in BLUEPRINTS {
        let points = simulate(async || {
            let world = World::new(7).await;
            let customer = world.customer(blueprint, "akermark").await;
            world.provision(&customer, OnFailure::Keep).await;
            world.probe.take();
            world.deprovision(&customer).await;
            world.probe.take() as u64
        });
        spread(1..points + 1, |point| {
            simulate(async || {
                let when = format!("removal of {blueprint} killed at point {point}");
                let world = World::new(7).await;
                neighbours(&world, blueprint).await;
                let before = world.census();
                let customer = world.customer(blueprint, "akermark").await;
                let run = world.provision(&customer, OnFailure::Keep).await;
                world.assert_whole(&customer, &run, &before, &when).await;
                let (removal, lease) = world.begin_removal(&customer).await;
                let run = match world.killed_at("first", lease, point as usize).await {
                    Some(run) => run,
                    None => end(&world, &removal, "first", Then::On).await,
                };
                assert_eq!(
                    run.state,
                    fabrik_domain::run::RunState::Succeeded,
                    "{when}: {:?}",
                    run.error
                );
                assert_eq!(
                    world.census(),
                    before,
                    "{when}: only the neighbour's is left"
                );
            });
        });
    }
}
