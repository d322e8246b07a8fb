//! A plan of a customer whose instance is half made, wherever its run stopped: it reads, and that is all.

use std::collections::BTreeMap;

use fabrik_domain::run::{OnFailure, RunState};
use serde_json::json;

use crate::{
    blueprints::BLUEPRINTS,
    world::{Seen, World, each, simulate},
};

/// What a vendor is asked by POST and changes nothing by: a read of the database, a look for DNS records.
const READS: [&str; 2] = ["/database/query/read-only", "/verify"];

fn changes(seen: &Seen) -> bool {
    seen.method != "GET" && !READS.iter().any(|path| seen.path.ends_with(path))
}

#[test]
fn a_plan_changes_nothing_wherever_the_run_stands() {
    for blueprint in BLUEPRINTS {
        let calls: Vec<Seen> = simulate(async || {
            let world = World::new(7).await;
            let customer = world.customer(blueprint, "akermark").await;
            world.provision(&customer, OnFailure::Keep).await;
            world.seen().into_iter().filter(changes).collect()
        });
        assert!(calls.len() > 5, "a run makes things");
        each(&calls, |stop| {
            simulate(async || {
                let when = format!("{blueprint}: stopped at {} {}", stop.method, stop.path);
                let world = World::new(7).await;
                let customer = world.customer(blueprint, "akermark").await;
                let refuse = json!([{
                    "provider": stop.provider, "method": stop.method, "path": stop.path,
                    "do": "status:422", "every": 1,
                }]);
                world.cloud.faults(refuse).unwrap();
                let run = world.provision(&customer, OnFailure::Keep).await;
                assert_ne!(run.state, RunState::RolledBack, "{when}: it is kept");
                world.cloud.faults(json!([])).unwrap();

                let (asked, kept) = (world.seen().len(), world.vault.names());
                let registry = world.registry(run.customer).await;
                let snapshot = world.store.snapshot(run.id).await.unwrap();
                world
                    .engine("planner")
                    .plan(&registry, &snapshot, &BTreeMap::new())
                    .await
                    .unwrap();
                let changed: Vec<_> = world.seen().split_off(asked);
                let changed: Vec<_> = changed.into_iter().filter(changes).collect();
                assert_eq!(changed, [], "{when}");
                assert_eq!(world.vault.names(), kept, "{when}: nor is anything kept");
            });
        });
    }
}
