//! The span in which a resource is made. It is stored with the resource, so that a restart of the
//! sandbox neither hurries nor delays it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a resource was begun and when it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// When its creation was asked for.
    pub(crate) started: Timestamp,
    /// When it is ready.
    pub(crate) ready: Timestamp,
}

impl Readiness {
    /// Ready at `now`, whatever it is.
    pub(crate) fn at_once(now: Timestamp) -> Self {
        Self {
            started: now,
            ready: now,
        }
    }

    /// Whether it is ready at `now`.
    pub(crate) fn is_ready(&self, now: Timestamp) -> bool {
        now >= self.ready
    }

    /// How far it is at `now`: 0.0 when begun, 1.0 when ready.
    pub(crate) fn progress(&self, now: Timestamp) -> f64 {
        let whole = self.ready.duration_since(self.started).as_secs_f64();
        if self.is_ready(now) || whole <= 0.0 {
            return 1.0;
        }
        (now.duration_since(self.started).as_secs_f64() / whole).clamp(0.0, 1.0)
    }
}
