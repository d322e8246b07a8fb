//! One class of calls, held to its limits.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    gate::{Class, Ending, LONG, Limit, Meter, RETRIED_WITHIN, Window},
    id::CustomerId,
};

use super::{
    At, Moment, Who,
    kept::{Pieces, is_long},
    line::Line,
    micros,
    told::Told,
    usage::{Flight, Usage, times},
};

const MILLISECOND: At = 1000;
const SECOND: At = 1000 * MILLISECOND;
/// No vendor's window is longer.
const DAY: At = 24 * 60 * 60 * SECOND;

/// A class of calls.
pub(super) struct Counter {
    limits: Vec<Limit>,
    usage: Usage,
    told: Option<Told>,
    /// The vendor takes nothing until then.
    closed: At,
    /// Since when it is not sure that the vendor takes anything: it refused a call for being one too many, and
    /// has answered none since. Meanwhile calls go out one by one.
    doubted: Option<At>,
    /// How often in a row it refused the one call that went out to try.
    refused: u32,
    line: Line,
    aside: BTreeMap<CustomerId, (u32, At)>,
    pieces: Pieces,
    /// What the vendor's headers say of a window whose length it keeps to itself: how many, and how long at
    /// the most.
    learned: (u32, At),
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            limits: Vec::new(),
            usage: Usage::default(),
            told: None,
            closed: At::MIN,
            doubted: None,
            refused: 0,
            line: Line::default(),
            aside: BTreeMap::new(),
            pieces: Pieces::default(),
            learned: (0, SECOND),
        }
    }
}

impl Counter {
    /// Takes the documented limits, once.
    pub(super) fn know(&mut self, limits: &[Limit]) {
        if self.limits.is_empty() {
            self.limits.extend_from_slice(limits);
        }
    }

    fn longest(&self) -> Duration {
        let windows = self.limits.iter().map(|limit| limit.window);
        windows.max().unwrap_or_default()
    }

    /// Forgets what is past.
    pub(super) fn tidy(&mut self, now: At) {
        let longest = micros(self.longest());
        let kept = if self.limits.is_empty() { DAY } else { longest };
        self.usage.forget(now - longest, now - kept);
        if let Some(over) = self.told.filter(|told| told.resets <= now) {
            self.usage.know_of(over.resets);
            // Where the headers alone know the limit, the next window is taken to be like the last.
            let (most, window) = self.learned;
            let passed = self.usage.passed();
            self.told = (most > 0).then(|| Told::guess(most, now + window, passed));
        }
        self.aside.retain(|_, (_, until)| *until > now);
        self.line.lapse(now);
    }

    /// Whether nothing would be lost with it.
    pub(super) fn is_idle(&mut self, now: At) -> bool {
        self.line.sweep();
        self.usage.is_empty()
            && self.told.is_none()
            && self.closed <= now
            && self.doubted.is_none_or(|since| since + DAY <= now)
            && self.line.is_empty()
            && self.aside.is_empty()
    }

    /// A turn that is not taken by then lapses: a step looks at its vendors again before it repeats a call.
    fn grace(&self) -> At {
        (micros(self.longest()) / 4).clamp(3 * SECOND, 30 * SECOND)
    }

    /// A turn that comes by then counts as come. When it comes was guessed from how long answers take: what is
    /// free a little earlier is not for whoever happens to ask, and still less for who has had more than others.
    fn soon(&self, now: At) -> (At, At) {
        let longest = micros(self.longest());
        let guess = (2 * self.usage.latency()).min((longest / 4).max(10 * MILLISECOND));
        (now + guess, now + guess.max(longest / 10))
    }

    /// What is set aside of a limit for others than `who`.
    fn aside_of(&self, limit: Option<&Limit>, who: Who) -> u64 {
        if !limit.is_some_and(|limit| is_long(limit.window)) {
            return 0;
        }
        let others = self
            .aside
            .iter()
            .filter(|(customer, _)| Some(**customer) != who);
        others.map(|(_, (units, _))| u64::from(*units)).sum()
    }

    /// How much may go out now for `who`, if nobody waited.
    fn room(&self, who: Who, now: At) -> u64 {
        self.room_of(self.limits.iter(), who, now)
    }

