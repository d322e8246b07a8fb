//! What may be written a little later than it is said: events that stand alone, and what was used of the vendors'
//! limits. It shares a transaction with whatever else is said in the same moment.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fabrik_domain::{event::RunEvent, gate::Window};
use tokio::sync::Notify;

use super::{
    connections::Connections,
    fault::Fault,
    journal,
    turn::{Begun, Turn, Write, writing},
    windows,
};
use crate::Lease;

/// For how long it waits for more.
const PATIENCE: Duration = Duration::from_millis(100);

/// Something that waits to be written.
#[derive(Clone, Debug)]
pub(super) enum Waiting {
    /// Events of a run, by who holds it.
    Events(Lease, Vec<RunEvent>),
    /// A window of a limit.
    Window(Window),
}

/// What waits to be written, in the order in which it was said.
pub(super) struct Soon {
    connections: Arc<Connections>,
    waiting: Mutex<Vec<Waiting>>,
    /// Held while it is written: what is said of a run later waits for it.
    writing: tokio::sync::Mutex<()>,
    more: Notify,
}

impl Soon {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self {
            connections,
            waiting: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            more: Notify::new(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds something, which is written without anybody's waiting.
    pub(super) fn add(&self, one: Waiting) {
        self.waiting().push(one);
        self.more.notify_one();
    }

    /// Takes what waits of a run, to be written with an entry of its journal.
    pub(super) async fn take(&self, lease: &Lease) -> Vec<RunEvent> {
        let _nobody_writes = self.writing.lock().await;
        let mut taken = Vec::new();
        self.waiting().retain_mut(|one| match one {
            Waiting::Events(theirs, events) if theirs.run == lease.run => {
                // What an owner before this one still wanted to say is dropped.
                if theirs.fence == lease.fence && theirs.owner == lease.owner {
                    taken.append(events);
                }
                false
            }
            _ => true,
        });
        taken
    }

    /// Writes what comes, until it is dropped.
    pub(super) async fn serve(&self) {
        loop {
            self.more.notified().await;
            tokio::time::sleep(PATIENCE).await;
            self.flush().await;
        }
    }

    /// Writes all that waits. What can't be written is dropped, and logged.
    pub(super) async fn flush(&self) {
        let _writing = self.writing.lock().await;
        let waiting = std::mem::take(&mut *self.waiting());
        if waiting.is_empty() {
            return;
        }
        if let Err(problem) = writing!(self, |write| put(&write, &waiting)) {
            tracing::warn!(%problem, "events were not written");
        }
    }
}

async fn put(write: &Write, waiting: &[Waiting]) -> Result<(), Fault> {
    for one in waiting {
        match one {
            Waiting::Events(lease, events) => match journal::events(write, lease, events).await {
                // Whoever has lost its run has nothing to say of it any more.
                Ok(()) | Err(Fault::Rule(_)) => {}
                Err(fault) => return Err(fault),
            },
            Waiting::Window(window) => windows::put(write, window).await?,
        }
    }
    Ok(())
}
