//! What happens at Stripe without us: somebody subscribes, pays, or ends it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    documents,
    objects::{
        CUSTOMER, Customer, EVENT, Event, PRICE, Price, SESSION, SUBSCRIPTION, Session, Shown,
        Subscription,
    },
};
use crate::{error::SandboxError, platform::Core};

/// Prices that are there from the start, with the plan that each stands for.
const PRICES: [(&str, &str, &str); 4] = [
    ("price_factory_starter", "factory", "starter"),
    ("price_factory_professional", "factory", "professional"),
    ("price_agency_starter", "agency", "starter"),
    ("price_agency_professional", "agency", "professional"),
];

/// The prices, where they are not there.
pub(crate) fn seed(core: &Core) -> Result<(), SandboxError> {
    if !documents(core).ids(PRICE).is_empty() {
        return Ok(());
    }
    for (id, blueprint, plan) in PRICES {
        let metadata = json!({ "blueprint": blueprint, "plan": plan });
        put_price(core, id, metadata.as_object().cloned().unwrap_or_default())?;
    }
    Ok(())
}

fn put_price(core: &Core, id: &str, metadata: Map<String, Value>) -> Result<(), SandboxError> {
    let price = Price {
        id: id.to_owned(),
        created: core.now(),
        metadata,
    };
    documents(core).put(PRICE, id, &price)
}

/// What is to happen.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Wish {
    /// Somebody pays at the checkout. Two events tell of it.
    Checkout(Subscribing),
    /// A subscription is begun without a checkout. One event tells of it.
    Subscribe(Subscribing),
    /// A subscription is given another status; `canceled` ends it.
    Status {
        /// Its id.
        subscription: String,
        /// Stripe's word.
        status: String,
        /// When; now, where nothing is said.
        at: Option<Timestamp>,
    },
    /// An event is told again, under a new id, or one of another kind.
    Tell {
        /// The kind.
        kind: String,
        /// The id of the object that it is about.
        object: String,
        /// When; now, where nothing is said.
        at: Option<Timestamp>,
    },
    /// A price is made, or its metadata changed.
    Price {
        /// Its id.
        id: String,
        /// What it says.
        #[serde(default)]
        metadata: Map<String, Value>,
    },
}

/// Who subscribes to what.
#[derive(Deserialize)]
pub(crate) struct Subscribing {
    name: String,
    email: String,
    price: String,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
    #[serde(default)]
    status: Option<String>,
    /// When; now, where nothing is said.
    #[serde(default)]
    at: Option<Timestamp>,
}

/// `POST /_sandbox/stripe`: the answer has the ids of what there is then.
pub(crate) fn act(core: &Core, wish: Wish) -> Result<Value, SandboxError> {
    match wish {
        Wish::Checkout(wish) => {
            let subscription = subscribe(core, &wish)?;
            let session = Session {
                id: id(core, "cs_test", SESSION)?,
                created: subscription.created,
                subscription: subscription.id.clone(),
                customer: subscription.customer.clone(),
                metadata: wish.metadata,
            };
            documents(core).put(SESSION, &session.id, &session)?;
            let kind = "checkout.session.completed";
            let event = tell(core, kind, json!({ "id": session.id }), session.created)?;
            // The later of the two as often as not comes first.
            let created = begun(core, &subscription)?;
            Ok(json!({
                "subscription": subscription.id, "session": session.id,
                "customer": subscription.customer, "events": [event, created],
            }))
        }
        Wish::Subscribe(wish) => {
            let subscription = subscribe(core, &wish)?;
            let event = begun(core, &subscription)?;
            Ok(json!({
                "subscription": subscription.id, "customer": subscription.customer, "events": [event],
            }))
        }
        Wish::Status {
            subscription,
            status,
            at,
        } => {
            let at = at.unwrap_or_else(|| core.now());
            let mut changed = wanted(core, &subscription)?;
            let ends = status == "canceled";
            changed.ended = ends.then_some(at);
            changed.status = status;
            documents(core).put(SUBSCRIPTION, &subscription, &changed)?;
            let what = if ends { "deleted" } else { "updated" };
            let kind = format!("customer.subscription.{what}");
            let event = tell(core, &kind, changed.shown(), at)?;
            Ok(json!({ "subscription": subscription, "events": [event] }))
        }
        Wish::Tell { kind, object, at } => {
            let at = at.unwrap_or_else(|| core.now());
            let event = tell(core, &kind, json!({ "id": object }), at)?;
            Ok(json!({ "events": [event] }))
        }
        Wish::Price { id, metadata } => {
            put_price(core, &id, metadata)?;
            Ok(json!({ "price": id }))
        }
    }
}

fn subscribe(core: &Core, wish: &Subscribing) -> Result<Subscription, SandboxError> {
    let at = wish.at.unwrap_or_else(|| core.now());
    let price = documents(core).get::<Price>(PRICE, &wish.price)?;
    let price = price.ok_or_else(|| SandboxError::unknown("price", &wish.price))?;
    let customer = Customer {
        id: id(core, "cus", CUSTOMER)?,
        created: at,
        name: wish.name.clone(),
        email: wish.email.clone(),
        locale: wish.locale.clone(),
    };
    documents(core).put(CUSTOMER, &customer.id, &customer)?;
    let subscription = Subscription {
        id: id(core, "sub", SUBSCRIPTION)?,
        created: at,
        status: wish.status.clone().unwrap_or_else(|| "active".to_owned()),
        customer: customer.id,
        metadata: wish.metadata.clone(),
        price,
        ended: None,
    };
    documents(core).put(SUBSCRIPTION, &subscription.id, &subscription)?;
    Ok(subscription)
}

fn begun(core: &Core, subscription: &Subscription) -> Result<String, SandboxError> {
    let kind = "customer.subscription.created";
    tell(core, kind, subscription.shown(), subscription.created)
}

fn wanted(core: &Core, id: &str) -> Result<Subscription, SandboxError> {
    let found = documents(core).get::<Subscription>(SUBSCRIPTION, id)?;
    found.ok_or_else(|| SandboxError::unknown("subscription", id))
}

fn tell(core: &Core, kind: &str, object: Value, at: Timestamp) -> Result<String, SandboxError> {
    let event = Event {
        id: id(core, "evt", EVENT)?,
        created: at,
        kind: kind.to_owned(),
        object,
    };
    documents(core).put(EVENT, &event.id, &event)?;
    Ok(event.id)
}

fn id(core: &Core, prefix: &str, series: &str) -> Result<String, SandboxError> {
    let number = documents(core).next(series)?;
    let text = core
        .seeded(&format!("stripe/{series}/{number}"))
        .alphanumeric(24);
    Ok(format!("{prefix}_{text}"))
}
