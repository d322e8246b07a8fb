//! What can go wrong with a database: what `PostgreSQL` says of the SQL, or the server itself.

use std::{io, path::PathBuf};

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `PostgreSQL` refused the SQL.
    #[error(transparent)]
    Sql(Box<SqlError>),
    /// The embedded server did not start.
    #[error("the database in {folder} does not start: {why}")]
    Start {
        /// The database's folder.
        folder: PathBuf,
        /// The server's words.
        why: String,
    },
    /// The embedded server broke off. The next call starts it again.
    #[error("the database in {folder} broke off: {why}")]
    Broken {
        /// The database's folder.
        folder: PathBuf,
        /// The server's words.
        why: String,
    },
    /// A folder that can't be read or written.
    #[error("the folder {folder} can't be used")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The pool has no database of that name.
    #[error("there is no database {0}")]
    Unknown(String),
    /// The pool has a database of that name.
    #[error("there is a database {0} already")]
    Exists(String),
    /// A name that can't be a folder of the pool.
    #[error("a database can't be called {0:?}")]
    Name(String),
}

impl Error {
    /// `PostgreSQL`'s own error, where it is one.
    pub fn sql(&self) -> Option<&SqlError> {
        match self {
            Self::Sql(error) => Some(error),
            _ => None,
        }
    }
}

/// An error that `PostgreSQL` reported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{state}: {message}")]
pub struct SqlError {
    /// The SQLSTATE, five characters.
    pub state: String,
    /// The primary message, one line.
    pub message: String,
    /// The character of the SQL it is about, counted from 1.
    pub position: Option<usize>,
    /// More about it.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in functions it arose.
    pub context: Option<String>,
    /// The constraint that was violated.
    pub constraint: Option<String>,
}

impl SqlError {
    /// The line (from 1), its text and the column (from 1) of [`Self::position`] in `sql`.
    pub fn line<'sql>(&self, sql: &'sql str) -> Option<(usize, &'sql str, usize)> {
        let mut left = self.position?.checked_sub(1)?;
        for (index, line) in sql.split('\n').enumerate() {
            let length = line.chars().count();
            if left <= length {
                return Some((index + 1, line, left + 1));
            }
            left -= length + 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_found_in_its_line() {
        let mut error = SqlError {
            state: "42601".into(),
            message: "syntax error".into(),
            position: Some(12),
            detail: None,
            hint: None,
            context: None,
            constraint: None,
        };
        assert_eq!(
            error.line("select 1;\nsélect"),
            Some((2, "sélect", 2)),
            "newlines count as one"
        );
        error.position = Some(99);
        assert_eq!(
            error.line("select 1"),
            None,
            "a position past the end is in no line"
        );
    }
}
