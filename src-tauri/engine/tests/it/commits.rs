//! What durability costs: commits a step, in a run on a real database whose calls take a while, so that few share one by
//! chance. How many steps a second get onto the disk is the bench's to measure.

#[path = "../../benches/journal/commits.rs"]
mod counted;
#[path = "../../benches/journal/null.rs"]
mod null;
#[path = "../../../../tests/support/real_clock.rs"]
mod real_clock;

use std::{sync::Arc, time::Duration};

use fabrik_domain::{
    customer::NewCustomer,
    run::{OnFailure, RunState},
};
use fabrik_engine::Engine;
use fabrik_store::{SqliteStore, Store};
use tokio_util::sync::CancellationToken;

use self::{
    counted::{MOST_COMMITS, commits_of},
    null::{Null, STEPS},
    real_clock::RealClock,
};
use crate::{
    ports::{NoJitter, NoSecrets},
    world::World,
};

/// How often a run of the first so many steps commits.
async fn commits(steps: u32) -> u32 {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("central.db");
    let clock = Arc::new(RealClock::start());
    let store = Arc::new(SqliteStore::open(&path, clock.clone()).unwrap());
    let engine = Engine::new(
        Arc::clone(&store) as _,
        Arc::new(NoSecrets),
        clock,
        Arc::new(NoJitter),
        "first".to_owned(),
    );
    let new = NewCustomer {
        name: "Åkermark".to_owned(),
        subdomain: "akermark".to_owned(),
        contact_email: "anna@akermark.se".to_owned(),
        blueprint: "null".to_owned(),
        plan: "starter".to_owned(),
        ..NewCustomer::default()
    };
    let added = store.add_customer(new, "akermark".to_owned(), World::audit());
    let snapshot = null::snapshot(added.await.unwrap(), steps);
    let vendors = Null(Duration::from_millis(20));
    let begun = engine.begin(&vendors, snapshot, OnFailure::Keep, "test");
    let (_, lease) = begun.await.unwrap();
    let before = commits_of(&path);
    let cancel = CancellationToken::new();
    let run = engine.drive(&vendors, lease, &cancel).await.unwrap();
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    commits_of(&path) - before
}

#[tokio::test]
async fn a_step_is_at_most_three_commits() {
    let (bare, whole) = (commits(0).await, commits(STEPS).await);
    let each = f64::from(whole - bare) / f64::from(STEPS);
    assert!(each > 1.0, "they are counted: {bare} and {whole}");
    assert!(
        each <= MOST_COMMITS,
        "{each} commits a step: {whole} for {STEPS} steps, {bare} for none"
    );
}
