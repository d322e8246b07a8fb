//! SQLite, embedded: one file in write-ahead mode, one thread that writes, a few connections that read.
//! Several processes may have the file open at once.

mod audit;
mod base_names;
mod cancels;
mod changes;
mod column;
mod connection;
mod copying;
mod customer_index;
mod customer_list;
mod customers;
mod door;
mod fault;
mod hold;
mod import;
mod inbox;
mod journal;
mod leases;
mod mails;
mod outbox;
mod readers;
mod removals;
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
    time::Duration,
};

use fabrik_domain::{Cause, Problem, id::WorkspaceId, ports::Clock};
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use self::copying::Copying;
use self::{
    customer_index::CustomerIndex,
    door::{Door, Open, Shut},
    fault::Fault,
    readers::Readers,
    writer::Writer,
};
pub use self::{
    hold::FileHold,
    soundness::{copy_file, empty_log, look_at_file},
};
use crate::base_names::ByIds;

/// The central database in a file of its own.
///
/// Dropping it writes what still waits to be written, and blocks for as long as that takes.
pub struct SqliteStore {
    workspace: WorkspaceId,
    /// Whether it can be written.
    shut: Shut,
    /// Shut before the writer, whose end empties the log into the file: one that only reads can't.
    readers: Readers,
    writer: Writer,
    customer_index: CustomerIndex,
    by_ids: ByIds,
    /// Let go of when both are shut.
    _hold: Option<FileHold>,
}

impl SqliteStore {
    /// Opens the database at `path`, made where there is none, and brings it up to date. `clock` gives
    /// the times of records and leases.
    ///
    /// One that is up to date and can be read, and not written, is opened all the same: every write is refused with
    /// why, as [`Store::writable`](crate::Store::writable) says, until it can be written.
    ///
    /// Blocks for as long as the disk takes, and longer while another process brings it up to date.
    /// Fails with `database_newer`, `database_damaged`, and, where it can't be read either, `database_unreadable`, `database_read_only`,
    /// `database_busy`, `data_directory_unusable`, `disk_full` or `database_failed`.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let prepared = connection::prepare(path);
        let hold = FileHold::shared(path)?;
        let problem = match prepared.and_then(|()| open_current(path)) {
            Ok((connection, workspace)) => {
                return Self::new(path, clock, workspace, connection, hold);
            }
            Err(problem) => problem,
        };
        if is_of_the_file(&problem) {
            return Err(problem);
        }
        Self::open_unwritten(path, clock, hold, problem)
    }

    /// The same by who holds the file alone: nobody else opens it before this is dropped.
    pub fn open_alone(path: &Path, clock: Arc<dyn Clock>, hold: FileHold) -> Result<Self, Problem> {
        let (connection, workspace) = open_current(path)?;
        Self::new(path, clock, workspace, connection, Some(hold))
    }

    fn new(
        path: &Path,
        clock: Arc<dyn Clock>,
        workspace: WorkspaceId,
        connection: Connection,
        hold: Option<FileHold>,
    ) -> Result<Self, Problem> {
        let shut = Shut::default();
        Ok(Self {
            workspace,
            readers: Readers::new(path, shut.clone()),
            shut,
            writer: Writer::start(connection, clock)?,
            customer_index: CustomerIndex::default(),
            by_ids: ByIds::default(),
            _hold: hold,
        })
    }

    /// Opens one that can't be written because of `problem`, and tries to write it when somebody wants to.
    fn open_unwritten(
        path: &Path,
        clock: Arc<dyn Clock>,
        hold: Option<FileHold>,
        problem: Problem,
    ) -> Result<Self, Problem> {
        let found = connection::read_unwritten(path, schema::current).map_err(Problem::from);
        let workspace = match found {
            Ok(Some(workspace)) => workspace,
            Err(found) if is_of_the_file(&found) || *found.cause == Cause::DatabaseBusy => {
                return Err(found);
            }
            // It would have to be brought up to date first, or can't be read: why it can't be written is why, unless
            // it may not be read in the first place.
            Ok(None) | Err(_) => return Err(connection::unreadable(path).unwrap_or(problem)),
        };
        tracing::warn!(%problem, "the database can only be read");
        let (file, kept) = (path.to_owned(), hold.is_some());
        let open: Open = Box::new(move || {
            let hold = if kept { None } else { FileHold::shared(&file)? };
            Ok((open_again(&file, workspace)?, hold))
        });
        let shut = Shut::because(problem);
        Ok(Self {
            workspace,
            readers: Readers::new(path, shut.clone()),
            writer: Writer::start(Door::shut(shut.clone(), open), clock)?,
            shut,
            customer_index: CustomerIndex::default(),
            by_ids: ByIds::default(),
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

    /// Lets the next so many commits fail, as on a disk without room: for trials of a database in memory. Gives how many
    /// of those before were yet to fail.
    pub fn fill(&self, commits: usize) -> usize {
        self.writer.fill(commits)
    }

    fn of_caller(connection: Connection, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let workspace = schema::migrate(&connection)?;
        let connection = Arc::new(Mutex::new(connection));
        Ok(Self {
            workspace,
            shut: Shut::default(),
            writer: Writer::of_caller(Arc::clone(&connection), clock),
            readers: Readers::Caller(connection),
            customer_index: CustomerIndex::default(),
            by_ids: ByIds::default(),
            _hold: None,
        })
    }

    /// Whether the file can be written: one that could not be is tried again.
    async fn try_writing(&self) -> Result<(), Problem> {
        if self.shut.may_be() {
            // Its thread may wait for the disk; this one may not.
            self.writer.write(|_| Ok(())).await
        } else {
            Ok(())
        }
    }

    /// Whether the file can be written and read, and is sound throughout. Damage is told before all else.
    async fn examine(&self) -> Result<(), Problem> {
        let written = self
            .writer
            .write(|write| {
                let sql = "INSERT INTO meta (key, value) VALUES ('checked_at', ?1)
                           ON CONFLICT (key) DO UPDATE SET value = excluded.value";
                write.connection.execute(sql, [write.now.to_string()])?;
                Ok(())
            })
            .await;
        match (written, self.readers.read(soundness::look).await) {
            (Err(problem), Err(found)) if !is_of_the_file(&found) => Err(problem),
            (written, looked) => looked.and(written),
        }
    }
}

/// Opens the file for writing, and brings it up to date.
fn open_current(path: &Path) -> Result<(Connection, WorkspaceId), Problem> {
    let connection = connection::open_writer(path, connection::BUSY)?;
    let workspace = schema::migrate(&connection)?;
    Ok((connection, workspace))
}

/// Opens for writing a file that was up to date when it was read. It may be gone by now, with its disk or by hand:
/// none is made, and no other is written.
fn open_again(path: &Path, workspace: WorkspaceId) -> Result<Connection, Problem> {
    let connection = connection::open_writer(path, Duration::ZERO)?;
    // Taken to see that it is to be had; dropped, it is rolled back.
    let turn = Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)
        .map_err(Fault::from)?;
    let found = schema::current(&turn)?;
    drop(turn);
    if found != Some(workspace) {
        let why = "another database lies where the one that was opened lay";
        return Err(Problem::from(Cause::DatabaseFailed).detail(why));
    }
    connection
        .busy_timeout(connection::BUSY)
        .map_err(Fault::from)?;
    Ok(connection)
}

/// What is wrong with what is in the file: it is not read.
fn is_of_the_file(problem: &Problem) -> bool {
    matches!(
        *problem.cause,
        Cause::DatabaseDamaged | Cause::DatabaseNewer { .. }
    )
}
