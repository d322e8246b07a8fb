//! What every vendor in the sandbox stands on: records, time, latencies, tokens, faults, the log.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use fabrik_domain::{ports::Clock, provider::Provider};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    call_log::CallLog,
    documents::{Document, DocumentKey, Documents},
    error::SandboxError,
    fault::Faults,
    figure::{Figure, Latencies},
    hold::Holds,
    limit::Limiter,
    readiness::Readiness,
    seal,
    seeded::Seeded,
    token::Tokens,
};

/// The shared parts. Cheap to clone; every request brings it along, so that the routes themselves
/// are the same for all.
#[derive(Clone)]
pub(crate) struct Core {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    documents: Documents,
    data: Option<PathBuf>,
    seed: u64,
    drawn: AtomicU64,
    requests: AtomicU64,
    base: String,
    latencies: RwLock<Latencies>,
    tokens: Tokens,
    faults: Faults,
    limiter: Limiter,
    log: CallLog,
    holds: Holds,
    tasks: TaskTracker,
    stopping: CancellationToken,
    resets: Mutex<Vec<Reset>>,
    turns: [Mutex<()>; Provider::ALL.len()],
}

type Reset = Box<dyn Fn() -> futures::future::BoxFuture<'static, ()> + Send + Sync>;

/// A vendor's account switches, set by `POST /_sandbox/accounts`; the default is an account on
/// which everything works.
pub(crate) trait Account: Document + DeserializeOwned + Default {
    /// Whose account.
    const PROVIDER: Provider;
}

impl Core {
    pub(crate) fn new(start: Start) -> Self {
        let log = CallLog::new(start.clock.clone());
        Self {
            inner: Arc::new(Inner {
                tokens: Tokens::new(&start.documents),
                faults: Faults::new(start.chance),
                limiter: Limiter::new(start.limits),
                log,
                clock: start.clock,
                documents: start.documents,
                data: start.data,
                seed: start.seed,
                drawn: AtomicU64::default(),
                requests: AtomicU64::default(),
                base: start.base,
                latencies: RwLock::new(start.latencies),
                holds: Holds::default(),
                tasks: TaskTracker::new(),
                stopping: CancellationToken::new(),
                resets: Mutex::default(),
                turns: Default::default(),
            }),
        }
    }

    /// Another with the same documents, by another's time; nothing that was counted, called or struck is known
    /// to it.
    pub(crate) fn fork(&self, clock: Arc<dyn Clock>, chance: u64) -> Self {
        let inner = &self.inner;
        let forked = Self::new(Start {
            documents: inner.documents.fork(clock.clone()),
            clock,
            data: None,
            seed: inner.seed,
            chance,
            base: inner.base.clone(),
            latencies: self.latencies(),
            limits: inner.limiter.is_enforced(),
        });
        let drawn = inner.drawn.load(Ordering::Relaxed);
        forked.inner.drawn.store(drawn, Ordering::Relaxed);
        forked
    }

    /// Wall time. Everything that is stored or answered uses this one.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Returns after this long. No time at all gives nobody else a turn.
    pub(crate) async fn sleep(&self, span: Duration) {
        if !span.is_zero() {
            self.inner.clock.sleep(span).await;
        }
    }

    /// A provider's documents.
    pub(crate) fn documents(&self, provider: Provider) -> Documents {
        self.inner.documents.of(provider.key())
    }

    /// The sandbox's own documents.
    pub(crate) fn own_documents(&self) -> Documents {
        self.inner.documents.of("sandbox")
    }

    /// The folder of the sandbox's state, for what is no document (a vendor takes a folder in it).
    /// `None` in a simulation: there nothing is on disk, and nothing takes real time.
    pub(crate) fn data_dir(&self) -> Option<&Path> {
        self.inner.data.as_deref()
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        &self.inner.base
    }

    /// Values that follow from the seed, for one purpose: name it with what makes it unique.
    pub(crate) fn seeded(&self, purpose: &str) -> Seeded {
        Seeded::new(self.inner.seed, purpose)
    }

    /// What the next request's id follows from: the time too, so that a restart repeats none.
    pub(crate) fn next_request(&self) -> Seeded {
        let number = self.inner.requests.fetch_add(1, Ordering::Relaxed);
        self.seeded(&format!("request/{}/{number}", self.now()))
    }

    /// Fills `bytes` with what nobody can guess; in a simulation with what follows from the seed.
    pub(crate) fn draw(&self, bytes: &mut [u8]) -> Result<(), SandboxError> {
        if self.inner.data.is_some() {
            return seal::random(bytes);
        }
        let number = self.inner.drawn.fetch_add(1, Ordering::Relaxed);
        self.seeded(&format!("drawn/{number}")).fill(bytes);
        Ok(())
    }

    /// A UUID that nobody can guess, as [`draw`](Self::draw).
    pub(crate) fn draw_uuid(&self) -> Result<String, SandboxError> {
        let mut bytes = [0; 16];
        self.draw(&mut bytes)?;
        let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        Ok(uuid.hyphenated().to_string())
    }

