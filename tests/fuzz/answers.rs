//! Whatever a vendor answers to any call of ours. The first line says the status and which call, the rest is the answer:
//! lines that say a header, then the body.

#![no_main]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a fuzz target may stop at the first surprise"
)]

#[path = "../simulation/answers/calls.rs"]
mod calls;
mod inputs;

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use fabrik_clouds::{Http, Transport};
use fabrik_domain::ports::Clock;
use fabrik_tests::spoiled::first_line;
use futures::executor::block_on;
use http::{HeaderMap, Request, Response, StatusCode};
use jiff::Timestamp;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

use self::{
    calls::{CALLS, HEADERS, REQUESTS, Vendors, answered, headers_and_body},
    inputs::{begin_with, rest_changed},
};

/// What is answered now, and how often it was.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    given: usize,
}

static ANSWER: Mutex<Option<Answer>> = Mutex::new(None);

/// No time passes.
struct Still;

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {
        futures::future::pending().await
    }
}

fn vendors() -> &'static Mutex<Vendors> {
    static VENDORS: OnceLock<Mutex<Vendors>> = OnceLock::new();
    VENDORS.get_or_init(|| {
        let transport = Transport::new(tower::service_fn(|_: Request<Bytes>| async {
            let mut answer = ANSWER.lock().unwrap();
            let answer = answer.as_mut().unwrap();
            answer.given += 1;
            assert!(answer.given < REQUESTS, "it goes on for ever");
            let mut response = Response::new(answer.body.clone());
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers.clone();
            Ok(response)
        }));
        Mutex::new(block_on(Vendors::over(Http::new(
            transport,
            Arc::new(Still),
        ))))
    })
}

/// Each call, answered well and refused; and asked to wait, with every header that there is, of whose values the mutations
/// make others.
fn first() -> impl Iterator<Item = String> {
    CALLS.iter().flat_map(|(name, _)| {
        let name: Vec<_> = name.split_whitespace().collect();
        let name = name.join(" ");
        let headers = HEADERS.map(|header| format!("{header}: 1\n")).concat();
        [("200", ""), ("404", ""), ("429", &*headers)]
            .map(|(status, headers)| format!("{status} {name}\n{headers}{{}}"))
    })
}

fuzz_target!(init: begin_with(first()), |data: &[u8]| {
    let (line, rest) = first_line(data);
    if let Some((_, call, status)) = answered(line) {
        let (headers, body) = headers_and_body(rest);
        *ANSWER.lock().unwrap() = Some(Answer {
            status,
            headers,
            body: Bytes::copy_from_slice(body),
            given: 0,
        });
        block_on(call(&vendors().lock().unwrap()));
    }
});

fuzz_mutator!(
    |data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
        rest_changed(data, size, max_size)
    }
);
