//! Calls that went out, in order of time, and how many there were since when.

use std::collections::VecDeque;

use super::At;

/// The calls of one class that were answered.
#[derive(Default)]
pub(super) struct Log {
    uses: VecDeque<Use>,
    /// What those that are forgotten came to.
    forgotten: u64,
}

struct Use {
    at: At,
    /// Of all up to this one, those forgotten included.
    total: u64,
}

impl Log {
    fn total(&self) -> u64 {
        self.uses.back().map_or(self.forgotten, |last| last.total)
    }

    /// Adds what was answered at `at`, which is not before the last.
    pub(super) fn push(&mut self, at: At, units: u32) {
        let total = self.total() + u64::from(units);
        match self.uses.back_mut() {
            Some(last) if last.at >= at => last.total = total,
            _ => self.uses.push_back(Use { at, total }),
        }
    }

    /// Drops what was up to `at`.
    pub(super) fn forget(&mut self, at: At) {
        while let Some(first) = self.uses.front().filter(|first| first.at <= at) {
            self.forgotten = first.total;
            self.uses.pop_front();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    /// How much there was after `at`.
    pub(super) fn after(&self, at: At) -> u64 {
        let gone = self.uses.partition_point(|one| one.at <= at);
        let before = match gone.checked_sub(1) {
            Some(last) => self.uses[last].total,
            None => self.forgotten,
        };
        self.total() - before
    }

    /// The first instant for which `holds`, which holds for all later ones.
    pub(super) fn first(&self, holds: impl Fn(At) -> bool) -> Option<At> {
        let index = self.uses.partition_point(|one| !holds(one.at));
        self.uses.get(index).map(|one| one.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_since_is_known_after_the_rest_is_forgotten() {
        let mut log = Log::default();
        for (at, units) in [(1, 1), (2, 5), (2, 1), (4, 2)] {
            log.push(at, units);
        }
        let since = |log: &Log| [0, 1, 2, 3, 4].map(|at| log.after(at));
        assert_eq!(since(&log), [9, 8, 2, 2, 0]);
        log.forget(2);
        assert_eq!(
            since(&log),
            [2, 2, 2, 2, 0],
            "what is forgotten counts no more"
        );
        assert_eq!(log.first(|at| at > 2), Some(4));
        log.forget(4);
        assert!(log.is_empty() && log.after(0) == 0);
    }
}
