//! What a test against a program of others has from outside: the machine's time, and what the script that starts the
//! program says of it.

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

/// A variable of the script's, which `command` runs.
///
/// # Panics
/// Where it is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the script says there where the server is"
)]
pub(crate) fn variable(name: &str, command: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: this test is run by `{command}`"))
}
