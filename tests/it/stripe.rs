//! Stripe: who subscribes is in the inbox, once, whatever happens to whoever reads; who ends is asked about.

use std::{path::Path, sync::Arc};

use fabrik_domain::ports::Clock;
use fabrik_store::{Inbox, SqliteStore};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    real_clock::RealClock,
    world::{Latency, TestApp},
};

/// Each call takes so long that a kill meets any of them.
const SLOW: &str = "base = \"none\"\nread = 0.04\n";

/// So many subscribe while the reader is killed.
const MANY: usize = 12;

fn now() -> Timestamp {
    RealClock::start().now()
}

fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// Somebody pays at the checkout.
async fn checkout(app: &TestApp, name: &str, price: &str, at: Timestamp) {
    let label = name.to_lowercase();
    let wish = json!({ "do": "checkout", "name": name, "email": format!("info@{label}.example"),
                       "price": price, "locale": "sv-SE", "at": at });
    app.cloud.steer("stripe", &wish).await;
}

async fn poll(app: &TestApp) -> Value {
    app.run(&["stripe", "poll", "--json"]).await.exits(0).json()
}

async fn requests(app: &TestApp, state: &str) -> Vec<Value> {
    let list = ["requests", "list", "--state", state, "--json"];
    let page = app.run(&list).await.exits(0).json();
    page["requests"].as_array().expect("a list").clone()
}

/// The id of the subscription that this name's request came from.
async fn subscription(app: &TestApp, name: &str) -> String {
    let all = requests(app, "all").await;
    let of = all.iter().find(|one| one["name"] == name);
    let of = of.unwrap_or_else(|| panic!("{name} asked: {all:#?}"));
    of["origin"]["subscription"].as_str().unwrap().to_owned()
}

async fn cancel(app: &TestApp, subscription: &str) {
    let wish = json!({ "do": "status", "subscription": subscription, "status": "canceled" });
    app.cloud.steer("stripe", &wish).await;
}

pub(crate) fn store(app: &TestApp) -> SqliteStore {
    store_at(&app.data().join("agency/central.db"))
}

/// A central database, beside whoever else has it open.
pub(crate) fn store_at(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Arc::new(RealClock::start())).expect("it is there")
}

/// As if nothing had been read for so many days.
async fn rest(app: &TestApp, days: i64) {
    let store = store(app);
    let mut reading = store.stripe_reading().await.unwrap();
    reading.read_at = Some(days_ago(days));
    reading.last_event_at = reading.last_event.as_ref().map(|_| days_ago(days));
    store.set_stripe_reading(reading).await.unwrap();
}

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

/// A customer of the agency's own list, at the address that pays.
async fn moved_in(app: &TestApp, subdomain: &str) -> Value {
    let customer = app.add(subdomain).await;
    let email = format!("info@{subdomain}.example");
    let edit = ["customers", "edit", subdomain, "--email", email.as_str()];
    app.run(&edit).await.exits(0);
    customer["id"].clone()
}

