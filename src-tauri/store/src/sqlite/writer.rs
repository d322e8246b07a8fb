//! The one thread that writes. Whatever waits for it is written in one transaction, so that one sync to disk serves
//! all, and a job that is refused harms no other: each is done in a savepoint of its own. Savepoints cost SQLite a copy
//! of every page; where all jobs can be done again, they are done without first, and with them only if one is refused.
//! Nobody is answered before the commit.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use fabrik_domain::{Cause, Problem, ports::Clock};
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::{changes, column, door::Door, fault::Fault};
use crate::Topic;

/// How long a job that nobody waits for may wait for others to share a commit with.
const PATIENCE: Duration = Duration::from_millis(100);

/// How many jobs share a commit at most: a failed commit fails them all.
const GROUP: usize = 512;

/// What a job is given: the connection, within a transaction, and the time of writing.
pub(super) struct Write<'a> {
    /// Within the group's transaction.
    pub connection: &'a Connection,
    /// As it will be read back.
    pub now: Timestamp,
    /// What the whole group has changed, where that is told once at its end.
    changed: Option<&'a Changed>,
}

type Changed = RefCell<BTreeSet<(Topic, String)>>;

impl Write<'_> {
    /// Says that a record changed; once for all jobs that share the commit, where they are many.
    pub(super) fn changed(&self, topic: Topic, id: String) -> Result<(), Fault> {
        match self.changed {
            Some(changed) => {
                changed.borrow_mut().insert((topic, id));
                Ok(())
            }
            None => changes::add(self.connection, topic, &id),
        }
    }
}

/// A piece of work for the writer.
pub(super) trait Job: Send {
    /// Whether the work can be done again, after its writes were rolled back.
    fn can_be_repeated(&self) -> bool;

    /// Does the work. `false` where its writes are to be rolled back.
    fn work(&mut self, write: &Write<'_>) -> bool;

    /// Tells whoever waits, once it is known whether the group was committed.
    fn answer(self: Box<Self>, committed: Result<(), Problem>);
}

struct Task<T, F> {
    /// Gives `None` where it was done before and can't be repeated.
    work: F,
    can_be_repeated: bool,
    outcome: Option<Result<T, Fault>>,
    /// `None` where nobody waits: a failure is then logged.
    reply: Option<oneshot::Sender<Result<T, Problem>>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&Write<'_>) -> Option<Result<T, Fault>> + Send,
{
    fn can_be_repeated(&self) -> bool {
        self.can_be_repeated
    }

    fn work(&mut self, write: &Write<'_>) -> bool {
        self.outcome = (self.work)(write);
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), Problem>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(fault)), _) => Err(fault.into()),
            (_, Err(problem)) => Err(problem),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Cause::Internal.into()),
        };
        // Freed by whoever asked, where they hold it too.
        drop(self.work);
        match (self.reply, answer) {
            // Whoever asked may have gone; what was written stays.
            (Some(reply), answer) => drop(reply.send(answer)),
            (None, Err(problem)) => tracing::warn!(%problem, "events were not written"),
            (None, Ok(_)) => {}
        }
    }
}

pub(super) enum Message {
    /// Somebody waits.
    Now(Box<dyn Job>),
    /// Nobody waits.
    Soon(Box<dyn Job>),
}

