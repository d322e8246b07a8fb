//! What a run has deferred: whose it is, and by whom it is written.

use fabrik_domain::{
    id::RunId,
    resource::{Origin, ResourceState},
    run::{Purpose, RunState, StepState},
};
use fabrik_store::{JournalEntry, NewRun};

use super::{
    Backend,
    samples::{LEASE, add, begin, new_run, resource, to},
};

pub async fn what_is_deferred_is_written_by_whoever_looks(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let provisioned = async || {
        let (run, lease) = begin(&*store, &customer, "p").await;
        let mut steps = store.steps(run.id).await.unwrap();
        steps[1].state = StepState::Deferred;
        let entry = JournalEntry {
            steps,
            ..to(RunState::Succeeded)
        };
        store.journal(&lease, entry).await.unwrap();
        run.id
    };
    let waiting = async || -> Vec<RunId> {
        let runs = store.deferred_runs(Some(customer.id)).await.unwrap();
        runs.into_iter().map(|run| run.id).collect()
    };
    let first = provisioned().await;
    assert_eq!(waiting().await, [first]);
    let second = provisioned().await;
    assert_eq!(waiting().await, [second], "the later one looked itself");

    let mut step = store.steps(second).await.unwrap().remove(1);
    let before = store.last_change().await.unwrap();
    assert!(store.write_deferred(second, step.clone()).await.unwrap());
    assert_eq!(
        store.last_change().await.unwrap(),
        before,
        "nothing has happened: no window looks again"
    );
    step.state = StepState::Done;
    assert!(store.write_deferred(second, step.clone()).await.unwrap());
    assert!(store.last_change().await.unwrap() > before);
    assert!(
        !store.write_deferred(second, step).await.unwrap(),
        "another process was quicker"
    );
    assert_eq!(waiting().await, [], "not the first one's again");
}

pub async fn what_is_deferred_is_a_later_runs_once_there_is_one(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (first, lease) = begin(&*store, &customer, "one").await;
    let mut waits = store.steps(first.id).await.unwrap().remove(0);
    waits.state = StepState::Deferred;
    let entry = JournalEntry {
        steps: vec![waits],
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
    let deferred = async || -> Vec<RunId> {
        let runs = store.deferred_runs(Some(customer.id)).await.unwrap();
        runs.into_iter().map(|run| run.id).collect()
    };
    assert_eq!(deferred().await, [first.id]);
    let (_, lease) = begin(&*store, &customer, "one").await;
    store.journal(&lease, to(RunState::Failed)).await.unwrap();
    assert_eq!(
        deferred().await,
        [first.id],
        "one that failed took nothing over"
    );
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    assert!(deferred().await.is_empty(), "it is being removed");
    store
        .journal(&lease, to(RunState::Succeeded))
        .await
        .unwrap();
    assert!(deferred().await.is_empty(), "it is gone");
}

pub async fn what_a_cancelled_removal_has_left_is_waited_for_again(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (first, lease) = begin(&*store, &customer, "one").await;
    let mut waits = store.steps(first.id).await.unwrap().remove(0);
    waits.state = StepState::Deferred;
    let mut domain = resource(&first, ResourceState::Live, Origin::Created);
    domain.step.clone_from(&waits.id);
    let entry = JournalEntry {
        steps: vec![waits],
        resources: vec![domain.clone()],
        ..to(RunState::Succeeded)
    };
    store.journal(&lease, entry).await.unwrap();
    let deferred = async || -> Vec<RunId> {
        let runs = store.deferred_runs(Some(customer.id)).await.unwrap();
        runs.into_iter().map(|run| run.id).collect()
    };
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    assert_eq!(deferred().await, [], "it is being removed");
    store
        .journal(&lease, to(RunState::Cancelled))
        .await
        .unwrap();
    assert_eq!(deferred().await, [first.id], "it was not come to");

    domain.state = ResourceState::Removed;
    let removed = JournalEntry {
        resources: vec![domain],
        ..to(RunState::Undoing)
    };
    store.journal(&lease, removed).await.unwrap();
    store
        .journal(&lease, to(RunState::Cancelled))
        .await
        .unwrap();
    assert_eq!(deferred().await, [], "it is gone, and the rest is left");
}
