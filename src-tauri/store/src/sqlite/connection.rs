//! A connection to the file, and the settings each one has.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use fabrik_domain::{Cause, Problem};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::{fault::Fault, sums};

/// How long another process may hold the file before `database_busy`.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// How many KiB of pages one that reads keeps; SQLite takes a number below zero for KiB. Each has its own: it holds what
/// the pages of a list and the counts of its states are read from, with every change.
const READER_KEEPS: i32 = -4096;

/// How many one that writes keeps.
const WRITER_KEEPS: i32 = -16_384;

/// How many it keeps while many rows are written: they touch every index all over.
const WRITER_OF_MANY_KEEPS: i32 = -65_536;

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
    make_private(path)
        .map_err(|error| Problem::from(cause_of(error.kind())).detail(error.to_string()))
}

fn cause_of(kind: io::ErrorKind) -> Cause {
    match kind {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Cause::DatabaseReadOnly
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::DiskFull,
        _ => Cause::DatabaseFailed,
    }
}

/// What is said of a file that the system lets nobody here read.
pub(super) fn unreadable(path: &Path) -> Option<Problem> {
    let error = fs::File::open(path).err()?;
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    denied.then(|| Problem::from(Cause::DatabaseUnreadable).detail(error.to_string()))
}

/// `central.db-wal` beside `central.db`.
fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
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

/// Opens a file that can't be written now, reads it once, and closes it.
///
/// SQLite reads a file in this mode with a log and an index beside it, which it makes where they are missing. Here it
/// may not be able to, and what it made would have the rights of a file that nobody may write. So:
///
/// - Without a log the file is whole by itself, since whoever closes it last empties the log into it, and nobody has
///   it open. SQLite is told that it lies still: no log, no index, no locks. What was read is `database_busy` where
///   somebody opened it meanwhile after all.
/// - With a log it is opened as ever. Where that fails since the index can't be made, it is refused: what is in the log
///   alone would be passed over. Only an empty log holds nothing that could be.
pub(super) fn read_unwritten<T>(
    path: &Path,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let is_empty = match fs::metadata(log_of(path)) {
        Ok(log) => log.is_file() && log.len() == 0,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return read_still(path, work),
        Err(error) => {
            let problem = Problem::from(cause_of(error.kind()));
            return Err(problem.detail(error.to_string()).into());
        }
    };
    let opened = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|connection| {
        // SQLite opens the log and the index with the first read.
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?;
        Ok(connection)
    });
    match opened {
        Err(Fault::Sqlite(error)) if is_empty && cannot_be_made(&error) => read_still(path, work),
        opened => work(&opened?),
    }
}

/// How a file and the log beside it stand: their lengths, and when they were written.
#[derive(PartialEq, Eq)]
struct Stand([Option<(u64, Option<SystemTime>)>; 2]);

impl Stand {
    fn of(path: &Path) -> Self {
        Self([path.to_owned(), log_of(path)].map(|path| {
            let told = fs::metadata(path).ok()?;
            Some((told.len(), told.modified().ok()))
        }))
    }
}

/// Reads a file that lies still. Without locks, old and new pages of one that somebody writes meanwhile would mix: what
/// looks like damage then is none, and what looks sound may be wrong.
fn read_still<T>(
    path: &Path,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let before = Stand::of(path);
    let answer = open_still(path).and_then(|connection| work(&connection));
    if Stand::of(path) == before {
        answer
    } else {
        Err(Cause::DatabaseBusy.into())
    }
}

/// What is beside the file could not be made or opened; nothing is said against the file.
fn cannot_be_made(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::DiskFull
        )
    )
}

/// Opens a file that nobody writes (<https://sqlite.org/uri.html#uriimmutable>).
fn open_still(path: &Path) -> Result<Connection, Fault> {
    let text = path
        .to_str()
        .ok_or_else(|| Problem::from(Cause::DatabaseFailed).detail("its path is no text"))?;
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    open(Path::new(&still(text, cfg!(windows))), access)
}

/// The path as a URI that says so.
fn still(path: &str, of_windows: bool) -> String {
    let path = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    if of_windows {
        format!("file:///{}?immutable=1", path.replace('\\', "/"))
    } else {
        format!("file:{path}?immutable=1")
    }
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
    // A statement is planned once, whatever its values: with some, one that a partial index or a limit may help is parsed
    // again each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A row that another takes the place of is taken out of its table's sum too.
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", READER_KEEPS)?;
    connection.set_prepared_statement_cache_capacity(64);
    sums::teach(&connection)?;
    Ok(connection)
}

