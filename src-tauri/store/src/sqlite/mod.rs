//! SQLite, embedded: one file in write-ahead mode, one thread that writes, a few connections that read.
//! Several processes may have the file open at once.

mod audit;
mod changes;
mod column;
mod connection;
mod copying;
mod customer_list;
mod customers;
mod fault;
mod hold;
mod import;
mod inbox;
mod journal;
mod leases;
mod mails;
mod outbox;
mod readers;
mod requests;
mod resources;
mod runs;
mod schema;
mod settings;
mod soundness;
mod steps;
mod store;
mod subscriptions;
mod sums;
mod windows;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use fabrik_domain::{Cause, Problem, id::WorkspaceId, ports::Clock};
use rusqlite::Connection;

pub(crate) use self::copying::Copying;
pub use self::{
    hold::FileHold,
    soundness::{copy_file, empty_log, look_at_file},
};
use self::{readers::Readers, writer::Writer};

/// The central database in a file of its own.
///
/// Dropping it writes what still waits to be written, and blocks for as long as that takes.
pub struct SqliteStore {
    workspace: WorkspaceId,
    /// Shut before the writer, whose end empties the log into the file: one that only reads can't.
    readers: Readers,
    writer: Writer,
    /// Let go of when both are shut.
    _hold: Option<FileHold>,
}

impl SqliteStore {
    /// Opens the database at `path`, made where there is none, and brings it up to date. `clock` gives
    /// the times of records and leases.
    ///
    /// Blocks for as long as the disk takes, and longer while another process brings it up to date.
    /// Fails with `database_newer`, `database_damaged`, `database_read_only`, `database_busy`,
    /// `data_directory_unusable`, `disk_full` or `database_failed`.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        connection::prepare(path)?;
        let hold = FileHold::shared(path)?;
        Self::open_held(path, clock, hold)
    }

    /// The same by who holds the file alone: nobody else opens it before this is dropped.
    pub fn open_alone(path: &Path, clock: Arc<dyn Clock>, hold: FileHold) -> Result<Self, Problem> {
        Self::open_held(path, clock, Some(hold))
    }

    fn open_held(
        path: &Path,
        clock: Arc<dyn Clock>,
        hold: Option<FileHold>,
    ) -> Result<Self, Problem> {
        let connection = connection::open_writer(path)?;
        let workspace = schema::migrate(&connection)?;
        Ok(Self {
            workspace,
            writer: Writer::start(connection, clock)?,
            readers: Readers::new(path),
            _hold: hold,
        })
    }

    /// A database in memory, written and read on the caller's own thread, so that no time passes meanwhile:
    /// for simulations, and for tests under a clock that stands still.
    pub fn in_memory(clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        Self::of_caller(connection::in_memory()?, clock)
    }

    /// A database in memory with what is in an [`image`](Self::image).
    pub fn of_image(image: &[u8], clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        Self::of_caller(connection::of_image(image)?, clock)
    }

    /// Everything that is in one in memory, for others to begin with.
    pub fn image(&self) -> Result<Vec<u8>, Problem> {
        let Readers::Caller(connection) = &self.readers else {
            return Err(Cause::DatabaseFailed.into());
        };
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(connection::image(&mut connection)?)
    }

    /// Lets the next so many commits fail, as on a disk without room: for trials of a database in memory.
    pub fn fill(&self, commits: usize) {
        self.writer.fill(commits);
    }

    fn of_caller(connection: Connection, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let workspace = schema::migrate(&connection)?;
        let connection = Arc::new(Mutex::new(connection));
        Ok(Self {
            workspace,
            writer: Writer::of_caller(Arc::clone(&connection), clock),
            readers: Readers::Caller(connection),
            _hold: None,
        })
    }

    /// Whether the file can be written and read, and is sound throughout.
    async fn examine(&self) -> Result<(), Problem> {
        self.writer
            .write(|write| {
                let sql = "INSERT INTO meta (key, value) VALUES ('checked_at', ?1)
                           ON CONFLICT (key) DO UPDATE SET value = excluded.value";
                write.connection.execute(sql, [write.now.to_string()])?;
                Ok(())
            })
            .await?;
        self.readers.read(soundness::look).await
    }
}
