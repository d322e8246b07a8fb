//! A run's journal: an entry is written whole or not at all, and events keep their order.

use std::{collections::BTreeMap, time::Duration};

use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    customer::{CustomerPatch, CustomerStatus},
    id::CustomerId,
    problem::Problem,
    resource::{Found, Origin, ResourceState},
    run::{Output, Phase, RunState, StepState, WaitReason},
};
use fabrik_store::{Hold, JournalEntry, RunChange, Store};

use super::{
    Backend,
    samples::{add, audit, begin, event, noon, resource, step, to},
};

pub async fn an_entry_is_written_whole(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let mut repo = step("repo", StepKind::GithubRepo);
    repo.state = StepState::Deferred;
    repo.phase = Phase::Created;
    repo.attempts = 3;
    repo.not_before = Some(noon());
    repo.intended_at = Some(noon());
    repo.evidence = Some(serde_json::json!({ "ids": [1, 2], "none": null }));
    repo.ruled_out = vec!["of-others".to_owned()];
    repo.doubted = vec!["one".to_owned(), "another".to_owned()];
    repo.resource = Some(Found {
        id: "4711".to_owned(),
        name: "norrform/akermark".to_owned(),
        url: None,
        content_hash: Some("ab".to_owned()),
    });
    repo.outputs = BTreeMap::from([
        ("url".to_owned(), Output::Public("https://x".to_owned())),
        (
            "key".to_owned(),
            Output::Secret("supabase:abc/service_role".parse().unwrap()),
        ),
    ]);
    repo.error = Some(Problem::from(Cause::CredentialMissing).detail("no"));
    repo.started_at = Some(noon());
    let made = resource(&run, ResourceState::Live, Origin::Created);
    let change = RunChange {
        state: RunState::Waiting,
        reason: Some(WaitReason::NeedsCredential),
        error: repo.error.clone(),
        finished_at: None,
        undo_began_at: None,
    };
    let before = store.last_change().await.unwrap();
    let entry = JournalEntry {
        hold: Hold::AsItIs,
        run: Some(change.clone()),
        steps: vec![repo.clone()],
        resources: vec![made.clone()],
        customer: Some(CustomerPatch {
            status: Some(CustomerStatus::Active),
            ..CustomerPatch::default()
        }),
        failed_at: None,
        events: vec![event(run.id, 1), event(run.id, 2)],
        audit: Some(audit("run.waits")),
    };
    store.journal(&lease, entry.clone()).await.unwrap();
    // As after an answer that was lost.
    store
        .journal(
            &lease,
            JournalEntry {
                audit: None,
                ..entry
            },
        )
        .await
        .unwrap();

    let other = backend.open();
    let now = other.run(run.id).await.unwrap();
    assert_eq!(
        (now.state, now.reason, now.error),
        (change.state, change.reason, change.error)
    );
    assert_eq!(other.steps(run.id).await.unwrap()[1], repo);
    assert_eq!(
        other.resources(customer.id).await.unwrap(),
        std::slice::from_ref(&made)
    );
    assert_eq!(
        other
            .live_resources(&[CustomerId::new(), customer.id])
            .await
            .unwrap(),
        [made]
    );
    assert_eq!(
        other.customer(customer.id).await.unwrap().status,
        CustomerStatus::Active
    );
    assert_eq!(
        other.events_since(run.id, 0).await.unwrap(),
        [event(run.id, 1), event(run.id, 2)],
        "written twice, there once"
    );
    assert_eq!(
        other.events_since(run.id, 1).await.unwrap(),
        [event(run.id, 2)]
    );
    let log = other.audit_log(Some(customer.id), 1).await.unwrap();
    assert_eq!(
        (log[0].entry.run, log[0].entry.action.as_str()),
        (Some(run.id), "run.waits")
    );
    assert!(
        other.changes_since(before).await.unwrap().len() >= 2,
        "the run and the customer"
    );
}

pub async fn an_entry_with_a_fault_leaves_nothing(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Taken", "taken").await;
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let steps = store.steps(run.id).await.unwrap();
    let mut changed = steps[0].clone();
    changed.attempts = 9;
    let good = JournalEntry {
        steps: vec![changed],
        resources: vec![resource(&run, ResourceState::Live, Origin::Created)],
        events: vec![event(run.id, 1)],
        ..to(RunState::Running)
    };
    let stranger = step("not-in-the-blueprint", StepKind::GithubRepo);
    let patch = CustomerPatch {
        subdomain: Some("taken".to_owned()),
        ..CustomerPatch::default()
    };
    let bad_step = JournalEntry {
        steps: good.steps.iter().cloned().chain([stranger]).collect(),
        ..good.clone()
    };
    let bad_customer = JournalEntry {
        customer: Some(patch),
        ..good
    };
    let before = store.last_change().await.unwrap();
    for (entry, code) in [(bad_step, "internal"), (bad_customer, "subdomain_taken")] {
        assert_eq!(store.journal(&lease, entry).await.unwrap_err().code(), code);
        assert_eq!(store.run(run.id).await.unwrap(), run);
        assert_eq!(store.steps(run.id).await.unwrap(), steps);
        assert!(store.resources(customer.id).await.unwrap().is_empty());
        assert!(store.events_since(run.id, 0).await.unwrap().is_empty());
        assert_eq!(store.last_change().await.unwrap(), before);
    }
}

pub async fn events_that_stand_alone_keep_their_order(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    for number in 1..=50 {
        store
            .events(&lease, vec![event(run.id, number)])
            .await
            .unwrap();
    }
    // Whatever was said before an entry is there with it.
    let entry = JournalEntry {
        events: vec![event(run.id, 51)],
        ..JournalEntry::default()
    };
    store.journal(&lease, entry).await.unwrap();
    let numbers = async |store: &dyn Store| -> Vec<i64> {
        let events = store.events_since(run.id, 0).await.unwrap();
        events.into_iter().map(|event| event.number).collect()
    };
    assert_eq!(numbers(&*store).await, (1..=51).collect::<Vec<_>>());

    store.events(&lease, vec![event(run.id, 52)]).await.unwrap();
    let there = tokio::time::timeout(Duration::from_secs(20), async {
        while store.events_since(run.id, 51).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    there
        .await
        .expect("an event comes to rest without anybody's help");

    store.events(&lease, vec![event(run.id, 53)]).await.unwrap();
    drop(store);
    assert_eq!(
        numbers(&*backend.open()).await.last(),
        Some(&53),
        "closing loses no event"
    );
}
