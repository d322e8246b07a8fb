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
mod decide;
mod deferred;
mod drive;
pub mod graph;
mod journal;
mod lease;
mod perform;
mod plan;
pub mod step;
mod undo;
mod walk;

use std::sync::Arc;

use fabrik_domain::{
    event::RunEvent,
    ports::{Clock, Random, Secrets},
};
use fabrik_store::Store;
use tokio::sync::broadcast;

/// Plans runs, begins them and drives them to their end, one engine per process.
pub struct Engine {
    store: Arc<dyn Store>,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Names this process in leases.
    owner: String,
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
            events,
        }
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
}
