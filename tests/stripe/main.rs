//! Stripe's client, and its reading by the command line, at a stateful fake of Stripe's that others have written:
//! directly as far as its API goes, and further with what Stripe has today put beside it. What the script that starts it
//! says of it is in a variable.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod fake;
#[path = "../support/outside.rs"]
mod outside;
#[path = "../support/real_clock.rs"]
mod real_clock;
mod today;
#[path = "../it/world/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests, which use all of it"
)]
mod world;

use std::sync::Arc;

use fabrik_clouds::{
    BaseUrl, Http, Stripe, Token, refused_with,
    stripe::{EventsFrom, Standing},
};
use fabrik_domain::{
    failure::Outcome,
    id::WorkspaceId,
    ports::{Clock, Secrets},
    provider::Provider,
    secret::{Secret, SecretRef},
};
use fabrik_store::{Inbox, SqliteStore, StripeReading};
use fabrik_vault::MemoryVault;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    fake::{Fake, KEY},
    real_clock::RealClock,
    today::{Events, UNPRICED, today},
    world::TestApp,
};

/// The plan that is paid for.
const PRICE: &str = "price_factory_starter";

/// More than a page of subscriptions holds.
const MANY: usize = 103;

const POLL: [&str; 3] = ["stripe", "poll", "--json"];

/// The client by itself, with this key.
async fn stripe(url: &str, key: &str) -> Stripe {
    let vault = Arc::new(MemoryVault::new());
    let reference = SecretRef::token(WorkspaceId::new(), Provider::Stripe);
    vault.set(&reference, Secret::from(key)).await.unwrap();
    let http = Http::over_network(Arc::new(RealClock::start())).unwrap();
    let token = Token::new(vault, reference);
    Stripe::new(http, BaseUrl::parse(url).unwrap(), token)
}

/// The command line, whose Stripe is there.
async fn app(url: &str) -> TestApp {
    let mut app = TestApp::new().await;
    app.set("FABRIK_STRIPE_URL", url);
    app.set("FABRIK_SECRET_STRIPE", KEY);
    app
}

async fn poll(app: &TestApp) -> Value {
    app.run(&POLL).await.exits(0).json()
}

fn store(app: &TestApp) -> SqliteStore {
    let file = app.data().join("agency/central.db");
    SqliteStore::open(&file, Arc::new(RealClock::start())).expect("it is there")
}

/// The plan that a price stands for, as its owner writes it down.
fn starter() -> Value {
    json!({ "blueprint": "factory", "plan": "starter" })
}

/// The one of a poll's requests with this name.
fn of<'a>(added: &'a Value, name: &str) -> &'a Value {
    let all = added.as_array().expect("a list");
    let found = all.iter().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("{name} asks: {added:#}"))
}

