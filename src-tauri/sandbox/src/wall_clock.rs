//! Real time: the sandbox is a process of its own and lives in nobody's simulation.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use fabrik_domain::ports::Clock;
use jiff::Timestamp;

/// The machine's clock.
pub(crate) struct WallClock {
    started: Instant,
}

impl WallClock {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

#[async_trait]
impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox's one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
