//! Rate limits: fixed windows by bucket, which go on after a restart. What a bucket is, and how the answer
//! says it, is each vendor's own.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use fabrik_domain::provider::Provider;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A limit that a call counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// What is counted, such as `core` or `POST /v1/projects organization x`.
    pub(crate) bucket: String,
    /// How much is allowed in a window.
    pub(crate) max: u32,
    /// The window.
    pub(crate) window: Duration,
    /// How much this call counts.
    pub(crate) cost: u32,
}

impl Limit {
    /// One call of `max` in a window.
    pub(crate) fn new(bucket: impl Into<String>, max: u32, window: Duration) -> Self {
        Self {
            bucket: bucket.into(),
            max,
            window,
            cost: 1,
        }
    }
}

/// Puts numbers into headers.
pub(crate) fn say<const N: usize>(headers: &mut HeaderMap, said: [(&'static str, u64); N]) {
    for (name, number) in said {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }
}

/// How a limit stands after a call was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The limit.
    pub(crate) limit: Limit,
    /// How much was used of the window, this call included where it was let through.
    pub(crate) used: u32,
    /// When the window ends.
    pub(crate) reset: Timestamp,
    /// Until then.
    pub(crate) reset_after: Duration,
}

impl Standing {
    /// How much is left.
    pub(crate) fn remaining(&self) -> u64 {
        self.limit.max.saturating_sub(self.used).into()
    }

    /// How much is allowed.
    pub(crate) fn max(&self) -> u64 {
        self.limit.max.into()
    }

    /// When the window ends, in seconds since 1970.
    pub(crate) fn reset_second(&self) -> u64 {
        u64::try_from(self.reset.as_second()).unwrap_or_default()
    }

    /// Whole seconds until the window ends, rounded up, at least 1.
    pub(crate) fn reset_seconds(&self) -> u64 {
        (self.reset_after.as_secs() + u64::from(self.reset_after.subsec_nanos() > 0)).max(1)
    }
}

/// How much of a limit is used, and until when that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    ends: Timestamp,
    used: u32,
}

/// By bucket.
pub(crate) type Windows = HashMap<String, Window>;

/// A call under way; it is counted until this is dropped.
pub(crate) struct Underway(Arc<AtomicU32>);

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts calls.
pub(crate) struct Limiter {
    at_once: [Arc<AtomicU32>; Provider::ALL.len()],
    windows: Mutex<Windows>,
    /// Whether something was counted since it was last asked what to keep.
    changed: AtomicBool,
    /// Held by who keeps them, from the look at them until they are written down.
    keeping: Mutex<()>,
    enforced: AtomicBool,
    /// As it began, and as it is after a reset.
    at_first: bool,
}

impl Limiter {
    pub(crate) fn new(enforced: bool) -> Self {
        Self {
            at_once: Default::default(),
            windows: Mutex::default(),
            changed: AtomicBool::default(),
            keeping: Mutex::default(),
            enforced: AtomicBool::new(enforced),
            at_first: enforced,
        }
    }

    /// Counts a call that begins; where too many are under way, how that stands.
    pub(crate) fn begin(
        &self,
        provider: Provider,
        max: Option<u32>,
        now: Timestamp,
    ) -> Result<Underway, Standing> {
        let count = &self.at_once[provider as usize];
        let used = count.fetch_add(1, Ordering::Relaxed);
        let underway = Underway(count.clone());
        match max {
            Some(max) if used >= max && self.enforced.load(Ordering::Relaxed) => {
                let window = Duration::from_mins(1);
                Err(Standing {
                    limit: Limit::new("at once", max, window),
                    used: max,
                    reset: now + window,
                    reset_after: window,
                })
            }
            _ => Ok(underway),
        }
    }

    /// Counts a call against all its limits, or against none where one is used up: then that one
    /// is the error.
    pub(crate) fn count(
        &self,
        limits: Vec<Limit>,
        now: Timestamp,
    ) -> Result<Vec<Standing>, Standing> {
        let mut windows = self.lock();
        let mut standings = Vec::with_capacity(limits.len());
        for limit in limits {
            let window = windows
                .entry(limit.bucket.clone())
                .or_insert_with(|| Window {
                    ends: now + limit.window,
                    used: 0,
                });
            if now >= window.ends {
                *window = Window {
                    ends: now + limit.window,
                    used: 0,
                };
            }
            let reset_after =
                Duration::try_from(window.ends.duration_since(now)).unwrap_or_default();
            let standing = Standing {
                used: window.used,
                reset: window.ends,
                reset_after,
                limit,
            };
            let full = standing.remaining() < u64::from(standing.limit.cost);
            if full && self.enforced.load(Ordering::Relaxed) {
                return Err(standing);
            }
            standings.push(standing);
        }
        for standing in &mut standings {
            standing.used += standing.limit.cost;
            if let Some(window) = windows.get_mut(&standing.limit.bucket) {
                window.used = standing.used;
            }
        }
        self.changed.store(true, Ordering::Relaxed);
        Ok(standings)
    }

