//! Subscriptions that end, before anybody has decided and after, of a plan and of what was bought beside it: a task each,
//! whatever can be read of them.

use serde_json::json;

use super::{cancel, checkout, days_ago, moved_in, now, poll, requests, subscription};
use crate::world::TestApp;

#[tokio::test]
async fn who_ends_before_anybody_has_decided_is_withdrawn() {
    let app = TestApp::new().await;
    checkout(&app, "Lyran", "price_factory_starter", now()).await;
    poll(&app).await;
    cancel(&app, &subscription(&app, "Lyran").await).await;
    let ended = poll(&app).await;
    assert_eq!(ended["withdrawn"][0]["state"], "withdrawn", "{ended:#}");
    assert!(requests(&app, "open").await.is_empty());
    let approve = [
        "requests",
        "approve",
        ended["withdrawn"][0]["id"].as_str().unwrap(),
        "--yes",
        "--json",
    ];
    assert_eq!(
        app.run(&approve).await.exits(3).json()["code"],
        "request_decided"
    );
    // Both came between two looks: it stands ended, so nobody asks.
    checkout(&app, "Vega", "price_factory_starter", now()).await;
    let all = app.cloud.resources("stripe", "subscription").await;
    let vega = all
        .iter()
        .find(|(_, one)| one["status"] == "active")
        .unwrap();
    cancel(&app, &vega.0).await;
    poll(&app).await;
    let known: Vec<_> = requests(&app, "all").await;
    assert!(
        known.iter().all(|one| one["name"] != "Vega"),
        "nor is anything to be taken away: {known:#?}"
    );
}

/// What was bought beside a plan ends for itself: nobody is asked to pause or remove a customer for it.
#[tokio::test]
async fn an_add_on_that_ends_is_told_as_that_while_the_plan_goes_on() {
    let app = TestApp::new().await;
    let lyran = moved_in(&app, "lyran").await;
    let price = json!({ "do": "price", "id": "price_support" });
    app.cloud.steer("stripe", &price).await;
    checkout(&app, "Lyran", "price_factory_starter", days_ago(3)).await;
    checkout(&app, "Lyran", "price_support", days_ago(3)).await;
    assert_eq!(poll(&app).await["added"], json!([]), "a customer already");
    let known = requests(&app, "approved").await;
    let of = |price: &str| {
        let mut known = known.iter().map(|one| &one["origin"]);
        let origin = known.find(|origin| origin["price"] == price);
        origin.unwrap()["subscription"].as_str().unwrap().to_owned()
    };
    for (price, beside) in [("price_support", true), ("price_factory_starter", false)] {
        cancel(&app, &of(price)).await;
        let ended = poll(&app).await;
        let [task] = &ended["added"].as_array().unwrap()[..] else {
            panic!("one task: {ended:#}")
        };
        assert_eq!(task["kind"], "cancellation", "{task:#}");
        assert_eq!(task["customer"], lyran, "{task:#}");
        assert_eq!(task["origin"]["price"], price, "{task:#}");
        assert_eq!(task["origin"]["beside"], beside, "{task:#}");
        let id = task["id"].as_str().unwrap();
        let shown = app.run(&["requests", "show", id]).await.exits(0).stdout;
        assert!(shown.contains(price), "{shown}");
        assert_eq!(shown.contains("deprovision"), !beside, "{shown}");
    }
}

/// Where the plan has ended before it, no other subscription pays: the owner is asked, and can pause or remove.
#[tokio::test]
async fn what_ends_after_the_plan_is_asked_about() {
    let app = TestApp::new().await;
    moved_in(&app, "lyran").await;
    let price = json!({ "do": "price", "id": "price_support" });
    app.cloud.steer("stripe", &price).await;
    checkout(&app, "Lyran", "price_factory_starter", days_ago(3)).await;
    checkout(&app, "Lyran", "price_support", days_ago(3)).await;
    assert_eq!(poll(&app).await["added"], json!([]), "a customer already");
    let known = requests(&app, "approved").await;
    for price in ["price_factory_starter", "price_support"] {
        let mut known = known.iter().map(|one| &one["origin"]);
        let origin = known.find(|origin| origin["price"] == price).unwrap();
        cancel(&app, origin["subscription"].as_str().unwrap()).await;
        let ended = poll(&app).await;
        let task = &ended["added"][0];
        assert_eq!(task["origin"]["price"], price, "{task:#}");
        assert_eq!(task["origin"]["beside"], false, "{task:#}");
        let id = task["id"].as_str().unwrap();
        let shown = app.run(&["requests", "show", id]).await.exits(0).stdout;
        assert!(shown.contains("deprovision"), "{shown}");
    }
}

