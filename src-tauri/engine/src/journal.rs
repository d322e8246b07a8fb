//! A run's journal: every state is written before the act it announces, with the fence of the lease, and
//! what happens is told with a growing number.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use fabrik_domain::{
    Problem,
    event::{Happening, RunEvent},
    id::RunId,
    ports::Clock,
    run::StepRecord,
};
use fabrik_store::{Hold, JournalEntry, Lease, NewAudit, RunChange, Store};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::lease::{CALL, LEASE};

/// The lease, and since when by the time that no change of the clock moves. The two times together tell a
/// machine that slept, and a clock that was set back.
struct Held {
    lease: Lease,
    since: Duration,
}

/// The journal of one run, as the process that owns the run writes it.
pub(crate) struct Journal<'a> {
    store: &'a dyn Store,
    clock: Arc<dyn Clock>,
    live: &'a broadcast::Sender<RunEvent>,
    run: RunId,
    lease: Mutex<Held>,
    number: AtomicI64,
    /// Told to live readers, not yet given to the store: they ride along with the next entry.
    unwritten: Mutex<Vec<RunEvent>>,
}

impl<'a> Journal<'a> {
    /// Opens the journal of the run that `lease` is for, whose events are numbered up to `last`.
    pub(crate) fn open(
        store: &'a dyn Store,
        clock: Arc<dyn Clock>,
        live: &'a broadcast::Sender<RunEvent>,
        lease: Lease,
        last: i64,
    ) -> Self {
        let run = lease.run;
        let since = clock.monotonic();
        Self {
            store,
            clock,
            live,
            run,
            lease: Mutex::new(Held { lease, since }),
            number: AtomicI64::new(last),
            unwritten: Mutex::new(Vec::new()),
        }
    }

