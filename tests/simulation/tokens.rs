//! A token revoked in the middle: the run waits for a new one and undoes nothing (P6). One that is narrowed in the
//! middle sees nothing any more, which must look like neither "gone" nor "not there yet" (P11).

use fabrik_domain::{
    provider::Provider,
    run::{OnFailure, RunState, WaitReason},
};
use serde_json::json;

use crate::{
    crashes::points,
    extent::one_in,
    failures::calls,
    world::{Seen, Trial, cells, each, simulate, spread},
};

/// Where the agency's token goes at Supabase. A project's own APIs take that project's keys.
const MANAGEMENT: &str = "/v1/**";

fn is_with_token(seen: &Seen) -> bool {
    seen.provider != "supabase" || seen.path.starts_with("/v1/")
}

#[test]
fn revoked_before_any_request_it_waits_and_goes_on_with_a_new_one() {
    for (blueprint, past) in cells() {
        let requests = calls(blueprint, past);
        spread(0..requests.len() as u64, |index| {
            let seen = &requests[index as usize];
            if !is_with_token(seen) {
                return;
            }
            simulate(async || {
                let when = format!(
                    "{blueprint}, {past:?}: revoked at request {index}, {} {}",
                    seen.method, seen.path
                );
                let trial = Trial::new(blueprint, past);
                let world = &trial.world;
                // The vendor answers every call with the token from this one on with 401.
                let nth = requests[..=index as usize]
                    .iter()
                    .filter(|other| other.provider == seen.provider && is_with_token(other))
                    .count();
                let path = if seen.provider == "supabase" {
                    MANAGEMENT
                } else {
                    "**"
                };
                let rules: Vec<_> = (nth..nth + 400)
                    .map(|nth| {
                        json!({
                            "provider": seen.provider, "path": path, "nth": nth, "do": "status:401",
                        })
                    })
                    .collect();
                world.cloud.faults(json!(rules)).unwrap();
                let run = world.provision(&trial.customer, OnFailure::Rollback).await;
                world.cloud.faults(json!([])).unwrap();
                if run.state != RunState::Succeeded {
                    assert_eq!(
                        (run.state, run.reason),
                        (RunState::Waiting, Some(WaitReason::NeedsCredential)),
                        "{when}: {:?}",
                        run.error
                    );
                }
                trial.to_the_end(&run, &when).await;
            });
        });
    }
}

#[test]
fn narrowed_at_any_point_nothing_is_made_twice_or_forgotten() {
    let step = one_in(17);
    for (blueprint, past) in cells() {
        let points: Vec<_> = points(blueprint, past).into_iter().step_by(step).collect();
        for provider in [Provider::Supabase, Provider::GitHub, Provider::Vercel] {
            each(&points, |point| {
                for policy in [OnFailure::Rollback, OnFailure::Keep] {
                    simulate(async || {
                        let when = format!(
                            "{blueprint}, {past:?}: {provider:?}'s token narrowed at point {point}, {policy:?}"
                        );
                        let trial = Trial::new(blueprint, past);
                        narrowed(&trial, provider, policy, *point, &when).await;
                    });
                }
            });
        }
    }
}

async fn narrowed(trial: &Trial, provider: Provider, policy: OnFailure, point: usize, when: &str) {
    let world = &trial.world;
    let environment = world.cloud.environment();
    let name = format!("FABRIK_SECRET_{}", provider.key().to_uppercase());
    let token = environment[&name].as_str().unwrap();
    let see = |only: &serde_json::Value| {
        let change = json!({ "provider": provider.key(), "token": token, "only": only });
        world.cloud.tokens(change).unwrap();
    };
    let (_, lease) = world.begin("first", &trial.customer, policy).await.unwrap();
    let mut run = Box::pin(world.drive("first", lease));
    let ended = world.probe.reaches(point, run.as_mut()).await;
    let run = match ended {
        Some(run) => run,
        None => {
            see(&json!([]));
            run.await
        }
    };
    // The owner gives it back what it needs.
    see(&json!(null));
    trial.to_the_end(&run.unwrap(), when).await;
}
