//! What was read from the keyring a moment ago.
//!
//! A run asks for the same token before every call, and on some systems every read is a prompt.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fabrik_domain::secret::Secret;

/// Secrets by the name of their entry, each for a short time. Those past it are wiped at the next use.
#[derive(Debug)]
pub(crate) struct Cache {
    keep: Duration,
    entries: Mutex<HashMap<String, (Instant, Secret)>>,
}

impl Cache {
    pub(crate) fn new(keep: Duration) -> Self {
        Self {
            keep,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Secret> {
        self.fresh().get(name).map(|(_, secret)| secret.clone())
    }

    pub(crate) fn put(&self, name: &str, secret: Secret) {
        if !self.keep.is_zero() {
            self.fresh()
                .insert(name.to_owned(), (Instant::now(), secret));
        }
    }

    pub(crate) fn drop_entry(&self, name: &str) {
        self.fresh().remove(name);
    }

    fn fresh(&self) -> MutexGuard<'_, HashMap<String, (Instant, Secret)>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, (since, _)| since.elapsed() < self.keep);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_past_its_time_or_dropped_is_gone() {
        let cache = Cache::new(Duration::from_mins(1));
        cache.put("a", Secret::from("1"));
        assert!(cache.get("a").is_some(), "just put");
        cache.drop_entry("a");
        assert!(cache.get("a").is_none(), "dropped");

        let cache = Cache::new(Duration::from_nanos(1));
        cache.put("a", Secret::from("1"));
        assert!(cache.get("a").is_none(), "past its time");
    }
}
