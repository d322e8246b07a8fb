//! Approved at once, where the owner wants that: who is new, and nobody who may have an instance already.

use fabrik_store::Inbox;
use serde_json::json;

use super::{added, checkout, days_ago, moved_in, now, poll, requests, rest, store};
use crate::world::TestApp;

#[tokio::test]
async fn what_the_owner_wants_approved_at_once_is_but_nothing_from_before() {
    let app = TestApp::new().await;
    app.run(&["settings", "set", "stripe.approve", "at_once"])
        .await
        .exits(0);
    checkout(&app, "Gammal", "price_factory_starter", days_ago(3)).await;
    let first = poll(&app).await;
    assert!(
        first.get("results").is_none(),
        "who subscribed before is asked about: {first:#}"
    );
    checkout(&app, "Lyran", "price_factory_starter", now()).await;
    let price = json!({ "do": "price", "id": "price_old" });
    app.cloud.steer("stripe", &price).await;
    checkout(&app, "Okand", "price_old", now()).await;
    let next = poll(&app).await;
    let results = next["results"].as_array().expect("runs");
    assert_eq!(results.len(), 1, "{next:#}");
    assert_eq!(results[0]["run"]["state"], "succeeded", "{next:#}");
    assert_eq!(results[0]["customer"]["subdomain"], "lyran");
    let open = requests(&app, "open").await;
    let mut names: Vec<_> = open
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["Gammal", "Okand"],
        "what something stands in the way of waits"
    );
}

/// Whoever subscribed when nobody looked may have an instance already: the owner is asked, however that comes to light.
#[tokio::test]
async fn who_subscribed_before_it_was_followed_is_never_approved_at_once() {
    let app = TestApp::new().await;
    app.run(&["settings", "set", "stripe.approve", "at_once"])
        .await
        .exits(0);
    let asked = async |what: &str, name: &str| {
        let read = poll(&app).await;
        assert!(read.get("results").is_none(), "{what}: {read:#}");
        assert_eq!(read["added"][0]["name"], name, "{what}: {read:#}");
    };
    // Its events are forgotten by the time that Fabrik is connected; then it is renewed.
    checkout(&app, "Ett", "price_factory_starter", days_ago(40)).await;
    poll(&app).await;
    let all = app.cloud.resources("stripe", "subscription").await;
    let renewed = json!({ "do": "status", "subscription": all[0].0, "status": "active" });
    app.cloud.steer("stripe", &renewed).await;
    asked("an event of one from before", "Ett").await;
    // Of this one nothing is heard until all are read.
    checkout(&app, "Tva", "price_factory_starter", days_ago(40)).await;
    rest(&app, 31).await;
    asked("all are read anew", "Tva").await;

    // A key for test mode, by which nobody's name could be read, and then the live one.
    let store = store(&app);
    let mut reading = store.stripe_reading().await.unwrap();
    reading.last_event = Some("evt_of_test_mode".to_owned());
    reading.last_event_at = Some(now());
    reading.followed_since = Some(days_ago(60));
    reading.account = None;
    store.set_stripe_reading(reading.clone()).await.unwrap();
    checkout(&app, "Tre", "price_factory_starter", days_ago(40)).await;
    asked("an event that the account doesn't know", "Tre").await;

    // Another account, where no event tells them apart.
    let known = store.stripe_reading().await.unwrap();
    assert!(known.account.is_some(), "whose it is was read: {known:?}");
    reading.account = known.account;
    reading.last_event = None;
    reading.last_event_at = None;
    store.set_stripe_reading(reading).await.unwrap();
    let other = json!({ "stripe": { "id": "acct_another" } });
    app.cloud.steer("accounts", &other).await;
    checkout(&app, "Fyra", "price_factory_starter", days_ago(3)).await;
    asked("another account", "Fyra").await;

    // From now on they are new.
    checkout(&app, "Fem", "price_factory_starter", now()).await;
    let next = poll(&app).await;
    assert_eq!(next["results"][0]["customer"]["name"], "Fem", "{next:#}");
}

/// Whether a customer wants a second instance is the owner's to say.
#[tokio::test]
async fn a_customer_who_subscribes_is_never_approved_at_once() {
    let app = TestApp::new().await;
    let setting = ["settings", "set", "stripe.approve", "at_once"];
    app.run(&setting).await.exits(0);
    poll(&app).await;
    moved_in(&app, "lyran").await;
    checkout(&app, "Lyran", "price_factory_starter", now()).await;
    let next = poll(&app).await;
    assert!(next.get("results").is_none(), "{next:#}");
    assert_eq!(added(&next), ["Lyran"], "{next:#}");
}
