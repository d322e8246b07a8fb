//! What stands in the way of a request: it blocks no other, and is mended by hand, by a setting, at Stripe or on another
//! desktop.

use serde_json::json;

use super::{checkout, days_ago, now, poll, requests};
use crate::world::TestApp;

#[tokio::test]
async fn an_unknown_price_blocks_no_other_and_is_mended_by_hand_or_by_a_setting() {
    let app = TestApp::new().await;
    let price = json!({ "do": "price", "id": "price_old" });
    app.cloud.steer("stripe", &price).await;
    let gone = json!({ "do": "price", "id": "price_gone", "metadata": { "blueprint": "gone", "plan": "x" } });
    app.cloud.steer("stripe", &gone).await;
    checkout(&app, "Ett", "price_old", now()).await;
    checkout(&app, "Tva", "price_gone", now()).await;
    // An event about something that isn't there, and one of a subscription that waits for its first payment.
    let nobody =
        json!({ "do": "tell", "kind": "customer.subscription.updated", "object": "sub_nobody" });
    app.cloud.steer("stripe", &nobody).await;
    let waits = json!({ "do": "subscribe", "name": "Fyra", "email": "info@fyra.example",
                        "price": "price_agency_starter", "status": "incomplete" });
    app.cloud.steer("stripe", &waits).await;
    checkout(&app, "Tre", "price_agency_starter", now()).await;
    poll(&app).await;
    let open = requests(&app, "open").await;
    let of = |name: &str| open.iter().find(|one| one["name"] == name);
    let [one, two, three] = ["Ett", "Tva", "Tre"].map(|name| of(name).expect("in the inbox"));
    assert_eq!(one["problem"]["code"], "price_unknown");
    assert_eq!(one["problem"]["price"], "price_old", "{one:#}");
    assert_eq!(two["problem"]["code"], "blueprint_unknown", "{two:#}");
    assert!(
        three.get("problem").is_none(),
        "the good one goes on: {three:#}"
    );
    assert!(of("Fyra").is_none(), "nobody has paid");
    let approve = ["requests", "approve", "ett", "--yes", "--json"];
    assert_eq!(
        app.run(&approve).await.exits(3).json()["code"],
        "field_missing"
    );
    let edit = [
        "requests",
        "edit",
        "ett",
        "--blueprint",
        "factory",
        "--plan",
        "starter",
        "--json",
    ];
    let mended = app.run(&edit).await.exits(0).json();
    assert!(mended.get("problem").is_none(), "{mended:#}");

    // For all that ask by it from then on.
    let bad = ["settings", "set", "stripe.prices", "price_old", "--json"];
    assert_eq!(
        app.run(&bad).await.exits(3).json()["code"],
        "setting_invalid"
    );
    let good = [
        "settings",
        "set",
        "stripe.prices",
        "price_old=factory/enterprise",
    ];
    app.run(&good).await.exits(0);
    checkout(&app, "Fem", "price_old", now()).await;
    let paid = json!({ "do": "status", "subscription": waiting(&app).await, "status": "active" });
    app.cloud.steer("stripe", &paid).await;
    let next = poll(&app).await;
    let added = next["added"].as_array().unwrap();
    let of = |name: &str| added.iter().find(|one| one["name"] == name);
    assert_eq!(
        of("Fem").expect("known now")["plan"],
        "enterprise",
        "{next:#}"
    );
    assert_eq!(
        of("Fyra").expect("it is paid")["blueprint"],
        "agency",
        "{next:#}"
    );
}

