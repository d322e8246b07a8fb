//! A token revoked in the middle: the run waits for a new one and undoes nothing (P6).

use fabrik_domain::{
    provider::Provider,
    run::{OnFailure, RunState, WaitReason},
};
use serde_json::json;

use crate::world::{BLUEPRINTS, World, simulate, spread};

#[test]
fn revoked_before_any_request_it_waits_and_goes_on_with_a_new_one() {
    for blueprint in BLUEPRINTS {
        let requests = simulate(async || {
            let world = World::new(7).await;
            let customer = world.customer(blueprint, "akermark").await;
            world.provision(&customer, OnFailure::Rollback).await;
            world.seen()
        });
        spread(0..requests.len() as u64, |index| {
            let seen = &requests[index as usize];
            if seen.path.contains("/_") {
                // Not a call with a token of the agency's.
                return;
            }
            simulate(async || {
                let when = format!(
                    "{blueprint}: revoked at request {index}, {} {}",
                    seen.method, seen.path
                );
                let world = World::new(7).await;
                let before = world.census();
                let customer = world.customer(blueprint, "akermark").await;
                // The vendor answers every call from this one on with 401.
                let nth = requests[..=index as usize]
                    .iter()
                    .filter(|other| other.provider == seen.provider)
                    .count();
                let rules: Vec<_> = (nth..nth + 400)
                    .map(|nth| json!({ "provider": seen.provider, "nth": nth, "do": "status:401" }))
                    .collect();
                world.cloud.faults(json!(rules)).unwrap();
                let (_, lease) = world
                    .begin("first", &customer, OnFailure::Rollback)
                    .await
                    .unwrap();
                let run = world.drive("first", lease).await.unwrap();
                world.cloud.faults(json!([])).unwrap();
                if run.state == RunState::Succeeded {
                    world.assert_whole(&customer, &run, &before, &when).await;
                    return;
                }
                assert_eq!(
                    (run.state, run.reason),
                    (RunState::Waiting, Some(WaitReason::NeedsCredential)),
                    "{when}: {:?}",
                    run.error
                );
                assert!(
                    Provider::ALL.iter().any(|p| p.key() == seen.provider),
                    "{when}: a vendor of ours"
                );
                let lease = world
                    .taken_on(run.id, "last", "first", false)
                    .await
                    .unwrap();
                let run = world.drive("last", lease).await.unwrap();
                world.assert_whole(&customer, &run, &before, &when).await;
            });
        });
    }
}
