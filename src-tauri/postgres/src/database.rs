//! A database in a folder. It wakes when it is asked something and sleeps when others need its room.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use tokio::sync::{Mutex, OwnedSemaphorePermit};

use crate::{
    Answer, Error, Login,
    awake::Awake,
    backend::{Backend, Work},
};

/// A handle to a database. Requests are taken one after the other: there is a single session.
#[derive(Clone)]
pub struct Database {
    sleeper: Arc<Sleeper>,
}

impl Database {
    /// The database in a folder, made there at the first request where there is none, and running
    /// from then on until the last handle is dropped.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self::within(folder.into(), Awake::room_for(1))
    }

    pub(crate) fn within(folder: PathBuf, awake: Arc<Awake>) -> Self {
        let sleeper = Arc::new(Sleeper {
            folder,
            running: Mutex::new(None),
            last_request: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            awake,
        });
        sleeper.awake.enter(&sleeper);
        Self { sleeper }
    }

    /// The database's folder.
    pub fn folder(&self) -> &Path {
        &self.sleeper.folder
    }

    /// Runs any number of statements. Without a `begin` of their own they succeed or fail as one;
    /// a transaction that the script leaves open is rolled back.
    pub async fn script(&self, login: &Login, sql: &str) -> Result<Answer, Error> {
        self.sleeper.run(login, Work::Script(sql.to_owned())).await
    }

    /// Runs one statement with parameters (`$1`, `$2`, …), given as `PostgreSQL` reads them.
    pub async fn statement(
        &self,
        login: &Login,
        sql: &str,
        parameters: &[Option<&str>],
    ) -> Result<Answer, Error> {
        let parameters = parameters
            .iter()
            .map(|value| value.map(str::to_owned))
            .collect();
        self.sleeper
            .run(login, Work::Statement(sql.to_owned(), parameters))
            .await
    }

    /// Runs scripts one after the other, in one session and until the first that fails; a transaction that they leave
    /// open is rolled back. Those that have ended are counted in `ended`: where one never does, that tells which.
    pub async fn steps(
        &self,
        login: &Login,
        scripts: Vec<String>,
        ended: Arc<AtomicUsize>,
    ) -> Result<(), Error> {
        let work = Work::Steps(scripts, ended);
        self.sleeper.run(login, work).await.map(drop)
    }

    /// Starts the server where it does not run, so that the next request need not wait for it.
    pub async fn wake(&self) -> Result<(), Error> {
        let mut running = self.sleeper.running.lock().await;
        self.sleeper.wake(&mut running).await.map(drop)
    }

    /// Stops the server. The next request starts it again.
    pub async fn sleep(&self) {
        // The lock is held until the folder is free: a request that comes meanwhile waits.
        let mut running = self.sleeper.running.lock().await;
        if let Some(running) = running.take() {
            running.backend.stop().await;
        }
    }

    /// Stops the server for good: a handle that is left gets [`Error::Unknown`], and can't make the
    /// folder anew.
    pub(crate) async fn close(&self) {
        self.sleeper.closed.store(true, Ordering::SeqCst);
        self.sleep().await;
    }

    /// Gives a server up that is at a request without end, and whose caller has stopped waiting: there is no breaking in
    /// on the embedded one, so its thread is left to itself. A handle that is left gets [`Error::Unknown`].
    pub(crate) async fn abandon(&self) {
        self.sleeper.closed.store(true, Ordering::SeqCst);
        let running = self.sleeper.running.lock().await.take();
        if let Some(Running { backend, _room }) = running {
            backend.abandon();
        }
    }

    /// Whether the server runs, or is just being started or stopped.
    pub fn is_awake(&self) -> bool {
        self.sleeper
            .running
            .try_lock()
            .map_or(true, |running| running.is_some())
    }
}

/// A database, running or not.
pub(crate) struct Sleeper {
    folder: PathBuf,
    /// Held for the time of a request.
    running: Mutex<Option<Running>>,
    /// The number of the last request ([`Awake::next_request`]).
    last_request: AtomicU64,
    closed: AtomicBool,
    awake: Arc<Awake>,
}

struct Running {
    backend: Backend,
    /// Given back after the server has stopped: fields drop in this order.
    _room: Option<OwnedSemaphorePermit>,
}

impl Sleeper {
    async fn run(&self, login: &Login, work: Work) -> Result<Answer, Error> {
        let result = {
            let mut running = self.running.lock().await;
            let backend = &self.wake(&mut running).await?.backend;
            let result = backend.run(login.clone(), work).await;
            if let Err(Error::Broken { why, .. }) = &result {
                tracing::warn!(folder = %self.folder.display(), why, "database broke off");
                *running = None;
            }
            result
        };
        // Looked at after the lock is free: who began to wait before saw it held, and left it.
        if self.awake.someone_waits() {
            self.sleep_if_idle().await;
        }
        result
    }

    async fn wake<'running>(
        &self,
        running: &'running mut Option<Running>,
    ) -> Result<&'running Running, Error> {
        self.last_request
            .store(self.awake.next_request(), Ordering::Relaxed);
        if self.closed.load(Ordering::SeqCst) {
            let name = self.folder.file_name().unwrap_or_default();
            return Err(Error::Unknown(name.to_string_lossy().into_owned()));
        }
        if running.is_none() {
            let room = self.awake.room().await;
            let backend = Backend::start(&self.folder).await?;
            *running = Some(Running {
                backend,
                _room: room,
            });
        }
        running.as_ref().ok_or_else(|| Error::Broken {
            folder: self.folder.clone(),
            why: "it was not started".to_owned(),
        })
    }

    pub(crate) fn last_request(&self) -> u64 {
        self.last_request.load(Ordering::Relaxed)
    }

    /// Stops the server, if it runs and has nothing to do.
    pub(crate) async fn sleep_if_idle(&self) -> bool {
        // Held until the folder is free, as in [`Database::sleep`].
        let Ok(mut running) = self.running.try_lock() else {
            return false;
        };
        let Some(Running { backend, _room }) = running.take() else {
            return false;
        };
        backend.stop().await;
        true
    }
}
