//! What was used of a class, and when there is room again.

use std::collections::HashMap;

use fabrik_domain::gate::{Ending, Limit};

use super::{At, log::Log, micros};

const MILLISECOND: At = 1000;
const SECOND: At = 1000 * MILLISECOND;

/// The calls of a class: those answered, those on their way, and those of others.
pub(super) struct Usage {
    answered: Log,
    flying: HashMap<u64, Flight>,
    flying_units: u64,
    /// Those that ended without the vendor's word on its window, and of which no later word knows.
    untold: Log,
    /// What all calls came to that were let through.
    passed: u64,
    /// What other processes used, and this one before a restart.
    others: Vec<(At, u32)>,
    /// How long an answer usually takes.
    latency: At,
}

/// A call on its way.
pub(super) struct Flight {
    /// When it went out.
    pub(super) since: At,
    /// What it counts.
    pub(super) units: u32,
    /// What all calls came to that were let through before it, and it.
    pub(super) passed: u64,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            answered: Log::default(),
            flying: HashMap::new(),
            flying_units: 0,
            untold: Log::default(),
            passed: 0,
            others: Vec::new(),
            latency: SECOND,
        }
    }
}

impl Usage {
    /// Forgets what was answered up to `edge`, and what others used up to `edge_of_others`.
    pub(super) fn forget(&mut self, edge: At, edge_of_others: At) {
        self.answered.forget(edge);
        self.untold.forget(edge_of_others);
        self.others.retain(|(at, _)| *at > edge_of_others);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.answered.is_empty() && self.flying.is_empty() && self.others.is_empty()
    }

    /// What all calls came to that were let through.
    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// Whether calls are on their way.
    pub(super) fn is_flying(&self) -> bool {
        !self.flying.is_empty()
    }

    /// What those on their way come to that were let through up to [`Flight::passed`].
    pub(super) fn flying_up_to(&self, passed: u64) -> u64 {
        let flying = self.flying.values();
        let before = flying.filter(|flight| flight.passed <= passed);
        before.map(|flight| u64::from(flight.units)).sum()
    }

    /// What the vendor's last word may not know of: what is on its way, and what ended without a word.
    pub(super) fn untold(&self) -> u64 {
        self.flying_units + self.untold.after(At::MIN)
    }

    /// The vendor's word knows of what ended up to `at`.
    pub(super) fn know_of(&mut self, at: At) {
        self.untold.forget(at);
    }

    /// How long an answer usually takes.
    pub(super) fn latency(&self) -> At {
        self.latency
    }

    /// A call goes out.
    pub(super) fn begin(&mut self, pass: u64, units: u32, now: At) {
        self.passed += u64::from(units);
        self.flying_units += u64::from(units);
        let flight = Flight {
            since: now,
            units,
            passed: self.passed,
        };
        self.flying.insert(pass, flight);
    }

    /// A call has ended.
    pub(super) fn end(&mut self, pass: u64, ending: Ending, now: At) -> Option<Flight> {
        let flight = self.flying.remove(&pass)?;
        self.flying_units -= u64::from(flight.units);
        if ending != Ending::NotSent {
            self.answered.push(now, flight.units);
        }
        if matches!(ending, Ending::Answered(_) | Ending::TooMany(..)) {
            self.latency += (now - flight.since - self.latency) / 8;
            self.latency = self.latency.max(MILLISECOND);
        }
        Some(flight)
    }

    /// The call that has ended brought no word of the vendor.
    pub(super) fn end_untold(&mut self, flight: &Flight, now: At) {
        self.untold.push(now, flight.units);
    }

    pub(super) fn forget_others(&mut self) {
        self.others.clear();
    }

    pub(super) fn add_others(&mut self, used: impl Iterator<Item = (At, u32)>) {
        self.others.extend(used);
    }

    /// What a limit counts at `at`, if no more calls go out.
    pub(super) fn of(&self, limit: &Limit, at: At, now: At) -> u64 {
        let edge = at - micros(limit.window);
        let others = self.others.iter().filter(|(at, _)| *at > edge);
        let others: u64 = others.map(|(_, units)| u64::from(*units)).sum();
        let flying = at <= now || now + self.latency > edge;
        self.answered.after(edge) + others + if flying { self.flying_units } else { 0 }
    }

    /// The first instant from `start` on by which so much more may have gone out under a limit.
    pub(super) fn slot(&self, limit: &Limit, wanted: u64, start: At, now: At) -> At {
        let most = u64::from(limit.most.max(1));
        let window = micros(limit.window);
        // What is wanted beyond a whole window goes out in the same way, a window later.
        let cycles = wanted.saturating_sub(1) / most;
        let allowed = most - (wanted - cycles * most);
        let fits = |at: At| self.of(limit, at, now) <= allowed;
        let first = if fits(start) {
            start
        } else {
            let freed = |at: At| at.saturating_add(window).max(start);
            let answered = self.answered.first(|at| fits(freed(at)));
            let others = self.others.iter().map(|(at, _)| *at);
            let others = others.filter(|at| fits(freed(*at))).min();
            let free = answered.into_iter().chain(others).min();
            freed(free.unwrap_or(now + self.latency))
        };
        first.saturating_add(times(cycles, window + self.latency))
    }
}

/// So many windows.
pub(super) fn times(cycles: u64, window: At) -> At {
    window.saturating_mul(At::try_from(cycles).unwrap_or(At::MAX))
}
