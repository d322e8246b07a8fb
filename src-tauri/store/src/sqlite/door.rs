//! The way into a file that could not be written when it was opened: a folder that takes no files, a disk without room,
//! another process that holds it. What is in it is read all the same, every write is refused with why, and the way is
//! tried again before the next one. Nothing waits to be written meanwhile.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, TryLockError},
    time::{Duration, Instant},
};

use fabrik_domain::{Cause, Problem};
use rusqlite::Connection;

use super::hold::FileHold;

/// How soon it is tried again: many who write one after the other are refused at once.
const PAUSE: Duration = Duration::from_secs(1);

/// Why nothing can be written; none where it can.
#[derive(Clone, Default)]
pub(super) struct Shut(Arc<RwLock<Option<Problem>>>);

impl Shut {
    /// Because of this.
    pub(super) fn because(problem: Problem) -> Self {
        Self(Arc::new(RwLock::new(Some(problem))))
    }

    /// Whether it may be that nothing can be written. Doesn't wait: it may be while the way is being tried.
    pub(super) fn may_be(&self) -> bool {
        match self.0.try_read() {
            Ok(why) => why.is_some(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().is_some(),
            Err(TryLockError::WouldBlock) => true,
        }
    }

    /// Why.
    fn why(&self) -> Option<Problem> {
        self.look().clone()
    }

    /// The same, held on to: nothing is opened for writing meanwhile.
    pub(super) fn look(&self) -> RwLockReadGuard<'_, Option<Problem>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, open: &Open) -> Result<Opened, Problem> {
        let mut why = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let opened = open();
        *why = opened.as_ref().err().cloned();
        opened
    }

    fn refusal(&self) -> Problem {
        self.why().unwrap_or_else(|| Cause::DatabaseFailed.into())
    }
}

/// The file, open for writing, and the right to it where that was not to be had before.
pub(super) type Opened = (Connection, Option<FileHold>);

/// Opens the file, without waiting for others who write.
pub(super) type Open = Box<dyn Fn() -> Result<Opened, Problem> + Send>;

/// The way into the file.
pub(super) enum Door {
    /// It is open.
    Open {
        connection: Connection,
        /// Let go of when the connection is closed.
        _hold: Option<FileHold>,
    },
    /// It was not, when it was tried the last time.
    Shut {
        shut: Shut,
        open: Open,
        tried: Instant,
    },
}

impl From<Connection> for Door {
    fn from(connection: Connection) -> Self {
        Self::Open {
            connection,
            _hold: None,
        }
    }
}

impl Door {
    /// One that was found shut just now.
    pub(super) fn shut(shut: Shut, open: Open) -> Self {
        Self::Shut {
            shut,
            open,
            tried: Instant::now(),
        }
    }

    /// The connection, or why there is none.
    pub(super) fn pass(&mut self) -> Result<&Connection, Problem> {
        if let Self::Shut { shut, open, tried } = self {
            if tried.elapsed() < PAUSE {
                return Err(shut.refusal());
            }
            *tried = Instant::now();
            let (connection, hold) = shut.open(open)?;
            tracing::info!("the database can be written again");
            *self = Self::Open {
                connection,
                _hold: hold,
            };
        }
        match self {
            Self::Open { connection, .. } => Ok(connection),
            Self::Shut { shut, .. } => Err(shut.refusal()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_to_hear_whether_it_is_shut() {
        assert!(!Shut::default().may_be());
        assert!(Shut::because(Cause::DatabaseReadOnly.into()).may_be());
        let shut = Shut::default();
        let _tried = shut.0.write().unwrap();
        assert!(shut.may_be(), "it is being tried");
    }
}
