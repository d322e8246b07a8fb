//! Readings in the middle of a run. A server of the records may be away for a moment: writings are tried for a
//! while by the store, whose readings are given up soon, for whoever looks at a window. A run has more at stake.

use std::time::Duration;

use fabrik_domain::{Cause, Problem, ports::Clock};

use crate::Engine;

/// For how long a reading is tried, as a writing is. Shorter than a lease by far.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pause before it is tried once more.
const PAUSE: Duration = Duration::from_millis(500);

impl Engine {
    /// Reads what a run that is driven, or about to be, needs to go on: again for 20 s where the server could not be
    /// reached.
    ///
    /// # Errors
    /// Those of the reading.
    pub async fn read<T, F>(&self, reading: impl Fn() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>>,
    {
        patiently(self.clock.as_ref(), reading).await
    }
}

async fn patiently<T, F>(clock: &dyn Clock, reading: impl Fn() -> F) -> Result<T, Problem>
where
    F: Future<Output = Result<T, Problem>>,
{
    let began = clock.monotonic();
    loop {
        let read = reading().await;
        let away = read.as_ref().is_err_and(is_away);
        if !away || clock.monotonic().saturating_sub(began) >= PATIENCE {
            return read;
        }
        clock.sleep(PAUSE).await;
    }
}

fn is_away(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::DatabaseUnreachable { .. })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use async_trait::async_trait;
    use jiff::Timestamp;
    use tokio::time::Instant;

    use super::*;

    /// tokio's paused time.
    struct Paused(Instant);

    #[async_trait]
    impl Clock for Paused {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            self.0.elapsed()
        }

        async fn sleep(&self, duration: Duration) {
            tokio::time::sleep(duration).await;
        }
    }

    /// What a reading says that fails in this way for the first `seconds`, and how often it was tried.
    async fn read(cause: Cause, seconds: u64) -> (Result<&'static str, Problem>, u32) {
        let clock = Paused(Instant::now());
        let tried = Cell::new(0);
        let reading = || async {
            tried.set(tried.get() + 1);
            if clock.monotonic() < Duration::from_secs(seconds) {
                Err(Problem::from(cause.clone()))
            } else {
                Ok("read")
            }
        };
        let read = patiently(&clock, reading).await;
        (read, tried.get())
    }

    fn away() -> Cause {
        Cause::DatabaseUnreachable {
            server: "db.studio.example:5432".to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_comes_back_is_waited_for_and_one_that_does_not_is_told() {
        let (read_again, tried) = read(away(), 5).await;
        assert_eq!(read_again.ok(), Some("read"), "away for five seconds");
        assert!(tried > 1, "it was tried {tried} times");
        let (given_up, _) = read(away(), 60).await;
        let cause = given_up.err().map(|problem| *problem.cause);
        assert_eq!(cause, Some(away()), "not for ever");
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_waiting_mends_is_told_at_once() {
        let (refused, tried) = read(Cause::DatabaseDamaged, 5).await;
        let cause = refused.err().map(|problem| *problem.cause);
        assert_eq!((cause, tried), (Some(Cause::DatabaseDamaged), 1));
    }
}
