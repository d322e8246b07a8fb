//! The one thread that talks to the keyring.
//!
//! Every call blocks, for as long as a dialog is open, and panics inside an async function. One thread
//! also means one prompt at a time.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    VaultError,
    entries::{Entries, Fault, OsEntries},
    platform,
};

/// What the thread is given to do.
pub(crate) type Job = Box<dyn FnOnce(&mut Session) + Send>;

/// A handle to the thread. The thread ends when the handle is dropped and its job is done.
pub(crate) struct Actor {
    jobs: mpsc::Sender<Job>,
    queue: Arc<Mutex<Queue>>,
}

/// What the thread has to do.
struct Queue {
    /// The jobs that were sent and are not done.
    jobs: usize,
    /// When the one at hand became the next. It counts from there and not from when the thread takes it up: whoever
    /// has waited long enough for an answer must find that it has been long enough.
    since: Instant,
}

impl Actor {
    pub(crate) fn start(service: &str, quiet: Arc<AtomicBool>) -> io::Result<Self> {
        let (jobs, sent) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(Queue {
            jobs: 0,
            since: Instant::now(),
        }));
        let mut session = Session {
            service: service.to_owned(),
            entries: None,
            quiet,
        };
        let left = queue.clone();
        thread::Builder::new()
            .name("keyring".into())
            .spawn(move || {
                for job in sent {
                    // A panic in a store drops the job's reply, which tells the caller; the thread lives.
                    if catch_unwind(AssertUnwindSafe(|| job(&mut session))).is_err() {
                        session.entries = None;
                    }
                    let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
                    left.jobs -= 1;
                    left.since = Instant::now();
                }
            })?;
        Ok(Self { jobs, queue })
    }

    /// How long the job at hand has been taking.
    pub(crate) fn busy_for(&self) -> Duration {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.jobs == 0 {
            return Duration::ZERO;
        }
        queue.since.elapsed()
    }

    /// Gives the thread something to do after what it has already.
    pub(crate) fn send(&self, job: Job) -> Result<(), VaultError> {
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            if queue.jobs == 0 {
                queue.since = Instant::now();
            }
            queue.jobs += 1;
        }
        self.jobs
            .send(job)
            .map_err(|_| VaultError::Unexpected("its thread has ended"))
    }
}

/// The thread's own: the open store, and whether the user may be asked.
pub(crate) struct Session {
    service: String,
    entries: Option<OsEntries>,
    /// Set once the user has turned a prompt away or left it unanswered; from then on nothing that
    /// would ask is done until the user wants it.
    quiet: Arc<AtomicBool>,
}

impl Session {
    /// Does `work` on the entries; once more on a new store where the first one's connection failed.
    ///
    /// `work` must be fit to be done twice.
    pub(crate) fn with_entries<T>(
        &mut self,
        work: impl Fn(&dyn Entries) -> Result<T, Fault>,
    ) -> Result<T, VaultError> {
        self.may_ask()?;
        let mut outcome = self.attempt(&work);
        if let Err(Fault::Platform(name)) = &outcome {
            tracing::debug!(error = %name, "the keyring's store is built anew");
            outcome = self.attempt(&work);
        }
        outcome
            .inspect(|_| self.quiet.store(false, Ordering::Relaxed))
            .map_err(|fault| {
                let error = explain(fault);
                if error == VaultError::Locked {
                    self.quiet.store(true, Ordering::Relaxed);
                }
                error
            })
    }

    /// Asks the user to unlock the keyring, or to make the first one.
    pub(crate) fn unlock(&mut self) -> Result<(), VaultError> {
        self.entries = None;
        let outcome = platform::unlock();
        self.quiet
            .store(outcome == Err(VaultError::Locked), Ordering::Relaxed);
        outcome
    }

    fn may_ask(&self) -> Result<(), VaultError> {
        if !self.quiet.load(Ordering::Relaxed) {
            return Ok(());
        }
        // It may have been unlocked in the meantime by another program.
        if platform::SEES_LOCKS {
            platform::look().found
        } else {
            Err(VaultError::Locked)
        }
    }

    fn attempt<T>(&mut self, work: impl Fn(&dyn Entries) -> Result<T, Fault>) -> Result<T, Fault> {
        let entries = match self.entries.take() {
            Some(entries) => entries,
            None => OsEntries::open(&self.service)?,
        };
        let outcome = work(&entries);
        if !matches!(outcome, Err(Fault::Platform(_))) {
            self.entries = Some(entries);
        }
        outcome
    }
}

/// Finds out what is behind a failure: stores tell a missing service, a missing keyring and a
/// locked one apart only now and then.
fn explain(fault: Fault) -> VaultError {
    match fault {
        Fault::Settled(VaultError::Locked) => match platform::look().found {
            Err(VaultError::NoKeyring) => VaultError::NoKeyring,
            _ => VaultError::Locked,
        },
        Fault::Settled(error) => error,
        Fault::Platform(name) => match platform::look().found {
            Err(error) => error,
            Ok(()) => VaultError::Failed(name),
        },
    }
}
