//! What of a class survives a restart: how much this process has used of its longest window, in pieces.

use std::{collections::VecDeque, time::Duration};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    gate::{LONG, Used, Window, Windows},
};

use super::{At, Moment, micros};

/// In so many pieces is a window kept. Each counts as used at its end, so that is how exact it is.
const PIECES: At = 60;

/// Keeps nothing.
pub(super) struct NotKept;

#[async_trait]
impl Windows for NotKept {
    async fn load(&self) -> Result<Vec<Window>, Problem> {
        Ok(Vec::new())
    }

    fn save(&self, _: Window) {}
}

/// Whether a window is long enough to be kept.
pub(super) fn is_long(window: Duration) -> bool {
    window > LONG
}

/// What this process has used of a window, by the instants at which the pieces end.
#[derive(Default)]
pub(super) struct Pieces(VecDeque<(At, u32)>);

impl Pieces {
    /// Counts a call that goes out now.
    pub(super) fn add(&mut self, units: u32, window: Duration, now: At) {
        let window = micros(window);
        let piece = (window / PIECES).max(1);
        let ends = (now.div_euclid(piece) + 1).saturating_mul(piece);
        match self.0.back_mut() {
            Some((last, used)) if *last == ends => *used = used.saturating_add(units),
            _ => self.0.push_back((ends, units)),
        }
        while self
            .0
            .front()
            .is_some_and(|(ends, _)| *ends <= now - window)
        {
            self.0.pop_front();
        }
    }

    /// Takes back a call that did not go out after all.
    pub(super) fn take_back(&mut self, units: u32) {
        if let Some((_, used)) = self.0.back_mut() {
            *used = used.saturating_sub(units);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is kept.
    pub(super) fn used(&self, now: Moment) -> Vec<Used> {
        let used = self.0.iter().filter(|(_, units)| *units > 0);
        used.map(|&(ends, units)| Used {
            until: now.wall_of(ends),
            units,
        })
        .collect()
    }
}