    /// The lease as it was last renewed.
    pub(crate) fn lease(&self) -> Lease {
        self.held().lease.clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the run for `length` from now.
    pub(crate) async fn renew(&self, length: Duration) -> Result<(), Problem> {
        let since = self.clock.monotonic();
        let lease = self.store.renew_lease(&self.lease(), length).await?;
        self.hold(lease, since);
        Ok(())
    }

    /// Steps side by side renew the lease each, and their answers may overtake each other: what was asked for last
    /// is what the store has.
    fn hold(&self, lease: Lease, since: Duration) {
        let mut held = self.held();
        if since >= held.since {
            *held = Held { lease, since };
        }
    }

    /// How long the lease lasts for sure.
    pub(crate) fn left(&self) -> Duration {
        let held = self.held();
        let by_the_wall = held.lease.expires.duration_since(self.clock.now());
        let by_the_wall = by_the_wall.max(jiff::SignedDuration::ZERO).unsigned_abs();
        let passed = self.clock.monotonic().saturating_sub(held.since);
        by_the_wall.min(LEASE.saturating_sub(passed))
    }

    /// Makes sure, right before a call, that the lease outlasts it: a process that slept past its lease may
    /// change nothing more.
    pub(crate) async fn assert_fresh(&self) -> Result<(), Problem> {
        if self.left() < CALL {
            self.renew(LEASE).await?;
        }
        Ok(())
    }

    /// Does `work` only while the run is this process's own for sure. Who slept past its lease does nothing more, in
    /// the vault and at the vendors too, before the lease is renewed: [`keep`](crate::lease::keep), which is
    /// polled beside it, does so or ends both.
    pub(crate) async fn while_held<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if self.left().is_zero() {
                Poll::Pending
            } else {
                work.as_mut().poll(cx)
            }
        })
        .await
    }

    /// Makes sure that the run was this process's own all the time until now.
    async fn assert_held(&self) -> Result<(), Problem> {
        if self.left().is_zero() {
            self.renew(LEASE).await?;
        }
        Ok(())
    }

    /// Tells what happens. It reaches the store with the next entry, or with [`flush`](Self::flush).
    pub(crate) fn say(&self, step: Option<&str>, what: Happening) {
        // Numbered under the lock, so that the order of the numbers is the order in the store.
        let mut unwritten = self.unwritten();
        let event = RunEvent {
            run: self.run,
            number: self.number.fetch_add(1, Ordering::Relaxed) + 1,
            at: self.clock.now(),
            step: step.map(ToOwned::to_owned),
            what,
        };
        unwritten.push(event.clone());
        // Nobody listening is no fault.
        let _ = self.live.send(event);
    }

    /// The number of the newest event told.
    pub(crate) fn newest_number(&self) -> i64 {
        self.number.load(Ordering::Relaxed)
    }

    /// Gives the store what was only told, if something up to event `number` is among it: what is younger may still
    /// ride along with an entry.
    pub(crate) async fn flush_since(&self, number: i64) -> Result<(), Problem> {
        let waits = self
            .unwritten()
            .first()
            .is_some_and(|event| event.number <= number);
        if waits { self.flush().await } else { Ok(()) }
    }

    /// Gives the store what was only told, without waiting for the disk.
    pub(crate) async fn flush(&self) -> Result<(), Problem> {
        let events = self.take_unwritten();
        if events.is_empty() {
            Ok(())
        } else {
            self.store.events(&self.lease(), events).await
        }
    }

    /// Writes a step's state.
    pub(crate) async fn step(&self, record: &StepRecord) -> Result<(), Problem> {
        self.write(JournalEntry {
            steps: vec![record.clone()],
            ..JournalEntry::default()
        })
        .await
    }

    /// Writes the run's state, tells it, and keeps it in the audit log.
    pub(crate) async fn run(
        &self,
        change: RunChange,
        audit: NewAudit,
        steps: Vec<StepRecord>,
    ) -> Result<(), Problem> {
        self.run_with(
            change,
            JournalEntry {
                audit: Some(audit),
                steps,
                ..JournalEntry::default()
            },
        )
        .await
    }

    /// Writes the run's state with an entry, and tells it.
    pub(crate) async fn run_with(
        &self,
        change: RunChange,
        entry: JournalEntry,
    ) -> Result<(), Problem> {
        self.say(
            None,
            Happening::Run {
                state: change.state,
                reason: change.reason,
            },
        );
        self.write(JournalEntry {
            run: Some(change),
            ..entry
        })
        .await
    }

    /// Writes the entry with which the run begins to go back, and tells that; `false`, and nothing is written, where
    /// whoever cancelled it wants what it made kept.
    pub(crate) async fn begin_undo(
        &self,
        change: RunChange,
        mut entry: JournalEntry,
    ) -> Result<bool, Problem> {
        let what = Happening::Run {
            state: change.state,
            reason: change.reason,
        };
        self.assert_held().await?;
        entry.run = Some(change);
        entry.events = self.take_unwritten();
        let told = entry.events.clone();
        let begun = self.store.begin_undo(&self.lease(), entry).await?;
        if begun {
            self.say(None, what);
        } else {
            self.unwritten().splice(0..0, told);
        }
        Ok(begun)
    }

    /// Writes one entry, with everything told until now, durably.
    pub(crate) async fn write(&self, mut entry: JournalEntry) -> Result<(), Problem> {
        entry.events = self.take_unwritten();
        let renews = matches!(entry.hold, Hold::For(_));
        if !renews {
            // The machine slept past the lease: unless somebody took it, what a vendor has said is still ours to write.
            self.assert_held().await?;
        }
        let since = self.clock.monotonic();
        let lease = self.store.journal(&self.lease(), entry).await?;
        if renews {
            self.hold(lease, since);
        }
        Ok(())
    }

    /// Writes one entry before a call that changes something at a vendor, and renews the lease with it: a process
    /// that slept past it may not make the call.
    pub(crate) async fn write_ahead(&self, entry: JournalEntry) -> Result<(), Problem> {
        self.write(JournalEntry {
            hold: Hold::For(LEASE),
            ..entry
        })
        .await
    }

    /// Waits, with what was told on its way to the store; `false` where `halt` came first.
    pub(crate) async fn pause(
        &self,
        duration: Duration,
        halt: &CancellationToken,
    ) -> Result<bool, Problem> {
        self.flush().await?;
        tokio::select! {
            () = halt.cancelled() => Ok(false),
            () = self.clock.sleep(duration) => Ok(true),
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, Vec<RunEvent>> {
        self.unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn take_unwritten(&self) -> Vec<RunEvent> {
        std::mem::take(&mut *self.unwritten())
    }
}
