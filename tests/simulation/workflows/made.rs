//! Workflows made, published and copied, on newer and older servers, and made anew for another database.

use std::collections::BTreeSet;

use fabrik_domain::{
    resource::{ResourceKind, ResourceState},
    run::{OnFailure, Output, Run, RunState},
};
use serde_json::{Value, json};

use super::{Came, world};
use crate::world::{World, simulate};

impl World {
    /// What a step of a run has handed on.
    async fn output(&self, run: &Run, step: &str, name: &str) -> String {
        let steps = self.store.steps(run.id).await.unwrap();
        let step = steps.iter().find(|one| one.id == step).unwrap();
        match &step.outputs[name] {
            Output::Public(text) => text.clone(),
            Output::Secret(_) => panic!("{name} is public"),
        }
    }
}

#[test]
fn workflows_are_made_published_and_copied_and_a_second_run_changes_nothing() {
    simulate(async || {
        let (world, customer) = world().await;
        let before = world.automations();
        let run = world.provision(&customer, OnFailure::Rollback).await;
        world.assert_automated(&run, &before, "the first run").await;
        let webhook = world.output(&run, "flows", "webhook_url").await;
        assert!(
            webhook.ends_with("/n8n/webhook/leads-akermark"),
            "{webhook}"
        );
        let (status, _) = world.call("POST", &webhook, &Value::Null).await;
        assert_eq!(status, 200, "it answers");
        let urls = world.output(&run, "flows", "webhook_urls").await;
        let urls: Vec<_> = urls.split(' ').collect();
        let [_, unsubscribe] = urls[..] else {
            panic!("a form and a link: {urls:?}")
        };
        for (method, expected) in [("GET", 200), ("POST", 200), ("PUT", 404)] {
            let (status, _) = world.call(method, unsubscribe, &Value::Null).await;
            assert_eq!(
                status, expected,
                "{method}: a link is opened, its button pressed"
            );
        }
        let file = world.file("leads.json");
        let file: Value = serde_json::from_str(&file).unwrap();
        assert!(
            file["name"].as_str().unwrap().contains("Åkermark"),
            "{file}"
        );
        // A workflow's own name is no expression, whatever is in it.
        assert!(
            !file["nodes"].to_string().contains("$env"),
            "no name becomes an expression: {file}"
        );
        let nodes = file["nodes"].as_array().unwrap().iter();
        let used: BTreeSet<_> = nodes
            .filter_map(|node| node["credentials"]["httpHeaderAuth"]["id"].as_str())
            .collect();
        let came = world.came(&before);
        let own = came.credentials[0]["id"].as_str().unwrap();
        assert_eq!(used, BTreeSet::from([own]), "of this server");

        let after = world.automations();
        let again = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(again.state, RunState::Succeeded);
        assert_eq!(world.automations(), after, "nothing was changed");

        let removed = world.deprovision(&customer).await;
        world.assert_gone(&removed, &before, "removed").await;
    });
}

#[test]
fn an_older_server_is_served_as_well() {
    simulate(async || {
        let (world, customer) = world().await;
        let switches = json!({ "n8n": { "version": 1 }, "gitea": { "version": 24 } });
        world.cloud.accounts(switches).unwrap();
        let before = world.automations();
        let run = world.provision(&customer, OnFailure::Rollback).await;
        world.assert_automated(&run, &before, "version 1").await;
        let after = world.automations();
        let again = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(again.state, RunState::Succeeded);
        assert_eq!(world.automations(), after, "nothing was changed");
        let removed = world.deprovision(&customer).await;
        world
            .assert_gone(&removed, &before, "version 1, removed")
            .await;
    });
}

#[test]
fn what_is_left_of_a_database_that_is_gone_is_made_anew_for_the_next_one() {
    for version in [1, 2] {
        simulate(async || {
            let (world, customer) = world().await;
            let switches = json!({ "n8n": { "version": version } });
            world.cloud.accounts(switches).unwrap();
            let before = world.automations();
            let faults = json!([
                { "provider": "vercel", "method": "POST", "path": "/v13/deployments", "every": 1, "do": "status:422" },
                { "provider": "n8n", "method": "DELETE", "every": 1, "do": "status:422" },
            ]);
            world.cloud.faults(faults).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(run.state, RunState::Leftovers, "{:?}", run.error);
            let left = world.came(&before);
            assert_eq!(left.workflows.len(), 3, "n8n let go of none");

            world.cloud.faults(json!([])).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&run).await;
            assert_eq!(run.state, RunState::Succeeded, "{errors:#?}");
            world.assert_as_before(&before, "whose database was never gone");
            let came = world.came(&before);
            let ids = |came: &Came| came.workflows.iter().map(|one| one["id"].clone()).collect();
            let (now, earlier): (Vec<_>, Vec<_>) = (ids(&came), ids(&left));
            assert_eq!(
                now, earlier,
                "they are the same, whoever has their addresses"
            );
            let rows = world.rows(&customer).await;
            let projects = |state| {
                let of = move |row: &&fabrik_domain::resource::Resource| {
                    row.kind == ResourceKind::SupabaseProject && row.state == state
                };
                rows.iter().filter(of).map(|row| row.id.as_str())
            };
            let there = projects(ResourceState::Live).next().unwrap();
            for workflow in &came.workflows {
                let content = workflow.to_string();
                assert!(content.contains(there), "version {version}: {content}");
                let gone = projects(ResourceState::Removed).find(|gone| content.contains(gone));
                assert_eq!(gone, None, "version {version}: {content}");
                assert_eq!(workflow["active"], true, "version {version}");
            }
            let [credential] = &came.credentials[..] else {
                panic!("version {version}: one, not {:?}", came.credentials)
            };
            assert_ne!(
                credential["data"], left.credentials[0]["data"],
                "version {version}: the key is the new one's"
            );
            let uses = |one: &Value| one.to_string().contains(credential["id"].as_str().unwrap());
            assert!(came.workflows.iter().all(uses), "version {version}");
            let after = world.automations();
            let again = world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(again.state, RunState::Succeeded);
            assert_eq!(world.automations(), after, "that is right by now");
        });
    }
}
