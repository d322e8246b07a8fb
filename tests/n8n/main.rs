//! A real n8n: the client, the step's find, create, await and undo, and what the client stack's own workflows do there. What
//! the script that starts it says of it is in the variables.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/outside.rs"]
mod outside;
#[path = "../support/real_clock.rs"]
mod real_clock;
mod world;

use std::sync::Arc;

use fabrik_clouds::{
    n8n::{NewCredential, NewWorkflow},
    refused_with,
};
use fabrik_domain::{resource::ResourceState, run::RunState, secret::Secret};
use serde_json::json;

use crate::{
    outside::variable,
    real_clock::RealClock,
    world::{KEY, NAME, ORGANIZATION, World, leads},
};

const COMMAND: &str = "make test-n8n";

async fn world() -> World {
    let clock = Arc::new(RealClock::start());
    let (url, key) = (
        variable("FABRIK_TEST_N8N_URL", COMMAND),
        variable("FABRIK_TEST_N8N_KEY", COMMAND),
    );
    World::new(clock, &url, &key).await
}

fn workflow(name: &str) -> NewWorkflow {
    NewWorkflow::of(name.to_owned(), &leads()).unwrap()
}

#[tokio::test]
async fn the_client_speaks_to_it() {
    let world = world().await;
    let n8n = world.n8n();
    let info = n8n.whoami().await.unwrap();
    assert!(info.missing_scopes.is_empty(), "{info:?}");
    assert!(n8n.user().await.unwrap().is_some(), "a key names its user");

    let made = n8n
        .create_workflow(&workflow("Client [fabrik:client/a]"))
        .await
        .unwrap();
    assert!(!made.active, "a new workflow doesn't run");
    let listed = n8n.workflows("fabrik:client").await.unwrap();
    assert_eq!(listed.len(), 1, "the name is looked for anywhere in theirs");
    n8n.publish(&made.id).await.unwrap();
    n8n.publish(&made.id).await.unwrap();
    let read = n8n.workflow(&made.id).await.unwrap().unwrap();
    assert!(read.listed.active && !read.listed.archived);
    assert_eq!(read.content["nodes"], leads()["nodes"], "as it was sent");
    // In its place, and running again.
    let replaced = workflow("Client [fabrik:client/c]");
    let replaced = n8n.replace_workflow(&made.id, &replaced).await.unwrap();
    assert_eq!(replaced.id, made.id);
    n8n.publish(&made.id).await.unwrap();
    let now = n8n.workflow(&made.id).await.unwrap().unwrap().listed;
    assert!(now.active && now.name.ends_with("/c]"), "{now:?}");
    // What was exported is taken again.
    let again = NewWorkflow::of("Client [fabrik:client/b]".to_owned(), &read.content).unwrap();
    let copy = n8n.create_workflow(&again).await.unwrap();
    for id in [&made.id, &copy.id] {
        assert!(n8n.delete_workflow(id).await.unwrap(), "a running one too");
        assert!(
            !n8n.delete_workflow(id).await.unwrap(),
            "there is none any more"
        );
        assert_eq!(n8n.workflow(id).await.unwrap(), None);
    }
    let failure = n8n.publish(&made.id).await.unwrap_err();
    assert_eq!(refused_with(&failure), Some(404));

    let data = [
        ("name".to_owned(), Secret::from("Authorization")),
        ("value".to_owned(), Secret::from("canary-of-a-credential")),
    ];
    let new = NewCredential {
        id: "0123456789abcdef",
        name: "Client [fabrik:client/credential]",
        kind: "httpHeaderAuth",
        data: &data,
    };
    let id = n8n.create_credential(new).await.unwrap();
    let id = n8n.replace_credential(&id, new).await.unwrap();
    let listed = n8n.credentials("fabrik:client").await.unwrap();
    let listed: Vec<_> = listed.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(listed, [id.as_str()]);
    assert!(n8n.delete_credential(&id).await.unwrap());
    assert!(!n8n.delete_credential(&id).await.unwrap());
}

#[tokio::test]
async fn a_wrong_key_is_told_as_such() {
    let world = world().await;
    world.give("e30.eyJzdWIiOiJ4In0.wrong").await;
    let failure = world.n8n().whoami().await.unwrap_err();
    assert_eq!(failure.problem.code(), "credential_rejected");
}

