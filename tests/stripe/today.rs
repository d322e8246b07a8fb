//! What Stripe's API has today and the fake, whose API is that of 2017, has not, put beside it on the way: prices beside
//! plans, an account that the key may not read, and events by kinds and cursors, the newest first. What there is, its
//! ids and times, the pages of subscriptions and what is refused are the fake's.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::world::client;

/// A plan that no price is put beside.
pub(crate) const UNPRICED: &str = "plan_of_2017";

/// More events than a test brings about.
const ALL: usize = 100_000;

/// How events are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    /// As the fake has it.
    Theirs,
    /// As Stripe has it today.
    Todays,
}

#[derive(Clone)]
struct Today {
    fake: String,
    events: Events,
    http: reqwest::Client,
}

/// Stands before the fake, and gives the address.
pub(crate) async fn today(fake: &str, events: Events) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let today = Today {
        fake: fake.to_owned(),
        events,
        http: client(),
    };
    let router = Router::new().fallback(answer).with_state(today);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn answer(State(today): State<Today>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    if path == "/v1/events" && today.events == Events::Todays {
        return today.told(&Asked::of(query), &parts.headers).await;
    }
    let theirs = path.replace("/v1/prices", "/v1/plans");
    let target = format!("{theirs}?{query}");
    let (status, mut body) = today.ask(&target, &parts.headers).await;
    if path == "/v1/account" && status == StatusCode::NOT_FOUND {
        return refusal(StatusCode::FORBIDDEN, "more_permissions_required");
    }
    with_prices(&mut body);
    (status, Json(body)).into_response()
}

impl Today {
    /// The fake's answer to the same key; null where it is no JSON.
    async fn ask(&self, target: &str, headers: &HeaderMap) -> (StatusCode, Value) {
        let mut request = self.http.get(format!("{}{target}", self.fake));
        if let Some(key) = headers.get(header::AUTHORIZATION) {
            request = request.header(header::AUTHORIZATION, key);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn told(&self, asked: &Asked, headers: &HeaderMap) -> Response {
        let target = format!("/v1/events?limit={ALL}&created[gte]={}", asked.since);
        let (status, body) = self.ask(&target, headers).await;
        match body["data"].as_array() {
            Some(events) => asked.page(events),
            None => (status, Json(body)).into_response(),
        }
    }
}

/// Which events are asked for.
#[derive(Default)]
struct Asked {
    kinds: Vec<String>,
    since: u64,
    limit: usize,
    before: Option<String>,
    after: Option<String>,
}

impl Asked {
    fn of(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "types[]" => asked.kinds.push(value),
                "created[gte]" => asked.since = value.parse().unwrap(),
                "limit" => asked.limit = value.parse().unwrap(),
                "ending_before" => asked.before = Some(value),
                "starting_after" => asked.after = Some(value),
                other => panic!("nothing here asks for events by {other}"),
            }
        }
        asked
    }

    /// A page of these, which the fake lists with the oldest first.
    fn page(&self, events: &[Value]) -> Response {
        let wanted = |event: &&Value| self.kinds.iter().any(|kind| event["type"] == kind.as_str());
        let events: Vec<&Value> = events.iter().rev().filter(wanted).collect();
        let place = |id: &String| events.iter().position(|event| event["id"] == id.as_str());
        let page = match (&self.before, &self.after) {
            (Some(id), _) => place(id).map(|end| end.saturating_sub(self.limit)..end),
            (None, Some(id)) => place(id).map(|at| at + 1..events.len().min(at + 1 + self.limit)),
            (None, None) => Some(0..events.len().min(self.limit)),
        };
        let Some(page) = page else {
            return refusal(StatusCode::BAD_REQUEST, "resource_missing");
        };
        let has_more = if self.before.is_some() {
            page.start > 0
        } else {
            page.end < events.len()
        };
        let page = &events[page];
        Json(json!({ "object": "list", "data": page, "has_more": has_more })).into_response()
    }
}

fn refusal(status: StatusCode, code: &str) -> Response {
    let error = json!({ "type": "invalid_request_error", "code": code, "message": code });
    (status, Json(json!({ "error": error }))).into_response()
}

/// Puts its price beside each item's plan: the plan, by its newer name.
fn with_prices(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(with_prices),
        Value::Object(one) => {
            if one
                .get("object")
                .is_some_and(|kind| kind == "subscription_item")
            {
                let plan = one.get("plan").cloned().unwrap_or_default();
                if plan["id"] != UNPRICED {
                    one.insert("price".to_owned(), plan);
                }
            }
            one.values_mut().for_each(with_prices);
        }
        _ => {}
    }
}
