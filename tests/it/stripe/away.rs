//! A month in which nothing is read, and Stripe forgets what it would have told.

use fabrik_store::Inbox;
use serde_json::json;

use super::{cancel, checkout, days_ago, now, poll, requests, rest, store, subscription};
use crate::world::TestApp;

/// Twenty-nine days away: every event is told still. Thirty-one: they are gone, the subscriptions are read, and it
/// is said.
#[tokio::test]
async fn a_month_away_loses_nobody() {
    let app = TestApp::new().await;
    checkout(&app, "Forst", "price_factory_starter", days_ago(29)).await;
    poll(&app).await;
    rest(&app, 29).await;
    checkout(&app, "Nittonde", "price_factory_starter", days_ago(19)).await;
    let caught_up = poll(&app).await;
    assert!(caught_up.get("missed_since").is_none(), "{caught_up:#}");
    assert_eq!(caught_up["added"][0]["name"], "Nittonde", "{caught_up:#}");

    rest(&app, 31).await;
    // Its events are forgotten; the subscription is there.
    checkout(&app, "Glomd", "price_factory_starter", days_ago(30)).await;
    checkout(&app, "Ny", "price_factory_starter", days_ago(1)).await;
    cancel(&app, &subscription(&app, "Nittonde").await).await;
    let anew = poll(&app).await;
    assert!(anew["missed_since"].is_string(), "it is said: {anew:#}");
    let mut names: Vec<_> = anew["added"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Glomd", "Ny"], "{anew:#}");
    assert_eq!(anew["withdrawn"][0]["name"], "Nittonde", "{anew:#}");
    let again = poll(&app).await;
    assert!(again.get("missed_since").is_none(), "once: {again:#}");
    assert_eq!(again["added"], json!([]), "{again:#}");

    // Of a quiet account nothing is left to go on from, and nothing was missed.
    let store = store(&app);
    let mut reading = store.stripe_reading().await.unwrap();
    reading.last_event = Some("evt_forgotten".to_owned());
    reading.last_event_at = Some(days_ago(40));
    store.set_stripe_reading(reading).await.unwrap();
    checkout(&app, "Sist", "price_factory_starter", now()).await;
    let quiet = poll(&app).await;
    assert!(quiet.get("missed_since").is_none(), "{quiet:#}");
    assert_eq!(quiet["added"][0]["name"], "Sist", "{quiet:#}");
}

/// Somebody who came with the agency's own list ends while nothing is read, for longer than Stripe tells of.
#[tokio::test]
async fn a_customer_who_ended_in_a_month_away_is_asked_about() {
    let app = TestApp::new().await;
    checkout(&app, "Lyran", "price_factory_starter", days_ago(90)).await;
    let lyran = app.cloud.resources("stripe", "subscription").await;
    checkout(&app, "Forut", "price_factory_starter", days_ago(90)).await;
    poll(&app).await;
    assert!(requests(&app, "all").await.is_empty(), "long past");
    app.add("lyran").await;
    let address = [
        "customers",
        "edit",
        "lyran",
        "--email",
        "info@lyran.example",
    ];
    app.run(&address).await.exits(0);
    // One ended before, the other while nobody read.
    for (id, _) in app.cloud.resources("stripe", "subscription").await {
        let at = days_ago(if id == lyran[0].0 { 32 } else { 60 });
        let ends = json!({ "do": "status", "subscription": id, "status": "canceled", "at": at });
        app.cloud.steer("stripe", &ends).await;
    }
    rest(&app, 45).await;
    let anew = poll(&app).await;
    let [ended] = &anew["added"].as_array().unwrap()[..] else {
        panic!("one of the two: {anew:#}")
    };
    assert_eq!(ended["kind"], "cancellation", "{anew:#}");
    assert!(ended["customer"].is_string(), "whose it is: {anew:#}");
}
