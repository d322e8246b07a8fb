//! The connections that read. In WAL mode they see the last commit and wait for no writer.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use fabrik_domain::{Cause, Problem};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::{connection, door::Shut, fault::Fault};

/// How many read at once.
const READERS: usize = 4;

/// Where is read.
pub(super) enum Readers {
    /// In a small pool, filled as needed.
    Pool {
        path: PathBuf,
        /// Whether it can be written.
        shut: Shut,
        seats: Arc<Semaphore>,
        idle: Arc<Mutex<Vec<Connection>>>,
    },
    /// On the writer's own connection, by the caller.
    Caller(Arc<Mutex<Connection>>),
}

impl Readers {
    /// For the database at `path`, which is there.
    pub(super) fn new(path: &Path, shut: Shut) -> Self {
        Self::Pool {
            path: path.to_owned(),
            shut,
            seats: Arc::new(Semaphore::new(READERS)),
            idle: Arc::default(),
        }
    }

    /// Reads on a thread that may block. Everything `work` reads is of one moment.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (path, shut, seats, idle) = match self {
            Self::Pool {
                path,
                shut,
                seats,
                idle,
            } => (path.clone(), shut.clone(), seats, Arc::clone(idle)),
            Self::Caller(connection) => {
                tokio::task::yield_now().await;
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                return Ok(read_at_once(&connection, work)?);
            }
        };
        let seat = Arc::clone(seats).acquire_owned().await.map_err(failed)?;
        let reading = tokio::task::spawn_blocking(move || {
            // Held until the work is done, even where nobody waits for it any more.
            let _seat = seat;
            let why = shut.look();
            if why.is_some() {
                // Closed again before anybody tries to write: all connections of a process share what SQLite knows of
                // the file's locks and its index.
                return connection::read_unwritten(&path, |connection| {
                    read_at_once(connection, work)
                });
            }
            drop(why);
            let spare = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match spare {
                Some(connection) => connection,
                None => connection::open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            };
            let answer = read_at_once(&connection, work);
            // One that failed is closed: a fault may be the connection's own.
            if !matches!(answer, Err(Fault::Sqlite(_))) {
                idle.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(connection);
            }
            answer
        });
        // What a panic says may hold what was read.
        Ok(reading.await.map_err(|_| failed("it broke off"))??)
    }
}

fn read_at_once<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    // Only reads: dropped, it is rolled back, which costs nothing.
    let _moment = connection.unchecked_transaction()?;
    work(connection)
}

fn failed(error: impl std::fmt::Display) -> Problem {
    Problem::from(Cause::DatabaseFailed).detail(error.to_string())
}