    fn room_of<'l>(&self, limits: impl Iterator<Item = &'l Limit>, who: Who, now: At) -> u64 {
        let rooms = limits.map(|limit| {
            let used = self.usage.of(limit, now, now) + self.aside_of(Some(limit), who);
            u64::from(limit.most).saturating_sub(used)
        });
        let told = self.left(now).map(|left| {
            let aside = self.aside_of(self.limits.first(), who);
            left.saturating_sub(aside)
        });
        rooms.chain(told).min().unwrap_or(u64::MAX)
    }

    /// What the vendor leaves of its window, by its last word. What it may not have counted by then counts too:
    /// calls are counted in another order than they went out, and answered in another than they were counted.
    fn left(&self, now: At) -> Option<u64> {
        let told = self.told.filter(|told| told.resets > now)?;
        Some(u64::from(told.remaining).saturating_sub(self.usage.untold()))
    }

    /// When a call of `who` may go out; `None` is now.
    pub(super) fn turn(&self, who: Who, units: u32, now: At) -> Option<At> {
        let wanted = u64::from(units);
        if self.opens(now) <= now {
            let room = self.room(who, now);
            // Turns that have come are not given away.
            let enough = room.saturating_add(1);
            let claims = self.line.claims(self.soon(now), who, enough);
            if room >= wanted.saturating_add(claims) {
                return None;
            }
        }
        let ahead = if self.line.is_told(who, now) {
            self.line.claims(self.soon(now), who, u64::MAX)
        } else {
            self.line.ahead(who, units)
        };
        let at = self.slot(who, ahead.saturating_add(wanted), now);
        Some(at.max(now + 5 * MILLISECOND))
    }

    /// When the vendor may take a call, limits aside.
    fn opens(&self, now: At) -> At {
        match self.doubted {
            Some(_) if self.closed > now => self.closed,
            Some(_) if self.usage.is_flying() => now + self.usage.latency(),
            _ => now.max(self.closed),
        }
    }

    /// When so much more may have gone out for `who`, what it is the last of included.
    fn slot(&self, who: Who, wanted: u64, now: At) -> At {
        let start = self.opens(now);
        let limited = self.limits.iter().map(|limit| {
            let wanted = wanted + self.aside_of(Some(limit), who);
            self.usage.slot(limit, wanted, start, now)
        });
        let told = self.left(now).map(|left| {
            let wanted = wanted + self.aside_of(self.limits.first(), who);
            self.slot_told(left, wanted, start, now)
        });
        limited.chain(told).max().unwrap_or(start)
    }

    fn slot_told(&self, left: u64, wanted: u64, start: At, now: At) -> At {
        let Some(told) = self.told.filter(|_| wanted > left) else {
            return start;
        };
        // What went out before may be in the vendor's word already: its answer tells.
        let untold = self.usage.untold() - self.usage.flying_up_to(told.passed);
        if wanted <= u64::from(told.remaining).saturating_sub(untold) {
            let answered = now + self.usage.latency();
            return answered.min(told.resets).max(start);
        }
        let (most, window) = match self.limits.first() {
            Some(limit) => (limit.most, micros(limit.window)),
            None => self.learned,
        };
        let cycles = (wanted - left - 1) / u64::from(most.max(1));
        told.resets.max(start).saturating_add(times(cycles, window))
    }

    /// Keeps a turn for a call that may not go out: here its turn is `turn`, and it was told to come at `told`
    /// since another class is later. A turn that would be kept idle for longer than a window isn't.
    pub(super) fn wait(&mut self, who: Who, units: u32, turn: Option<At>, told: At, now: At) {
        let idle = told - turn.unwrap_or(now);
        if idle > 0 && idle > micros(self.longest()) {
            return;
        }
        let told = (told, self.grace());
        self.line.wait(who, units, turn, told, now);
    }

    /// Lets a call through.
    pub(super) fn take(&mut self, pass: u64, who: Who, units: u32, now: At) {
        self.line.took(who, now);
        self.usage.begin(pass, units, now);
        if let Some((aside, _)) = who.and_then(|who| self.aside.get_mut(&who)) {
            *aside = aside.saturating_sub(units);
        }
        if is_long(self.longest()) {
            self.pieces.add(units, self.longest(), now);
        }
    }

    /// A call has ended. `told` says that the vendor's headers speak of this class. Whether what is kept of it
    /// has changed.
    pub(super) fn leave(&mut self, pass: u64, ending: Ending, told: bool, now: Moment) -> bool {
        let Some(flight) = self.usage.end(pass, ending, now.at) else {
            return false;
        };
        let meter = match ending {
            Ending::NotSent => {
                self.pieces.take_back(flight.units);
                return true;
            }
            Ending::Lost => None,
            Ending::Answered(meter) => {
                self.doubted = self.doubted.filter(|since| flight.since <= *since);
                if self.doubted.is_none() {
                    self.refused = 0;
                }
                meter
            }
            Ending::TooMany(meter, until) => {
                let tried = self.doubted.is_some_and(|since| flight.since > since);
                self.refused += u32::from(tried);
                // Where the vendor says "in a second" again and again, it isn't asked every second: after four, sixteen,
                // sixty-four, then ninety. Each operation on each project has a counter of its own, so that what many of
                // them try in the same outage adds up.
                let patience = SECOND << self.refused.saturating_mul(2).min(7);
                let patience = patience.min(micros(RETRIED_WITHIN));
                let least = if tried { now.at + patience } else { now.at };
                let until = now.at(until).min(now.at + DAY);
                self.closed = self.closed.max(until).max(least);
                self.doubted = Some(now.at);
                meter
            }
        };
        match meter {
            Some(meter) if told => self.listen(&flight, &meter, now.at),
            None if told => self.usage.end_untold(&flight, now.at),
            _ => {}
        }
        matches!(ending, Ending::TooMany(..))
    }

    /// Takes the vendor's word: on how much it allows, and what is left whoever used it.
    fn listen(&mut self, flight: &Flight, meter: &Meter, now: At) {
        let limit = meter.limit.filter(|limit| *limit > 0);
        if let (Some(limit), Some(first)) = (limit, self.limits.first_mut()) {
            first.most = limit;
        }
        let resets_in = micros(meter.resets_in).min(DAY);
        if self.limits.is_empty() {
            let most = limit.unwrap_or(meter.remaining.saturating_add(1));
            self.learned = (most, self.learned.1.max(resets_in));
        }
        // Vendors tell whole seconds.
        let resets = now + resets_in + (resets_in / 30).min(SECOND);
        let word = Told::new(meter.remaining, resets, flight.passed);
        let documented = self.limits.first().map(|limit| micros(limit.window));
        let window = documented.unwrap_or(self.learned.1);
        let told = self.told.filter(|told| told.resets > now);
        self.told = Some(told.map_or(word, |told| told.and(word, window)));
        // What ended before this call went out is in its answer.
        self.usage.know_of(flight.since - 1);
    }

    /// When the last of so many calls more could go out, behind all that wait and all that is set aside.
    pub(super) fn end_of(&self, units: u32, now: At) -> At {
        let wanted = self.line.units().saturating_add(u64::from(units));
        self.slot(None, wanted, now)
    }

    /// When so much could be set aside for a customer; `None` is now, or that there is nothing to set aside of.
    pub(super) fn aside_from(&self, who: CustomerId, units: u32, now: At) -> Option<At> {
        let longs = || self.limits.iter().filter(|limit| is_long(limit.window));
        let most = longs().map(|limit| limit.most).min()?;
        let claims = self.line.claims(self.soon(now), Some(who), u64::MAX);
        let wanted = claims + u64::from(units.min(most));
        let fits = self.opens(now) <= now && self.room_of(longs(), Some(who), now) >= wanted;
        (!fits).then(|| self.slot(Some(who), wanted, now).max(now + SECOND))
    }

    /// Sets aside so much for a customer, where the class has a long window.
    pub(super) fn set_aside(&mut self, who: CustomerId, units: u32, now: At) {
        let longest = self.longest();
        let longs = self.limits.iter().filter(|limit| is_long(limit.window));
        if let Some(most) = longs.map(|limit| limit.most).min() {
            let until = now + micros(longest);
            self.aside.insert(who, (units.min(most), until));
        }
    }

    pub(super) fn release(&mut self, who: CustomerId) {
        self.aside.remove(&who);
    }

    pub(super) fn forget_others(&mut self) {
        self.usage.forget_others();
    }

    /// Counts what another process has used.
    pub(super) fn remember(&mut self, row: &Window, now: Moment) {
        // By a clock that was set since, it may be later than now.
        let at = |until| now.at(until).min(now.at);
        let used = row.used.iter().map(|used| (at(used.until), used.units));
        self.usage.add_others(used);
        if let Some(until) = row.closed_until {
            self.closed = self.closed.max(now.at(until).min(now.at + DAY));
        }
    }

    /// What is kept of it, where there is something: a long window, or a long closure.
    pub(super) fn row(&self, class: &Class, writer: &str, now: Moment) -> Option<Window> {
        let longest = self.longest();
        let closed = (self.closed > now.at + micros(LONG)).then_some(self.closed);
        if closed.is_none() && (self.pieces.is_empty() || !is_long(longest)) {
            return None;
        }
        let used = self.pieces.used(now);
        let last = used.last().map_or(now.at, |used| now.at(used.until));
        let ends = last
            .saturating_add(micros(longest))
            .max(closed.unwrap_or(last));
        Some(Window {
            class: class.clone(),
            writer: writer.to_owned(),
            used,
            closed_until: closed.map(|at| now.wall_of(at)),
            ends: now.wall_of(ends),
        })
    }
}
