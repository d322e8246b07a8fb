//! How a piece of work is done: a reading once more where the connection was lost, a writing in a transaction
//! of its own, again where another was in its way, and exactly once whatever becomes of the connection.
//!
//! Writings don't wait for each other but where they touch the same rows: the server commits what comes together
//! in one go by itself. Only the numbers of `changes` are given one writing at a time, at its very end, so that
//! whoever follows them misses none.
//!
//! A newer program may have brought the database up to date since this one opened it. Each writing looks, on the way
//! on which it begins, and is refused from then on. So is one of a process whose data directory has left the server:
//! see `naming`.

use std::{
    ops::{ControlFlow, Deref},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fabrik_domain::Problem;
use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    changes,
    column::get,
    connections::{Connections, Session},
    fault::Fault,
    schema,
};
use crate::{FileHold, Topic, value::timestamp};

/// For how long a writing goes on trying, while the server is away.
const PATIENCE: Duration = Duration::from_secs(20);

/// For how long a reading does: whoever looks is told soon.
const GLANCE: Duration = Duration::from_secs(2);

/// A writing waits so long for a row that another has.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL lock_timeout = '15s'";

/// What a writing is given: the connection, within its transaction, and the server's time.
pub(super) struct Write {
    session: Session,
    /// As it will be read back.
    pub(super) now: Timestamp,
    changed: Mutex<Vec<(Topic, String)>>,
}

impl Write {
    /// Says that a record changed; it is told when all the rest is written.
    pub(super) fn announce(&self, topic: Topic, id: &str) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let change = (topic, id.to_owned());
        changed.retain(|one| *one != change);
        changed.push(change);
    }

    /// Takes back all that was announced, where nothing of it is written after all.
    pub(super) fn announce_nothing(&self) {
        drop(self.changed());
    }

    fn changed(&self) -> Vec<(Topic, String)> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *changed)
    }
}

impl Deref for Write {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

/// How often and for how long something is tried.
pub(super) struct Turn<T> {
    connections: Arc<Connections>,
    until: Instant,
    pause: Duration,
    /// Written with the work, so that nothing is ever done twice.
    token: String,
    /// What an attempt gave whose commit was not answered.
    unanswered: Option<T>,
    /// Until all attempts are over: one whose commit was not answered may still be written.
    naming: Option<FileHold>,
}

/// What a transaction begins as.
pub(super) enum Begun<T> {
    /// The work can be done.
    Open(Write),
    /// It was done: only the answer had been lost.
    Done(T),
}

impl<T> Turn<T> {
    pub(super) fn reading(connections: &Arc<Connections>) -> Self {
        Self::new(connections, GLANCE)
    }

    pub(super) fn writing(connections: &Arc<Connections>) -> Self {
        Self::new(connections, PATIENCE)
    }

    fn new(connections: &Arc<Connections>, patience: Duration) -> Self {
        Self {
            connections: Arc::clone(connections),
            until: Instant::now() + patience,
            pause: Duration::from_millis(50),
            token: Uuid::new_v4().to_string(),
            unanswered: None,
            naming: None,
        }
    }

    /// Begins a writing's transaction.
    pub(super) async fn begin(&mut self) -> Result<Begun<T>, Fault> {
        if self.naming.is_none() {
            self.naming = self.connections.hold_naming().await?;
        }
        let session = self.connections.get().await?;
        // Waits while an earlier attempt is still being committed, and writes nothing where it was.
        let sql = "INSERT INTO fabrik.writings (token, at) VALUES ($1, fabrik.central_time())
                   ON CONFLICT (token) DO NOTHING
                   RETURNING at, (
                       SELECT meta.value FROM fabrik.meta WHERE meta.key = 'version'
                   ) AS version";
        let values: [&(dyn super::column::Value + Sync); 1] = [&self.token];
        // A statement of its own before the version is read: who had to wait here sees what was waited for.
        let how = format!(
            "{BEGIN}; SELECT pg_advisory_xact_lock_shared({})",
            schema::LOCK
        );
        let first = async {
            let row = session.row(sql, &values).await?;
            if let Some(row) = &row {
                schema::not_newer(&get::<String>(row, "version")?)?;
            }
            Ok::<_, Fault>(row)
        };
        let first = match session.begin(&how, first).await {
            Ok(first) => first,
            Err(fault) => {
                session.roll_back().await;
                return Err(fault);
            }
        };
        match (first, self.unanswered.take()) {
            (Some(row), _) => Ok(Begun::Open(Write {
                now: timestamp("at", get(&row, "at")?)?,
                session,
                changed: Mutex::default(),
            })),
            (None, Some(done)) => {
                session.roll_back().await;
                Ok(Begun::Done(done))
            }
            (None, None) => {
                session.roll_back().await;
                Err(fabrik_domain::Cause::Internal.into())
            }
        }
    }

