//! The connections to the server: a few, made as needed, kept while they are well.
//!
//! Behind a pooler in transaction mode the next statement may meet another session of the server: so nothing
//! is left in a session, no statement has a name, and what belongs together is one transaction.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use fabrik_domain::{Cause, Problem};
use futures::join;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_postgres::{Client, Row, types::ToSql, types::Type};

use super::{
    address::Address,
    column::{Values, get},
    fault::Fault,
    known::Known,
    naming::Naming,
    password::Login,
};
use crate::FileHold;

/// How many are open at once. A server of a small plan has sixty for all desktops.
const SEATS: usize = 6;

/// How long a statement may stay without an answer, longer than any but an import's takes.
const ANSWER: Duration = Duration::from_mins(1);

/// The way to the server.
pub(super) struct Connections {
    address: Address,
    login: Login,
    /// Where the sockets live: not the caller's runtime, which may end first.
    runtime: Handle,
    seats: Arc<Semaphore>,
    idle: Mutex<Vec<Client>>,
    known: Known,
    /// The server was found to take no changes.
    read_only: AtomicBool,
    /// What says for how long it is written to; for ever where nothing does.
    naming: OnceLock<Arc<Naming>>,
}

impl Connections {
    pub(super) fn new(address: Address, runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            login: Login::at(address.clone()),
            address,
            runtime,
            seats: Arc::new(Semaphore::new(SEATS)),
            idle: Mutex::default(),
            known: Known::default(),
            read_only: AtomicBool::new(false),
            naming: OnceLock::new(),
        })
    }

    pub(super) const fn address(&self) -> &Address {
        &self.address
    }

    /// The same, with the password as it is by now.
    pub(super) const fn login(&self) -> &Login {
        &self.login
    }

    /// What was read a moment ago.
    pub(super) const fn known(&self) -> &Known {
        &self.known
    }

    /// Whether the server was found to take no changes.
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only.load(Ordering::Relaxed)
    }

    /// What a server was found to do with changes.
    pub(super) fn found_read_only(&self, is_so: bool) {
        self.read_only.store(is_so, Ordering::Relaxed);
    }

    /// Takes what says for how long it is written to, where nothing did before.
    pub(super) fn set_naming(&self, naming: Naming) {
        drop(self.naming.set(Arc::new(naming)));
    }

    /// That it is still to be written, for as long as this is held.
    pub(super) async fn hold_naming(&self) -> Result<Option<FileHold>, Fault> {
        match self.naming.get() {
            Some(naming) => Arc::clone(naming).hold().await,
            None => Ok(None),
        }
    }

    /// Does something beside, for as long as the sockets live.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// As it is told outside.
    pub(super) fn problem_of(&self, fault: Fault) -> Problem {
        fault.into_problem(&self.address.server(), self.address.user())
    }

    /// A connection of one's own, until it is dropped.
    pub(super) async fn get(self: &Arc<Self>) -> Result<Session, Fault> {
        let permit = Arc::clone(&self.seats).acquire_owned().await;
        let permit = permit.map_err(|_| Fault::from(Cause::DatabaseFailed))?;
        let client = match self.spare() {
            Some(client) => client,
            None => self.connect().await?,
        };
        Ok(Session(Arc::new(Seat {
            client: Some(client),
            home: Arc::clone(self),
            open: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            _permit: permit,
        })))
    }

    /// All that stand by are given up, after one of them was found to be cut; and what is known with them.
    pub(super) fn forget_idle(&self) {
        self.waiting().clear();
        self.known.forget();
    }

    fn spare(&self) -> Option<Client> {
        let mut idle = self.waiting();
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Client>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Client, Fault> {
        self.login.open(|address| self.connect_to(address)).await
    }

    async fn connect_to(&self, address: Address) -> Result<Client, Fault> {
        let connecting = self.runtime.spawn(async move {
            let (client, connection) = address.connect().await?;
            // Ends when its client is dropped, or the server goes; whoever asks next is told.
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to the central database ended");
                }
            });
            Ok(client)
        });
        connecting
            .await
            .unwrap_or_else(|_| Err(Fault::from(Cause::DatabaseFailed)))
    }
}

