//! The vendors' gates, in one process: what each account has used of each limit, and who waits for its turn.
//!
//! - `usage`, over `log`: the calls that went out.
//! - `line`: the customers that wait, and the turns that are kept for them.
//! - `told`: what the vendor's headers have told of a window.
//! - `counter`: one class of calls, held to its limits.
//! - `kept`: what survives a restart.
//!
//! Counting is stricter than any vendor's: in *no* span of a window's length are there more calls than the
//! limit, wherever the vendor's own windows begin. A call counts from when it goes out until a window after
//! its answer, since the vendor has counted it somewhere between the two. Time is monotonic: setting the
//! wall clock opens no gate.

mod counter;
mod kept;
mod line;
mod log;
mod told;
mod usage;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fabrik_domain::{
    gate::{Charge, Class, Ending, Gate, NotBefore, Pass, Window, Windows},
    id::CustomerId,
    ports::Clock,
};
use jiff::{SignedDuration, Timestamp};

use counter::Counter;
use kept::NotKept;

/// An instant of the monotonic clock, in microseconds; before its zero it is negative.
type At = i64;

/// For whom a call is; `None` is one of them.
type Who = Option<CustomerId>;

/// Classes that are idle are dropped after so many calls.
const SWEEP: u64 = 512;

/// The gates of all vendors and accounts, for one process. Made once, and shared by all its clients.
pub struct Gates {
    clock: Arc<dyn Clock>,
    windows: Arc<dyn Windows>,
    writer: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counters: HashMap<Class, Counter>,
    /// The classes that a pass counts in, and whether the vendor's headers speak of them.
    flying: HashMap<u64, Vec<(Class, bool)>>,
    passes: u64,
}

/// Both clocks at once.
#[derive(Clone, Copy)]
struct Moment {
    at: At,
    wall: Timestamp,
}

impl Gates {
    /// Gates that go by `clock`, and keep long windows in `windows` under the name `writer`, which no other
    /// process may have.
    pub fn new(clock: Arc<dyn Clock>, windows: Arc<dyn Windows>, writer: String) -> Self {
        Self {
            clock,
            windows,
            writer,
            state: Mutex::default(),
        }
    }

    /// Gates that keep nothing: each process begins with all windows unused.
    pub fn unkept(clock: Arc<dyn Clock>) -> Self {
        Self::new(clock, Arc::new(NotKept), String::new())
    }

    /// Counts what other processes, and this one before a restart, have used by now. `rows` are all there
    /// are: what an earlier call brought is forgotten.
    pub fn remember(&self, rows: &[Window]) {
        let now = self.now();
        let mut state = self.lock();
        for counter in state.counters.values_mut() {
            counter.forget_others();
        }
        for row in rows.iter().filter(|row| row.writer != self.writer) {
            let counter = state.counters.entry(row.class.clone()).or_default();
            counter.remember(row, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        Moment {
            at: micros(self.clock.monotonic()),
            wall: self.clock.now(),
        }
    }

    fn keep(&self, class: &Class, counter: &Counter, now: Moment) {
        if let Some(window) = counter.row(class, &self.writer, now) {
            self.windows.save(window);
        }
    }
}

impl State {
    /// The class of a charge, as it stands now.
    fn counter(&mut self, charge: &Charge, now: At) -> &mut Counter {
        let counter = self.counters.entry(charge.class.clone()).or_default();
        counter.know(charge.limits);
        counter.tidy(now);
        counter
    }

    fn sweep(&mut self, now: At) {
        self.passes += 1;
        if self.passes.is_multiple_of(SWEEP) {
            self.counters.retain(|_, counter| {
                counter.tidy(now);
                !counter.is_idle(now)
            });
        }
    }
}

impl Gate for Gates {
    fn enter(&self, who: Who, charges: &[Charge]) -> Result<Pass, Timestamp> {
        let now = self.now();
        let mut state = self.lock();
        state.sweep(now.at);
        let number = state.passes;
        if charges.is_empty() {
            return Ok(Pass(number));
        }
        let turns: Vec<_> = charges
            .iter()
            .map(|charge| {
                state
                    .counter(charge, now.at)
                    .turn(who, charge.units, now.at)
            })
            .collect();
        if let Some(told) = turns.iter().flatten().max().copied() {
            for (charge, turn) in charges.iter().zip(turns) {
                state
                    .counter(charge, now.at)
                    .wait(who, charge.units, turn, told, now.at);
            }
            return Err(now.when(told));
        }
        for charge in charges {
            let counter = state.counter(charge, now.at);
            counter.take(number, who, charge.units, now.at);
            self.keep(&charge.class, counter, now);
        }
        let classes = charges
            .iter()
            .map(|charge| (charge.class.clone(), charge.told));
        state.flying.insert(number, classes.collect());
        Ok(Pass(number))
    }

    fn leave(&self, pass: Pass, ending: Ending) {
        let now = self.now();
        let mut state = self.lock();
        for (class, told) in state.flying.remove(&pass.0).unwrap_or_default() {
            if let Some(counter) = state.counters.get_mut(&class)
                && counter.leave(pass.0, ending, told, now)
            {
                self.keep(&class, counter, now);
            }
        }
    }

    fn earliest_end(&self, demand: &[Charge]) -> Option<NotBefore> {
        let now = self.now();
        let mut state = self.lock();
        let asked = demand.iter().filter(|charge| charge.units > 0);
        let ends = asked.map(|charge| {
            let end = state.counter(charge, now.at).end_of(charge.units, now.at);
            (end, charge)
        });
        let last = ends.max_by_key(|(end, _)| *end);
        last.map(|(end, charge)| now.not_before(end, charge))
    }

    fn reserve(&self, who: CustomerId, demand: &[Charge]) -> Result<(), NotBefore> {
        let now = self.now();
        let mut state = self.lock();
        let again = demand.iter().filter_map(|charge| {
            let counter = state.counter(charge, now.at);
            Some((counter.aside_from(who, charge.units, now.at)?, charge))
        });
        if let Some((again, charge)) = again.max_by_key(|(again, _)| *again) {
            return Err(now.not_before(again, charge));
        }
        for charge in demand {
            state
                .counter(charge, now.at)
                .set_aside(who, charge.units, now.at);
        }
        Ok(())
    }

    fn release(&self, who: CustomerId) {
        for counter in self.lock().counters.values_mut() {
            counter.release(who);
        }
    }
}

impl Moment {
    /// When to come for something that is at `at`: a little later, by whole milliseconds, so that nobody comes
    /// too early.
    fn when(self, at: At) -> Timestamp {
        let later = at.max(self.at).div_euclid(1000) * 1000 + 1000;
        self.wall_of(later)
    }

    fn not_before(self, at: At, charge: &Charge) -> NotBefore {
        NotBefore {
            provider: charge.class.provider,
            until: self.when(at),
        }
    }

    /// An instant by the wall clock.
    fn wall_of(self, at: At) -> Timestamp {
        let from_now = SignedDuration::from_micros(at.saturating_sub(self.at));
        self.wall.saturating_add(from_now).unwrap_or(self.wall)
    }

    /// An instant of the wall clock by the monotonic one.
    fn at(self, when: Timestamp) -> At {
        let wait = i64::try_from(when.duration_since(self.wall).as_micros());
        self.at.saturating_add(wait.unwrap_or(0))
    }
}

fn micros(duration: Duration) -> At {
    At::try_from(duration.as_micros()).unwrap_or(At::MAX / 4)
}

#[cfg(test)]
pub(crate) mod tests;
