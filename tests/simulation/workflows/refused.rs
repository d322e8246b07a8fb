//! What n8n will not run, and what may not be copied to where it would go.

use fabrik_domain::run::{OnFailure, RunState};
use serde_json::json;

use super::{BLUEPRINT, world};
use crate::world::{World, simulate};

#[test]
fn a_workflow_that_n8n_will_not_run_is_told_as_such() {
    simulate(async || {
        let (world, customer) = world().await;
        let refused =
            json!([{ "provider": "n8n", "path": "**/publish", "every": 1, "do": "status:422" }]);
        world.cloud.faults(refused).unwrap();
        let run = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(run.state, RunState::RolledBack);
        let problem = run.error.expect("why it was rolled back");
        assert_eq!(problem.code(), "workflow_not_published");
        assert_eq!(world.files(), [""; 0]);
    });
}

#[test]
fn nothing_is_copied_to_where_anybody_reads_it() {
    simulate(async || {
        let world = World::new(7).await;
        let customer = world.customer(BLUEPRINT, "akermark").await;
        let organization = json!({ "username": "ops-hub" });
        let (status, answer) = world.gitea("POST", "orgs", &organization).await;
        assert_eq!(status, 201, "{answer}");
        let repository = json!({ "name": "client-backups", "private": false, "auto_init": true });
        let (status, answer) = world.gitea("POST", "orgs/ops-hub/repos", &repository).await;
        assert_eq!(status, 201, "{answer}");
        let plan = world.plan(&world.engine("first"), &customer).await;
        let missing: Vec<_> = plan
            .missing
            .iter()
            .map(fabrik_domain::Problem::code)
            .collect();
        assert!(
            !plan.can_run && missing.iter().any(|code| code == "repository_public"),
            "{missing:?}"
        );
        // Nor by a run that began without a look.
        let run = world.provision(&customer, OnFailure::Rollback).await;
        let problem = run.error.expect("why it was rolled back");
        assert_eq!(problem.code(), "repository_public");
        assert_eq!(world.tree().len(), 1, "its first commit's alone");
    });
}
