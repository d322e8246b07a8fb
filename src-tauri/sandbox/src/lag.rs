//! How far a vendor's lists are behind while a call is carried out: the fault `stale_list`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

tokio::task_local! {
    /// That of the present call.
    static LAG: Arc<Lag>;
}

struct Lag {
    by: Duration,
    /// A list left something out for it.
    hid: AtomicBool,
}

impl Lag {
    fn shows(&self, now: Timestamp, created: Timestamp) -> bool {
        let shows = self.by.is_zero() || created <= now - self.by;
        if !shows {
            self.hid.store(true, Ordering::Relaxed);
        }
        shows
    }
}

/// Carries a call out with lists that are so far behind; whether one of them left something out for it.
pub(crate) async fn behind<T>(by: Duration, call: impl Future<Output = T>) -> (T, bool) {
    let hid = AtomicBool::new(false);
    let lag = Arc::new(Lag { by, hid });
    let answer = LAG.scope(Arc::clone(&lag), call).await;
    (answer, lag.hid.load(Ordering::Relaxed))
}

/// Whether a list that is read now shows what was made then.
pub(crate) fn shows(now: Timestamp, created: Timestamp) -> bool {
    LAG.try_with(|lag| lag.shows(now, created)).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_is_behind_only_for_what_is_younger() {
        let (now, lag) = (Timestamp::UNIX_EPOCH, Duration::from_secs(10));
        let (young, old) = (now - Duration::from_secs(9), now - lag);
        assert!(shows(now, young), "no call is under way");
        for (by, created, shown) in [
            (lag, young, false),
            (lag, old, true),
            (Duration::ZERO, now, true),
        ] {
            let read = behind(by, async { shows(now, created) }).await;
            assert_eq!(read, (shown, !shown), "{by:?}, {created}");
        }
        assert_eq!(
            behind(lag, async { 1 }).await,
            (1, false),
            "no list is read"
        );
    }
}
