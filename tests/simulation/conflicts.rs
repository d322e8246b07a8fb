//! Something of somebody else's under the very name that a customer's would get: it is left to them, whatever
//! becomes of the run (P11).

use fabrik_domain::run::{OnFailure, RunState};
use serde_json::{Value, json};

use crate::{
    blueprints::prefix,
    world::{Past, Trial, World, cells, simulate},
};

/// Every repository and project of this name, to the byte.
fn named(world: &World, name: &str) -> Vec<Value> {
    let state = world.cloud.state();
    let kinds = [("github", "repository"), ("vercel", "project")];
    let all = kinds.iter().flat_map(|(provider, kind)| {
        let by_id = state["resources"][provider][kind].as_object().cloned();
        by_id.unwrap_or_default().into_values()
    });
    all.filter(|one| one["name"] == name).collect()
}

#[test]
fn a_name_that_is_somebody_elses_is_left_to_them() {
    for (blueprint, past) in cells() {
        for policy in [OnFailure::Rollback, OnFailure::Keep] {
            simulate(async || {
                let when = format!("{blueprint}, {past:?}, {policy:?}");
                let trial = Trial::new(blueprint, past);
                let world = &trial.world;
                let name = format!("{}{}", prefix(blueprint), trial.customer.slug);
                for provider in ["github", "vercel"] {
                    let wish = json!({ "provider": provider, "name": name });
                    world.cloud.foreign(wish).unwrap();
                }
                let theirs = named(world, &name);
                assert_eq!(theirs.len(), 2, "{when}: a repository and a project");
                let run = world.provision(&trial.customer, policy).await;
                assert_eq!(named(world, &name), theirs, "{when}: as it was");
                trial.before.assert_untouched(world, &when);
                // Neither a customer with a repository and a project from before needs the name, nor one without.
                let needs_name = past == Past::Nothing && blueprint != "shared";
                assert_eq!(
                    run.state == RunState::Succeeded,
                    !needs_name,
                    "{when}: {:?}",
                    run.error
                );
            });
        }
    }
}
