//! Events: that something happened to an object. What it looked like then is left aside: its shape is of the
//! version of that time, and events come out of order.

use fabrik_domain::failure::Failure;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Stripe,
    body::{ListBody, is_missing, time},
};
use crate::Call;

/// The kinds of events that say something of a subscription. Stripe takes twenty.
const KINDS: [&str; 4] = [
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
];

/// As many as Stripe gives at once.
const PAGE: &str = "100";

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// Its kind.
    pub kind: String,
    /// The id of the object it happened to; none where it can't be read.
    pub object: Option<String>,
}

/// From where events are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventsFrom {
    /// Those after this one, the oldest first.
    After(String),
    /// Those since then that come before this one, the newest first; from the newest on where none is named.
    Since(Timestamp, Option<String>),
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in the order in which Stripe lists them: the newest first.
    pub events: Vec<Event>,
    /// There are more, in the direction in which they are read.
    pub has_more: bool,
}

#[derive(Deserialize)]
struct EventBody {
    id: String,
    #[serde(deserialize_with = "time")]
    created: Timestamp,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Value,
}

impl From<EventBody> for Event {
    fn from(body: EventBody) -> Self {
        let object = body.data["object"]["id"].as_str().map(ToOwned::to_owned);
        Self {
            id: body.id,
            at: body.created,
            kind: body.kind,
            object,
        }
    }
}

impl Stripe {
    /// A page of events that say something of subscriptions; `None` where Stripe doesn't know the event to go on from:
    /// it is older than thirty days, or another account's. `GetEvents`.
    pub async fn events(&self, from: &EventsFrom) -> Result<Option<EventPage>, Failure> {
        let call = Call::reads("GetEvents").needs(&["Events: read"]);
        let mut draft = self.read(call, ["events"]).await?.query("limit", PAGE);
        for kind in KINDS {
            draft = draft.query("types[]", kind);
        }
        draft = match from {
            EventsFrom::After(event) => draft.query("ending_before", event),
            EventsFrom::Since(since, before) => {
                let draft = draft.query("created[gte]", since.as_second().to_string());
                match before {
                    Some(event) => draft.query("starting_after", event),
                    None => draft,
                }
            }
        };
        match draft.receive::<ListBody<EventBody>>().await {
            Ok(list) => Ok(Some(EventPage {
                events: list.data.into_iter().map(Event::from).collect(),
                has_more: list.has_more,
            })),
            Err(failure) if is_missing(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