#[tokio::test]
async fn a_run_makes_publishes_finds_and_takes_back() {
    let world = world().await;
    let n8n = world.n8n();
    let customer = world.customer("akermark").await;
    let run = world
        .provision(&customer, "a key that is none any more")
        .await;
    let error = world.error(&run).await;
    assert_eq!(run.state, RunState::Succeeded, "{error}");
    // With another key they sign in with that one, and are the same.
    let first = world.output(&run, "workflows").await;
    let run = world.provision(&customer, KEY).await;
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(world.output(&run, "workflows").await, first);
    let row = world.rows(&run).await.remove(0);
    let listed = n8n.workflows(&row.id).await.unwrap();
    assert_eq!(listed.len(), 3, "{listed:#?}");
    assert!(listed.iter().all(|one| one.active), "published");
    let credentials = n8n.credentials(&row.id).await.unwrap();
    assert_eq!(credentials.map(|all| all.len()), Some(1));

    a_lead_becomes_a_contact(&world, &world.output(&run, "webhook_url").await).await;
    let webhooks = world.output(&run, "webhook_urls").await;
    let (_, link) = webhooks.split_once(' ').unwrap();
    a_link_asks_and_its_button_unsubscribes(&world, link).await;

    // Again: nothing is made twice.
    let again = world.provision(&customer, KEY).await;
    assert_eq!(again.state, RunState::Succeeded);
    assert_eq!(n8n.workflows(&row.id).await.unwrap().len(), 3);

    let removed = world.deprovision(&customer).await;
    let error = world.error(&removed).await;
    assert_eq!(removed.state, RunState::Succeeded, "{error}");
    assert_eq!(n8n.workflows(&row.id).await.unwrap(), [], "all is gone");
    let credentials = n8n.credentials(&row.id).await.unwrap();
    assert_eq!(credentials, Some(Vec::new()));
    let rows = world.rows(&run).await;
    let live = rows.iter().filter(|row| row.state == ResourceState::Live);
    assert_eq!(live.count(), 0, "{rows:#?}");
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// What a form on the website sends.
async fn a_lead_becomes_a_contact(world: &World, webhook: &str) {
    world.database.forget();
    let form = json!({ "name": "Bo", "email": "BO@b.se", "message": "Hej {{ $env.KEY }}" });
    let sent = client().post(webhook).json(&form).send().await.unwrap();
    assert_eq!(sent.status(), 200, "{webhook}");
    let asked = world.database.asked(6).await;
    let calls: Vec<_> = asked.iter().map(|one| one.call.as_str()).collect();
    assert_eq!(
        calls,
        [
            "GET organizations",
            "GET contacts",
            "POST contacts",
            "POST activities",
            "GET users",
            "POST notifications"
        ]
    );
    for part in [format!("eq.{ORGANIZATION}"), "eq.bo".to_owned()] {
        assert!(asked[1].query.contains(&part), "{part}: {:?}", asked[1]);
    }
    assert_eq!(asked[2].body["email"], "bo@b.se");
    assert_eq!(asked[2].body["organization_id"], ORGANIZATION);
    assert_eq!(
        asked[3].body["body"], "Hej {{ $env.KEY }}",
        "{:?}",
        asked[3]
    );
    assert_eq!(asked[5].body["user_id"], "admin");
}

/// What stands at the end of a mail.
async fn a_link_asks_and_its_button_unsubscribes(world: &World, link: &str) {
    world.database.forget();
    let link = format!("{link}?send=0a000000-0000-4000-8000-000000000009");
    let page = client().get(&link).send().await.unwrap();
    assert_eq!(page.status(), 200, "{link}");
    let kind = page.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/html"), "{kind}");
    let page = page.text().await.unwrap();
    assert!(
        page.contains("<form method=\"post\">") && page.contains("lang=\"sv\""),
        "{page}"
    );
    let done = client().post(&link).send().await.unwrap();
    assert_eq!(done.status(), 200, "{link}");
    let done = done.text().await.unwrap();
    assert!(done.contains("Du får inga fler utskick"), "{done}");
    let asked = world.database.asked(2).await;
    let calls: Vec<_> = asked.iter().map(|one| one.call.as_str()).collect();
    assert_eq!(
        calls,
        ["GET email_sends", "POST email_unsubscribes"],
        "that the link was opened changed nothing"
    );
    assert_eq!(asked[1].body["email"], "eva@b.se");
    assert!(!page.contains(NAME), "a page for anybody");
}
