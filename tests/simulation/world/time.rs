//! Time that jumps, chance that repeats, an order that a seed decides, and both cores.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::ports::{Clock, Random};
use fabrik_tests::spoiled::Dice;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::probe::Probe;

/// tokio's paused time. The store asks for it once for each thing that it writes.
#[derive(Clone)]
pub(crate) struct SimulatedClock {
    start: Instant,
    /// How much time had passed at the start.
    passed: Duration,
    /// By how many seconds the wall clock was set.
    set: Arc<AtomicI64>,
    probe: Option<Arc<Probe>>,
}

impl SimulatedClock {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            passed: Duration::ZERO,
            set: Arc::default(),
            probe: None,
        }
    }

    /// One that goes on where another stood.
    pub(crate) fn after(passed: Duration) -> Self {
        Self {
            passed,
            ..Self::new()
        }
    }

    /// The same time, that tells the probe when it is asked for.
    pub(crate) fn probed(&self, probe: &Arc<Probe>) -> Self {
        Self {
            probe: Some(Arc::clone(probe)),
            ..self.clone()
        }
    }

    /// The same, of somebody whose clock is set apart from it: a vendor.
    pub(crate) fn unmoved(&self) -> Self {
        Self {
            set: Arc::default(),
            ..self.clone()
        }
    }

    /// Sets the wall clock: a hand at it, daylight saving told wrong.
    pub(crate) fn set_by(&self, seconds: i64) {
        self.set.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        if let Some(probe) = &self.probe {
            probe.pass();
        }
        let start = Timestamp::from_second(1_795_000_000).unwrap();
        let set = SignedDuration::from_secs(self.set.load(Ordering::Relaxed));
        start + set + SignedDuration::try_from(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.passed + self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Random, and the same for the same seed.
pub(crate) struct Seeded(Mutex<Dice>);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Dice::of(seed)))
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.0.lock().unwrap();
        for byte in bytes {
            *byte = (dice.number() >> 24) as u8;
        }
    }
}

/// By so many milliseconds a call is held up at the most on its way, and as many on its way back.
const HELD_UP: usize = 40;

/// In what order calls come through that are under way side by side.
pub(crate) struct Order(Option<Mutex<Dice>>);

impl Order {
    /// Nothing is held up: the same for every seed.
    pub(super) const fn as_it_comes() -> Self {
        Self(None)
    }

    /// Another for each seed.
    pub(super) fn of(seed: u64) -> Self {
        // Apart from the dice that decide what befalls a trial of the same seed.
        Self(Some(Mutex::new(Dice::of(!seed >> 1))))
    }

    /// Lets others go first: none, those that could go on now, or those of the next milliseconds.
    pub(super) async fn mix(&self) {
        let Some(dice) = &self.0 else { return };
        let (way, much) = {
            let mut dice = dice.lock().unwrap();
            (dice.below(3), dice.below(HELD_UP))
        };
        match way {
            0 => {}
            1 => {
                for _ in 0..much % 8 {
                    tokio::task::yield_now().await;
                }
            }
            _ => tokio::time::sleep(Duration::from_millis(much as u64)).await,
        }
    }
}

/// Runs a simulation under time that jumps.
pub(crate) fn simulate<T>(work: impl AsyncFnOnce() -> T) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work())
}

/// Each of these, spread over the machine's cores.
pub(crate) fn each<T: Sync>(all: &[T], work: impl Fn(&T) + Send + Sync) {
    spread(0..all.len() as u64, |index| work(&all[index as usize]));
}

/// As [`each`]; the sum of what `work` says of each.
pub(crate) fn tally<T: Sync>(all: &[T], work: impl Fn(&T) -> usize + Send + Sync) -> usize {
    let sum = AtomicUsize::new(0);
    each(all, |one| {
        sum.fetch_add(work(one), Ordering::Relaxed);
    });
    sum.into_inner()
}

/// Every number from `range`, spread over the machine's cores.
pub(crate) fn spread(range: std::ops::Range<u64>, work: impl Fn(u64) + Send + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicU64::new(range.start);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= range.end {
                        return;
                    }
                    work(number);
                }
            });
        }
    });
}
