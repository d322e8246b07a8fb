//! Rate limits: fixed windows by bucket. What a bucket is, and how the answer says it, is each
//! vendor's own.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

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
    pub(crate) fn remaining(&self) -> u32 {
        self.limit.max.saturating_sub(self.used)
    }

    /// Whole seconds until the window ends, rounded up, at least 1.
    pub(crate) fn reset_seconds(&self) -> u64 {
        (self.reset_after.as_secs() + u64::from(self.reset_after.subsec_nanos() > 0)).max(1)
    }
}

struct Window {
    ends: Timestamp,
    used: u32,
}

/// Counts calls.
#[derive(Default)]
pub(crate) struct Limiter {
    windows: Mutex<HashMap<String, Window>>,
    off: AtomicBool,
}

impl Limiter {
    /// Counts a call against all its limits, or against none where one is used up: then that one
    /// is the error.
    pub(crate) fn count(
        &self,
        limits: Vec<Limit>,
        now: Timestamp,
    ) -> Result<Vec<Standing>, Standing> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
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
            let full = standing.remaining() < standing.limit.cost;
            if full && !self.off.load(Ordering::Relaxed) {
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
        Ok(standings)
    }

    /// Enforces limits or not; they are counted and said either way.
    pub(crate) fn enforce(&self, enforce: bool) {
        self.off.store(!enforce, Ordering::Relaxed);
    }

    /// Begins every window anew.
    pub(crate) fn clear(&self) {
        self.windows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.enforce(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_call_counts_against_nothing_and_the_window_ends() {
        let limiter = Limiter::default();
        let now = Timestamp::UNIX_EPOCH;
        let limit = |bucket: &str, max| Limit {
            bucket: bucket.to_owned(),
            max,
            window: Duration::from_mins(1),
            cost: 1,
        };
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
}