#[tokio::test]
async fn who_pays_is_read_and_what_is_not_there_is_told_as_that() {
    let fake = Fake::empty().await;
    let stripe = stripe(&fake.url, KEY).await;
    let page = stripe.subscriptions(None).await.unwrap();
    assert!(page.subscriptions.is_empty() && !page.has_more, "{page:?}");
    assert_eq!(stripe.subscription("sub_none").await.unwrap(), None);
    assert_eq!(stripe.payer("cus_none").await.unwrap(), None);

    let customer = fake.customer("Lyran").await;
    let payer = stripe.payer(&customer).await.unwrap().expect("it is there");
    assert_eq!(payer.name.as_deref(), Some("Lyran"));
    assert_eq!(payer.email.as_deref(), Some("info@lyran.example"));
    assert_eq!(payer.preferred_locales, ["sv-SE"]);
    // Whatever else is unknown, the name is not lost.
    let customer = fake.customer_by_name("Vega").await;
    let payer = stripe.payer(&customer).await.unwrap().expect("it is there");
    assert_eq!(payer.name.as_deref(), Some("Vega"));
    assert_eq!((payer.email, payer.preferred_locales), (None, Vec::new()));
    fake.forget(&customer).await;
    assert_eq!(stripe.payer(&customer).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_that_is_not_taken_is_told_as_such() {
    let fake = Fake::empty().await;
    for (key, code) in [
        // Stripe takes these. The fake knows none.
        ("rk_test_fabrik", "credential_rejected"),
        // Never sent.
        ("pk_test_fabrik", "credential_rejected"),
        // Nor are these, which the fake would take.
        ("sk_live_fabrik", "credential_unrestricted"),
        ("sk_org_live_fabrik", "credential_unrestricted"),
    ] {
        let failure = stripe(&fake.url, key).await.whoami().await.unwrap_err();
        assert_eq!(failure.problem.code(), code, "{key}");
        assert_eq!(failure.outcome, Outcome::Unauthorized, "{key}");
    }
    let mut app = app(&fake.url).await;
    app.set("FABRIK_SECRET_STRIPE", "rk_test_fabrik");
    let refused = app.run(&POLL).await.exits(3).json();
    assert_eq!(refused["code"], "credential_rejected", "{refused:#}");
    let hint = refused["hint"].as_str().unwrap();
    assert!(hint.contains("fabrik credentials set"), "{refused:#}");
}

#[tokio::test]
async fn what_the_fake_lacks_is_told_and_not_taken_for_nothing() {
    let fake = Fake::empty().await;
    let stripe = stripe(&fake.url, KEY).await;
    // It has no account.
    let failure = stripe.whoami().await.unwrap_err();
    assert_eq!(refused_with(&failure), Some(404));
    // Events are not asked for by several kinds, nor before one.
    for from in [
        EventsFrom::Since(Timestamp::UNIX_EPOCH, None),
        EventsFrom::After("evt_none".to_owned()),
    ] {
        let failure = stripe.events(&from).await.unwrap_err();
        assert_eq!(refused_with(&failure), Some(400), "{from:?}");
        let words = failure.problem.detail.unwrap_or_default();
        assert!(words.contains("Unexpected"), "its own words: {words}");
    }
    // What is subscribed to is a plan, which Stripe has called a price for years.
    fake.plan(PRICE, &starter()).await;
    let customer = fake.customer("Lyran").await;
    let subscription = fake.subscription(&customer, PRICE).await;
    let failure = stripe.subscription(&subscription).await.unwrap_err();
    assert_eq!(failure.problem.code(), "answer_unreadable");
    let page = stripe.subscriptions(None).await.unwrap();
    assert!(page.subscriptions.is_empty(), "{page:?}");
    assert_eq!(page.unread, [subscription]);
}

#[tokio::test]
async fn a_refusal_is_told_with_the_next_step_and_nothing_counts_as_read() {
    let fake = Fake::empty().await;
    let before = today(&fake.url, Events::Theirs).await;
    for (url, operation, status) in [(&fake.url, "GetAccount", 404), (&before, "GetEvents", 400)] {
        let app = app(url).await;
        let refused = app.run(&POLL).await.exits(1).json();
        for (field, value) in [
            ("code", json!("refused")),
            ("provider", json!("stripe")),
            ("operation", json!(operation)),
            ("status", json!(status)),
            ("hint", json!("The vendor's own words say why.")),
        ] {
            assert_eq!(refused[field], value, "{field}: {refused:#}");
        }
        let reading = store(&app).stripe_reading().await.unwrap();
        assert_eq!(reading, StripeReading::default(), "{operation}");
    }
    let app = app(&before).await;
    let said = app.run(&["stripe", "poll"]).await.exits(1).stderr;
    for part in [
        "GetEvents",
        "Unexpected",
        "→ The vendor's own words say why.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn who_subscribes_is_in_the_inbox_and_who_ends_is_withdrawn() {
    let fake = Fake::empty().await;
    let url = today(&fake.url, Events::Todays).await;
    let app = app(&url).await;
    fake.plan(PRICE, &starter()).await;
    fake.plan("price_old", &json!({})).await;
    let customer = fake.customer("Lyran").await;
    let lyran = fake.subscription(&customer, PRICE).await;
    let customer = fake.customer("Vega").await;
    fake.subscription(&customer, "price_old").await;
    let customer = fake.customer("Mira").await;
    let mira = fake.unpaid(&customer, PRICE).await;

    let stripe = stripe(&url, KEY).await;
    let read = stripe.subscription(&lyran).await.unwrap().unwrap();
    assert_eq!(read.standing, Standing::Runs);
    let prices: Vec<_> = read.prices.iter().map(|price| &*price.id).collect();
    assert_eq!(prices, [PRICE]);
    let read = stripe.subscription(&mira).await.unwrap().unwrap();
    assert_eq!(read.standing, Standing::Between);
    assert!(stripe.price(PRICE).await.unwrap().is_some());
    assert_eq!(stripe.price("price_none").await.unwrap(), None);

    let first = poll(&app).await;
    assert_eq!(first["events"], 3, "{first:#}");
    assert_eq!(first["added"].as_array().unwrap().len(), 2, "{first:#}");
    let asks = of(&first["added"], "Lyran");
    for (field, value) in [
        ("subdomain", "lyran"),
        ("contact_email", "info@lyran.example"),
        ("blueprint", "factory"),
        ("plan", "starter"),
        ("language", "sv"),
    ] {
        assert_eq!(asks[field], value, "{asks:#}");
    }
    assert!(asks.get("problem").is_none(), "{asks:#}");
    let unknown = &of(&first["added"], "Vega")["problem"];
    assert_eq!(unknown["code"], "price_unknown", "{unknown:#}");
    assert_eq!(unknown["price"], "price_old", "{unknown:#}");

    fake.cancel(&lyran).await;
    let read = stripe.subscription(&lyran).await.unwrap().unwrap();
    assert_eq!(read.standing, Standing::Ended);
    let ended = poll(&app).await;
    assert_eq!(ended["events"], 1, "{ended:#}");
    assert_eq!(ended["withdrawn"][0]["name"], "Lyran", "{ended:#}");
    let again = poll(&app).await;
    assert_eq!(again["events"], 0, "{again:#}");
}

/// What a reading that comes too late does: all subscriptions, page by page.
#[tokio::test]
async fn after_a_month_all_subscriptions_are_read_anew() {
    let fake = Fake::empty().await;
    let url = today(&fake.url, Events::Todays).await;
    let app = app(&url).await;
    poll(&app).await;
    {
        let store = store(&app);
        let mut reading = store.stripe_reading().await.unwrap();
        let long_ago = RealClock::start().now() - SignedDuration::from_hours(31 * 24);
        reading.read_at = Some(long_ago);
        store.set_stripe_reading(reading).await.unwrap();
    }
    fake.plan(PRICE, &starter()).await;
    fake.plan("price_old", &json!({})).await;
    for number in 0..MANY {
        let customer = fake.customer(&format!("Kund{number}")).await;
        fake.subscription(&customer, PRICE).await;
    }
    let customer = fake.customer("Vega").await;
    fake.subscription(&customer, "price_old").await;
    let customer = fake.customer("Lyran").await;
    let ended = fake.subscription(&customer, PRICE).await;
    fake.cancel(&ended).await;
    fake.plan(UNPRICED, &starter()).await;
    let customer = fake.customer("Mira").await;
    let odd = fake.subscription(&customer, UNPRICED).await;

    let stripe = stripe(&url, KEY).await;
    let page = stripe.subscriptions(None).await.unwrap();
    assert!(page.has_more && page.subscriptions.len() == 100);
    let rest = stripe.subscriptions(page.last.as_deref()).await.unwrap();
    assert!(!rest.has_more, "{rest:?}");
    assert_eq!(rest.subscriptions.len(), MANY + 2 - 100, "{rest:?}");
    assert_eq!(rest.unread, [odd.as_str()], "{rest:?}");

    let anew = poll(&app).await;
    assert!(anew["missed_since"].is_string(), "it is said: {anew:#}");
    let added = anew["added"].as_array().unwrap();
    assert_eq!(added.len(), MANY + 2, "who has ended asks for nothing");
    let clear = added.iter().filter(|one| one.get("problem").is_none());
    assert_eq!(clear.count(), MANY);
    let unknown = &of(&anew["added"], "Vega")["problem"];
    assert_eq!(unknown["code"], "price_unknown", "{unknown:#}");
    let unread = &of(&anew["added"], &odd)["problem"];
    assert_eq!(unread["code"], "answer_unreadable", "the others go on");

    let again = poll(&app).await;
    assert!(again.get("missed_since").is_none(), "once: {again:#}");
    assert_eq!((&again["events"], &again["added"]), (&json!(0), &json!([])));
}
