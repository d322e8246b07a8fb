//! How often SQLite commits, by its own count. The engine's tests hold a step to the same most as the bench.

use std::path::Path;

/// A step is at most so many commits.
pub(crate) const MOST_COMMITS: f64 = 3.0;

/// How often SQLite has committed to this file since it was opened, by its own count in the index of the
/// write-ahead log.
pub(crate) fn commits_of(database: &Path) -> u32 {
    let index = std::fs::read(database.with_extension("db-shm")).unwrap();
    let count = index[8..12].try_into().unwrap();
    u32::from_ne_bytes(count)
}
