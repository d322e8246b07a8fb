//! `PostgreSQL`: one server for all desktops, reached directly or through a pooler in transaction mode.
//!
//! | | |
//! |---|---|
//! | `address` `tls` | where the server is, and what is said in the clear |
//! | `connections` | the few connections there are; nothing is left in their sessions |
//! | `turn` | how work is done: again where it may be, once where it must be |
//! | `soon` | what is written without anybody's waiting |
//! | `password` | which one is tried, where it was changed meanwhile |
//! | `naming` | until when it is written to, where a process may go back to a file |
//! | `listening` `known` | what changed, told by the server; and what need not be asked again until then |
//! | `source` | an agency's own table of customers, on whatever server |
//! | the others | a table each |

mod address;
mod audit;
mod base_names;
mod changes;
mod column;
mod connections;
mod copying;
mod customer_list;
mod customers;
mod fault;
mod import;
mod inbox;
mod journal;
mod known;
mod leases;
mod listening;
mod mails;
mod naming;
mod outbox;
mod password;
mod removals;
mod requests;
mod resources;
mod runs;
mod schema;
mod settings;
mod soon;
mod source;
mod steps;
mod store;
mod subscriptions;
mod tls;
mod turn;
mod windows;

use std::{
    ops::ControlFlow,
    sync::{Arc, OnceLock, mpsc},
    thread::JoinHandle,
};

use fabrik_domain::{Cause, Problem, id::WorkspaceId, ports::Clock};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
};

pub(crate) use self::copying::{drain, fill};
pub use self::{
    address::Address,
    source::{Source, SourceColumn, SourceMark, SourceRow, SourceWrite, Written},
};
use self::{
    connections::Connections,
    fault::Fault,
    soon::Soon,
    turn::{Begun, Turn, Write, reading, writing},
};
use crate::{Heard, Lease, base_names::ByIds, moving::TABLES, value::timestamp};

/// A difference between two clocks that the way to the server alone may account for.
const JITTER: SignedDuration = SignedDuration::from_secs(1);

