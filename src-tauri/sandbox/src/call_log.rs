//! Every call that was made, and every span in which a resource was being made. Times are
//! milliseconds since the sandbox started. Kept in memory: a bench reads it from the live process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fabrik_domain::{ports::Clock, provider::Provider};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::readiness::Readiness;

/// Older calls are dropped beyond this many; counters go on.
const KEPT: usize = 100_000;

/// One call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    pub(crate) provider: &'static str,
    pub(crate) method: String,
    /// The pattern, such as `/repos/{owner}/{repo}`.
    pub(crate) route: &'static str,
    pub(crate) path: String,
    /// What the vendor answered, also where the answer was dropped. `None`: never carried out.
    pub(crate) status: Option<u16>,
    pub(crate) started_ms: u64,
    pub(crate) ended_ms: u64,
    /// The latency that was put on it.
    pub(crate) latency_ms: u64,
    /// Whether calls of this kind change something.
    pub(crate) mutating: bool,
    /// The fault that struck it, as the rule wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Span {
    provider: &'static str,
    figure: &'static str,
    id: String,
    started_ms: u64,
    ready_ms: u64,
}

#[derive(Default)]
struct Entries {
    calls: Vec<Call>,
    spans: Vec<Span>,
    counts: BTreeMap<(&'static str, String, &'static str, Option<u16>), u64>,
    mutating: u64,
}

pub(crate) struct CallLog {
    clock: Arc<dyn Clock>,
    started: Timestamp,
    entries: Mutex<Entries>,
}

impl CallLog {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            started: clock.now(),
            clock,
            entries: Mutex::default(),
        }
    }

    /// Milliseconds since the start.
    pub(crate) fn elapsed(&self) -> u64 {
        self.at(self.clock.now())
    }

    /// A call has ended.
    pub(crate) fn record(&self, call: Call) {
        let mut entries = self.lock();
        let key = (call.provider, call.method.clone(), call.route, call.status);
        *entries.counts.entry(key).or_default() += 1;
        entries.mutating += u64::from(call.mutating);
        if entries.calls.len() == KEPT {
            entries.calls.drain(..KEPT / 10);
        }
        entries.calls.push(call);
    }

    /// A resource's making has begun.
    pub(crate) fn readiness(
        &self,
        provider: Provider,
        figure: &'static str,
        id: &str,
        readiness: Readiness,
    ) {
        let span = Span {
            provider: provider.key(),
            figure,
            id: id.to_owned(),
            started_ms: self.at(readiness.started),
            ready_ms: self.at(readiness.ready),
        };
        self.lock().spans.push(span);
    }

    /// `[{provider, method, route, status, count}]`.
    pub(crate) fn counters(&self) -> Value {
        let entries = self.lock();
        let counters = entries
            .counts
            .iter()
            .map(|((provider, method, route, status), count)| {
                json!({ "provider": provider, "method": method, "route": route, "status": status,
                    "count": count })
            });
        counters.collect()
    }

    /// How many calls of the changing kind there were.
    pub(crate) fn mutating(&self) -> u64 {
        self.lock().mutating
    }

    /// `{"started_at", "now_ms", "calls": […], "readiness": […]}`, from call number `from`.
    pub(crate) fn to_json(&self) -> Value {
        let now = self.elapsed();
        let entries = self.lock();
        json!({ "started_at": self.started, "now_ms": now, "calls": entries.calls, "readiness": entries.spans })
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.lock() = Entries::default();
    }

    fn at(&self, instant: Timestamp) -> u64 {
        u64::try_from(instant.duration_since(self.started).as_millis()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
