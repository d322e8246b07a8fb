//! Stripe's lists, what is forgotten, and who may read what.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Cloud, cloud};

fn ids(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().expect("a list");
    data.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

async fn subscribe(cloud: &Cloud, name: &str, at: Timestamp) -> Value {
    let wish = json!({ "do": "subscribe", "name": name, "email": "info@x.example",
                       "price": "price_factory_starter", "at": at });
    cloud.steer("stripe", &wish).await
}

fn days_ago(days: i64) -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the server's clock is this one")]
    let now = Timestamp::now();
    now - SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn events_are_listed_newest_first_and_read_on_in_both_directions() {
    let (_folder, cloud) = cloud().await;
    let mut events = Vec::new();
    for number in 0..7 {
        let told = subscribe(&cloud, &format!("Kund {number}"), days_ago(7 - number)).await;
        events.push(told["events"][0].as_str().unwrap().to_owned());
    }
    let stripe = cloud.vendor("stripe");
    let all = stripe.get("/v1/events?limit=100").await;
    let newest_first: Vec<_> = events.iter().rev().map(String::as_str).collect();
    assert_eq!(ids(&all), newest_first);
    assert_eq!(all["has_more"], false);
    // The page before an event is the one next to it, not the newest.
    let before = stripe
        .get(&format!("/v1/events?limit=2&ending_before={}", events[1]))
        .await;
    assert_eq!(ids(&before), [&events[3], &events[2]]);
    assert_eq!(before["has_more"], true);
    let last = stripe
        .get(&format!("/v1/events?limit=2&ending_before={}", events[5]))
        .await;
    assert_eq!(
        (ids(&last), &last["has_more"]),
        (vec![&*events[6]], &json!(false))
    );
    let after = stripe
        .get(&format!("/v1/events?limit=2&starting_after={}", events[2]))
        .await;
    assert_eq!(ids(&after), [&events[1], &events[0]]);
    let since = days_ago(3).as_second() - 60;
    let since = stripe
        .get(&format!("/v1/events?created[gte]={since}"))
        .await;
    assert_eq!(ids(&since), [&events[6], &events[5], &events[4]]);
    let none = stripe
        .get("/v1/events?types[]=customer.subscription.deleted")
        .await;
    assert_eq!(ids(&none), Vec::<&str>::new());
}

#[tokio::test]
async fn events_are_forgotten_after_thirty_days_and_what_they_are_about_is_not() {
    let (_folder, cloud) = cloud().await;
    let old = subscribe(&cloud, "Gammal", days_ago(31)).await;
    let new = subscribe(&cloud, "Ny", days_ago(29)).await;
    let stripe = cloud.vendor("stripe");
    let told = stripe.get("/v1/events").await;
    assert_eq!(ids(&told), [new["events"][0].as_str().unwrap()]);
    let forgotten = old["events"][0].as_str().unwrap();
    let path = format!("/v1/events?ending_before={forgotten}");
    let (status, refused) = raw(&cloud, &path, None).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (400, &json!("resource_missing"))
    );
    let id = old["subscription"].as_str().unwrap();
    let subscription = stripe.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!(subscription["status"], "active");
    assert_eq!(
        subscription["items"]["data"][0]["price"]["metadata"]["plan"],
        "starter"
    );

    let wish = json!({ "do": "status", "subscription": id, "status": "canceled" });
    cloud.steer("stripe", &wish).await;
    let running = stripe.get("/v1/subscriptions").await;
    assert_eq!(
        ids(&running),
        [new["subscription"].as_str().unwrap()],
        "without those that ended"
    );
    let all = stripe.get("/v1/subscriptions?status=all").await;
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_checkout_leads_to_its_subscription_and_its_payer() {
    let (_folder, cloud) = cloud().await;
    let wish = json!({ "do": "checkout", "name": "Lyran", "email": "info@lyran.example",
                       "price": "price_agency_starter", "locale": "sv" });
    let told = cloud.steer("stripe", &wish).await;
    let stripe = cloud.vendor("stripe");
    let id = |name: &str| told[name].as_str().unwrap().to_owned();
    let session = stripe
        .get(&format!("/v1/checkout/sessions/{}", id("session")))
        .await;
    assert_eq!(session["subscription"], told["subscription"]);
    let customer = stripe
        .get(&format!("/v1/customers/{}", id("customer")))
        .await;
    assert_eq!(
        (&customer["name"], &customer["preferred_locales"]),
        (&json!("Lyran"), &json!(["sv"]))
    );
    let price = stripe.get("/v1/prices/price_agency_starter").await;
    assert_eq!(price["metadata"]["blueprint"], "agency");
    stripe.get("/v1/account").await;
    let unknown =
        json!({ "do": "subscribe", "name": "X", "email": "x@x.example", "price": "price_none" });
    let (status, _) = cloud.try_to_steer("stripe", &unknown).await;
    assert!(status.is_client_error(), "{status}");
}

#[tokio::test]
async fn a_restricted_key_reads_what_it_may() {
    let (_folder, cloud) = cloud().await;
    let key = "rk_test_narrow0123456789";
    let token = json!({ "provider": "stripe", "token": key, "scopes": ["events:read"] });
    cloud.steer("tokens", &token).await;
    let (status, _) = raw(&cloud, "/v1/events", Some(key)).await;
    assert_eq!(status, 200);
    let (status, refused) = raw(&cloud, "/v1/subscriptions", Some(key)).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (403, &json!("more_permissions_required"))
    );
    let (status, _) = raw(&cloud, "/v1/events", Some("rk_test_nobody")).await;
    assert_eq!(status, 401);
}

/// A call whose refusals are looked at: the document has no statuses for them.
async fn raw(cloud: &Cloud, path: &str, key: Option<&str>) -> (u16, Value) {
    let key = key.map_or_else(|| cloud.variable("FABRIK_SECRET_STRIPE"), ToOwned::to_owned);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}{path}", cloud.variable("FABRIK_STRIPE_URL"));
    let answer = client
        .request(Method::GET, url)
        .bearer_auth(key)
        .send()
        .await;
    let answer = answer.expect("the sandbox answers");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}
