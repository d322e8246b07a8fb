//! A connection to the file, and the settings each one has.

use std::{fs, io, path::Path, time::Duration};

use fabrik_domain::{Cause, Problem};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{fault::Fault, sums};

/// How long another process may hold the file before `database_busy`.
const BUSY: Duration = Duration::from_secs(10);

/// Makes the directory and an empty file where there are none, readable by their owner alone.
pub(super) fn prepare(path: &Path) -> Result<(), Problem> {
    if let Some(directory) = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
    {
        make_directory(directory).map_err(|error| {
            Problem::from(Cause::DataDirectoryUnusable {
                path: directory.display().to_string(),
            })
            .detail(error.to_string())
        })?;
    }
    make_private(path).map_err(|error| {
        let cause = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Cause::DatabaseReadOnly
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::DiskFull,
            _ => Cause::DatabaseFailed,
        };
        Problem::from(cause).detail(error.to_string())
    })
}

#[cfg(unix)]
fn make_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

#[cfg(not(unix))]
fn make_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

/// SQLite gives its `-wal` and `-shm` files the mode of the database.
#[cfg(unix)]
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Elsewhere the directory of the user's own data is private already.
#[cfg(not(unix))]
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map(drop)
}

/// Opens the file, with the settings that a connection has for itself.
pub(super) fn open(path: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    settle(connection)
}

/// A database in memory alone, with the same settings.
pub(super) fn in_memory() -> Result<Connection, Fault> {
    settle(Connection::open_in_memory()?)
}

/// Everything that is in a database, as its file would be.
pub(super) fn image(connection: &mut Connection) -> Result<Vec<u8>, Fault> {
    Ok(connection.serialize("main")?.to_vec())
}

/// The same, with what is in an image of a database.
pub(super) fn of_image(image: &[u8]) -> Result<Connection, Fault> {
    let mut connection = Connection::open_in_memory()?;
    connection.deserialize_read_exact("main", image, image.len(), false)?;
    settle(connection)
}

fn settle(connection: Connection) -> Result<Connection, Fault> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A row that another takes the place of is taken out of its table's sum too.
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // In KiB. An import touches every index all over; a list is read again and again.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
    sums::teach(&connection)?;
    Ok(connection)
}

/// Opens the file for the writer: every commit is on disk before it returns.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // SQLite opens a file it may not write for reading, and says nothing.
    if connection.is_readonly("main")? {
        return Err(Cause::DatabaseReadOnly.into());
    }
    use_write_ahead_log(&connection)?;
    connection.pragma_update(None, "synchronous", "full")?;
    // After a large import the log shrinks again.
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    Ok(connection)
}

/// A new file is switched over once. Two processes that try it together don't wait for each other as
/// they do elsewhere in SQLite, so the one that is refused asks again.
fn use_write_ahead_log(connection: &Connection) -> Result<(), Fault> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut left = BUSY;
    loop {
        let switched = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match switched {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => {
                return Err(Problem::from(Cause::DatabaseFailed)
                    .detail(format!("no write-ahead log here, only {mode}"))
                    .into());
            }
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && !left.is_zero() =>
            {
                left = left.saturating_sub(PAUSE);
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
