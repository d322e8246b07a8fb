//! Something of somebody else's under the very name that a customer's would get: it is left to them, whatever
//! becomes of the run (P11).

use fabrik_domain::run::{OnFailure, RunState};
use fabrik_tests::Proof;
use serde_json::{Value, json};

use crate::{
    blueprints::prefix,
    world::{Past, Trial, World, cells, simulate},
};

/// A provider, and what of its bears a customer's name.
const NAMED: [(&str, &str); 2] = [("github", "repository"), ("vercel", "project")];

/// Every repository and project of this name, to the byte.
fn named(world: &World, name: &str) -> Vec<Value> {
    let state = world.cloud.state();
    let all = NAMED.iter().flat_map(|(provider, kind)| {
        let by_id = state["resources"][provider][kind].as_object().cloned();
        by_id.unwrap_or_default().into_values()
    });
    all.filter(|one| one["name"] == name).collect()
}

/// Whether a customer without anything gets one of this name there.
fn is_wanted(blueprint: &str, provider: &str) -> bool {
    match blueprint {
        "factory" | "client-stack" => true,
        "agency" => provider == "vercel",
        _ => false,
    }
}

#[test]
fn a_name_that_is_somebody_elses_is_left_to_them() {
    let proof = Proof::of(
        "P11",
        "somebody else's resource under the customer's own name",
    );
    for (blueprint, past) in cells() {
        for (provider, _) in NAMED {
            for policy in [OnFailure::Rollback, OnFailure::Keep] {
                simulate(async || {
                    let when = format!("{blueprint}, {past:?}, {provider}, {policy:?}");
                    let trial = Trial::new(blueprint, past);
                    let world = &trial.world;
                    let name = format!("{}{}", prefix(blueprint), trial.customer.slug);
                    let wish = json!({ "provider": provider, "name": name });
                    world.cloud.foreign(wish).unwrap();
                    let theirs = named(world, &name);
                    assert_eq!(theirs.len(), 1, "{when}: it is there");
                    let run = world.provision(&trial.customer, policy).await;
                    let now = named(world, &name);
                    assert!(now.contains(&theirs[0]), "{when}: as it was, not {now:?}");
                    trial.before.assert_untouched(world, &when);
                    // What the customer has from before bears another name, and is found by its id.
                    let stops = past == Past::Nothing && is_wanted(blueprint, provider);
                    assert_eq!(
                        run.state != RunState::Succeeded,
                        stops,
                        "{when}: {:?}",
                        run.error
                    );
                });
                proof.held(1);
            }
        }
    }
}