    /// How long this takes at present.
    pub(crate) fn latency(&self, figure: Figure) -> Duration {
        self.inner
            .latencies
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .of(figure)
    }

    pub(crate) fn latencies(&self) -> Latencies {
        self.inner
            .latencies
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_latencies(&self, latencies: Latencies) {
        *self
            .inner
            .latencies
            .write()
            .unwrap_or_else(PoisonError::into_inner) = latencies;
    }

    /// Begins a resource's making: now until now + the figure ±30 %, by seed and resource. Store
    /// the answer with the resource. The span is also in the log, for the bound of a run.
    pub(crate) fn begin(&self, provider: Provider, figure: Figure, id: &str) -> Readiness {
        self.begin_at(self.now(), provider, figure, id)
    }

    /// As [`begin`](Self::begin), for a making that begins at that time.
    pub(crate) fn begin_at(
        &self,
        started: Timestamp,
        provider: Provider,
        figure: Figure,
        id: &str,
    ) -> Readiness {
        let spread = self
            .seeded(&format!("{}/{id}", figure.name()))
            .fraction()
            .mul_add(0.6, 0.7);
        let ready = started + self.latency(figure).mul_f64(spread);
        let readiness = Readiness { started, ready };
        self.inner
            .log
            .readiness(provider, figure.name(), id, readiness);
        readiness
    }

    /// The account switches of a vendor.
    pub(crate) fn account<A: Account>(&self) -> Result<A, SandboxError> {
        Ok(self
            .own_documents()
            .get("account", A::PROVIDER.key())?
            .unwrap_or_default())
    }

    pub(crate) fn set_account(
        &self,
        provider: Provider,
        account: &Value,
    ) -> Result<(), SandboxError> {
        self.own_documents().put("account", provider.key(), account)
    }

    /// A vendor's turn to look and then write, for handlers that do so without an `await`.
    pub(crate) fn turn(&self, provider: Provider) -> std::sync::MutexGuard<'_, ()> {
        let turn = &self.inner.turns[provider as usize];
        turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tasks that outlive their call. Work that changes something and outlasts its answer belongs
    /// here; a stop waits for them.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    /// Cancelled when the sandbox stops. A vendor that must close something spawns a task on
    /// [`tasks`](Self::tasks) that waits for this.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.inner.stopping
    }

    /// Runs on `POST /_sandbox/reset` before the vendor's documents are dropped: for what a vendor
    /// keeps beside them. It may not hold this core, which would then never go.
    pub(crate) fn on_reset<F>(&self, reset: F)
    where
        F: Fn() -> futures::future::BoxFuture<'static, ()> + Send + Sync + 'static,
    {
        self.inner
            .resets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(reset));
    }

    /// Back to the state of a first start; tokens, latencies and port stay.
    pub(crate) async fn reset(&self) -> Result<(), SandboxError> {
        let pending: Vec<_> = {
            let resets = self
                .inner
                .resets
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            resets.iter().map(|reset| reset()).collect()
        };
        futures::future::join_all(pending).await;
        self.inner.documents.clear_vendors()?;
        for provider in Provider::ALL {
            self.own_documents().remove("account", provider.key())?;
        }
        self.inner.faults.clear();
        self.inner.limiter.clear();
        self.keep_windows()?;
        self.inner.log.clear();
        Ok(())
    }

    pub(crate) fn everything(&self) -> BTreeMap<DocumentKey, Arc<Value>> {
        self.inner.documents.everything()
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.inner.tokens
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.inner.limiter
    }

    /// Writes down how much of the limits is used, where that has changed.
    pub(crate) fn keep_windows(&self) -> Result<(), SandboxError> {
        self.limiter().keep(self.now(), |windows| {
            self.own_documents().put("limits", "windows", &windows)
        })
    }

    /// Goes on with the limits as the process before this one left them.
    pub(crate) fn restore_windows(&self) {
        match self.own_documents().get("limits", "windows") {
            Ok(Some(windows)) => self.limiter().go_on(windows),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "limits begin anew"),
        }
    }

    pub(crate) fn log(&self) -> &CallLog {
        &self.inner.log
    }

    pub(crate) fn holds(&self) -> &Holds {
        &self.inner.holds
    }
}

impl<S: Sync> FromRequestParts<S> for Core {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let core = parts.extensions.get::<Self>().cloned();
        core.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// What a [`Core`] is made of.
pub(crate) struct Start {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) documents: Documents,
    /// `None`: a simulation.
    pub(crate) data: Option<PathBuf>,
    pub(crate) seed: u64,
    /// What faults at random follow from.
    pub(crate) chance: u64,
    pub(crate) base: String,
    pub(crate) latencies: Latencies,
    /// Whether limits are enforced.
    pub(crate) limits: bool,
}
