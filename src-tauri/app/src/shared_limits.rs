//! The vendors' hour-long limits are an account's, whoever calls: what other processes on the same data
//! directory use of them is read again and again while this one drives runs.

use std::{sync::Arc, time::Duration};

use fabrik_clouds::Gates;
use fabrik_domain::{Problem, gate::Windows, ports::Clock};
use tokio::sync::Mutex;

/// How often is looked. What others use meanwhile is used twice at worst, and the vendor's headers say so.
const EVERY: Duration = Duration::from_secs(30);

/// The other processes' use of the limits.
pub(crate) struct SharedLimits {
    gates: Arc<Gates>,
    windows: Arc<dyn Windows>,
    clock: Arc<dyn Clock>,
    /// Held by the one run of many that looks for all.
    looking: Mutex<()>,
}

impl SharedLimits {
    pub(crate) fn new(gates: Arc<Gates>, windows: Arc<dyn Windows>, clock: Arc<dyn Clock>) -> Self {
        Self {
            gates,
            windows,
            clock,
            looking: Mutex::default(),
        }
    }

    /// Counts what they have used by now.
    pub(crate) async fn look(&self) -> Result<(), Problem> {
        self.gates.remember(&self.windows.load().await?);
        Ok(())
    }

    /// Does `work`, a run's, and looks meanwhile; when that run ends, another of them looks on.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let look_on = async {
            let _turn = self.looking.lock().await;
            loop {
                self.clock.sleep(EVERY).await;
                if let Err(problem) = self.look().await {
                    tracing::warn!(%problem, "what others use of the limits was not read");
                }
            }
        };
        tokio::select! {
            done = work => done,
            never = look_on => never,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use fabrik_domain::gate::Window;
    use jiff::Timestamp;

    use super::*;

    /// Counts the looks.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    #[async_trait]
    impl Windows for Counted {
        async fn load(&self) -> Result<Vec<Window>, Problem> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Vec::new())
        }

        fn save(&self, _: Window) {}
    }

    /// tokio's paused time.
    struct Paused(tokio::time::Instant);

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

    #[tokio::test(start_paused = true)]
    async fn of_many_runs_one_looks_for_all_and_the_next_goes_on() {
        let windows = Arc::new(Counted::default());
        let clock: Arc<dyn Clock> = Arc::new(Paused(tokio::time::Instant::now()));
        let gates = Arc::new(Gates::unkept(Arc::clone(&clock)));
        let limits = SharedLimits::new(gates, Arc::clone(&windows) as _, clock);
        let run = |minutes| limits.during(tokio::time::sleep(Duration::from_mins(minutes)));
        tokio::join!(run(2), run(5), run(5));
        let looks = windows.0.load(Ordering::Relaxed);
        assert!(
            (8..=10).contains(&looks),
            "twice a minute in five minutes, not {looks} times"
        );
    }
}
