//! A clock that always shows the samples' time.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_domain::ports::Clock;
use jiff::Timestamp;

use super::samples::noon;

/// It is noon.
pub struct Noon;

#[async_trait]
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        noon()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}
