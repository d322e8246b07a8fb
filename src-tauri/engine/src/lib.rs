//! The saga: plan, run, journal, resume, undo. Knows no vendor: what there is to do comes as [`step::Step`]s
//! from a [`step::StepFactory`], where it stands is in the store's journal, and time, randomness and
//! secrets are passed in.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod backoff;
mod begin;
mod cleared;
mod deadline;
mod decide;
mod deferred;
mod doubt;
mod drive;
pub mod graph;
mod journal;
mod lease;
mod let_go;
mod patience;
mod perform;
mod plan;
mod quota;
mod reading;
mod settling;
mod span;
pub mod step;
mod undo;
mod walk;

pub use plan::PLANNED_AT_ONCE;

use std::sync::Arc;

use fabrik_domain::{
    event::RunEvent,
    gate::Gate,
    id::CustomerId,
    ports::{Clock, Random, Secrets},
    resource::Mark,
};
use fabrik_store::Store;
use tokio::sync::{Semaphore, broadcast};

/// Plans runs, begins them and drives them to their end, one engine per process.
pub struct Engine {
    store: Arc<dyn Store>,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Names this process in leases.
    owner: String,
    /// The vendors' limits; without them nothing is set aside.
    gate: Option<Arc<dyn Gate>>,
    /// Plans at the same time.
    planning: Semaphore,
    events: broadcast::Sender<RunEvent>,
}

impl Engine {
    /// An engine whose leases bear `owner`: a name no other process has.
    pub fn new(
        store: Arc<dyn Store>,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        owner: String,
    ) -> Self {
        let (events, _) = broadcast::channel(4096);
        Self {
            store,
            secrets,
            clock,
            random,
            owner,
            gate: None,
            planning: Semaphore::new(PLANNED_AT_ONCE),
            events,
        }
    }

    /// Sets quota aside in `gate`, which the steps' clients go by too, before a run begins.
    #[must_use]
    pub fn gated(mut self, gate: Arc<dyn Gate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// The events of all runs that this engine drives, as they happen. A reader that is too slow misses
    /// some; the store has them all.
    pub fn events(&self) -> broadcast::Receiver<RunEvent> {
        self.events.subscribe()
    }

    /// The name of this process in leases.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// What everything bears that is made for a customer of the workspace.
    pub fn mark_of(&self, customer: CustomerId) -> Mark {
        Mark {
            workspace: self.store.workspace(),
            customer,
        }
    }
}
