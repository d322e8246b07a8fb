//! The machine's time, for tests and benches in which time is real. A file that they include: the library beside it
//! depends on nothing of ours, and so knows no [`Clock`].

use std::time::{Duration, Instant};

use async_trait::async_trait;
use fabrik_domain::ports::Clock;
use jiff::Timestamp;

/// The machine's time.
pub(crate) struct RealClock(Instant);

impl RealClock {
    /// One that begins to count now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

#[async_trait]
impl Clock for RealClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is passed in"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
