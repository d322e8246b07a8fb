//! Workflows and their copy, through the engine in a simulated cloud: by other hands renamed
//! and changed, hidden, seen with lesser tokens. What kills and refusals do to them the simulations try.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod cloud;
mod world;

use fabrik_domain::{
    resource::{Origin, ResourceState},
    run::{OnFailure, Run, RunState},
};
use serde_json::{Value, json};

use crate::{
    cloud::{Cloud, simulate},
    world::only,
};

/// A customer beside the one that it is about, and somebody else's workflow of a name like ours.
async fn cloud() -> Cloud {
    let cloud = Cloud::new().await;
    let wish = json!({ "provider": "n8n", "name": "Leads, Åkermark [fabrik:0000000000/leads]" });
    cloud.simulation.foreign(wish).unwrap();
    let other = cloud.world.customer("bergstrom").await;
    let run = cloud.world.provision(&other, OnFailure::Keep).await;
    assert_eq!(
        run.state,
        RunState::Succeeded,
        "{:?}",
        cloud.world.errors(&run).await
    );
    cloud
}

/// The run succeeded, and there is one of each and no more.
async fn assert_whole(cloud: &Cloud, run: &Run, before: &Value, when: &str) {
    let errors = cloud.world.errors(run).await;
    assert_eq!(run.state, RunState::Succeeded, "{when}: {errors:#?}");
    cloud.assert_untouched(before, when);
    let came = cloud.came(before);
    assert_eq!(came.workflows.len(), 2, "{when}: {:?}", came.workflows);
    assert!(
        came.workflows.iter().all(|one| one["active"] == true),
        "{when}: published"
    );
    assert_eq!(came.credentials.len(), 1, "{when}");
    assert_eq!(
        cloud.files("akermark"),
        ["akermark/leads.json", "akermark/report.json"],
        "{when}"
    );
    let rows = cloud.world.rows(run).await;
    let live: Vec<_> = rows
        .iter()
        .filter(|row| row.state == ResourceState::Live)
        .collect();
    assert_eq!(live.len(), 2, "{when}: {rows:#?}");
    assert!(
        live.iter().all(|row| row.origin == Origin::Created),
        "{when}"
    );
}

/// Nothing of the customer's is there.
async fn assert_gone(cloud: &Cloud, run: &Run, before: &Value, when: &str) {
    let errors = cloud.world.errors(run).await;
    assert!(
        matches!(run.state, RunState::RolledBack | RunState::Succeeded),
        "{when}: {:?} {errors:#?}",
        run.state
    );
    cloud.assert_untouched(before, when);
    let came = cloud.came(before);
    assert!(came.workflows.is_empty(), "{when}: {:?}", came.workflows);
    assert!(came.credentials.is_empty(), "{when}");
    assert_eq!(cloud.files("akermark"), [""; 0], "{when}");
}

#[test]
fn workflows_are_made_published_and_copied_and_a_second_run_changes_nothing() {
    simulate(async || {
        let cloud = cloud().await;
        let before = cloud.state();
        let customer = cloud.world.customer("akermark").await;
        let run = cloud.world.provision(&customer, OnFailure::Rollback).await;
        assert_whole(&cloud, &run, &before, "the first run").await;
        let world = &cloud.world;
        let webhook = world.output(&run, "flows", "webhook_url").await;
        assert!(
            webhook.ends_with("/n8n/webhook/leads-akermark"),
            "{webhook}"
        );
        let (status, _) = cloud.call("POST", &webhook, "").await;
        assert_eq!(status, 200, "it answers");
        let file = cloud.file("akermark/leads.json").unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        let greeting = &file["nodes"][1]["parameters"]["assignments"]["assignments"];
        assert_eq!(
            greeting[0]["value"],
            world::NAME,
            "in a text it is as it is"
        );
        let expression = greeting[1]["value"].as_str().unwrap();
        assert!(
            !expression.contains("{{ $env"),
            "in an expression it is quoted: {expression}"
        );
        let used = &file["nodes"][2]["credentials"]["httpHeaderAuth"];
        assert_eq!(
            used["id"],
            cloud.came(&before).credentials[0]["id"],
            "of this server"
        );
        let whole = cloud.state().to_string() + &file.to_string();
        assert!(
            !whole.contains("canary-of-the-mail-server"),
            "what a credential holds is sealed"
        );

        let after = cloud.state();
        let again = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(again.state, RunState::Succeeded);
        assert_eq!(cloud.state(), after, "nothing was changed");

        let removed = world.deprovision(&customer).await;
        assert_gone(&cloud, &removed, &before, "removed").await;
    });
}

#[test]
fn an_older_server_is_served_as_well() {
    simulate(async || {
        let cloud = cloud().await;
        let switches = json!({ "n8n": { "version": 1 }, "gitea": { "version": 24 } });
        cloud.simulation.accounts(switches).unwrap();
        let before = cloud.state();
        let customer = cloud.world.customer("akermark").await;
        let run = cloud.world.provision(&customer, OnFailure::Rollback).await;
        assert_whole(&cloud, &run, &before, "version 1").await;
        let removed = cloud.world.deprovision(&customer).await;
        assert_gone(&cloud, &removed, &before, "version 1, removed").await;
    });
}

#[test]
fn a_renamed_workflow_is_found_by_its_id_and_stays_when_the_rest_goes() {
    simulate(async || {
        let cloud = cloud().await;
        let before = cloud.state();
        let customer = cloud.world.customer("akermark").await;
        cloud.world.provision(&customer, OnFailure::Keep).await;
        let id = cloud.came(&before).workflows[0]["id"].clone();
        let wish = json!({ "provider": "n8n", "id": id, "name": "Mitt flöde" });
        cloud.simulation.rename(wish).unwrap();
        let again = cloud.world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(again.state, RunState::Succeeded);
        assert_eq!(
            cloud.came(&before).workflows.len(),
            2,
            "no second one is made"
        );
        let removed = cloud.world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Leftovers);
        let left = cloud.came(&before).workflows;
        assert_eq!(left.len(), 1);
        assert_eq!(
            left[0]["name"], "Mitt flöde",
            "it doesn't bear our sign any more"
        );
    });
}

