//! The whole way of one: a subscription becomes a request, a customer, and a task when it ends.

use serde_json::json;

use super::{cancel, checkout, now, poll, requests, subscription};
use crate::world::TestApp;

#[tokio::test]
async fn a_subscription_becomes_a_request_a_customer_and_a_task_when_it_ends() {
    let app = TestApp::new().await;
    checkout(&app, "Lyran", "price_factory_starter", now()).await;
    let first = poll(&app).await;
    assert_eq!(first["events"], 2, "{first:#}");
    let [request] = &requests(&app, "open").await[..] else {
        panic!("checkout and subscription are one request")
    };
    for (field, value) in [
        ("name", "Lyran"),
        ("subdomain", "lyran"),
        ("contact_email", "info@lyran.example"),
        ("blueprint", "factory"),
        ("plan", "starter"),
        ("language", "sv"),
    ] {
        assert_eq!(request[field], value, "{request:#}");
    }
    assert!(request.get("problem").is_none(), "{request:#}");
    let again = poll(&app).await;
    assert_eq!((&again["events"], &again["added"]), (&json!(0), &json!([])));
    assert_eq!(
        app.cloud.mutating().await,
        0,
        "nothing is made ahead of need"
    );

    let approve = ["requests", "approve", "lyran", "--yes", "--json"];
    let document = app.run(&approve).await.exits(0).json();
    assert_eq!(document["run"]["state"], "succeeded", "{document:#}");

    cancel(&app, &subscription(&app, "Lyran").await).await;
    let ended = poll(&app).await;
    assert_eq!(ended["added"][0]["kind"], "cancellation", "{ended:#}");
    let [task] = &requests(&app, "open").await[..] else {
        panic!("one task")
    };
    assert_eq!(task["customer"], document["customer"]["id"]);
    // The instance stays until the owner has said so; removing it settles the task.
    let removal = ["deprovision", "lyran", "--confirm", "lyran", "--json"];
    app.run(&removal).await.exits(0);
    let [settled] = &requests(&app, "settled").await[..] else {
        panic!("the removal settles it")
    };
    assert_eq!(settled["decided"]["ending"], "removed");
}
