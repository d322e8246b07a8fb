//! Lesser tokens: of the scopes that are asked for and no other, of another member, narrowed or revoked.

use fabrik_clouds::n8n::{NEEDED, NEEDED_FOR_CREDENTIALS};
use fabrik_domain::{
    customer::Customer,
    ports::Secrets,
    provider::Provider,
    run::{OnFailure, Run, RunState},
    secret::{Secret, SecretRef},
};
use serde_json::{Value, json};

use super::world;
use crate::world::{World, simulate};

impl World {
    /// Another token from now on.
    async fn give(&self, provider: Provider, token: &str) {
        let reference = SecretRef::token(self.store.workspace(), provider);
        let given = self.vault.set(&reference, Secret::from(token));
        given.await.unwrap();
    }

    /// Goes on with a run that waits.
    async fn gone_on_with(&self, run: &Run) -> Run {
        let lease = self.taken_on(run.id, "last", "first", false).await.unwrap();
        self.drive("last", lease).await.unwrap()
    }
}

/// Where the key has the scopes that are asked for and no other; what there is.
async fn narrowed(version: u8, lists: bool) -> (World, Customer, Value) {
    let (world, customer) = world().await;
    let switches = json!({ "n8n": { "version": version } });
    world.cloud.accounts(switches).unwrap();
    let mut scopes = [&NEEDED[..], &NEEDED_FOR_CREDENTIALS[..]].concat();
    if lists {
        scopes.push("credential:list");
    }
    let key = world.token(Provider::N8n);
    let change = json!({ "provider": "n8n", "token": key, "scopes": scopes });
    world.cloud.tokens(change).unwrap();
    let before = world.automations();
    (world, customer, before)
}

#[test]
fn a_key_of_the_scopes_that_are_asked_for_does_all_there_is_to_do() {
    for (version, lists) in [(1, false), (2, false), (2, true)] {
        let when = format!("version {version}, credentials listed: {lists}");
        simulate(async || {
            let (world, customer, before) = narrowed(version, lists).await;
            let run = world.provision(&customer, OnFailure::Rollback).await;
            world.assert_automated(&run, &before, &when).await;
            let after = world.automations();
            let again = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&again).await;
            assert_eq!(again.state, RunState::Succeeded, "{when}: {errors:#?}");
            assert_eq!(world.automations(), after, "{when}: nothing was changed");
            let removed = world.deprovision(&customer).await;
            world.assert_gone(&removed, &before, &when).await;
        });
        // What is left of a database that is gone is made anew for the next one.
        simulate(async || {
            let (world, customer, before) = narrowed(version, lists).await;
            let faults = json!([
                { "provider": "vercel", "method": "POST", "path": "/v13/deployments", "every": 1, "do": "status:422" },
                { "provider": "n8n", "method": "DELETE", "every": 1, "do": "status:422" },
            ]);
            world.cloud.faults(faults).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            assert_eq!(run.state, RunState::Leftovers, "{when}: {:?}", run.error);
            let left = world.came(&before);
            assert_eq!(left.workflows.len(), 3, "{when}: n8n let go of none");
            world.cloud.faults(json!([])).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&run).await;
            assert_eq!(run.state, RunState::Succeeded, "{when}: {errors:#?}");
            let came = world.came(&before);
            assert_eq!(
                (came.workflows.len(), came.credentials.len()),
                (3, 1),
                "{when}"
            );
            assert_ne!(
                came.credentials[0]["data"], left.credentials[0]["data"],
                "{when}: the key is the new database's"
            );
            let removed = world.deprovision(&customer).await;
            world.assert_gone(&removed, &before, &when).await;
        });
    }
}

#[test]
fn a_workflow_that_is_hidden_is_not_taken_for_gone() {
    simulate(async || {
        let (world, customer) = world().await;
        let before = world.automations();
        world.provision(&customer, OnFailure::Keep).await;
        // Another member's key, who sees nothing of it.
        let key = "e30.eyJzdWIiOiJhbm90aGVyIn0.signature";
        let change = json!({ "provider": "n8n", "token": key, "only": ["another"] });
        world.cloud.tokens(change).unwrap();
        let own = world.token(Provider::N8n);
        world.give(Provider::N8n, key).await;
        let again = world.provision(&customer, OnFailure::Keep).await;
        let errors = world.errors(&again).await;
        assert_eq!(again.state, RunState::Waiting, "{errors:#?}");
        let came = world.came(&before).workflows;
        assert_eq!(came.len(), 3, "no second ones are made");
        world.give(Provider::N8n, &own).await;
        let run = world.gone_on_with(&again).await;
        assert_eq!(run.state, RunState::Succeeded);
        assert_eq!(world.came(&before).workflows.len(), 3);
        // Without it, a removal leaves what it can't see.
        world.give(Provider::N8n, key).await;
        let removed = world.deprovision(&customer).await;
        assert_eq!(removed.state, RunState::Leftovers);
        assert_eq!(world.came(&before).workflows.len(), 3);
    });
}

#[test]
fn a_revoked_or_narrowed_token_waits_and_undoes_nothing() {
    for (provider, change) in [
        (Provider::N8n, json!({ "revoked": true })),
        (
            Provider::N8n,
            json!({ "scopes": ["workflow:list", "workflow:read"] }),
        ),
        (Provider::Gitea, json!({ "revoked": true })),
        (
            Provider::Gitea,
            json!({ "scopes": ["read:user", "read:repository"] }),
        ),
    ] {
        simulate(async || {
            let when = format!("{provider:?} {change}");
            let (world, customer) = world().await;
            let before = world.automations();
            let token = world.token(provider);
            let mut change = change.clone();
            change["provider"] = json!(provider.key());
            change["token"] = json!(token);
            world.cloud.tokens(change).unwrap();
            let run = world.provision(&customer, OnFailure::Rollback).await;
            let errors = world.errors(&run).await;
            assert_eq!(run.state, RunState::Waiting, "{when}: {errors:#?}");
            let again = json!({ "provider": provider.key(), "token": token });
            world.cloud.tokens(again).unwrap();
            let run = world.gone_on_with(&run).await;
            world.assert_automated(&run, &before, &when).await;
        });
    }
}