/// Opens the file for the writer: every commit is on disk before it returns. While it is opened, another process may
/// hold it for as long as `patience`.
pub(super) fn open_writer(path: &Path, patience: Duration) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(patience)?;
    // SQLite opens a file it may not write for reading, and says nothing.
    if connection.is_readonly("main")? {
        return Err(Cause::DatabaseReadOnly.into());
    }
    use_write_ahead_log(&connection, patience)?;
    connection.pragma_update(None, "cache_size", WRITER_KEEPS)?;
    connection.pragma_update(None, "synchronous", "full")?;
    // After a large import the log shrinks again.
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    Ok(connection)
}

/// Lets a connection that writes keep what many rows touch, for as long as it is open.
pub(super) fn make_room(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", WRITER_OF_MANY_KEEPS)
}

/// The same while `work` writes many rows. What they touched is let go of with their commit.
pub(super) fn with_room<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    make_room(connection)?;
    let answer = work();
    connection.pragma_update(None, "cache_size", WRITER_KEEPS)?;
    answer
}

/// A new file is switched over once. Two processes that try it together don't wait for each other as
/// they do elsewhere in SQLite, so the one that is refused asks again.
fn use_write_ahead_log(connection: &Connection, patience: Duration) -> Result<(), Fault> {
    const PAUSE: Duration = Duration::from_millis(10);
    // SQLite may wait as long itself, each time it is asked.
    let until = Instant::now() + patience;
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
                    && Instant::now() < until =>
            {
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_another_holds_is_waited_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.db");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE one (number); BEGIN IMMEDIATE")
            .unwrap();
        let begun = Instant::now();
        let refused = open_writer(&path, Duration::from_millis(300)).unwrap_err();
        assert_eq!(Problem::from(refused).code(), "database_busy");
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(5), "waited {waited:?}");
    }

    #[test]
    fn what_many_rows_touch_is_kept_while_they_are_written_and_no_longer() {
        fn kept(connection: &Connection) -> i32 {
            connection
                .pragma_query_value(None, "cache_size", |row| row.get(0))
                .unwrap()
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.db");
        prepare(&path).unwrap();
        let writer = open_writer(&path, BUSY).unwrap();
        let reader = open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(kept(&reader), READER_KEEPS);
        assert_eq!(kept(&writer), WRITER_KEEPS);
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(
            with_room(&writer, || Ok(kept(&writer))).unwrap(),
            WRITER_OF_MANY_KEEPS
        );
        assert_eq!(kept(&writer), WRITER_KEEPS);
        let stopped = with_room(&writer, || Err::<(), _>(Cause::ImportStopped.into()));
        assert_eq!(Problem::from(stopped.unwrap_err()).code(), "import_stopped");
        assert_eq!(kept(&writer), WRITER_KEEPS);
    }

    #[test]
    fn what_is_read_while_another_writes_is_no_answer() {
        fn first(connection: &Connection) -> Result<i64, Fault> {
            Ok(connection.query_row("SELECT number FROM one", [], |row| row.get(0))?)
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.db");
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("CREATE TABLE one (number); INSERT INTO one VALUES (1)")
            .unwrap();
        assert_eq!(read_unwritten(&path, first).unwrap(), 1);
        let write = "INSERT INTO one VALUES (zeroblob(100000))";
        let mixed = read_unwritten(&path, |connection| {
            other.execute_batch(write)?;
            first(connection)
        });
        let damaged = read_unwritten(&path, |_| {
            other.execute_batch(write)?;
            Err::<i64, _>(Cause::DatabaseDamaged.into())
        });
        let logged = read_unwritten(&path, |connection| {
            fs::write(log_of(&path), "a log").unwrap();
            first(connection)
        });
        for answer in [mixed, damaged, logged] {
            assert_eq!(Problem::from(answer.unwrap_err()).code(), "database_busy");
        }
    }

    #[test]
    fn a_path_is_told_as_a_uri_whatever_is_in_it() {
        assert_eq!(
            still("/data/Å b?#100%/central.db", false),
            "file:/data/Å b%3f%23100%25/central.db?immutable=1"
        );
        assert_eq!(
            still(r"C:\data\central.db", true),
            "file:///C:/data/central.db?immutable=1"
        );
    }
}
