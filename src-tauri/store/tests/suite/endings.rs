//! The end of a subscription: somebody is asked about it until it is settled, by word or by removal.

use fabrik_domain::{
    customer::CustomerStatus,
    id::CustomerId,
    request::{Ending, OnboardingRequest, RequestKind, RequestOrigin, RequestState},
    resource::{Origin, Resource, ResourceState},
    run::{Purpose, RunState},
};
use fabrik_store::{JournalEntry, NewRun, Store, Verdict};

use super::{
    Backend,
    requests::wish,
    samples::{LEASE, add, audit, begin, new_run, noon, resource, to},
};

/// The end of the subscription of a customer, as it comes to the inbox.
pub async fn ended(store: &dyn Store, customer: CustomerId) -> OnboardingRequest {
    let origin = RequestOrigin::Stripe {
        subscription: "sub_1".to_owned(),
        customer: "cus_1".to_owned(),
        price: None,
        beside: false,
    };
    let request = OnboardingRequest {
        customer: Some(customer),
        ..OnboardingRequest::new(
            RequestKind::Cancellation,
            wish("Åberg", "aberg"),
            origin,
            noon(),
        )
    };
    store
        .add_request(request, audit("request.added"))
        .await
        .unwrap()
}

pub async fn the_end_of_a_subscription_is_settled_by_word_or_by_removal(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let task = ended(&*store, customer.id).await;
    let paused = Verdict {
        state: RequestState::Settled,
        reason: None,
        ending: Some(Ending::Paused),
    };
    let settled = store
        .decide_request(task.id, paused, audit("subscription.settled"))
        .await
        .unwrap();
    assert_eq!(settled.decided.unwrap().ending, Some(Ending::Paused));
    let now = store.customer(customer.id).await.unwrap();
    assert_eq!(now.status, CustomerStatus::Inactive);

    let other = add(&*store, "Öberg", "oberg").await;
    let origin = RequestOrigin::Stripe {
        subscription: "sub_2".to_owned(),
        customer: "cus_2".to_owned(),
        price: None,
        beside: false,
    };
    let task = OnboardingRequest {
        customer: Some(other.id),
        ..OnboardingRequest::new(
            RequestKind::Cancellation,
            wish("Öberg", "oberg"),
            origin,
            noon(),
        )
    };
    let task = store.add_request(task, audit("x")).await.unwrap();
    let (_, lease) = begin(&*store, &other, "one").await;
    store
        .journal(&lease, to(RunState::Succeeded))
        .await
        .unwrap();
    assert_eq!(
        store.request(task.id).await.unwrap().state,
        RequestState::Open,
        "a provisioning settles nothing"
    );
    // Whatever becomes of a removal, somebody is asked until the instance is gone.
    let removal = || NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&other)
    };
    let ways = [
        &[RunState::Undoing, RunState::Cancelled][..],
        &[RunState::Undoing, RunState::Waiting, RunState::Leftovers],
    ];
    let mut last = None;
    for way in ways {
        let (_, lease) = store.add_run(removal(), "one", LEASE).await.unwrap();
        assert_eq!(store.request(task.id).await.unwrap(), task, "it is begun");
        for state in way {
            store.journal(&lease, to(*state)).await.unwrap();
            let now = store.request(task.id).await.unwrap();
            assert_eq!(now, task, "{state:?}");
        }
        last = Some(lease);
    }
    // What was left is taken away too, by the same run.
    let lease = last.unwrap();
    let before = store.last_change().await.unwrap();
    for _ in 0..2 {
        // An entry is written again where its answer was lost.
        let ended = store.journal(&lease, to(RunState::Succeeded));
        ended.await.unwrap();
    }
    let told = store.changes_since(before).await.unwrap();
    let of_task = told
        .iter()
        .filter(|change| change.id == task.id.to_string());
    assert_eq!(of_task.count(), 1, "windows hear of it, once");
    let settled = store.request(task.id).await.unwrap();
    assert_eq!(settled.state, RequestState::Settled);
    let decided = settled.decided.unwrap();
    assert_eq!(
        (decided.ending, decided.by.as_str()),
        (Some(Ending::Removed), "anna@studio")
    );
}

pub async fn the_end_of_a_subscription_is_not_settled_by_an_older_removal(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let removal = || NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, older) = store.add_run(removal(), "one", LEASE).await.unwrap();
    let left = store.journal(&older, to(RunState::Leftovers));
    left.await.unwrap();
    let (run, lease) = begin(&*store, &customer, "one").await;
    let live = resource(&run, ResourceState::Live, Origin::Created);
    let with = |state: RunState, resource: ResourceState| JournalEntry {
        resources: vec![Resource {
            state: resource,
            ..live.clone()
        }],
        ..to(state)
    };
    let made = store.journal(&lease, with(RunState::Succeeded, ResourceState::Live));
    made.await.unwrap();
    let task = ended(&*store, customer.id).await;
    let (_, newest) = store.add_run(removal(), "one", LEASE).await.unwrap();
    let left = store.journal(&newest, with(RunState::Leftovers, ResourceState::Leftover));
    left.await.unwrap();
    // What the older one had left went with the newer one, which has left something of its own.
    let cleared = store.journal(&older, to(RunState::Succeeded));
    cleared.await.unwrap();
    let now = store.request(task.id).await.unwrap();
    assert_eq!(now, task, "an instance is there still");
    let removed = store.journal(&newest, with(RunState::Succeeded, ResourceState::Removed));
    removed.await.unwrap();
    let now = store.request(task.id).await.unwrap();
    assert_eq!(now.state, RequestState::Settled);
}

pub async fn a_newer_run_that_left_nothing_keeps_no_end_of_a_subscription_open(
    backend: &impl Backend,
) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let task = ended(&*store, customer.id).await;
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, older) = store.add_run(removal, "one", LEASE).await.unwrap();
    let left = store.journal(&older, to(RunState::Leftovers));
    left.await.unwrap();
    for (state, made) in [
        (RunState::Failed, None),
        (RunState::Cancelled, None),
        (RunState::RolledBack, Some(ResourceState::Removed)),
        (RunState::RolledBack, Some(ResourceState::LetGo)),
    ] {
        let (run, newer) = begin(&*store, &customer, "one").await;
        let made = made.map(|made| resource(&run, made, Origin::Created));
        let entry = JournalEntry {
            resources: made.into_iter().collect(),
            ..to(state)
        };
        store.journal(&newer, entry).await.unwrap();
    }
    assert_eq!(store.request(task.id).await.unwrap(), task);
    let cleared = store.journal(&older, to(RunState::Succeeded));
    cleared.await.unwrap();
    let now = store.request(task.id).await.unwrap();
    assert_eq!(now.state, RequestState::Settled);
}
