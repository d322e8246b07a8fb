//! The customers that wait for a class of calls, and the turns that are kept for them.
//!
//! Turns go round: every call that goes out puts its customer one further back, and of those whose time has
//! come, who has had least goes first. A customer with a hundred callers gets no more than one with two. A turn
//! that isn't taken lapses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{At, Who};

/// So much too early still counts as the time that was told: clocks are not exact.
const EXACT: At = 20_000;

/// Of more customers than this it isn't counted out who goes before whom: they are taken to be alike.
const CROWD: u64 = 256;

/// Who waits.
#[derive(Default)]
pub(super) struct Line {
    turns: BTreeMap<u64, Turn>,
    places: HashMap<Who, Place>,
    by_due: BTreeSet<(At, u64)>,
    by_lapse: BTreeSet<(At, u64)>,
    /// The customers that wait, by the round that they are in.
    by_round: BTreeSet<(u64, u64)>,
    /// In which round the next call is of customers that don't wait, where it is not this one.
    rounds: HashMap<Who, u64>,
    round: u64,
    units: u64,
    numbers: u64,
}

/// A caller that waits.
struct Turn {
    who: Who,
    units: u32,
    /// When its time comes. It stays when the caller is put off again.
    due: At,
    /// When it was told to come.
    told: At,
    lapses: At,
}

/// A customer that waits.
struct Place {
    /// In which round its next call is: how many it has had, from when it came.
    round: u64,
    /// Of those in the same round, who came first goes first.
    number: u64,
    /// Its callers, by the times that they were told.
    callers: BTreeSet<(At, u64)>,
}

impl Line {
    /// Drops the turns that nobody took.
    pub(super) fn lapse(&mut self, now: At) {
        while let Some(&(_, number)) = self.by_lapse.first().filter(|(at, _)| *at < now) {
            self.remove(number);
        }
    }

    /// Forgets customers that have had no more than any that comes new.
    pub(super) fn sweep(&mut self) {
        let round = self.now_in();
        self.rounds.retain(|_, next| *next > round);
    }

    /// What all that wait count.
    pub(super) fn units(&self) -> u64 {
        self.units
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The round of a customer that comes new.
    fn now_in(&self) -> u64 {
        self.by_round
            .first()
            .map_or(self.round, |(round, _)| *round)
    }

    /// In which round a customer's next call is, and its number in it.
    fn standing(&self, who: Who) -> (u64, u64) {
        match self.places.get(&who) {
            Some(place) => (place.round, place.number),
            None => {
                let next = self.rounds.get(&who).copied().unwrap_or_default();
                (next.max(self.now_in()), u64::MAX)
            }
        }
    }

    /// What the others count whose time has come by `soon` and who go before `who`; by `later`, where `who` is a
    /// round ahead of them. At least `enough` where it is more.
    pub(super) fn claims(&self, (soon, later): (At, At), who: Who, enough: u64) -> u64 {
        let own = self.standing(who);
        let ahead = self
            .by_round
            .first()
            .is_some_and(|(round, _)| *round < own.0);
        let until = if ahead { later } else { soon };
        let mut claims = 0;
        let mut had = HashMap::new();
        for (_, number) in self.by_due.range(..=(until, u64::MAX)) {
            let Some(turn) = self.turns.get(number).filter(|turn| turn.who != who) else {
                continue;
            };
            let Some(place) = self.places.get(&turn.who) else {
                continue;
            };
            let rounds = had.entry(turn.who).or_insert(0);
            let before = (place.round + *rounds, place.number) < own;
            if before && (turn.due <= soon || place.round + *rounds < own.0) {
                claims += u64::from(turn.units);
                if claims >= enough {
                    break;
                }
            }
            *rounds += 1;
        }
        claims
    }

    /// What goes before one more caller of `who`, as far as can be told now. Those told earlier that are rounds
    /// ahead of it don't: they will be put off.
    pub(super) fn ahead(&self, who: Who, units: u32) -> u64 {
        let (round, number) = self.standing(who);
        let mine = self
            .places
            .get(&who)
            .map_or(0, |place| place.callers.len() as u64);
        let own = (round + mine, number);
        let others = self.places.len() as u64 - u64::from(number != u64::MAX);
        if others > CROWD {
            let rounds = (mine + 1).saturating_mul(others) + mine;
            return self.units.min(rounds.saturating_mul(u64::from(units)));
        }
        let before = |place: &Place| {
            let rounds = own.0.saturating_sub(place.round);
            let rounds = rounds + u64::from(place.round <= own.0 && place.number < own.1);
            rounds.min(place.callers.len() as u64)
        };
        let others = self.places.iter().filter(|(other, _)| **other != who);
        let others: u64 = others.map(|(_, place)| before(place)).sum();
        (others + mine).saturating_mul(u64::from(units))
    }

    /// The caller that comes now, if one of `who` was told to.
    fn comes(&self, who: Who, now: At) -> Option<u64> {
        let (told, number) = self.places.get(&who)?.callers.first()?;
        (*told <= now + EXACT).then_some(*number)
    }

    /// Whether a caller of `who` was told to come now.
    pub(super) fn is_told(&self, who: Who, now: At) -> bool {
        self.comes(who, now).is_some()
    }

    /// A caller of `who` must wait until `told`. One that comes new waits for `due`; without one it isn't kept.
    pub(super) fn wait(
        &mut self,
        who: Who,
        units: u32,
        due: Option<At>,
        (told, grace): (At, At),
        now: At,
    ) {
        let known = self.comes(who, now).and_then(|number| self.remove(number));
        let (units, due) = match (known, due) {
            // Its time had come before.
            (Some(turn), _) => (turn.units, turn.due),
            (None, Some(due)) => (units, due),
            (None, None) => return,
        };
        self.numbers += 1;
        let number = self.numbers;
        if !self.places.contains_key(&who) {
            let round = self.standing(who).0;
            self.rounds.remove(&who);
            self.by_round.insert((round, number));
            let place = Place {
                round,
                number,
                callers: BTreeSet::new(),
            };
            self.places.insert(who, place);
        }
        if let Some(place) = self.places.get_mut(&who) {
            place.callers.insert((told, number));
        }
        let lapses = told.saturating_add(grace);
        self.by_due.insert((due, number));
        self.by_lapse.insert((lapses, number));
        self.units += u64::from(units);
        self.turns.insert(
            number,
            Turn {
                who,
                units,
                due,
                told,
                lapses,
            },
        );
    }

    /// A caller of `who` goes out: the customer is one round further back.
    pub(super) fn took(&mut self, who: Who, now: At) {
        let (round, _) = self.standing(who);
        if let Some(place) = self.places.get_mut(&who) {
            self.by_round.remove(&(place.round, place.number));
            place.round = round + 1;
            self.by_round.insert((place.round, place.number));
        } else {
            self.rounds.insert(who, round + 1);
            if self.places.is_empty() {
                self.round = self.round.max(round);
            }
        }
        if let Some(number) = self.comes(who, now) {
            self.remove(number);
        }
    }

    fn remove(&mut self, number: u64) -> Option<Turn> {
        let turn = self.turns.remove(&number)?;
        self.by_due.remove(&(turn.due, number));
        self.by_lapse.remove(&(turn.lapses, number));
        self.units -= u64::from(turn.units);
        let place = self.places.get_mut(&turn.who)?;
        place.callers.remove(&(turn.told, number));
        if place.callers.is_empty() {
            self.round = self.now_in();
            let place = self.places.remove(&turn.who)?;
            self.by_round.remove(&(place.round, place.number));
            self.rounds.insert(turn.who, place.round);
        }
        Some(turn)
    }
}
