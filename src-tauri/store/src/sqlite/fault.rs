//! What can go wrong in SQLite, and what it is called outside.

use fabrik_domain::{Cause, Problem};
use rusqlite::{ErrorCode, ffi};

use crate::value::Unreadable;

/// Why a read or a write of the database failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A rule of ours said no; the database is well.
    #[error("{0}")]
    Rule(#[from] Problem),
    /// SQLite said no.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A value can't be read.
    #[error("{0}")]
    Value(#[from] Unreadable),
}

impl From<Cause> for Fault {
    fn from(cause: Cause) -> Self {
        Self::Rule(cause.into())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let cause = match &fault {
            Fault::Rule(problem) => return problem.clone(),
            Fault::Sqlite(error) => cause_of(error),
            Fault::Value(Unreadable::NotAWord(_)) => Cause::Internal,
            Fault::Value(_) => Cause::DatabaseDamaged,
        };
        Self::from(cause).detail(fault.to_string())
    }
}

/// The code for SQLite's result code (<https://sqlite.org/rescode.html>).
fn cause_of(error: &rusqlite::Error) -> Cause {
    match error.sqlite_error().map(|error| error.extended_code) {
        // The index beside the log could not be given its length.
        Some(ffi::SQLITE_IOERR_SHMSIZE) => return Cause::DiskFull,
        // Only what shuts a file whose records have moved raises anything.
        Some(ffi::SQLITE_CONSTRAINT_TRIGGER) => return Cause::DatabaseLeft,
        _ => {}
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Cause::DatabaseBusy,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Cause::DatabaseReadOnly,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Cause::DatabaseDamaged,
        Some(ErrorCode::DiskFull) => Cause::DiskFull,
        _ => Cause::DatabaseFailed,
    }
}

/// The write was refused since another row has the value already.
pub(super) fn is_taken(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_codes_become_our_own() {
        for (code, cause) in [
            (ffi::SQLITE_BUSY, Cause::DatabaseBusy),
            (ffi::SQLITE_BUSY_SNAPSHOT, Cause::DatabaseBusy),
            (ffi::SQLITE_READONLY, Cause::DatabaseReadOnly),
            (ffi::SQLITE_CORRUPT, Cause::DatabaseDamaged),
            (ffi::SQLITE_NOTADB, Cause::DatabaseDamaged),
            (ffi::SQLITE_FULL, Cause::DiskFull),
            (ffi::SQLITE_IOERR_SHMSIZE, Cause::DiskFull),
            (ffi::SQLITE_CONSTRAINT_TRIGGER, Cause::DatabaseLeft),
            (ffi::SQLITE_IOERR_WRITE, Cause::DatabaseFailed),
            (ffi::SQLITE_CANTOPEN, Cause::DatabaseFailed),
        ] {
            let error =
                rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("why".to_owned()));
            let problem = Problem::from(Fault::from(error));
            assert_eq!(*problem.cause, cause, "result code {code}");
            assert_eq!(
                problem.detail.as_deref(),
                Some("why"),
                "SQLite's own words are kept"
            );
        }
    }
}