/// A connection while somebody has it.
struct Seat {
    /// `None` while it is dropped.
    client: Option<Client>,
    home: Arc<Connections>,
    /// A transaction was begun that has not ended: then the connection is of no use to others.
    open: AtomicBool,
    /// Statements that have not been answered. Where nobody waits for one any more, the next would wait behind it.
    asked: AtomicUsize,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && !self.open.load(Ordering::Acquire)
            && self.asked.load(Ordering::Acquire) == 0
            && !client.is_closed()
        {
            self.home.waiting().push(client);
        }
    }
}

/// A connection, shared by those who do one piece of work.
#[derive(Clone)]
pub(super) struct Session(Arc<Seat>);

impl Session {
    fn client(&self) -> Result<&Client, Fault> {
        // It is there for as long as the seat is.
        self.0
            .client
            .as_ref()
            .ok_or_else(|| Fault::from(Cause::Internal))
    }

    /// The answer to a statement, in time.
    async fn answered<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        self.0.asked.fetch_add(1, Ordering::AcqRel);
        match tokio::time::timeout(ANSWER, answer).await {
            Ok(answer) => {
                self.0.asked.fetch_sub(1, Ordering::AcqRel);
                Ok(answer?)
            }
            Err(_) => Err(Fault::Silent(ANSWER.as_secs())),
        }
    }

    /// Runs a statement, and says how many rows it wrote.
    pub(super) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let values = typed(values);
        let answer = self.client()?.execute_typed(sql, &values);
        self.answered(answer).await
    }

    /// The rows of a statement.
    pub(super) async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let values = typed(values);
        let answer = self.client()?.query_typed(sql, &values);
        self.answered(answer).await
    }

    /// The first row, where there is one.
    pub(super) async fn row(&self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Fault> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The one value of a statement that always has one.
    pub(super) async fn one<T: tokio_postgres::types::FromSqlOwned>(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<T, Fault> {
        let row = self.row(sql, values).await?;
        let row = row.ok_or_else(|| Fault::from(Cause::DatabaseDamaged))?;
        Ok(row.try_get(0)?)
    }

    /// Runs statements without values.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), Fault> {
        self.answered(self.client()?.batch_execute(sql)).await
    }

    /// Runs a statement that may be refused without harm to what stands around it.
    pub(super) async fn attempt(&self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        // Both are sent at once; the answers come in order.
        let (kept, done) = join!(self.batch("SAVEPOINT attempt"), self.execute(sql, values));
        kept?;
        if done.as_ref().is_err_and(Fault::is_taken) {
            self.batch("ROLLBACK TO attempt").await?;
        }
        done
    }

    /// Begins a transaction, and does `first` on the same way to the server.
    pub(super) async fn begin<T>(
        &self,
        how: &str,
        first: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        self.0.open.store(true, Ordering::Release);
        let (begun, first) = join!(self.batch(how), first);
        begun?;
        first
    }

    /// Ends the transaction as `how` says, after `last`.
    pub(super) async fn end<T>(
        &self,
        last: impl Future<Output = Result<T, Fault>>,
        how: &str,
    ) -> Result<T, Fault> {
        let (last, ended) = join!(last, self.batch(how));
        // A commit of what has failed is a rollback, and no error of its own.
        let last = last?;
        ended?;
        self.0.open.store(false, Ordering::Release);
        Ok(last)
    }

    /// Takes the transaction back. Where that fails the connection is given up, which does the same.
    pub(super) async fn roll_back(&self) {
        if self.batch("ROLLBACK").await.is_ok() {
            self.0.open.store(false, Ordering::Release);
        }
    }
}

/// A piece of reading, all of it of one moment.
pub(super) struct Moment(Session);

impl Moment {
    pub(super) async fn of(session: Session) -> Result<Self, Fault> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                     SET LOCAL idle_in_transaction_session_timeout = '20s'";
        session.begin(begin, async { Ok(()) }).await?;
        Ok(Self(session))
    }

    pub(super) async fn end(self) -> Result<(), Fault> {
        self.0.end(async { Ok(()) }, "COMMIT").await
    }
}

impl Deref for Moment {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

fn typed(values: Values<'_>) -> Vec<(&(dyn ToSql + Sync), Type)> {
    values
        .iter()
        .map(|value| (*value as &(dyn ToSql + Sync), value.kind()))
        .collect()
}

/// The first column of a row by its name, for statements that are asked for one number.
pub(super) fn number(row: &Row, column: &str) -> Result<u64, Fault> {
    Ok(get::<i64>(row, column)?.unsigned_abs())
}