    /// Has what there is to keep written down, one after another: what was looked at before a reset is never written after
    /// it. What could not be written is to be kept still.
    pub(crate) fn keep<E>(
        &self,
        now: Timestamp,
        write: impl FnOnce(Windows) -> Result<(), E>,
    ) -> Result<(), E> {
        let _one = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(windows) = self.to_keep(now) else {
            return Ok(());
        };
        write(windows).inspect_err(|_| self.changed.store(true, Ordering::Relaxed))
    }

    /// The windows that have not ended, for the next process; `None` where nothing was counted since it was last asked.
    fn to_keep(&self, now: Timestamp) -> Option<Windows> {
        if !self.changed.swap(false, Ordering::Relaxed) {
            return None;
        }
        let mut windows = self.lock();
        // One that has ended is as none.
        windows.retain(|_, window| window.ends > now);
        Some(windows.clone())
    }

    /// Goes on with what another process has kept.
    pub(crate) fn go_on(&self, kept: Windows) {
        *self.lock() = kept;
    }

    /// Enforces limits or not; they are counted and said either way.
    pub(crate) fn is_enforced(&self) -> bool {
        self.enforced.load(Ordering::Relaxed)
    }

    pub(crate) fn enforce(&self, enforce: bool) {
        self.enforced.store(enforce, Ordering::Relaxed);
    }

    /// Begins every window anew.
    pub(crate) fn clear(&self) {
        self.lock().clear();
        self.changed.store(true, Ordering::Relaxed);
        self.enforce(self.at_first);
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_call_counts_against_nothing_and_the_window_ends() {
        let limiter = Limiter::new(true);
        let now = Timestamp::UNIX_EPOCH;
        let limit = |bucket: &str, max| Limit::new(bucket, max, Duration::from_mins(1));
        let both = || vec![limit("wide", 10), limit("narrow", 1)];
        assert_eq!(limiter.count(both(), now).unwrap()[0].remaining(), 9);
        let refused = limiter
            .count(both(), now + Duration::from_secs(20))
            .unwrap_err();
        assert_eq!(
            (refused.limit.bucket.as_str(), refused.reset_seconds()),
            ("narrow", 40)
        );
        let wide = limiter.count(vec![limit("wide", 10)], now).unwrap();
        assert_eq!(wide[0].remaining(), 8, "the refused call did not count");
        assert!(
            limiter.count(both(), now + Duration::from_mins(1)).is_ok(),
            "a new window"
        );
    }

    #[test]
    fn what_is_used_is_kept_once_and_gone_on_with_until_the_window_ends() {
        let limiter = Limiter::new(true);
        let now = Timestamp::UNIX_EPOCH;
        let later = now + Duration::from_mins(2);
        let limit = |minutes| {
            let bucket = format!("{minutes} minutes");
            Limit::new(bucket, 1, Duration::from_mins(minutes))
        };
        assert_eq!(limiter.to_keep(now), None, "nothing was counted");
        limiter.count(vec![limit(1), limit(60)], now).unwrap();
        let kept = limiter.to_keep(later).unwrap();
        assert_eq!(kept.len(), 1, "what has ended is not kept: {kept:?}");
        assert_eq!(limiter.to_keep(later), None, "nothing was counted since");
        let next = Limiter::new(true);
        next.go_on(kept);
        assert!(next.count(vec![limit(60)], later).is_err());
        let over = now + Duration::from_hours(1);
        assert!(next.count(vec![limit(60)], over).is_ok());
        next.clear();
        let cleared = next.to_keep(over).unwrap();
        assert!(cleared.is_empty(), "a reset is kept too: {cleared:?}");
    }

    #[test]
    fn what_was_looked_at_before_a_reset_is_not_written_after_it() {
        let limiter = Limiter::new(true);
        let now = Timestamp::UNIX_EPOCH;
        let limit = Limit::new("wide", 10, Duration::from_mins(1));
        limiter.count(vec![limit], now).unwrap();
        let written = Mutex::new(Vec::new());
        let write = |windows: Windows| {
            written.lock().unwrap().push(windows.len());
            Ok::<_, ()>(())
        };
        std::thread::scope(|scope| {
            let kept = limiter.keep(now, |windows| {
                let (done, reset) = std::sync::mpsc::channel();
                let (limiter, write) = (&limiter, &write);
                scope.spawn(move || {
                    limiter.clear();
                    limiter.keep(now, write).unwrap();
                    let _ = done.send(());
                });
                // It waits for this one, which gives it time enough to be in the way.
                let _ = reset.recv_timeout(Duration::from_millis(100));
                write(windows)
            });
            kept.unwrap();
        });
        assert_eq!(*written.lock().unwrap(), [1, 0]);
    }

    #[test]
    fn what_could_not_be_written_is_written_the_next_time() {
        let limiter = Limiter::new(true);
        let now = Timestamp::UNIX_EPOCH;
        let limit = Limit::new("wide", 10, Duration::from_mins(1));
        limiter.count(vec![limit], now).unwrap();
        assert_eq!(
            limiter.keep(now, |_| Err("the disk is full")),
            Err("the disk is full")
        );
        let mut kept = 0;
        let again = limiter.keep(now, |windows| {
            kept = windows.len();
            Ok::<_, ()>(())
        });
        assert_eq!((again, kept), (Ok(()), 1));
    }
}
