//! Who has a database's file open: any number of processes, or one alone that puts another file in its place. SQLite's
//! own locks are on the file itself, and stay with it when it is renamed; this one is on a file beside it that nobody
//! removes. What names a server is held the same way. The system lets go of it when a process ends, however it ends.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use fabrik_domain::{Cause, Problem};

use super::connection;

/// How long opening waits for whoever puts another file in the place.
const OPENING: Duration = Duration::from_secs(10);

/// How long whoever does so waits for those who open it: of a file that is refused they let go again.
const REPLACING: Duration = Duration::from_secs(3);

/// How often both ask.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to a database's file, for as long as this is held.
#[derive(Debug)]
pub struct FileHold {
    _file: File,
}

impl FileHold {
    /// With others. None where the system has no such locks here, or the file can't be made: SQLite says what it makes
    /// of that. Blocks.
    pub(crate) fn shared(path: &Path) -> Result<Option<Self>, Problem> {
        let Ok(file) = beside(path) else {
            return Ok(None);
        };
        match within(OPENING, || file.try_lock_shared()) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Err(Cause::DatabaseBusy.into()),
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }

    /// Alone: nobody has the file open, and nobody opens it. Blocks.
    ///
    /// Fails with `database_busy` while somebody has it open, and with `database_failed` where that can't be known.
    pub fn alone(path: &Path) -> Result<Self, Problem> {
        Self::alone_within(path, REPLACING)
    }

    fn alone_within(path: &Path, patience: Duration) -> Result<Self, Problem> {
        let unknown =
            |error: &io::Error| Problem::from(Cause::DatabaseFailed).detail(error.to_string());
        let file = beside(path).map_err(|error| unknown(&error))?;
        match within(patience, || file.try_lock()) {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Cause::DatabaseBusy.into()),
            Err(TryLockError::Error(error)) => Err(unknown(&error)),
        }
    }
}

/// `central.lock` beside `central.db`, and `database.lock` beside the file that names a server.
fn beside(path: &Path) -> io::Result<File> {
    let path = path.with_extension("lock");
    connection::make_private(&path)?;
    File::options().read(true).write(true).open(path)
}

fn within(
    patience: Duration,
    lock: impl Fn() -> Result<(), TryLockError>,
) -> Result<(), TryLockError> {
    let mut left = patience;
    loop {
        match lock() {
            Err(TryLockError::WouldBlock) if !left.is_zero() => {
                left = left.saturating_sub(PAUSE);
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_have_a_file_open_or_one_has_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.db");
        let alone = || FileHold::alone_within(&path, Duration::ZERO);
        let shared = || {
            FileHold::shared(&path)
                .unwrap()
                .expect("there are locks here")
        };
        let (one, other) = (shared(), shared());
        assert_eq!(alone().unwrap_err().code(), "database_busy", "two have it");
        drop(one);
        assert_eq!(alone().unwrap_err().code(), "database_busy", "one has it");
        drop(other);
        let held = alone().unwrap();
        assert_eq!(alone().unwrap_err().code(), "database_busy", "held alone");
        // Who opens it meanwhile has it afterwards.
        std::thread::scope(|scope| {
            let opening = scope.spawn(shared);
            drop(held);
            opening.join().unwrap();
        });
    }
}
