//! One running server. The embedded runtime blocks and keeps to its thread, so each has a thread of
//! its own, which takes one request after the other: the server has a single session.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

use pglite_oxide::{ExecProtocolOptions, Pglite};
use tokio::sync::oneshot;

use crate::{Answer, Error, Login, bootstrap, wire};

/// What a request runs.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// Any number of statements.
    Script(String),
    /// One statement with parameters.
    Statement(String, Vec<Option<String>>),
    /// Scripts one after the other; how many have ended is counted while they run.
    Steps(Vec<String>, Arc<AtomicUsize>),
}

struct Request {
    login: Login,
    work: Work,
    reply: oneshot::Sender<Result<Answer, Error>>,
}

/// A running server. Dropped, it stops, and its folder is free again.
pub(crate) struct Backend {
    folder: PathBuf,
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Backend {
    /// Starts the server on a folder, making the cluster in it where there is none.
    pub(crate) async fn start(folder: &Path) -> Result<Self, Error> {
        let (requests, inbox) = mpsc::channel();
        let (started, ready) = oneshot::channel();
        let owned = folder.to_owned();
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || match Connection::open(&owned) {
                Ok(mut connection) => {
                    if started.send(Ok(())).is_ok() {
                        connection.serve(&inbox);
                    }
                    connection.close();
                }
                Err(error) => drop(started.send(Err(error))),
            })
            .map_err(|source| Error::Folder {
                folder: folder.to_owned(),
                source,
            })?;
        let backend = Self {
            folder: folder.to_owned(),
            requests: Some(requests),
            thread: Some(thread),
        };
        match ready.await {
            Ok(Ok(())) => Ok(backend),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(backend.broken()),
        }
    }

    /// Runs one request. After [`Error::Broken`] the server is of no more use.
    pub(crate) async fn run(&self, login: Login, work: Work) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let request = Request { login, work, reply };
        let sent = self
            .requests
            .as_ref()
            .is_some_and(|requests| requests.send(request).is_ok());
        if !sent {
            return Err(self.broken());
        }
        answer.await.unwrap_or_else(|_| Err(self.broken()))
    }

    /// Stops the server, and returns when its folder is free.
    pub(crate) async fn stop(mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // A panicked thread has let go of the folder too.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    /// Leaves the server to itself: it stops when it has done what it was asked, should that ever end.
    pub(crate) fn abandon(mut self) {
        self.thread = None;
    }

    fn broken(&self) -> Error {
        Error::Broken {
            folder: self.folder.clone(),
            why: "its thread ended".to_owned(),
        }
    }
}

impl Drop for Backend {
    /// Waits for the shutdown (tens of milliseconds), so that the folder may be removed next.
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The server's single session, on its thread.
pub(crate) struct Connection {
    folder: PathBuf,
    server: Pglite,
}

impl Connection {
    fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        let server = Pglite::builder()
            .path(folder)
            .database("postgres")
            .postgres_config("search_path", "\"$user\", public, extensions")
            .postgres_config("shared_buffers", "16MB")
            .open()
            .map_err(|why| Error::Start {
                folder: folder.to_owned(),
                why: format!("{why:#}"),
            })?;
        let mut connection = Self {
            folder: folder.to_owned(),
            server,
        };
        bootstrap::ensure(&mut connection)?;
        Ok(connection)
    }

    fn serve(&mut self, inbox: &mpsc::Receiver<Request>) {
        while let Ok(Request { login, work, reply }) = inbox.recv() {
            let result = self.answer(&login, &work);
            let broken = matches!(result, Err(Error::Broken { .. }));
            // Whoever asked may be gone: the work was done all the same.
            let _ = reply.send(result);
            if broken {
                break;
            }
        }
    }

    fn answer(&mut self, login: &Login, work: &Work) -> Result<Answer, Error> {
        self.must(login.sign_in())?;
        let result = match login {
            Login::Api(caller) => {
                self.must(&caller.begin())?;
                let claims = Some(caller.claims.to_string());
                let set = "select set_config('request.jwt.claims', $1, true)";
                let set = self.round_trip(&wire::statement(set, &[claims]))?.result;
                let result = match set {
                    Ok(_) => self.work(work)?,
                    Err(error) => Err(error),
                };
                match result {
                    // Deferred constraints speak up here.
                    Ok(answer) => self
                        .round_trip(&wire::script("commit"))?
                        .result
                        .map(|_| answer),
                    Err(error) => Err(error),
                }
            }
            Login::Owner | Login::Reader | Login::Auth => self.work(work)?,
        };
        self.clean_up()?;
        result.map_err(|error| Error::Sql(Box::new(error)))
    }

    fn work(&mut self, work: &Work) -> Result<Result<Answer, crate::SqlError>, Error> {
        let bytes = match work {
            Work::Script(sql) => wire::script(sql),
            Work::Statement(sql, parameters) => wire::statement(sql, parameters),
            Work::Steps(scripts, ended) => {
                let mut last = Ok(Answer::default());
                for script in scripts {
                    last = self.round_trip(&wire::script(script))?.result;
                    if last.is_err() {
                        break;
                    }
                    ended.fetch_add(1, Ordering::Relaxed);
                }
                return Ok(last);
            }
        };
        Ok(self.round_trip(&bytes)?.result)
    }

    /// Ends what the request left open, and makes the session nobody's again.
    fn clean_up(&mut self) -> Result<(), Error> {
        // Outside a transaction this only warns.
        self.must("rollback")?;
        self.must("discard all")
    }

    /// Runs what only a broken server refuses.
    fn must(&mut self, sql: &str) -> Result<(), Error> {
        match self.round_trip(&wire::script(sql))?.result {
            Ok(_) => Ok(()),
            Err(error) => Err(self.broken(&error)),
        }
    }

    /// Sends messages and gathers what comes back.
    pub(crate) fn round_trip(&mut self, bytes: &[u8]) -> Result<wire::Reply, Error> {
        let options = ExecProtocolOptions {
            throw_on_error: false,
            ..ExecProtocolOptions::no_sync()
        };
        match self.server.exec_protocol(bytes, options) {
            Ok(result) => Ok(wire::gather(result.messages)),
            Err(why) => Err(self.broken(&format!("{why:#}"))),
        }
    }

    fn broken(&self, why: &impl ToString) -> Error {
        Error::Broken {
            folder: self.folder.clone(),
            why: why.to_string(),
        }
    }

    fn close(&mut self) {
        if let Err(why) = self.server.close() {
            tracing::warn!(folder = %self.folder.display(), %why, "database closed badly");
        }
    }
}
