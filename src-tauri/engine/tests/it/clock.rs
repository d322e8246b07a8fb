//! Time that jumps to the next thing that waits.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use fabrik_domain::ports::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// tokio's paused time as a clock, whose wall time can be set.
pub(crate) struct Ticking {
    start: Instant,
    ahead: Mutex<jiff::SignedDuration>,
}

impl Default for Ticking {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            ahead: Mutex::default(),
        }
    }
}

impl Ticking {
    /// Somebody sets the wall clock, by so many seconds.
    pub(crate) fn set(&self, by: i64) {
        *self.ahead.lock().unwrap() += jiff::SignedDuration::from_secs(by);
    }
}

#[async_trait]
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(1_795_000_000).unwrap();
        let elapsed = jiff::SignedDuration::try_from(self.start.elapsed()).unwrap();
        start + elapsed + *self.ahead.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
