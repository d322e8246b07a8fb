//! What can go wrong between here and the server, and what it is called outside.

use std::error::Error as _;

use fabrik_domain::{Cause, Problem};
use tokio_postgres::error::{DbError, SqlState};

use crate::value::Unreadable;

/// Why a read or a write of the database failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A rule of ours said no; the database is well.
    #[error("{0}")]
    Rule(#[from] Problem),
    /// The server said no, or the way to it is cut.
    #[error("{}", with_sources(.0))]
    Server(#[from] tokio_postgres::Error),
    /// The server did not answer in time.
    #[error("no answer within {0} s")]
    Silent(u64),
    /// A value can't be read.
    #[error("{0}")]
    Value(#[from] Unreadable),
}

impl From<Cause> for Fault {
    fn from(cause: Cause) -> Self {
        Self::Rule(cause.into())
    }
}

impl Fault {
    /// The connection is of no use any more: whether the last statement was heard is not known.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Silent(_) => true,
            Self::Server(error) => match error.as_db_error() {
                Some(said) => is_going_down(said.code()),
                None => error.is_closed() || is_io(error),
            },
            Self::Rule(_) | Self::Value(_) => false,
        }
    }

    /// Two writings stood in each other's way, and the server has taken this one back: it can be done again.
    pub(super) fn is_collision(&self) -> bool {
        self.code().is_some_and(|code| {
            [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
            ]
            .contains(code)
        })
    }

    /// The server takes no such user, or not with this password.
    pub(super) fn is_login_refused(&self) -> bool {
        match self {
            Self::Server(error) => {
                matches!(cause_of(error, "", ""), Cause::DatabaseLoginRefused { .. })
            }
            _ => false,
        }
    }

    /// The server is read, and takes no changes: a copy of another, or shut for them.
    pub(super) fn is_read_only(&self) -> bool {
        self.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
    }

    /// The write was refused since another row has the value already.
    pub(super) fn is_taken(&self) -> bool {
        self.code() == Some(&SqlState::UNIQUE_VIOLATION)
    }

    /// The server said no to what a statement held: a value, a rule of the table, or a right.
    pub(super) fn is_refusal(&self) -> bool {
        // Data, integrity, rights, and what a trigger raises.
        let classes = ["22", "23", "42", "44", "P0"];
        let code = self.code().map(SqlState::code);
        code.is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
    }

    fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Server(error) => error.code(),
            _ => None,
        }
    }

    /// As it is told outside, of a server that people know by `server`, and who is logged in there.
    pub(super) fn into_problem(self, server: &str, user: &str) -> Problem {
        let cause = match &self {
            Self::Rule(problem) => return problem.clone(),
            Self::Value(Unreadable::NotAWord(_)) => Cause::Internal,
            Self::Value(_) => Cause::DatabaseDamaged,
            Self::Silent(_) => unreachable(server),
            Self::Server(error) => cause_of(error, server, user),
        };
        Problem::from(cause).detail(self.to_string())
    }
}

fn unreachable(server: &str) -> Cause {
    Cause::DatabaseUnreachable {
        server: server.to_owned(),
    }
}

fn cause_of(error: &tokio_postgres::Error, server: &str, user: &str) -> Cause {
    match error.as_db_error() {
        Some(said) => cause_of_answer(said, server, user),
        None if is_tls(error) => Cause::DatabaseCertificate {
            server: server.to_owned(),
        },
        None if error.is_closed() || is_io(error) => unreachable(server),
        // What is left is said before anything is sent: no password, or none that the server takes.
        None if is_login(&with_sources(error)) => login_refused(server, user),
        None => Cause::DatabaseFailed,
    }
}

/// The driver's own words for a login that it can't go through with.
fn is_login(words: &str) -> bool {
    words.contains("authentication") || words.contains("password missing")
}

fn login_refused(server: &str, user: &str) -> Cause {
    Cause::DatabaseLoginRefused {
        server: server.to_owned(),
        user: user.to_owned(),
    }
}

/// The code for a server's answer (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn cause_of_answer(said: &DbError, server: &str, user: &str) -> Cause {
    let code = said.code();
    if is_going_down(code) {
        return unreachable(server);
    }
    match code.code() {
        "28P01" | "28000" => login_refused(server, user),
        // A pooler's own words, which have no code of their own.
        "08P01" if said.message().contains("password") || said.message().contains("auth") => {
            login_refused(server, user)
        }
        "3D000" => Cause::DatabaseUnknown {
            server: server.to_owned(),
        },
        "08P01" if said.message().contains("no such database") => Cause::DatabaseUnknown {
            server: server.to_owned(),
        },
        "42501" => Cause::DatabaseRightsMissing {
            user: user.to_owned(),
        },
        "25006" => Cause::DatabaseServerReadOnly {
            server: server.to_owned(),
        },
        "53100" => Cause::DiskFull,
        "53300" | "55P03" | "57014" | "40001" | "40P01" => Cause::DatabaseBusy,
        "XX001" | "XX002" | "42P01" | "42703" => Cause::DatabaseDamaged,
        other if other.starts_with("08") => unreachable(server),
        _ => Cause::DatabaseFailed,
    }
}

/// The server, or the pooler before it, ends this connection or takes none just now.
fn is_going_down(code: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::CONNECTION_FAILURE,
        SqlState::CONNECTION_DOES_NOT_EXIST,
    ]
    .contains(code)
}

fn sources(
    error: &tokio_postgres::Error,
) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&source| source.source())
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    sources(error).any(<dyn std::error::Error>::is::<std::io::Error>)
        || error.to_string().starts_with("error connecting to server")
        || error.to_string().starts_with("timeout")
}

/// The driver says so in words alone; below them is what rustls thinks of the certificate. A way that is cut while the two
/// greet each other says nothing of it.
fn is_tls(error: &tokio_postgres::Error) -> bool {
    let below = sources(error).find_map(<dyn std::error::Error>::downcast_ref::<std::io::Error>);
    if below.is_some_and(is_cut) {
        return false;
    }
    let of_rustls = matches!(
        below.and_then(std::io::Error::get_ref),
        Some(inner) if inner.is::<rustls::Error>()
    );
    of_rustls || error.to_string().contains("TLS")
}

/// The system says that the way has ended, or it just does.
fn is_cut(error: &std::io::Error) -> bool {
    error.raw_os_error().is_some() || error.kind() == std::io::ErrorKind::UnexpectedEof
}

/// All that an error and what lies below it say.
fn with_sources(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    for source in sources(error) {
        text.push_str(": ");
        text.push_str(&source.to_string());
    }
    text
}
