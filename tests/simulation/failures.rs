//! Every request of a run refused for good, its answer lost, or made late; every undo failing.

use std::collections::BTreeSet;

use fabrik_domain::run::{OnFailure, RunState};
use serde_json::json;

use crate::world::{BLUEPRINTS, Seen, World, simulate, spread};

/// The different requests of a run that nothing disturbs. Ids in paths differ from run to run only where the
/// seed does.
fn requests(blueprint: &str, mutating: bool) -> Vec<Seen> {
    simulate(async || {
        let world = World::new(7).await;
        let customer = world.customer(blueprint, "akermark").await;
        world.provision(&customer, OnFailure::Keep).await;
        let all: BTreeSet<_> = world
            .seen()
            .into_iter()
            .filter(|seen| !mutating || seen.method != "GET")
            .map(|seen| Seen {
                status: None,
                ..seen
            })
            .collect();
        all.into_iter().collect()
    })
}

fn rule(seen: &Seen, what: &str, nth: Option<u32>) -> serde_json::Value {
    let mut rule = json!({
        "provider": seen.provider, "method": seen.method, "path": seen.path, "do": what,
    });
    if let Some(nth) = nth {
        rule["nth"] = json!(nth);
    } else {
        rule["every"] = json!(1);
    }
    rule
}

#[test]
fn every_request_refused_for_good_is_rolled_back_or_kept() {
    for blueprint in BLUEPRINTS {
        let requests = requests(blueprint, false);
        assert!(requests.len() > 10, "a run makes many requests");
        spread(0..requests.len() as u64, |index| {
            let seen = &requests[index as usize];
            for status in [400, 422, 500] {
                for policy in [OnFailure::Rollback, OnFailure::Keep] {
                    refused(blueprint, seen, status, policy);
                }
            }
        });
    }
}

fn refused(blueprint: &str, seen: &Seen, status: u16, policy: OnFailure) {
    simulate(async || {
        let when = format!(
            "{blueprint}: {} {} answers {status}, {policy:?}",
            seen.method, seen.path
        );
        let world = World::new(7).await;
        let before = world.census();
        let customer = world.customer(blueprint, "akermark").await;
        world
            .cloud
            .faults(json!([rule(seen, &format!("status:{status}"), None)]))
            .unwrap();
        let (_, lease) = world.begin("first", &customer, policy).await.unwrap();
        let run = world.drive("first", lease).await.unwrap();
        world.cloud.faults(json!([])).unwrap();
        match run.state {
            RunState::RolledBack => world.assert_gone(&customer, &run, &before, &when).await,
            // The request was one that the run can do without.
            RunState::Succeeded => world.assert_whole(&customer, &run, &before, &when).await,
            RunState::Leftovers => {
                world.assert_told(&customer, &before, &when).await;
                let lease = world.taken_on(run.id, "last", "first", true).await.unwrap();
                let run = world.roll_back("last", lease).await;
                world.assert_gone(&customer, &run, &before, &when).await;
            }
            RunState::Failed | RunState::Waiting => {
                let lease = world
                    .taken_on(run.id, "last", "first", false)
                    .await
                    .unwrap();
                let run = world.drive("last", lease).await.unwrap();
                world.assert_whole(&customer, &run, &before, &when).await;
            }
            other => panic!("{when}: {other:?} {:?}", run.error),
        }
    });
}

#[test]
fn every_lost_or_late_answer_is_found_again() {
    for blueprint in BLUEPRINTS {
        let requests = requests(blueprint, true);
        spread(0..requests.len() as u64, |index| {
            let seen = &requests[index as usize];
            for what in [
                "drop_before",
                "drop_after",
                "commit_after:20s",
                "garbage",
                "huge",
                "status:500",
            ] {
                simulate(async || {
                    let when = format!("{blueprint}: {} {}: {what}", seen.method, seen.path);
                    let world = World::new(7).await;
                    let before = world.census();
                    let customer = world.customer(blueprint, "akermark").await;
                    world
                        .cloud
                        .faults(json!([
                            rule(seen, what, Some(1)),
                            { "provider": seen.provider, "method": "GET", "do": "stale_list:10s" },
                        ]))
                        .unwrap();
                    let run = world.provision(&customer, OnFailure::Keep).await;
                    world.assert_whole(&customer, &run, &before, &when).await;
                });
            }
        });
    }
}

#[test]
fn every_undo_may_fail_while_the_others_go_on() {
    for blueprint in BLUEPRINTS {
        let undos: Vec<Seen> = simulate(async || {
            let world = World::new(7).await;
            let customer = world.customer(blueprint, "akermark").await;
            world.provision(&customer, OnFailure::Keep).await;
            let before = world.seen().len();
            world.deprovision(&customer).await;
            let all: BTreeSet<_> = world.seen().into_iter().skip(before).collect();
            all.into_iter().collect()
        });
        assert!(!undos.is_empty(), "a removal calls vendors");
        spread(0..undos.len() as u64, |index| {
            let seen = &undos[index as usize];
            for what in ["status:403", "status:500", "drop_before", "drop_after"] {
                simulate(async || {
                    let when = format!("{blueprint}: undo {} {}: {what}", seen.method, seen.path);
                    let world = World::new(7).await;
                    let before = world.census();
                    let customer = world.customer(blueprint, "akermark").await;
                    world.provision(&customer, OnFailure::Keep).await;
                    world.cloud.faults(json!([rule(seen, what, None)])).unwrap();
                    let run = world.deprovision(&customer).await;
                    world.cloud.faults(json!([])).unwrap();
                    match run.state {
                        RunState::Succeeded => {}
                        RunState::Leftovers => {
                            world.assert_told(&customer, &before, &when).await;
                            let gone = world.census().difference(&before).count();
                            assert!(gone <= 1, "{when}: the others are gone");
                            let lease =
                                world.taken_on(run.id, "last", "first", true).await.unwrap();
                            let run = world.roll_back("last", lease).await;
                            assert_eq!(run.state, RunState::Succeeded, "{when}: {:?}", run.error);
                        }
                        other => panic!("{when}: {other:?} {:?}", run.error),
                    }
                    assert_eq!(world.census(), before, "{when}: nothing is left in the end");
                });
            }
        });
    }
}