/// What stood in the way is mended by a setting, at Stripe, or in a reading that succeeds; but what was put right by hand
/// stays as it is.
#[tokio::test]
async fn what_is_mended_is_asked_for_anew_but_what_was_put_right_by_hand() {
    let app = TestApp::new().await;
    for price in ["price_old", "price_bare"] {
        let price = json!({ "do": "price", "id": price });
        app.cloud.steer("stripe", &price).await;
    }
    checkout(&app, "Ett", "price_old", now()).await;
    checkout(&app, "Tva", "price_old", now()).await;
    checkout(&app, "Tre", "price_bare", now()).await;
    poll(&app).await;
    // One that can't be read has a name of Stripe's and nothing else.
    checkout(&app, "Fyra", "price_factory_starter", now()).await;
    let fault = json!([{ "provider": "stripe", "method": "GET", "path": "/v1/subscriptions/*", "do": "garbage" }]);
    app.cloud.faults(fault).await;
    poll(&app).await;
    let open = requests(&app, "open").await;
    assert_eq!(open.len(), 4, "{open:#?}");
    assert!(open.iter().all(|one| one["problem"].is_object()));
    let unread = open
        .iter()
        .find(|one| one["blueprint"] == "" && one["subdomain"] == "");
    assert!(unread.is_some(), "{open:#?}");
    app.cloud.faults(json!([])).await;
    let edit = [
        "requests",
        "edit",
        "ett",
        "--blueprint",
        "agency",
        "--plan",
        "starter",
        "--name",
        "Etta",
    ];
    app.run(&edit).await.exits(0);
    let set = [
        "settings",
        "set",
        "stripe.prices",
        "price_old=factory/enterprise",
    ];
    app.run(&set).await.exits(0);
    let read = poll(&app).await;
    assert_eq!(read["added"], json!([]), "nobody is new: {read:#}");
    let of = async |name: &str| {
        let open = requests(&app, "open").await;
        let one = open.iter().find(|one| one["name"] == name).cloned();
        one.unwrap_or_else(|| panic!("{name} asks: {open:#?}"))
    };
    let by_hand = of("Etta").await;
    assert_eq!(
        (&by_hand["blueprint"], &by_hand["plan"]),
        (&json!("agency"), &json!("starter"))
    );
    for (name, plan) in [("Tva", "enterprise"), ("Fyra", "starter")] {
        let mended = of(name).await;
        assert!(mended.get("problem").is_none(), "{mended:#}");
        assert_eq!(mended["blueprint"], "factory", "{mended:#}");
        assert_eq!(mended["plan"], plan, "{mended:#}");
        assert_eq!(mended["subdomain"], name.to_lowercase(), "{mended:#}");
    }
    let waits = of("Tre").await;
    assert_eq!(waits["problem"]["code"], "price_unknown", "{waits:#}");
    poll(&app).await;
    assert_eq!(of("Tre").await, waits, "nothing is news");

    let metadata = json!({ "blueprint": "factory", "plan": "starter" });
    let mended = json!({ "do": "price", "id": "price_bare", "metadata": metadata });
    app.cloud.steer("stripe", &mended).await;
    poll(&app).await;
    let mended = of("Tre").await;
    assert_eq!(
        (&mended["id"], &mended["plan"]),
        (&waits["id"], &json!("starter"))
    );
    assert!(mended.get("problem").is_none(), "{mended:#}");
}

/// Who would have been approved at once is so once nothing stands in the way.
#[tokio::test]
async fn what_is_mended_is_approved_at_once_as_it_would_have_been() {
    let app = TestApp::new().await;
    let price = json!({ "do": "price", "id": "price_old" });
    app.cloud.steer("stripe", &price).await;
    app.run(&["settings", "set", "stripe.approve", "at_once"])
        .await
        .exits(0);
    checkout(&app, "Gammal", "price_old", days_ago(3)).await;
    poll(&app).await;
    checkout(&app, "Lyran", "price_old", now()).await;
    let next = poll(&app).await;
    assert!(next.get("results").is_none(), "{next:#}");
    let set = [
        "settings",
        "set",
        "stripe.prices",
        "price_old=factory/starter",
    ];
    app.run(&set).await.exits(0);
    let mended = poll(&app).await;
    let results = mended["results"].as_array().expect("runs");
    assert_eq!(results.len(), 1, "{mended:#}");
    assert_eq!(results[0]["customer"]["subdomain"], "lyran", "{mended:#}");
    assert_eq!(results[0]["run"]["state"], "succeeded", "{mended:#}");
    let open = requests(&app, "open").await;
    let names: Vec<_> = open.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Gammal"], "who subscribed before is asked about");
    assert!(open[0].get("problem").is_none(), "{open:#?}");
}

/// An agency's own blueprints lie in each desktop's folder: whoever lacks one leaves it to whoever has it.
#[tokio::test]
async fn what_is_of_another_desktops_blueprint_waits_for_it() {
    let app = TestApp::new().await;
    app.run(&["settings", "set", "stripe.approve", "at_once"])
        .await
        .exits(0);
    poll(&app).await;
    let metadata = json!({ "blueprint": "atelier", "plan": "starter" });
    let price = json!({ "do": "price", "id": "price_atelier", "metadata": metadata });
    app.cloud.steer("stripe", &price).await;
    checkout(&app, "Lyran", "price_atelier", now()).await;
    for _ in 0..2 {
        let read = poll(&app).await;
        assert!(read.get("results").is_none(), "{read:#}");
        let [waits] = &requests(&app, "open").await[..] else {
            panic!("one request")
        };
        assert_eq!(waits["problem"]["code"], "blueprint_unknown", "{waits:#}");
        assert_eq!(waits["at_once"], true, "it is left to another: {waits:#}");
    }
    app.run(&["blueprints", "new", "atelier", "--from", "factory"])
        .await
        .exits(0);
    let there = poll(&app).await;
    let results = there["results"].as_array().expect("runs");
    assert_eq!(results.len(), 1, "{there:#}");
    assert_eq!(results[0]["customer"]["blueprint"], "atelier", "{there:#}");
    assert_eq!(results[0]["run"]["state"], "succeeded", "{there:#}");
}

/// The subscription that waits for its first payment.
async fn waiting(app: &TestApp) -> String {
    let all = app.cloud.resources("stripe", "subscription").await;
    let waiting = all
        .into_iter()
        .find(|(_, one)| one["status"] == "incomplete");
    waiting.expect("it is there").0
}
