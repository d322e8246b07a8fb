//! How far the calls of one writing have come. They are one act to the journal, and each may be refused by
//! itself: what one of them has written must not be forgotten with the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use fabrik_clouds::vercel::Target;
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    provider::Provider,
};
use jiff::Timestamp;

/// What this step knows since it was built. After a kill all is written once more, which changes nothing.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// When what was written was written, by Vercel's clock.
    written: BTreeMap<Target, i64>,
    /// Until when Vercel takes no more.
    put_off: Option<Timestamp>,
    /// What became of a call is not known: it may still come true.
    open: bool,
}

/// Why not all was written.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) failure: Failure,
    /// A part was.
    pub(super) wrote: bool,
}

impl Progress {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What became of a call is not known.
    pub(super) fn leave_open(&self) {
        self.change(|state| state.open = true);
    }

    /// Whether a call may still come true, later than what is seen by now.
    pub(super) fn is_open(&self) -> bool {
        self.change(|state| state.open)
    }

    /// Those of the targets that are still to be written.
    pub(super) fn owed(&self, targets: BTreeSet<Target>) -> Vec<Target> {
        self.change(|state| {
            let owed = targets.into_iter();
            owed.filter(|target| !state.written.contains_key(target))
                .collect()
        })
    }

    /// Refuses to go on while Vercel has asked to wait in the middle of the writing.
    pub(super) fn is_put_off(&self, now: Timestamp) -> Result<(), Failure> {
        match self
            .change(|state| state.put_off)
            .filter(|until| *until > now)
        {
            Some(until) => Err(Failure {
                outcome: Outcome::Throttled(until),
                problem: Problem::from(Cause::Throttled { until }).by(Provider::Vercel),
            }),
            None => Ok(()),
        }
    }

    /// What the calls come to: when all was written, or the failure that says most. Where one of them may have been
    /// carried out, so may the whole, whatever became of the rest.
    pub(super) fn after(&self, calls: Vec<(Target, Result<i64, Failure>)>) -> Result<i64, Stopped> {
        self.change(|state| {
            let mut failures = Vec::new();
            for (target, call) in calls {
                match call {
                    Ok(at) => drop(state.written.insert(target, at)),
                    Err(failure) => failures.push(failure),
                }
            }
            state.put_off = failures.iter().filter_map(put_off_until).max();
            let is_unknown = |failure: &Failure| failure.outcome == Outcome::Unknown;
            let unknown = failures.iter().any(is_unknown);
            match failures.into_iter().max_by_key(says) {
                Some(mut failure) => {
                    if unknown {
                        failure.outcome = Outcome::Unknown;
                    }
                    Err(Stopped {
                        wrote: !state.written.is_empty(),
                        failure,
                    })
                }
                None => Ok(state.written.values().copied().max().unwrap_or_default()),
            }
        })
    }
}

fn put_off_until(failure: &Failure) -> Option<Timestamp> {
    match failure.outcome {
        Outcome::Throttled(until) => Some(until),
        _ => None,
    }
}

/// How much a failure says of what is wrong.
fn says(failure: &Failure) -> u8 {
    match failure.outcome {
        Outcome::Refused => 4,
        Outcome::Unauthorized => 3,
        Outcome::Unknown => 2,
        Outcome::Throttled(_) => 1,
        Outcome::NotSent => 0,
    }
}
