//! Objects as they are kept, and read by their ids.

use std::sync::LazyLock;

use axum::{extract::Path, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{documents, list::told_since, no_such};
use crate::{
    answer::{Answer, json_answer},
    document::Document,
    platform::Core,
};

/// Kinds of documents.
pub(super) const EVENT: &str = "event";
pub(super) const SUBSCRIPTION: &str = "subscription";
pub(super) const SESSION: &str = "checkout_session";
pub(super) const PRICE: &str = "price";
pub(super) const CUSTOMER: &str = "customer";

/// What every object of a kind says that nothing is told of here.
static OBJECTS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("objects.json")).unwrap_or_default());

/// A whole object: what is its own, over what all of its kind say.
fn whole(kind: &str, own: Value) -> Value {
    let mut whole = OBJECTS[kind].clone();
    if let (Some(whole), Value::Object(own)) = (whole.as_object_mut(), own) {
        whole.extend(own);
    }
    whole
}

/// What can be shown as Stripe shows it.
pub(super) trait Shown: Document + DeserializeOwned {
    fn id(&self) -> &str;
    fn shown(&self) -> Value;
}

macro_rules! shown {
    ($type:ty, |$object:ident| $shown:expr) => {
        impl Shown for $type {
            fn id(&self) -> &str {
                &self.id
            }

            fn shown(&self) -> Value {
                let $object = self;
                $shown
            }
        }
    };
}

/// An event. What its object looked like is kept with it, and is of an older version's shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) kind: String,
    pub(super) object: Value,
}

shown!(Event, |event| json!({
    "id": event.id, "object": "event", "api_version": "2019-02-19", "created": event.created.as_second(),
    "type": event.kind, "livemode": false, "pending_webhooks": 0, "data": { "object": event.object },
    "request": { "id": null, "idempotency_key": null },
}));

/// A subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) status: String,
    pub(super) customer: String,
    pub(super) metadata: Map<String, Value>,
    /// As it was when it was subscribed to, but for its metadata, which follow the price.
    pub(super) price: Price,
    pub(super) ended: Option<Timestamp>,
}

shown!(Subscription, |subscription| {
    let created = subscription.created.as_second();
    let item = whole(
        "subscription_item",
        json!({
            "id": format!("si_{}", subscription.id), "created": created, "subscription": subscription.id,
            "current_period_start": created, "current_period_end": created + 30 * 86_400,
            "price": subscription.price.shown(),
        }),
    );
    let ended = subscription.ended.map(Timestamp::as_second);
    whole(
        "subscription",
        json!({
            "id": subscription.id, "created": created, "status": subscription.status,
            "customer": subscription.customer, "metadata": subscription.metadata, "start_date": created,
            "billing_cycle_anchor": created, "ended_at": ended, "canceled_at": ended,
            "items": { "object": "list", "has_more": false, "url": "/v1/subscription_items", "data": [item] },
        }),
    )
});

/// A checkout.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) subscription: String,
    pub(super) customer: String,
    pub(super) metadata: Map<String, Value>,
}

shown!(Session, |session| whole(
    "checkout_session",
    json!({
        "id": session.id, "created": session.created.as_second(), "mode": "subscription",
        "status": "complete", "payment_status": "paid", "ui_mode": "hosted_page",
        "subscription": session.subscription, "customer": session.customer, "metadata": session.metadata,
        "expires_at": session.created.as_second() + 86_400,
    }),
));

/// A price.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Price {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) metadata: Map<String, Value>,
}

shown!(Price, |price| whole(
    "price",
    json!({
        "id": price.id, "created": price.created.as_second(), "metadata": price.metadata,
        "product": format!("prod_{}", price.id.trim_start_matches("price_")),
    }),
));

/// Who pays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) locale: Option<String>,
}

shown!(Customer, |customer| whole(
    "customer",
    json!({
        "id": customer.id, "created": customer.created.as_second(), "name": customer.name,
        "email": customer.email, "preferred_locales": customer.locale.iter().collect::<Vec<_>>(),
    }),
));

fn get<T: Shown>(core: &Core, kind: &str, id: &str) -> Answer {
    match documents(core).get::<T>(kind, id)? {
        Some(object) => json_answer(StatusCode::OK, &object.shown()),
        None => Err(no_such(kind, id, StatusCode::NOT_FOUND)),
    }
}

/// `GET /v1/events/{id}`, `GetEventsId`. One that is no longer listed is gone.
pub(super) async fn event(core: Core, Path(id): Path<String>) -> Answer {
    let oldest = told_since(&core)?;
    let event = documents(&core).get::<Event>(EVENT, &id)?;
    match event.filter(|event| event.created >= oldest) {
        Some(event) => json_answer(StatusCode::OK, &event.shown()),
        None => Err(no_such(EVENT, &id, StatusCode::NOT_FOUND)),
    }
}

/// `GET /v1/subscriptions/{id}`, `GetSubscriptionsSubscriptionExposedId`.
pub(super) async fn subscription(core: Core, Path(id): Path<String>) -> Answer {
    get::<Subscription>(&core, SUBSCRIPTION, &id)
}

/// `GET /v1/checkout/sessions/{id}`, `GetCheckoutSessionsSession`.
pub(super) async fn session(core: Core, Path(id): Path<String>) -> Answer {
    get::<Session>(&core, SESSION, &id)
}

/// `GET /v1/prices/{id}`, `GetPricesPrice`.
pub(super) async fn price(core: Core, Path(id): Path<String>) -> Answer {
    get::<Price>(&core, PRICE, &id)
}

/// `GET /v1/customers/{id}`, `GetCustomersCustomer`.
pub(super) async fn customer(core: Core, Path(id): Path<String>) -> Answer {
    get::<Customer>(&core, CUSTOMER, &id)
}
