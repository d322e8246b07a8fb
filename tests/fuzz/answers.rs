//! Whatever a vendor answers to any call of ours. The first byte says which call, the second the status, the rest is the
//! body.

#![no_main]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a fuzz target may stop at the first surprise"
)]

#[path = "../simulation/answers/calls.rs"]
mod calls;

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use fabrik_clouds::{Http, Transport};
use fabrik_domain::ports::Clock;
use futures::executor::block_on;
use http::{Request, Response};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

use self::calls::{CALLS, Vendors};

const STATUSES: [u16; 10] = [200, 200, 200, 200, 201, 204, 400, 404, 429, 500];

/// What is answered now, and how often it was.
static ANSWER: Mutex<(u16, Vec<u8>, usize)> = Mutex::new((200, Vec::new(), 0));

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
                assert!(answer.2 < 1000, "it goes on for ever");
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

fuzz_target!(|data: &[u8]| {
    let [call, status, body @ ..] = data else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    *ANSWER.lock().unwrap() = (status, body.to_vec(), 0);
    let (_, call) = CALLS[usize::from(*call) % CALLS.len()];
    block_on(call(&vendors().lock().unwrap()));
});
