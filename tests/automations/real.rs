//! A real n8n: the client and the step's find, create, await and undo against it. What the script that starts it
//! says of it is in the variables.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

#[expect(dead_code, reason = "the simulations use all of it")]
mod world;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use fabrik_clouds::{
    Http,
    n8n::{NewCredential, NewWorkflow},
    refused_with,
};
use fabrik_domain::{
    ports::Clock,
    provider::Provider,
    resource::ResourceState,
    run::{OnFailure, RunState},
    secret::Secret,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::{BLUEPRINT, World, only};

/// The machine's time.
struct RealClock(Instant);

#[async_trait]
impl Clock for RealClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is passed in"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A variable of the script's.
#[expect(
    clippy::disallowed_methods,
    reason = "the script says there where the server is"
)]
fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: this test is run by `make test-n8n`"))
}

async fn world() -> World {
    let clock = Arc::new(RealClock(Instant::now()));
    let http = Http::over_network(clock.clone()).unwrap();
    let variables = json!({
        "FABRIK_N8N_URL": variable("FABRIK_TEST_N8N_URL"),
        "FABRIK_SECRET_N8N": variable("FABRIK_TEST_N8N_KEY"),
    });
    World::new(http, clock, &variables).await
}

fn workflow(name: &str) -> NewWorkflow {
    let exported: Value = serde_json::from_str(&BLUEPRINT.files["workflows/leads.json"]).unwrap();
    NewWorkflow::of(name.to_owned(), &exported).unwrap()
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
    assert_eq!(read.content["nodes"].as_array().unwrap().len(), 3);
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
    let listed = n8n.credentials("fabrik:client").await.unwrap();
    assert!(listed.unwrap().iter().any(|one| one.id == id));
    assert!(n8n.delete_credential(&id).await.unwrap());
    assert!(!n8n.delete_credential(&id).await.unwrap());
}

#[tokio::test]
async fn a_wrong_key_is_told_as_such() {
    let world = world().await;
    world.give(Provider::N8n, "e30.eyJzdWIiOiJ4In0.wrong").await;
    let failure = world.n8n().whoami().await.unwrap_err();
    assert_eq!(failure.problem.code(), "credential_rejected");
}

#[tokio::test]
async fn a_run_makes_publishes_finds_and_takes_back() {
    let world = world().await;
    let n8n = world.n8n();
    let customer = world.customer("akermark").await;
    let flows = only("flows");
    let (run, lease) = world.begin(&customer, &flows, OnFailure::Keep).await;
    let run_ended = world.drive("first", lease).await;
    let errors = world.errors(&run).await;
    assert_eq!(run_ended.state, RunState::Succeeded, "{errors:#?}");
    let row = world.rows(&run).await.remove(0);
    let listed = n8n.workflows(&row.id).await.unwrap();
    assert_eq!(listed.len(), 2, "{listed:#?}");
    assert!(listed.iter().all(|one| one.active), "published");

    // It answers the world, with the customer's name as a name.
    let webhook = world.output(&run, "flows", "webhook_url").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(&webhook)
        .json(&json!({ "name": "Bo" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{webhook}");
    let leads = world.output(&run, "flows", "workflows").await;
    let id = leads
        .split(' ')
        .find_map(|one| one.strip_prefix("leads="))
        .unwrap();
    let greeting = greeting(&client, id).await;
    assert_eq!(greeting, format!("Hej Bo, från {}", world::NAME));

    // Again: nothing is made twice.
    let (_, lease) = world.begin(&customer, &flows, OnFailure::Keep).await;
    assert_eq!(world.drive("first", lease).await.state, RunState::Succeeded);
    assert_eq!(n8n.workflows(&row.id).await.unwrap().len(), 2);

    let removed = world.deprovision(&customer).await;
    assert_eq!(
        removed.state,
        RunState::Succeeded,
        "{:#?}",
        world.errors(&removed).await
    );
    assert_eq!(n8n.workflows(&row.id).await.unwrap(), [], "all is gone");
    let credentials = n8n.credentials(&row.id).await.unwrap();
    assert_eq!(credentials, Some(Vec::new()));
    let rows = world.rows(&run).await;
    let live = rows.iter().filter(|row| row.state == ResourceState::Live);
    assert_eq!(live.count(), 0, "{rows:#?}");
}

/// What the workflow's node made of what was sent: the execution that n8n kept.
async fn greeting(client: &reqwest::Client, workflow: &str) -> String {
    let base = variable("FABRIK_TEST_N8N_URL");
    let url = format!("{base}/api/v1/executions?includeData=true&workflowId={workflow}");
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let request = client
            .get(&url)
            .header("x-n8n-api-key", variable("FABRIK_TEST_N8N_KEY"));
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let runs = &body["data"][0]["data"]["resultData"]["runData"];
        let made = &runs["Greet"][0]["data"]["main"][0][0]["json"]["greeting"];
        if let Some(greeting) = made.as_str() {
            return greeting.to_owned();
        }
        assert!(Instant::now() < deadline, "no execution was kept: {body}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