/// Those in the inbox by a poll, by name.
fn added(poll: &Value) -> Vec<&str> {
    let all = poll["added"].as_array().expect("a list").iter();
    let mut names: Vec<_> = all.map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

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

#[tokio::test]
async fn many_are_read_page_by_page_and_a_vendor_that_fails_in_between_costs_nothing() {
    let app = TestApp::new().await;
    poll(&app).await;
    let small = json!({ "stripe": { "page": 3 } });
    app.cloud.steer("accounts", &small).await;
    for number in 0..10 {
        checkout(
            &app,
            &format!("Kund{number}"),
            "price_factory_starter",
            now(),
        )
        .await;
    }
    let fault = json!([{ "provider": "stripe", "method": "GET", "path": "/v1/subscriptions/*", "nth": 5, "do": "status:500" }]);
    app.cloud.faults(fault).await;
    let broken = app.run(&["stripe", "poll", "--json"]).await;
    assert_eq!(broken.exits(1).json()["code"], "vendor_failed");
    let so_far = requests(&app, "open").await.len();
    assert!(
        (1..10).contains(&so_far),
        "those before it are there: {so_far}"
    );
    poll(&app).await;
    assert_eq!(requests(&app, "open").await.len(), 10);
}

/// Whoever reads is killed again and again, at any instant between any two writes: each is asked for once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_killed_anywhere_asks_once_for_each() {
    let app = TestApp::with(Latency::File(SLOW)).await;
    for number in 0..MANY {
        checkout(
            &app,
            &format!("Kund{number}"),
            "price_factory_starter",
            now(),
        )
        .await;
    }
    let mut kills = 0;
    for instant in (0..12).map(|part| 90 + part * 110) {
        let mut child = app.spawn(&["stripe", "poll", "--json"]);
        let span = std::time::Duration::from_millis(instant);
        if tokio::time::timeout(span, child.wait()).await.is_err() {
            child.kill().await.expect("SIGKILL");
            kills += 1;
        }
        let (reading, open) = {
            let store = store(&app);
            (
                store.stripe_reading().await.unwrap(),
                requests(&app, "open").await,
            )
        };
        // Where it is read on from lies never beyond what is written.
        assert_eq!(
            reading.last_event.is_some(),
            !open.is_empty() || reading.read_at.is_some()
        );
    }
    assert!(kills > 3, "{kills} kills");
    poll(&app).await;
    let open = requests(&app, "open").await;
    let names: std::collections::BTreeSet<_> = open
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!((open.len(), names.len()), (MANY, MANY), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_readers_at_once_ask_once() {
    let app = TestApp::new().await;
    poll(&app).await;
    for round in 0..5 {
        for number in 0..4 {
            checkout(
                &app,
                &format!("Kund{round}x{number}"),
                "price_factory_starter",
                now(),
            )
            .await;
        }
        let (one, two) = tokio::join!(poll(&app), poll(&app));
        let added = [one, two].map(|poll| poll["added"].as_array().unwrap().len());
        assert_eq!(added.iter().sum::<usize>(), 4, "{added:?}");
    }
    assert_eq!(requests(&app, "open").await.len(), 20);
}

#[tokio::test]
async fn a_key_that_may_do_anything_is_refused_with_the_reason() {
    let mut app = TestApp::new().await;
    let key = "sk_live_51KanariefagelZq7Xv9Wj3Kp5";
    // Stripe itself would take it.
    let token = json!({ "provider": "stripe", "token": key });
    app.cloud.steer("tokens", &token).await;
    app.set("FABRIK_SECRET_STRIPE", key);
    let refused = app.run(&["stripe", "poll", "--json"]).await;
    assert!(
        !format!("{refused:?}").contains("Kanariefagel"),
        "{refused:#?}"
    );
    assert_eq!(refused.exits(3).json()["code"], "credential_unrestricted");
    let calls = app.cloud.look("calls").await.to_string();
    assert!(!calls.contains("stripe"), "it was never sent: {calls}");
    let file = app.file("old.env", format!("STRIPE_SECRET_KEY={key}\n"));
    let imported = app.run(&["credentials", "import", &file, "--json"]).await;
    let imported: Value = serde_json::from_str(&imported.stdout).expect("a document");
    assert_eq!(
        imported["entries"][0]["problem"]["code"], "credential_unrestricted",
        "{imported:#}"
    );

    // A restricted one that may not read what is needed says what it lacks.
    let narrow = json!({ "provider": "stripe", "token": "rk_live_narrow0123456789", "scopes": ["account:read", "events:read"] });
    app.cloud.steer("tokens", &narrow).await;
    app.set("FABRIK_SECRET_STRIPE", "rk_live_narrow0123456789");
    let tested = app.run(&["credentials", "test", "stripe", "--json"]).await;
    let text = tested.stdout;
    assert!(
        text.contains("Subscriptions: read") && text.contains("credential_scope_missing"),
        "{text}"
    );
}
