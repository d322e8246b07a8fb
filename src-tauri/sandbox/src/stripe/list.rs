//! Lists, the newest first, read on from an object in either direction.

use axum::{extract::RawQuery, http::StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    StripeAccount, answer, documents, no_such,
    objects::{
        CUSTOMER, Customer, EVENT, Event, PRICE, Price, SESSION, SUBSCRIPTION, Session, Shown,
        Subscription,
    },
};
use crate::{
    answer::{Answer, Refusal, json_answer},
    error::SandboxError,
    platform::Core,
};

/// What is asked of a list.
#[derive(Debug, Default)]
struct Query {
    limit: Option<String>,
    ending_before: Option<String>,
    starting_after: Option<String>,
    since: Option<Timestamp>,
    kinds: Vec<String>,
    status: Option<String>,
}

impl Query {
    fn read(query: Option<&str>) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "limit" => read.limit = Some(value),
                "ending_before" => read.ending_before = Some(value),
                "starting_after" => read.starting_after = Some(value),
                "types[]" => read.kinds.push(value),
                "status" => read.status = Some(value),
                "created[gte]" => {
                    let seconds = value.parse().ok();
                    let since = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
                    read.since = Some(since.ok_or_else(|| invalid("created[gte]"))?);
                }
                other => return Err(invalid(other)),
            }
        }
        if read.kinds.len() > 20 {
            return Err(invalid("types"));
        }
        Ok(read)
    }

    /// How many objects a page holds: ten where nothing is said.
    fn page(&self, account: &StripeAccount) -> Result<usize, Refusal> {
        let asked = match &self.limit {
            None => 10,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| invalid("limit"))?,
        };
        Ok(asked.min(account.page))
    }
}

fn invalid(parameter: &str) -> Refusal {
    let message = format!("Received unknown or invalid parameter: {parameter}");
    let code = Some("parameter_unknown");
    answer(
        StatusCode::BAD_REQUEST,
        "invalid_request_error",
        code,
        &message,
    )
    .into()
}

/// From when on events are still told of.
pub(super) fn told_since(core: &Core) -> Result<Timestamp, SandboxError> {
    let account: StripeAccount = core.account()?;
    let days = SignedDuration::from_hours(24 * i64::from(account.event_days));
    Ok(core.now() - days)
}

/// A page of what there is, given the oldest first. `kind` is what an object of it is called.
fn page<T: Shown>(
    core: &Core,
    kind: &str,
    url: &str,
    query: &Query,
    oldest_first: Vec<T>,
) -> Answer {
    let size = query.page(&core.account()?)?;
    let newest_first: Vec<T> = oldest_first.into_iter().rev().collect();
    let place = |id: &str| {
        newest_first
            .iter()
            .position(|object| object.id() == id)
            .ok_or_else(|| no_such(kind, id, StatusCode::BAD_REQUEST))
    };
    let (from, to, has_more) = match (&query.ending_before, &query.starting_after) {
        // The page before that object: those next to it.
        (Some(id), _) => {
            let to = place(id)?;
            let from = to.saturating_sub(size);
            (from, to, from > 0)
        }
        (None, after) => {
            let from = match after {
                Some(id) => place(id)? + 1,
                None => 0,
            };
            let to = newest_first.len().min(from + size);
            (from, to, to < newest_first.len())
        }
    };
    let data: Vec<_> = newest_first[from..to].iter().map(Shown::shown).collect();
    json_answer(
        StatusCode::OK,
        &json!({ "object": "list", "url": url, "has_more": has_more, "data": data }),
    )
}

/// `GET /v1/events`, `GetEvents`. An event of another kind can be gone on from as well.
pub(super) async fn events(core: Core, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let anchor = query
        .ending_before
        .as_ref()
        .or(query.starting_after.as_ref());
    let oldest = told_since(&core)?;
    let mut events = documents(&core).listed(EVENT, |event: &Event| {
        let kind = query.kinds.is_empty() || query.kinds.contains(&event.kind);
        let time = query.since.is_none_or(|since| event.created >= since);
        event.created >= oldest && ((kind && time) || anchor == Some(&event.id))
    })?;
    // Of those of one second the one that was told last is the newest.
    events.sort_by_key(|event| event.created);
    page(&core, EVENT, "/v1/events", &query, events)
}

/// `GET /v1/subscriptions`, `GetSubscriptions`: without those that have ended, unless all are asked for.
pub(super) async fn subscriptions(core: Core, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let wanted = |subscription: &Subscription| match query.status.as_deref() {
        Some("all") => true,
        Some(status) => subscription.status == status,
        None => subscription.status != "canceled",
    };
    let all = documents(&core).listed(SUBSCRIPTION, wanted)?;
    page(&core, SUBSCRIPTION, "/v1/subscriptions", &query, all)
}

/// `GET /v1/checkout/sessions`, `GetCheckoutSessions`.
pub(super) async fn sessions(core: Core, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let all = documents(&core).listed(SESSION, |_: &Session| true)?;
    page(&core, SESSION, "/v1/checkout/sessions", &query, all)
}

/// `GET /v1/prices`, `GetPrices`.
pub(super) async fn prices(core: Core, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let all = documents(&core).listed(PRICE, |_: &Price| true)?;
    page(&core, PRICE, "/v1/prices", &query, all)
}

/// `GET /v1/customers`, `GetCustomers`.
pub(super) async fn customers(core: Core, RawQuery(query): RawQuery) -> Answer {
    let query = Query::read(query.as_deref())?;
    let all = documents(&core).listed(CUSTOMER, |_: &Customer| true)?;
    page(&core, CUSTOMER, "/v1/customers", &query, all)
}
