//! A look at a whole file, and a copy of it that is known to be sound.

use std::{fs, path::Path};

use fabrik_domain::{Cause, Problem};
use rusqlite::{Connection, OpenFlags};

use super::{connection, fault::Fault, sums};

/// Whether a database is sound throughout: its pages, its indexes, what refers to what, and every row.
pub(super) fn look(connection: &Connection) -> Result<(), Fault> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Problem::from(Cause::DatabaseDamaged).detail(verdict).into());
    }
    let mut orphans = connection.prepare("PRAGMA foreign_key_check")?;
    if orphans.exists([])? {
        let detail = "rows refer to rows that are not there";
        return Err(Problem::from(Cause::DatabaseDamaged).detail(detail).into());
    }
    if sums::are_kept(connection) {
        sums::check(connection)?;
    }
    Ok(())
}

/// Copies the database in one file, as it is at this moment, to another file, which must not be there. Others may
/// write meanwhile. Blocks; the copy is on disk and was looked at when this returns.
///
/// Fails with `database_damaged` where a row is not what was written, and as opening does.
pub fn copy_file(from: &Path, to: &Path) -> Result<(), Problem> {
    let target = to.to_str().ok_or_else(|| {
        Problem::from(Cause::DataDirectoryUnusable {
            path: to.display().to_string(),
        })
    })?;
    // An empty one, readable by its owner alone, for SQLite to fill.
    connection::prepare(to)?;
    let source = connection::open(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source
        .execute("VACUUM INTO ?1", [target])
        .map_err(Fault::from)?;
    // For writing: Windows syncs no other.
    let file = fs::File::options().write(true).open(to);
    let synced = file.and_then(|file| file.sync_all());
    synced.map_err(|error| Problem::from(Cause::DatabaseFailed).detail(error.to_string()))?;
    look_at_file(to)
}

/// Brings what is in the log beside a database's file into the file, so that the file alone is all there is. Blocks.
///
/// Fails with `database_busy` where somebody reads or writes it, and as opening does.
pub fn empty_log(path: &Path) -> Result<(), Problem> {
    let connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: bool = connection
        .query_row(sql, [], |row| row.get(0))
        .map_err(Fault::from)?;
    if busy {
        return Err(Cause::DatabaseBusy.into());
    }
    Ok(())
}

/// Whether the database in a file that nobody has open is sound throughout. Nothing is written. Blocks.
pub fn look_at_file(path: &Path) -> Result<(), Problem> {
    let connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(look(&connection)?)
}