/// The way to whoever writes.
pub(super) enum Writer {
    /// A thread. Dropping it lets the thread write what waits, and waits for it to end.
    Thread {
        jobs: Option<Sender<Message>>,
        thread: Option<JoinHandle<()>>,
    },
    /// The caller, at once: in a simulation time must not pass meanwhile.
    Caller {
        connection: Arc<Mutex<Connection>>,
        clock: Arc<dyn Clock>,
        /// How many commits fail before the next that does not, as on a disk without room.
        full: AtomicUsize,
    },
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(door: impl Into<Door>, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let (jobs, waiting) = channel();
        let mut door = door.into();
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&mut door, &*clock, &waiting))
            .map_err(|error| Problem::from(Cause::DatabaseFailed).detail(error.to_string()))?;
        Ok(Self::Thread {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Writes on the caller's own thread.
    pub(super) fn of_caller(connection: Arc<Mutex<Connection>>, clock: Arc<dyn Clock>) -> Self {
        Self::Caller {
            connection,
            clock,
            full: AtomicUsize::new(0),
        }
    }

    /// Lets so many commits fail, where the caller writes. Gives how many of those before were yet to fail.
    pub(super) fn fill(&self, commits: usize) -> usize {
        match self {
            Self::Caller { full, .. } => full.swap(commits, Ordering::Relaxed),
            Self::Thread { .. } => 0,
        }
    }

    /// Does `work`, and returns once it is on disk. The work is done even if the future is dropped.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Write<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let mut work = Some(work);
        self.ask(false, move |write| work.take().map(|work| work(write)))
            .await
    }

    /// The same, of work that can be done again after it was rolled back: where many wait, it takes less.
    pub(super) async fn write_repeatable<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&Write<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.ask(true, move |write| Some(work(write))).await
    }

    async fn ask<T, F>(&self, can_be_repeated: bool, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnMut(&Write<'_>) -> Option<Result<T, Fault>> + Send + 'static,
    {
        // As with the thread, whoever waits may be gone before it is done, or before it is told.
        if matches!(self, Self::Caller { .. }) {
            tokio::task::yield_now().await;
        }
        let (reply, answer) = oneshot::channel();
        self.send(Message::Now(Box::new(Task {
            work,
            can_be_repeated,
            outcome: None,
            reply: Some(reply),
        })))?;
        if matches!(self, Self::Caller { .. }) {
            tokio::task::yield_now().await;
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Does `work`, which can be repeated, with the next commit, or within [`PATIENCE`]. Its failure is logged.
    pub(super) fn write_soon<F>(&self, work: F) -> Result<(), Problem>
    where
        F: Fn(&Write<'_>) -> Result<(), Fault> + Send + 'static,
    {
        self.send(Message::Soon(Box::new(Task {
            work: move |write: &Write<'_>| Some(work(write)),
            can_be_repeated: true,
            outcome: None,
            reply: None,
        })))
    }

    fn send(&self, message: Message) -> Result<(), Problem> {
        match self {
            Self::Thread { jobs, .. } => jobs
                .as_ref()
                .and_then(|jobs| jobs.send(message).ok())
                .ok_or_else(stopped),
            Self::Caller {
                connection,
                clock,
                full,
            } => {
                let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                let (Message::Now(job) | Message::Soon(job)) = message;
                let mut group = vec![job];
                let one_less = |commits: usize| commits.checked_sub(1);
                let committed =
                    match full.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
                        Ok(_) => Err(Cause::DiskFull.into()),
                        Err(_) => commit(&connection, clock.as_ref(), &mut group),
                    };
                for job in group {
                    job.answer(committed.clone());
                }
                Ok(())
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Self::Thread { jobs, thread } = self else {
            return;
        };
        *jobs = None;
        if let Some(Err(_)) = thread.take().map(JoinHandle::join) {
            tracing::error!("the writer of the database had panicked");
        }
    }
}

fn stopped() -> Problem {
    Problem::from(Cause::DatabaseFailed).detail("the writer of the database has stopped")
}

/// Takes jobs, in order, until there is nobody left who could send one.
fn serve(door: &mut Door, clock: &dyn Clock, waiting: &Receiver<Message>) {
    let mut group: Vec<Box<dyn Job>> = Vec::new();
    // When the group is due, while all in it can wait.
    let mut due: Option<Instant> = None;
    loop {
        let next = match due {
            None => waiting.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => waiting.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        let (ended, mut urgent) = match next {
            Ok(Message::Now(job)) => {
                group.push(job);
                (false, true)
            }
            Ok(Message::Soon(job)) => {
                group.push(job);
                due.get_or_insert_with(|| Instant::now() + PATIENCE);
                (false, false)
            }
            Err(RecvTimeoutError::Timeout) => (false, true),
            Err(RecvTimeoutError::Disconnected) => (true, true),
        };
        while urgent && group.len() < GROUP {
            match waiting.try_recv() {
                Ok(Message::Now(job) | Message::Soon(job)) => group.push(job),
                Err(_) => break,
            }
        }
        urgent |= group.len() >= GROUP;
        if urgent && !group.is_empty() {
            due = None;
            let committed = match door.pass() {
                Ok(connection) => commit(connection, clock, &mut group),
                Err(problem) => Err(problem),
            };
            for job in group.drain(..) {
                job.answer(committed.clone());
            }
        }
        if ended {
            return;
        }
    }
}

/// Writes a group in one transaction.
fn commit(
    connection: &Connection,
    clock: &dyn Clock,
    group: &mut [Box<dyn Job>],
) -> Result<(), Problem> {
    write_group(connection, clock, group).map_err(|error| {
        let problem = Problem::from(Fault::from(error));
        tracing::warn!(%problem, jobs = group.len(), "a transaction was not committed");
        problem
    })
}

fn write_group(
    connection: &Connection,
    clock: &dyn Clock,
    group: &mut [Box<dyn Job>],
) -> rusqlite::Result<()> {
    let begin = || Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    let mut transaction = begin()?;
    if group.len() > 1 && group.iter().all(|job| job.can_be_repeated()) {
        if work_together(connection, clock, group) {
            return transaction.commit();
        }
        // SQLite may have given it up itself: disk full, I/O error.
        drop(transaction);
        transaction = begin()?;
    }
    for job in group {
        // Parsed once, like whatever the jobs do.
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        if job.work(&now(connection, clock, None)) {
            connection.prepare_cached("RELEASE job")?.execute([])?;
        } else {
            // Fails where SQLite gave up the whole transaction (disk full, I/O error): then so do we.
            connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
        }
    }
    transaction.commit()
}

/// Does all jobs; `false` as soon as one is refused, and then all are to be rolled back.
fn work_together(connection: &Connection, clock: &dyn Clock, group: &mut [Box<dyn Job>]) -> bool {
    let changed = Changed::default();
    for job in group {
        let done = job.work(&now(connection, clock, Some(&changed)));
        // Disk full, I/O error: what comes now would be written, and could not be taken back.
        if !done || connection.is_autocommit() {
            return false;
        }
    }
    changes::add_all(connection, &changed.take()).is_ok()
}

/// The time is asked for under the lock: what another process wrote before is never younger.
fn now<'a>(
    connection: &'a Connection,
    clock: &dyn Clock,
    changed: Option<&'a Changed>,
) -> Write<'a> {
    Write {
        connection,
        now: column::kept(clock.now()),
        changed,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::OpenFlags;

    use super::*;
    use crate::sqlite::connection;

    struct Epoch;

    #[async_trait::async_trait]
    impl Clock for Epoch {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn writer(path: &Path) -> Arc<Writer> {
        connection::prepare(path).unwrap();
        let connection = connection::open_writer(path, connection::BUSY).unwrap();
        connection
            .execute_batch("CREATE TABLE notes (text TEXT NOT NULL UNIQUE)")
            .unwrap();
        Arc::new(Writer::start(connection, Arc::new(Epoch)).unwrap())
    }

    fn note(write: &Write<'_>, text: &str) -> Result<(), Fault> {
        write
            .connection
            .execute("INSERT INTO notes VALUES (?1)", [text])?;
        Ok(())
    }

    fn notes(connection: &Connection) -> i64 {
        connection
            .query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
            .unwrap()
    }

    /// Gives the writer a job that ends when it is told to, and returns once it has begun.
    async fn keep_busy(
        writer: &Arc<Writer>,
    ) -> (tokio::task::JoinHandle<Result<(), Problem>>, Sender<()>) {
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = channel::<()>();
        let busy = tokio::spawn({
            let writer = Arc::clone(writer);
            async move {
                let wait = move |_: &Write<'_>| {
                    begun.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    Ok(())
                };
                writer.write(wait).await
            }
        });
        has_begun.await.unwrap();
        (busy, go_on)
    }

    /// While the writer is busy, jobs queue up: they make one transaction, of which nothing is seen
    /// before all of it is, and one that is refused leaves nothing and harms nobody.
    #[tokio::test]
    async fn what_waits_shares_a_commit_and_a_refusal_harms_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notes.db");
        let writer = writer(&path);
        let elsewhere = connection::open(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();

        let (busy, go_on) = keep_busy(&writer).await;
        // Polled in this order, so queued in this order: all before the writer may go on.
        let (one, refused, two, seen, ()) = tokio::join!(
            biased;
            writer.write(|write| note(write, "one")),
            writer.write(|write| {
                note(write, "half done")?;
                Err::<(), _>(Fault::from(Cause::LeaseLost))
            }),
            writer.write(|write| note(write, "two")),
            writer.write(move |write| Ok((notes(write.connection), notes(&elsewhere)))),
            async { go_on.send(()).unwrap() },
        );
        busy.await.unwrap().unwrap();
        one.unwrap();
        two.unwrap();
        assert_eq!(refused.unwrap_err(), Cause::LeaseLost.into());
        assert_eq!(
            seen.unwrap(),
            (2, 0),
            "one transaction: whole to itself, unseen by others"
        );
        assert_eq!(
            writer
                .write(|write| Ok(notes(write.connection)))
                .await
                .unwrap(),
            2
        );
    }

    /// Those that can be repeated are done without savepoints, and once more, with them, where one is refused.
    #[tokio::test]
    async fn what_can_be_repeated_is_done_again_only_where_one_is_refused() {
        // The first and the second were done before the second was refused, then all three.
        for (refused, times, kept) in [(None, 3, 3), (Some("two"), 2 + 3, 2)] {
            let directory = tempfile::tempdir().unwrap();
            let writer = writer(&directory.path().join("notes.db"));
            let done = Arc::new(AtomicUsize::new(0));
            let write = |text: &'static str| {
                let done = Arc::clone(&done);
                writer.write_repeatable(move |write| {
                    done.fetch_add(1, Ordering::Relaxed);
                    note(write, text)?;
                    if refused == Some(text) {
                        return Err(Fault::from(Cause::LeaseLost));
                    }
                    Ok(())
                })
            };
            let (busy, go_on) = keep_busy(&writer).await;
            let (one, two, three, ()) = tokio::join!(
                biased;
                write("one"),
                write("two"),
                write("three"),
                async { go_on.send(()).unwrap() },
            );
            busy.await.unwrap().unwrap();
            one.unwrap();
            three.unwrap();
            assert_eq!(two.is_err(), refused.is_some());
            assert_eq!(done.load(Ordering::Relaxed), times);
            let left = writer
                .write(|write| Ok(notes(write.connection)))
                .await
                .unwrap();
            assert_eq!(left, kept);
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_the_writer_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let writer = writer(&directory.path().join("notes.db"));
        let pages = |pages: u32| {
            move |write: &Write<'_>| {
                let set = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
                write
                    .connection
                    .pragma_update_and_check(None, "max_page_count", pages, set)?;
                Ok(())
            }
        };
        writer.write(pages(20)).await.unwrap();
        let (busy, go_on) = keep_busy(&writer).await;
        let (small, large, last, ()) = tokio::join!(
            biased;
            writer.write_repeatable(|write| note(write, "small")),
            writer.write_repeatable(|write| note(write, &"large".repeat(100_000))),
            writer.write_repeatable(|write| note(write, "last")),
            async { go_on.send(()).unwrap() },
        );
        busy.await.unwrap().unwrap();
        assert_eq!(*large.unwrap_err().cause, Cause::DiskFull);
        // Whether the small ones shared the large one's fate or not: the answer must be the truth.
        let there = writer
            .write(|write| Ok(notes(write.connection)))
            .await
            .unwrap();
        assert_eq!(there, i64::from(small.is_ok()) + i64::from(last.is_ok()));
        writer.write(pages(100_000)).await.unwrap();
        writer
            .write(|write| note(write, &"large".repeat(100_000)))
            .await
            .unwrap();
    }
}
