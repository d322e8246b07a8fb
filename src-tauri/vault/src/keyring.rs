//! The vault in the OS keyring.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{
    VaultError, VaultStatus,
    actor::{Actor, Job, Session},
    cache::Cache,
    chunks, entry_name, platform,
};

/// The entries' service: the desktop app's bundle id, for the command line too.
pub const SERVICE: &str = "se.fabrik.desktop";

/// How long the keyring is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After this the user is told that a dialog may be open.
    pub hint_after: Duration,
    /// After this the call is given up.
    pub give_up_after: Duration,
    /// For this long what was read is kept in memory. Zero keeps nothing.
    pub remember: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            hint_after: Duration::from_secs(3),
            give_up_after: Duration::from_secs(30),
            remember: Duration::from_secs(30),
        }
    }
}

/// The vault in the OS keyring.
///
/// One call is made at a time. A call past three seconds shows in [`slow_calls`](Self::slow_calls); one
/// past thirty is given up. Once a prompt was turned away or left unanswered, no call asks again
/// until [`unlock`](Self::unlock); on Linux an unlocked keyring is noticed without it.
///
/// Source: `org.freedesktop.Secret.Service`, `SecKeychainFindGenericPassword`, `CredReadW`.
pub struct KeyringVault {
    service: String,
    patience: Patience,
    cache: Arc<Cache>,
    quiet: Arc<AtomicBool>,
    actor: Mutex<Option<Actor>>,
    slow: watch::Sender<u32>,
}

impl KeyringVault {
    /// Whether a read may ask the user though [`status`](Self::status) finds nothing wrong.
    pub const PROMPTS_UNSEEN: bool = platform::PROMPTS_UNSEEN;

    /// The vault of this user. Nothing is opened before the first call.
    pub fn new() -> Self {
        Self::with(SERVICE, Patience::default())
    }

    /// A vault under another service name, or with other patience.
    pub fn with(service: &str, patience: Patience) -> Self {
        Self {
            service: service.to_owned(),
            patience,
            cache: Arc::new(Cache::new(patience.remember)),
            quiet: Arc::default(),
            actor: Mutex::default(),
            slow: watch::Sender::new(0),
        }
    }

    /// How many calls have been waiting for over three seconds: where any have, a dialog of the
    /// system is probably open, perhaps behind the window.
    pub fn slow_calls(&self) -> watch::Receiver<u32> {
        self.slow.subscribe()
    }

    /// Asks the user to unlock the keyring (Linux: or to make the first one), and lets calls ask again.
    ///
    /// A call that got stuck longer than it is waited for is left to itself.
    pub async fn unlock(&self) -> Result<(), Problem> {
        self.quiet.store(false, Ordering::Relaxed);
        self.ask(IfStuck::Leave, Session::unlock)
            .await
            .map_err(|error| Problem::from(&error))
    }

    /// Lets calls ask again, where a prompt was turned away: for what the user does, not for what is done by itself.
    pub async fn ask_again(&self) {
        if self.quiet.load(Ordering::Relaxed)
            && let Err(problem) = self.unlock().await
        {
            // Who needs it is told by the call that follows.
            tracing::debug!(%problem, "the keyring stays shut");
        }
    }

    /// How the keyring is. Never asks the user, and answers within seconds.
    pub async fn status(&self) -> VaultStatus {
        let (reply, answer) = oneshot::channel();
        // Not the actor's thread: that one may be waiting for a dialog.
        let started = thread::Builder::new()
            .name("keyring-look".into())
            .spawn(move || {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(platform::look());
            });
        let patience = self.patience.give_up_after.min(Duration::from_secs(10));
        match timeout(patience, answer).await {
            Ok(Ok(look)) => match look.found {
                Ok(()) => VaultStatus::unlocked(look.backend),
                Err(error) => VaultStatus::wrong(look.backend, &error),
            },
            Ok(Err(_)) => {
                let why = if started.is_ok() {
                    "the look ended early"
                } else {
                    "no thread"
                };
                VaultStatus::wrong("keyring".into(), &VaultError::Unexpected(why))
            }
            Err(_) => VaultStatus::wrong("keyring".into(), &VaultError::TimedOut),
        }
    }

