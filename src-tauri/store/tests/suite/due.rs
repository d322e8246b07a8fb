//! What is approved, by somebody or at once: its provisioning is due until it has begun, and is begun once.

use std::{collections::BTreeSet, time::Duration};

use fabrik_domain::{
    Cause,
    id::RequestId,
    request::{OnboardingRequest, RequestState},
    run::OnFailure,
};

use super::{
    Backend,
    requests::{approval, ask, by_hand, wish},
    samples::{audit, begin},
};

pub async fn what_is_changed_by_hand_is_approved_by_word_alone(backend: &impl Backend) {
    let store = backend.open();
    let at_once = OnboardingRequest {
        at_once: true,
        ..by_hand("Åberg", "aberg")
    };
    let asked = store.add_request(at_once, audit("request.added"));
    let asked = asked.await.unwrap();
    let changed = wish("Åberg", "aberg-2");
    let said = BTreeSet::new();
    let edited = store.edit_request(asked.id, changed, said, None, audit("request.edited"));
    assert!(!edited.await.unwrap().at_once);
    assert!(store.due_requests().await.unwrap().is_empty());
}

pub async fn a_provisioning_is_due_until_its_run_is_written(backend: &impl Backend) {
    let store = backend.open();
    let request = ask(&*store, "Åberg", "aberg").await;
    assert!(store.due_requests().await.unwrap().is_empty());
    let (approved, customer) = store
        .approve_request(approval(&request, "one"), audit("request.approved"))
        .await
        .unwrap();
    assert_eq!(approved.begins, Some(OnFailure::Keep));
    let due = backend.open().due_requests().await.unwrap();
    assert_eq!(due.len(), 1, "whoever looks after a kill sees it");
    assert_eq!(
        (&due[0].request, due[0].held_by.as_deref()),
        (&approved, Some("one"))
    );
    // Another takes it over when the first is dead, or silent for long.
    let claim =
        |by: &'static str, dead: Option<&'static str>| store.claim_request(request.id, by, dead);
    assert!(!claim("two", None).await.unwrap(), "the first has it");
    assert!(claim("two", Some("one")).await.unwrap());
    assert!(
        !claim("three", Some("one")).await.unwrap(),
        "it is the second's"
    );
    backend.pass(Duration::from_mins(11));
    assert!(claim("three", None).await.unwrap());
    begin(&*store, &customer, "three").await;
    assert!(store.due_requests().await.unwrap().is_empty());
    assert_eq!(store.request(request.id).await.unwrap().begins, None);
    assert!(!claim("four", Some("three")).await.unwrap(), "it is begun");
}

pub async fn what_is_asked_about_after_all_is_approved_by_nobody_else(backend: &impl Backend) {
    let store = backend.open();
    let asked = OnboardingRequest {
        id: RequestId::new(),
        at_once: true,
        ..ask(&*store, "Åberg", "aberg").await
    };
    let asked = store.add_request(asked, audit("request.added"));
    let asked = asked.await.unwrap();
    assert_eq!(store.due_requests().await.unwrap().len(), 1);
    let before = store.last_change().await.unwrap();
    for _ in 0..2 {
        store.ask_about_request(asked.id).await.unwrap();
    }
    let told = store.changes_since(before).await.unwrap();
    assert_eq!(told.len(), 1, "windows hear of it, once: {told:?}");
    assert!(store.due_requests().await.unwrap().is_empty());
    let expected = OnboardingRequest {
        at_once: false,
        ..asked
    };
    assert_eq!(store.request(expected.id).await.unwrap(), expected);
}

pub async fn what_can_not_begin_is_not_tried_again(backend: &impl Backend) {
    let store = backend.open();
    let request = ask(&*store, "Åberg", "aberg").await;
    let nothing_due = Cause::CredentialMissing.into();
    store.stop_request(request.id, nothing_due).await.unwrap();
    assert_eq!(
        store.request(request.id).await.unwrap().problem,
        None,
        "it waits for its owner, for nothing else"
    );
    store
        .approve_request(approval(&request, "one"), audit("request.approved"))
        .await
        .unwrap();
    let missing = Cause::CredentialMissing.into();
    store.stop_request(request.id, missing).await.unwrap();
    let stopped = store.request(request.id).await.unwrap();
    assert_eq!(stopped.begins, None);
    assert_eq!(stopped.problem, Some(Cause::CredentialMissing.into()));
    assert_eq!(stopped.state, RequestState::Approved);
    assert!(store.due_requests().await.unwrap().is_empty());
}