#[test]
fn a_copy_that_somebody_made_is_not_ours() {
    simulate(async || {
        let cloud = cloud().await;
        let before = cloud.state();
        let customer = cloud.world.customer("akermark").await;
        cloud.world.provision(&customer, OnFailure::Keep).await;
        let name = cloud.came(&before).workflows[0]["name"].clone();
        let wish = json!({ "provider": "n8n", "name": name });
        let copy = cloud.simulation.foreign(wish).unwrap()["id"].clone();
        let again = cloud.world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(again.state, RunState::Succeeded);
        let removed = cloud.world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Succeeded);
        let left = cloud.came(&before).workflows;
        assert_eq!(left.len(), 1);
        assert_eq!(
            left[0]["id"], copy,
            "of two of one name the recorded one is ours"
        );
    });
}

#[test]
fn a_workflow_that_is_hidden_is_not_taken_for_gone() {
    simulate(async || {
        let cloud = cloud().await;
        let before = cloud.state();
        let customer = cloud.world.customer("akermark").await;
        cloud.world.provision(&customer, OnFailure::Keep).await;
        // Another member's key, who sees nothing of it.
        let key = "e30.eyJzdWIiOiJhbm90aGVyIn0.signature";
        let change = json!({ "provider": "n8n", "token": key, "only": ["another"] });
        cloud.simulation.tokens(change).unwrap();
        let own = cloud.token("N8N");
        cloud
            .world
            .give(fabrik_domain::provider::Provider::N8n, key)
            .await;
        let again = cloud.world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(
            again.state,
            RunState::Waiting,
            "{:?}",
            cloud.world.errors(&again).await
        );
        assert_eq!(
            cloud.came(&before).workflows.len(),
            2,
            "no second ones are made"
        );
        cloud
            .world
            .give(fabrik_domain::provider::Provider::N8n, &own)
            .await;
        let run = cloud.taken_on(again, false).await;
        assert_eq!(run.state, RunState::Succeeded);
        assert_eq!(cloud.came(&before).workflows.len(), 2);
        // Without it, a removal leaves what it can't see.
        cloud
            .world
            .give(fabrik_domain::provider::Provider::N8n, key)
            .await;
        let removed = cloud.world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Leftovers);
        assert_eq!(cloud.came(&before).workflows.len(), 2);
    });
}

#[test]
fn a_revoked_or_narrowed_token_waits_and_undoes_nothing() {
    for (provider, name, change) in [
        ("n8n", "N8N", json!({ "revoked": true })),
        (
            "n8n",
            "N8N",
            json!({ "scopes": ["workflow:list", "workflow:read"] }),
        ),
        ("gitea", "GITEA", json!({ "revoked": true })),
        (
            "gitea",
            "GITEA",
            json!({ "scopes": ["read:user", "read:repository"] }),
        ),
    ] {
        simulate(async || {
            let when = format!("{provider} {change}");
            let cloud = cloud().await;
            let before = cloud.state();
            let customer = cloud.world.customer("akermark").await;
            let mut change = change.clone();
            change["provider"] = json!(provider);
            change["token"] = json!(cloud.token(name));
            cloud.simulation.tokens(change).unwrap();
            let run = cloud.world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(
                run.state,
                RunState::Waiting,
                "{when}: {:?}",
                cloud.world.errors(&run).await
            );
            let again = json!({ "provider": provider, "token": cloud.token(name) });
            cloud.simulation.tokens(again).unwrap();
            let run = cloud.taken_on(run, false).await;
            assert_whole(&cloud, &run, &before, &when).await;
        });
    }
}

#[test]
fn a_copy_that_was_changed_stays_and_what_was_there_comes_back() {
    simulate(async || {
        let cloud = cloud().await;
        let customer = cloud.world.customer("akermark").await;
        let earlier = "{\"kept\": \"by hand\"}\n";
        cloud.commit("akermark/leads.json", earlier).await;
        let run = cloud.world.provision(&customer, OnFailure::Keep).await;
        assert_eq!(
            run.state,
            RunState::Succeeded,
            "{:?}",
            cloud.world.errors(&run).await
        );
        assert_ne!(cloud.file("akermark/leads.json").unwrap(), earlier);
        cloud.commit("akermark/report.json", "{}").await;
        let removed = cloud.world.deprovision(&customer).await;
        assert_eq!(
            removed.state,
            RunState::Leftovers,
            "the one that was changed is told"
        );
        assert_eq!(
            cloud.file("akermark/leads.json").unwrap(),
            earlier,
            "put back"
        );
        assert_eq!(
            cloud.file("akermark/report.json").unwrap(),
            "{}",
            "left as it is"
        );
    });
}

#[test]
fn a_workflow_that_n8n_will_not_run_is_told_as_such() {
    simulate(async || {
        let cloud = cloud().await;
        let customer = cloud.world.customer("akermark").await;
        let blueprint = only("flows");
        let (_, lease) = cloud
            .world
            .begin(&customer, &blueprint, OnFailure::Rollback)
            .await;
        cloud.strike(3, "status:422");
        let run = cloud.world.drive("first", lease).await;
        assert_eq!(run.state, RunState::RolledBack);
        let problem = run.error.expect("why it was rolled back");
        assert_eq!(problem.code(), "workflow_not_published");
        assert_eq!(cloud.files("akermark"), [""; 0]);
    });
}