/// The central database on a server.
///
/// Dropping it writes what still waits to be written, and blocks for as long as that takes.
pub struct PostgresStore {
    workspace: WorkspaceId,
    connections: Arc<Connections>,
    soon: Arc<Soon>,
    by_ids: ByIds,
    /// This machine's.
    clock: Arc<dyn Clock>,
    /// How far the server's clock is ahead of it.
    ahead: SignedDuration,
    /// What the server tells, once somebody wants to know.
    heard: OnceLock<watch::Receiver<Heard>>,
    /// Ends the thread in which the connections live.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread has found when it has opened the database.
struct Opened {
    workspace: WorkspaceId,
    connections: Arc<Connections>,
    soon: Arc<Soon>,
    ahead: SignedDuration,
}

impl PostgresStore {
    /// Opens the database at `address`, made where there is none, and brings it up to date. `clock` is this
    /// machine's: leases are told in its time, whatever the server's clock says.
    ///
    /// One that takes no changes is opened where it is up to date: it is read, and its writes say so.
    ///
    /// Blocks for as long as the way to the server takes, and longer while another process brings it up to date.
    /// Fails with `database_unreachable`, `database_login_refused`, `database_unknown`, `database_certificate`,
    /// `database_rights_missing`, `database_server_read_only`, `database_newer` or `database_failed`.
    pub fn open(address: Address, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let (stop, stopped) = oneshot::channel();
        let (answer, opened) = mpsc::channel();
        let here = Arc::clone(&clock);
        let thread = std::thread::Builder::new()
            .name("store-postgres".to_owned())
            .spawn(move || serve(address, &*here, &answer, stopped))
            .map_err(|error| failed(&error))?;
        let opened = opened.recv().map_err(|error| failed(&error))?;
        let Opened {
            workspace,
            connections,
            soon,
            ahead,
        } = match opened {
            Ok(opened) => opened,
            Err(problem) => {
                drop(thread.join());
                return Err(problem);
            }
        };
        Ok(Self {
            workspace,
            connections,
            soon,
            by_ids: ByIds::default(),
            clock,
            ahead,
            heard: OnceLock::new(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// A lease as this machine's clock sees it.
    fn here(&self, lease: Lease) -> Lease {
        moved(lease, -self.ahead)
    }

    /// A lease as the server's clock sees it.
    fn there(&self, lease: &Lease) -> Lease {
        moved(lease.clone(), self.ahead)
    }

    /// Begins to listen where nobody did before.
    fn heard(&self) -> watch::Receiver<Heard> {
        let begin = || {
            let (told, heard) = watch::channel(Heard::default());
            let listening = listening::listen(Arc::clone(&self.connections), told);
            self.connections.spawn(listening);
            heard
        };
        self.heard.get_or_init(begin).clone()
    }

    /// The answer to a question: the one that is known, or what `read` gives.
    async fn known<T: Clone + Send + 'static>(
        &self,
        question: String,
        read: impl Future<Output = Result<T, Problem>> + Send,
    ) -> Result<T, Problem> {
        let known = self.connections.known();
        if let Some(answer) = known.answer(&question) {
            return Ok(answer);
        }
        let moment = known.moment();
        let answer = read.await?;
        known.keep(question, moment, answer.clone());
        Ok(answer)
    }

    /// Whether it is still to be written, and a server that was found to take no changes takes them by now.
    async fn try_writing(&self) -> Result<(), Problem> {
        let named = self.connections.hold_naming().await;
        drop(named.map_err(|fault| self.connections.problem_of(fault))?);
        if !self.connections.is_read_only() {
            return Ok(());
        }
        // What a database is set to holds for connections that are made after.
        self.connections.forget_idle();
        let sql = "SELECT current_setting('transaction_read_only')::boolean";
        let read_only: bool = reading!(self, |session| session.one(sql, &[]))?;
        self.connections.found_read_only(read_only);
        if read_only {
            let server = self.connections.address().server();
            return Err(Cause::DatabaseServerReadOnly { server }.into());
        }
        Ok(())
    }

    /// Whether the database can be written and read, and every table is there.
    async fn examine(&self) -> Result<(), Problem> {
        writing!(self, |write| examine(&write))
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the thread of the central database had panicked");
        }
    }
}

fn moved(lease: Lease, by: SignedDuration) -> Lease {
    let time = |time: Timestamp| time.saturating_add(by).unwrap_or(time);
    Lease {
        expires: time(lease.expires),
        sent_until: lease.sent_until.map(time),
        ..lease
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    Problem::from(Cause::DatabaseFailed).detail(error.to_string())
}

/// The thread: opens the database, writes what waits, and ends with a last look.
fn serve(
    address: Address,
    clock: &dyn Clock,
    answer: &mpsc::Sender<Result<Opened, Problem>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(answer.send(Err(failed(&error)))),
    };
    runtime.block_on(async {
        let connections = Connections::new(address, Handle::current());
        let (workspace, ahead) = match greet(&connections, clock).await {
            Ok(found) => found,
            Err(fault) => return drop(answer.send(Err(connections.problem_of(fault)))),
        };
        let soon = Arc::new(Soon::new(Arc::clone(&connections)));
        let opened = Opened {
            workspace,
            connections,
            soon: Arc::clone(&soon),
            ahead,
        };
        if answer.send(Ok(opened)).is_err() {
            return;
        }
        tokio::select! {
            () = soon.serve() => {}
            _ = stopped => soon.flush().await,
        }
    });
}

async fn greet(
    connections: &Arc<Connections>,
    clock: &dyn Clock,
) -> Result<(WorkspaceId, SignedDuration), Fault> {
    let session = connections.get().await?;
    let (workspace, takes_changes) = schema::migrate(&session).await?;
    connections.found_read_only(!takes_changes);
    let central: i64 = session.one("SELECT fabrik.central_time()", &[]).await?;
    let ahead = timestamp("central_time", central)?.duration_since(clock.now());
    let ahead = if ahead.abs() < JITTER {
        SignedDuration::ZERO
    } else {
        tracing::info!(%ahead, "the central database's clock is not this machine's");
        ahead
    };
    Ok((workspace, ahead))
}

async fn examine(write: &Write) -> Result<(), Fault> {
    let sql = "INSERT INTO fabrik.meta (key, value) VALUES ('checked_at', $1)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    write.execute(sql, &[&write.now.to_string()]).await?;
    for table in TABLES {
        let name = table.name;
        let sql = format!("SELECT count(*) FROM (SELECT FROM fabrik.{name} LIMIT 1) AS first");
        write.one::<i64>(&sql, &[]).await?;
    }
    Ok(())
}