/// What ended can't be read at the one time that Stripe tells of it: the task is there all the same.
#[tokio::test]
async fn an_end_that_cannot_be_read_is_a_task_too() {
    let app = TestApp::new().await;
    checkout(&app, "Lyran", "price_factory_starter", now()).await;
    poll(&app).await;
    let approve = ["requests", "approve", "lyran", "--yes", "--json"];
    let approved = app.run(&approve).await.exits(0).json();
    cancel(&app, &subscription(&app, "Lyran").await).await;
    let fault = json!([{ "provider": "stripe", "method": "GET", "path": "/v1/subscriptions/*", "do": "garbage" }]);
    app.cloud.faults(fault).await;
    let ended = poll(&app).await;
    assert_eq!(ended["added"][0]["kind"], "cancellation", "{ended:#}");
    app.cloud.faults(json!([])).await;
    let [task] = &requests(&app, "open").await[..] else {
        panic!("one task")
    };
    assert_eq!(task["customer"], approved["customer"]["id"], "{task:#}");
    assert_eq!(task["name"], "Lyran", "{task:#}");
    assert!(task["problem"].is_object(), "it is said: {task:#}");

    // Somebody asks again: it is that very task, and nothing is in its way any more.
    assert_eq!(poll(&app).await["added"], json!([]), "nothing is new");
    let open = requests(&app, "open").await;
    let [read] = &open[..] else {
        panic!("still one task: {open:#?}")
    };
    assert_eq!(read["id"], task["id"], "{read:#}");
    assert_eq!(read["customer"], task["customer"], "{read:#}");
    assert_eq!(read["origin"]["price"], "price_factory_starter", "{read:#}");
    assert!(read.get("problem").is_none(), "{read:#}");
    poll(&app).await;
    assert_eq!(requests(&app, "open").await, open, "it is read once");
}

/// Whose it was can't be read at the one time that Stripe tells of its end, and its price stands for no plan: it is told,
/// and once it can be read it is the customer's.
#[tokio::test]
async fn an_end_of_nobody_is_its_customers_once_that_can_be_read() {
    let app = TestApp::new().await;
    let price = json!({ "do": "price", "id": "price_bare" });
    app.cloud.steer("stripe", &price).await;
    // Of this one nothing was told before it ended: its events are forgotten by the first reading.
    checkout(&app, "Lyran", "price_bare", days_ago(40)).await;
    poll(&app).await;
    let lyran = moved_in(&app, "lyran").await;
    let of_lyran = app.cloud.resources("stripe", "subscription").await;
    cancel(&app, &of_lyran[0].0).await;
    let fault = json!([{ "provider": "stripe", "method": "GET", "path": "/v1/customers/*", "do": "garbage" }]);
    app.cloud.faults(fault).await;
    let ended = poll(&app).await;
    let task = ended["added"][0].clone();
    assert_eq!(task["kind"], "cancellation", "{ended:#}");
    assert!(task["problem"].is_object(), "it is said: {task:#}");
    assert!(task.get("customer").is_none(), "whose it is: {task:#}");

    app.cloud.faults(json!([])).await;
    assert_eq!(poll(&app).await["added"], json!([]), "nothing is new");
    let open = requests(&app, "open").await;
    let [read] = &open[..] else {
        panic!("still one task: {open:#?}")
    };
    assert_eq!(read["id"], task["id"], "{read:#}");
    assert_eq!(read["customer"], lyran, "{read:#}");
    assert!(read.get("problem").is_none(), "{read:#}");
}
