//! Who subscribes and is a customer already.

use serde_json::json;

use super::{added, cancel, checkout, days_ago, moved_in, poll, requests, rest, subscription};
use crate::world::TestApp;

/// Who moved in subscribes already: neither the first reading nor one after a month away asks about them, and their ends
/// are asked about.
#[tokio::test]
async fn who_is_a_customer_already_is_asked_nothing_until_it_ends() {
    let app = TestApp::new().await;
    let lyran = moved_in(&app, "lyran").await;
    moved_in(&app, "vega").await;
    checkout(&app, "Lyran", "price_factory_starter", days_ago(3)).await;
    checkout(&app, "Ny", "price_factory_starter", days_ago(3)).await;
    // By its id in the older system, whatever the address is.
    checkout(&app, "Annan", "price_factory_starter", days_ago(3)).await;
    let payer = {
        let all = app.cloud.resources("stripe", "customer").await;
        let annan = all.into_iter().find(|(_, one)| one["name"] == "Annan");
        annan.expect("somebody pays").0
    };
    app.add("forut").await;
    let known = [
        "customers",
        "edit",
        "forut",
        "--external-id",
        payer.as_str(),
    ];
    app.run(&known).await.exits(0);
    let first = poll(&app).await;
    assert_eq!(added(&first), ["Ny"], "{first:#}");
    let answered = requests(&app, "approved").await;
    assert_eq!(answered.len(), 2, "{answered:#?}");
    let of_lyran = answered.iter().find(|one| one["name"] == "Lyran").unwrap();
    assert_eq!(of_lyran["customer"], lyran, "{of_lyran:#}");
    assert_eq!(of_lyran["decided"]["by"], "Stripe", "{of_lyran:#}");
    assert_eq!(of_lyran["subdomain"], "lyran", "{of_lyran:#}");
    assert_eq!(app.cloud.mutating().await, 0, "nothing is begun by it");

    // Their events are forgotten by the time that it is read again.
    checkout(&app, "Vega", "price_factory_starter", days_ago(40)).await;
    checkout(&app, "Nyare", "price_factory_starter", days_ago(40)).await;
    rest(&app, 31).await;
    let anew = poll(&app).await;
    assert!(anew["missed_since"].is_string(), "{anew:#}");
    assert_eq!(added(&anew), ["Nyare"], "{anew:#}");
    // What is beside a plan is no second instance. What is for one may be.
    let price = json!({ "do": "price", "id": "price_support" });
    app.cloud.steer("stripe", &price).await;
    checkout(&app, "Vega", "price_support", days_ago(40)).await;
    rest(&app, 31).await;
    assert_eq!(poll(&app).await["added"], json!([]));
    checkout(&app, "Vega", "price_factory_starter", days_ago(40)).await;
    rest(&app, 31).await;
    let anew = poll(&app).await;
    assert_eq!(added(&anew), ["Vega"], "{anew:#}");

    // Whose it is was known before the address was another.
    let moved = ["customers", "edit", "lyran", "--email", "ny@annat.example"];
    app.run(&moved).await.exits(0);
    cancel(&app, &subscription(&app, "Lyran").await).await;
    let ended = poll(&app).await;
    assert_eq!(ended["added"][0]["kind"], "cancellation", "{ended:#}");
    assert_eq!(ended["added"][0]["customer"], lyran, "{ended:#}");
}

/// Who was paused, or removed, may want to come back.
#[tokio::test]
async fn a_paused_customer_who_subscribes_is_asked_about() {
    let app = TestApp::new().await;
    moved_in(&app, "lyran").await;
    let paused = ["customers", "edit", "lyran", "--status", "inactive"];
    app.run(&paused).await.exits(0);
    checkout(&app, "Lyran", "price_factory_starter", days_ago(3)).await;
    let first = poll(&app).await;
    assert_eq!(added(&first), ["Lyran"], "{first:#}");
}
