//! How many databases run at once. A running one takes about 160 MB, so of many most sleep: the
//! one unused for longest makes room for the one that is wanted.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::database::Sleeper;

/// The room there is for running databases.
pub(crate) struct Awake {
    room: Arc<Semaphore>,
    /// How many wait for room: whoever ends a request then goes to sleep.
    waiting: AtomicUsize,
    /// Counts requests, to tell which database was used last.
    requests: AtomicU64,
    sleepers: Mutex<Vec<Weak<Sleeper>>>,
}

impl Awake {
    /// Room for `count` databases.
    pub(crate) fn room_for(count: usize) -> Arc<Self> {
        Arc::new(Self {
            room: Arc::new(Semaphore::new(count)),
            waiting: AtomicUsize::new(0),
            requests: AtomicU64::new(1),
            sleepers: Mutex::default(),
        })
    }

    pub(crate) fn enter(&self, sleeper: &Arc<Sleeper>) {
        let mut sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
        sleepers.retain(|known| known.strong_count() > 0);
        sleepers.push(Arc::downgrade(sleeper));
    }

    /// The number of a request: greater than all before it.
    pub(crate) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn someone_waits(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }

    /// Room for one more, after another has gone to sleep where there was none.
    pub(crate) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            return Some(permit);
        }
        // First counted, then looked: whoever ends a request in between sees the count.
        let _waiting = Waiting::count(&self.waiting);
        self.put_one_to_sleep().await;
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    async fn put_one_to_sleep(&self) {
        let mut idle: Vec<Arc<Sleeper>> = {
            let sleepers = self.sleepers.lock().unwrap_or_else(PoisonError::into_inner);
            sleepers.iter().filter_map(Weak::upgrade).collect()
        };
        idle.sort_by_key(|sleeper| sleeper.last_request());
        for sleeper in idle {
            if sleeper.sleep_if_idle().await {
                return;
            }
        }
    }
}

/// Counts one that waits, for as long as it does, cancelled or not.
struct Waiting<'count>(&'count AtomicUsize);

impl<'count> Waiting<'count> {
    fn count(count: &'count AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
