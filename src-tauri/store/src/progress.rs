//! How far a piece of work with many rows has come.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use fabrik_domain::{Cause, Problem};

/// Each row is done twice over: read and judged, then written.
const PASSES: u64 = 2;

/// Shared by who works and who watches: rows that are done, of how many, and the wish that it stops.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    /// So many rows more are to be done.
    pub fn expect(&self, rows: u64) {
        self.total.fetch_add(rows, Ordering::Relaxed);
    }

    /// So many rows more are done once. `import_stopped` where somebody wants no more of it.
    pub fn step(&self, rows: u64) -> Result<(), Problem> {
        self.done.fetch_add(rows, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Cause::ImportStopped.into());
        }
        Ok(())
    }

    /// Rows that are done, and of how many.
    pub fn now(&self) -> (u64, u64) {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        (read(&self.done) / PASSES, read(&self.total))
    }

    /// Has it stop, and everything taken back that was done.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}
