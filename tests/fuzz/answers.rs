//! Whatever a vendor answers to any call of ours. The first line says the status and which call, the rest is the body.

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
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

use self::{
    calls::{CALLS, REQUESTS, Vendors, answered},
    inputs::{begin_with, rest_changed},
};

/// What is answered now, and how often it was.
static ANSWER: Mutex<(StatusCode, Vec<u8>, usize)> = Mutex::new((StatusCode::OK, Vec::new(), 0));

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
            let (status, body) = {
                let mut answer = ANSWER.lock().unwrap();
                answer.2 += 1;
                assert!(answer.2 < REQUESTS, "it goes on for ever");
                (answer.0, answer.1.clone())
            };
            Ok(Response::builder()
                .status(status)
                .body(body.into())
                .unwrap())
        }));
        Mutex::new(block_on(Vendors::over(Http::new(
            transport,
            Arc::new(Still),
        ))))
    })
}

/// Each call, answered well and refused.
fn first() -> impl Iterator<Item = String> {
    CALLS.iter().flat_map(|(name, _)| {
        let name: Vec<_> = name.split_whitespace().collect();
        let name = name.join(" ");
        ["200", "404"].map(|status| format!("{status} {name}\n{{}}"))
    })
}

fuzz_target!(init: begin_with(first()), |data: &[u8]| {
    let (line, body) = first_line(data);
    if let Some((_, call, status)) = answered(line) {
        *ANSWER.lock().unwrap() = (status, body.to_vec(), 0);
        block_on(call(&vendors().lock().unwrap()));
    }
});

fuzz_mutator!(
    |data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
        rest_changed(data, size, max_size)
    }
);