    /// Commits what was done, or takes it back.
    pub(super) async fn end(
        &mut self,
        write: Write,
        outcome: Result<T, Fault>,
    ) -> Result<T, Fault> {
        match outcome {
            Ok(done) => {
                let changed = write.changed();
                let committed = write.end(changes::tell(&write, &changed), "COMMIT").await;
                if !changed.is_empty() {
                    self.connections.known().forget();
                }
                match committed {
                    Ok(()) => Ok(done),
                    Err(fault) => {
                        if fault.is_lost() {
                            self.unanswered = Some(done);
                        } else {
                            write.roll_back().await;
                        }
                        Err(fault)
                    }
                }
            }
            Err(fault) => {
                write.roll_back().await;
                Err(fault)
            }
        }
    }

    /// Takes everything back, and keeps what came out of it.
    pub(super) async fn take_back(
        &mut self,
        write: Write,
        outcome: Result<T, Fault>,
    ) -> Result<T, Fault> {
        write.roll_back().await;
        outcome
    }

    /// The answer, or once more after a while.
    pub(super) async fn judge(
        &mut self,
        outcome: Result<T, Fault>,
    ) -> ControlFlow<Result<T, Problem>> {
        let fault = match outcome {
            Ok(done) => return ControlFlow::Break(Ok(done)),
            Err(fault) => fault,
        };
        if fault.is_lost() {
            self.connections.forget_idle();
        }
        if fault.is_read_only() {
            self.connections.found_read_only(true);
        }
        let again = fault.is_lost() || fault.is_collision();
        if !again || Instant::now() + self.pause > self.until {
            return ControlFlow::Break(Err(self.connections.problem_of(fault)));
        }
        tracing::debug!(%fault, "once more");
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_secs(1));
        ControlFlow::Continue(())
    }
}

/// Reads: `reading!(store, |session| get(&session, id))`.
macro_rules! reading {
    ($store:expr, |$session:ident| $work:expr) => {{
        let mut turn = Turn::reading(&$store.connections);
        loop {
            let outcome = match $store.connections.get().await {
                Ok($session) => $work.await,
                Err(fault) => Err(fault),
            };
            if let ControlFlow::Break(answer) = turn.judge(outcome).await {
                break answer;
            }
        }
    }};
}

/// Writes: `writing!(store, |write| edit(&write, id, &patch))`. The work may be done more than once, its
/// transaction is committed once.
macro_rules! writing {
    ($store:expr, |$write:ident| $work:expr) => {
        $crate::postgres::turn::writing!($store, |$write| $work, end)
    };
    ($store:expr, |$write:ident| $work:expr, $end:ident) => {{
        let mut turn = Turn::writing(&$store.connections);
        loop {
            let outcome = match turn.begin().await {
                Ok(Begun::Open($write)) => {
                    let outcome = $work.await;
                    turn.$end($write, outcome).await
                }
                Ok(Begun::Done(done)) => Ok(done),
                Err(fault) => Err(fault),
            };
            if let ControlFlow::Break(answer) = turn.judge(outcome).await {
                break answer;
            }
        }
    }};
}

pub(super) use {reading, writing};
