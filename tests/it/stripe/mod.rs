//! Stripe: who subscribes is in the inbox, once, whatever happens to whoever reads; who ends is asked about.

mod already;
mod at_once;
mod away;
mod ends;
mod key;
mod mended;
mod readers;
mod story;

use std::{path::Path, sync::Arc};

use fabrik_domain::ports::Clock;
use fabrik_store::{Inbox, SqliteStore};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{real_clock::RealClock, world::TestApp};

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