    /// Has the thread do `work`, and waits for it as long as patience lasts.
    ///
    /// What has begun runs to its end even when nobody waits any more; what has not is dropped.
    async fn ask<T: Send + 'static>(
        &self,
        if_stuck: IfStuck,
        work: impl FnOnce(&mut Session) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (reply, mut answer) = oneshot::channel();
        let job = Box::new(move |session: &mut Session| {
            if !reply.is_closed() {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(work(session));
            }
        });
        self.send(if_stuck, job)?;
        let ended = |_| VaultError::Unexpected("the call ended early");
        let Patience {
            hint_after,
            give_up_after,
            ..
        } = self.patience;
        if let Ok(done) = timeout(hint_after.min(give_up_after), &mut answer).await {
            return done.map_err(ended)?;
        }
        let _slow = SlowCall::begin(&self.slow);
        if let Ok(done) = timeout(give_up_after.saturating_sub(hint_after), answer).await {
            return done.map_err(ended)?;
        }
        self.quiet.store(true, Ordering::Relaxed);
        Err(VaultError::TimedOut)
    }

    fn send(&self, if_stuck: IfStuck, job: Job) -> Result<(), VaultError> {
        let mut actor = self.actor.lock().unwrap_or_else(PoisonError::into_inner);
        let stuck = |actor: &Actor| actor.busy_for() >= self.patience.give_up_after;
        if actor.as_ref().is_some_and(stuck) {
            match if_stuck {
                IfStuck::Refuse => return Err(VaultError::TimedOut),
                IfStuck::Leave => *actor = None,
            }
        }
        let actor = match &mut *actor {
            Some(actor) => actor,
            none => none.insert(
                Actor::start(&self.service, self.quiet.clone())
                    .map_err(|error| VaultError::Failed(error.kind().to_string()))?,
            ),
        };
        actor.send(job)
    }
}

/// What becomes of a call that would come behind one that got stuck.
#[derive(Clone, Copy)]
enum IfStuck {
    /// It is refused at once: waiting would only take as long again.
    Refuse,
    /// The stuck one is left to itself, and this one made beside it.
    Leave,
}

impl Default for KeyringVault {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for KeyringVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringVault")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

// The cache is changed by the thread alone, so that a read that comes late never puts back what a
// write has replaced.
#[async_trait]
impl Secrets for KeyringVault {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        let name = entry_name(reference)
            .map_err(|error| error.about(reference))?
            .to_owned();
        if let Some(secret) = self.cache.get(&name) {
            return Ok(Some(secret));
        }
        let cache = self.cache.clone();
        self.ask(IfStuck::Refuse, move |session| {
            let value = session.with_entries(|entries| chunks::read(entries, &name))?;
            let secret = value.map(text).transpose()?;
            if let Some(secret) = &secret {
                cache.put(&name, secret.clone());
            }
            Ok(secret)
        })
        .await
        .map_err(|error| error.about(reference))
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        let name = entry_name(reference)
            .map_err(|error| error.about(reference))?
            .to_owned();
        let cache = self.cache.clone();
        self.ask(IfStuck::Refuse, move |session| {
            cache.drop_entry(&name);
            let value = secret.expose_secret().as_bytes();
            session.with_entries(|entries| chunks::write(entries, &name, value))
        })
        .await
        .map_err(|error| error.about(reference))
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        let name = entry_name(reference)
            .map_err(|error| error.about(reference))?
            .to_owned();
        let cache = self.cache.clone();
        self.ask(IfStuck::Refuse, move |session| {
            cache.drop_entry(&name);
            session.with_entries(|entries| chunks::delete(entries, &name))
        })
        .await
        .map_err(|error| error.about(reference))
    }

    /// No other call of this process comes between the look and the write. Another process may: the
    /// run's lease is what keeps two from working on one customer.
    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        let name = entry_name(reference)
            .map_err(|error| error.about(reference))?
            .to_owned();
        let cache = self.cache.clone();
        self.ask(IfStuck::Refuse, move |session| {
            cache.drop_entry(&name);
            let value = secret.expose_secret().as_bytes();
            let kept = session.with_entries(|entries| {
                let kept = chunks::read(entries, &name)?;
                if kept.is_none() {
                    chunks::write(entries, &name, value)?;
                }
                Ok(kept)
            })?;
            kept.map_or(Ok(secret), text)
        })
        .await
        .map_err(|error| error.about(reference))
    }

    /// Written and dropped in one job, which runs to its end when nobody waits for it any more. Each process has a name of
    /// its own for it, so that none drops another's.
    async fn writable(&self) -> Result<(), Problem> {
        let name = format!("v1/probe/{}", std::process::id());
        self.ask(IfStuck::Refuse, move |session| {
            session.with_entries(|entries| {
                entries.write(&name, b"probe")?;
                entries.delete(&name)?;
                Ok(())
            })
        })
        .await
        .map_err(|error| Problem::from(&error))
    }
}

/// A call that takes long, for as long as it does.
struct SlowCall<'a>(&'a watch::Sender<u32>);

impl<'a> SlowCall<'a> {
    fn begin(calls: &'a watch::Sender<u32>) -> Self {
        calls.send_modify(|count| *count += 1);
        Self(calls)
    }
}

impl Drop for SlowCall<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the bytes are wiped when this is done"
)]
fn text(value: Zeroizing<Vec<u8>>) -> Result<Secret, VaultError> {
    match std::str::from_utf8(&value) {
        Ok(text) => Ok(Secret::from(text)),
        Err(_) => Err(VaultError::Unexpected("the entry is no text")),
    }
}
