//! A clock that stands still until it is moved.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::ports::Clock;
use jiff::{SignedDuration, Timestamp};

use super::samples::noon;

pub struct Still(Mutex<Timestamp>);

impl Still {
    pub fn at_noon() -> Arc<Self> {
        Arc::new(Self(Mutex::new(noon())))
    }

    pub fn pass(&self, time: Duration) {
        *self.0.lock().unwrap() += SignedDuration::try_from(time).unwrap();
    }
}

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}
