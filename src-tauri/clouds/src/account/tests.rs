//! The layers and the classes of failure, against a real server on this machine.

mod gates;
mod outcomes;
mod redirects;
mod tokens;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, response::IntoResponse, routing::any};
use http::StatusCode;

use super::*;
use crate::testing::serve;

const READ: Call = Call::reads("look").within(Duration::from_secs(10));
const CHANGE: Call = Call::changes("make").within(Duration::from_secs(10));

async fn failure(account: &Account, call: Call, path: &str) -> Failure {
    let method = if call.effect == crate::Effect::Reads {
        Method::GET
    } else {
        Method::POST
    };
    account
        .draft(call, method, [path])
        .send()
        .await
        .expect_err("the call must fail")
}

/// What a server saw: the request line's path, and the headers that may hold a secret.
type Seen = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// A server that notes every request; `/to/<status>?<location>` redirects there.
async fn noting() -> (BaseUrl, Seen) {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    let handler = move |request: axum::extract::Request| {
        let secrets = ["authorization", "x-key", "cookie"]
            .iter()
            .filter_map(|name| {
                request
                    .headers()
                    .get(*name)?
                    .to_str()
                    .ok()
                    .map(str::to_owned)
            })
            .collect();
        notes
            .lock()
            .unwrap()
            .push((request.uri().path().to_owned(), secrets));
        let status = request
            .uri()
            .path()
            .strip_prefix("/to/")
            .and_then(|s| s.parse().ok());
        let location = request.uri().query().unwrap_or_default().to_owned();
        async move {
            match status {
                Some(status) => (
                    StatusCode::from_u16(status).unwrap(),
                    [(header::LOCATION, location)],
                )
                    .into_response(),
                None => "{}".into_response(),
            }
        }
    };
    (serve(Router::new().fallback(any(handler))).await, seen)
}
