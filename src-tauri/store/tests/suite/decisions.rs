//! A request is decided once, its customer made with it, and what is put away is undecided.

use std::{collections::BTreeSet, time::Duration};

use fabrik_domain::{
    Cause,
    id::RequestId,
    mapping::SourceField,
    request::{OnboardingRequest, RequestKind, RequestOrigin, RequestState},
    run::{Purpose, RunState},
};
use fabrik_store::{Approval, CustomerQuery, NewRun, Verdict};

use super::{
    Backend,
    endings::ended,
    requests::{approval, ask, by_hand, put_away, rejection, wish},
    samples::{LEASE, add, audit, new_run, noon, to},
};

pub async fn of_two_that_approve_a_request_one_wins(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    let request = ask(&*one, "Åberg", "aberg").await;
    let (first, second) = tokio::join!(
        one.approve_request(approval(&request, "one"), audit("request.approved")),
        two.approve_request(approval(&request, "two"), audit("request.approved")),
    );
    let (won, lost): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 1), "{won:?} {lost:?}");
    let (approved, customer) = won.into_iter().next().unwrap().unwrap();
    assert_eq!(approved.state, RequestState::Approved);
    assert_eq!(approved.customer, Some(customer.id));
    let refused = lost.into_iter().next().unwrap().unwrap_err();
    let decided = approved.decided.clone().unwrap();
    assert_eq!(
        *refused.cause,
        Cause::RequestDecided {
            state: RequestState::Approved,
            by: Some("anna@studio".to_owned()),
            at: decided.at,
        },
        "the other is told by whom and when"
    );
    let customers = one.customers(CustomerQuery::default()).await.unwrap();
    assert_eq!(customers.total, 1, "one customer");
    assert_eq!(two.request(request.id).await.unwrap(), approved);
    let log = one.audit_log(Some(customer.id), 0).await.unwrap();
    assert_eq!(log.len(), 1, "one word in the audit log");
}

pub async fn an_approval_that_is_refused_leaves_nothing(backend: &impl Backend) {
    let store = backend.open();
    add(&*store, "Other", "aberg").await;
    let request = ask(&*store, "Åberg", "aberg").await;
    let refused = store
        .approve_request(approval(&request, "one"), audit("request.approved"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "subdomain_taken");
    assert_eq!(
        store.request(request.id).await.unwrap(),
        request,
        "it is open still"
    );
    let changed = Approval {
        wish: wish("Åberg", "aberg-2"),
        customer: wish("Åberg", "aberg-2").customer(),
        ..approval(&request, "one")
    };
    let (approved, customer) = store
        .approve_request(changed, audit("request.approved"))
        .await
        .unwrap();
    assert_eq!(customer.subdomain, "aberg-2");
    assert_eq!(approved.wish.subdomain, "aberg-2", "as it was approved");
    assert_eq!(customer.contact_name.as_deref(), Some("Maja Öhrn"));
}

pub async fn a_rejected_request_stays_rejected(backend: &impl Backend) {
    let store = backend.open();
    let request = ask(&*store, "Åberg", "aberg").await;
    let rejected = store
        .decide_request(
            request.id,
            rejection("Ingen plats"),
            audit("request.rejected"),
        )
        .await
        .unwrap();
    let decided = rejected.decided.clone().unwrap();
    assert_eq!(decided.reason.as_deref(), Some("Ingen plats"));
    assert_eq!(decided.by, "anna@studio");
    let refused = [
        store
            .approve_request(approval(&request, "one"), audit("x"))
            .await
            .unwrap_err(),
        store
            .decide_request(request.id, rejection("Igen"), audit("x"))
            .await
            .unwrap_err(),
        store
            .edit_request(
                request.id,
                wish("Öberg", "oberg"),
                BTreeSet::new(),
                None,
                audit("x"),
            )
            .await
            .unwrap_err(),
    ];
    for problem in refused {
        assert_eq!(problem.code(), "request_decided");
    }
    assert_eq!(store.request(request.id).await.unwrap(), rejected);
    let total = store.customers(CustomerQuery::default()).await.unwrap();
    assert_eq!(total.total, 0);
}

pub async fn what_is_put_away_is_undecided_and_opened_again(backend: &impl Backend) {
    let store = backend.open();
    let at_once = OnboardingRequest {
        at_once: true,
        ..by_hand("Åberg", "aberg")
    };
    let asked = store.add_request(at_once, audit("request.added"));
    let asked = asked.await.unwrap();
    assert_eq!(store.due_requests().await.unwrap().len(), 1);
    let archived = store.decide_request(asked.id, put_away(), audit("request.archived"));
    let archived = archived.await.unwrap();
    assert_eq!(archived.state, RequestState::Archived);
    assert_eq!(archived.decided.as_ref().unwrap().by, "anna@studio");
    let elsewhere = backend.open();
    assert_eq!(elsewhere.request(asked.id).await.unwrap(), archived);
    backend.pass(Duration::from_secs(5));
    let again = elsewhere.decide_request(asked.id, put_away(), audit("x"));
    assert_eq!(again.await.unwrap(), archived, "twice is once");
    assert!(
        store.due_requests().await.unwrap().is_empty(),
        "it is approved by nobody"
    );
    let counts = store.request_counts().await.unwrap();
    assert_eq!(
        (counts.get(&RequestState::Open), counts.len()),
        (None, 1),
        "it does not wait"
    );
    let refused = [
        store
            .approve_request(approval(&asked, "one"), audit("x"))
            .await
            .unwrap_err(),
        store
            .decide_request(asked.id, rejection("Nej"), audit("x"))
            .await
            .unwrap_err(),
    ];
    for problem in refused {
        assert_eq!(problem.code(), "request_decided");
    }
    let total = store.customers(CustomerQuery::default()).await.unwrap();
    assert_eq!(total.total, 0);

    backend.pass(Duration::from_secs(5));
    let restore = async || {
        let restored = store.restore_request(asked.id, audit("request.restored"));
        restored.await.unwrap()
    };
    let restored = restore().await;
    assert_eq!(
        (restored.state, &restored.decided, &restored.wish),
        (RequestState::Open, &None, &asked.wish)
    );
    assert!(!restored.at_once, "who put it away is asked from then on");
    assert!(restored.updated_at > archived.updated_at);
    assert_eq!(restore().await, restored, "twice is once");
    let log = store.audit_log(None, 0).await.unwrap();
    let logged: Vec<_> = log.iter().map(|one| one.entry.action.as_str()).collect();
    assert_eq!(
        logged,
        ["request.restored", "request.archived", "request.added"]
    );
    let verdict = rejection("Ingen plats");
    let rejected = store.decide_request(asked.id, verdict, audit("request.rejected"));
    rejected.await.unwrap();
    let refused = store.restore_request(asked.id, audit("x")).await;
    assert_eq!(refused.unwrap_err().code(), "request_decided");
}

pub async fn what_is_put_away_is_settled_by_a_removal_and_withdrawn_by_its_table(
    backend: &impl Backend,
) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let task = ended(&*store, customer.id).await;
    let archive = async |id: RequestId| {
        let archived = store.decide_request(id, put_away(), audit("request.archived"));
        archived.await.unwrap()
    };
    archive(task.id).await;
    let log = store.audit_log(Some(customer.id), 1).await.unwrap();
    let newest = log[0].entry.action.as_str();
    assert_eq!(newest, "request.archived", "it is the customer's too");
    let unchanged = store.customer(customer.id).await.unwrap();
    assert_eq!(unchanged.status, customer.status);
    let removal = NewRun {
        purpose: Purpose::Deprovision,
        ..new_run(&customer)
    };
    let (_, lease) = store.add_run(removal, "one", LEASE).await.unwrap();
    let waits = store.request(task.id).await.unwrap();
    assert_eq!(waits.state, RequestState::Archived, "it goes on");
    let ended = store.journal(&lease, to(RunState::Succeeded));
    ended.await.unwrap();
    let settled = store.request(task.id).await.unwrap();
    assert_eq!(settled.state, RequestState::Settled);

    let origin = RequestOrigin::Source {
        table: "db/agency public.requests by id".to_owned(),
        row: "1".to_owned(),
        said: BTreeSet::new(),
    };
    let kind = RequestKind::Onboarding;
    let of_row = || OnboardingRequest::new(kind, wish("Berg", "berg"), origin.clone(), noon());
    let asked = store.add_request(of_row(), audit("request.added"));
    let asked = archive(asked.await.unwrap().id).await;
    let again = store.add_request(of_row(), audit("request.added"));
    assert_eq!(again.await.unwrap(), asked, "its row does not open it");
    let said = BTreeSet::from([SourceField::Name]);
    let changed = wish("Bergs", "berg");
    let audited = audit("request.followed");
    let followed = store.edit_request(asked.id, changed.clone(), said, None, audited);
    let followed = followed.await.unwrap();
    assert_eq!(
        (followed.state, &followed.decided, &followed.wish),
        (RequestState::Archived, &asked.decided, &changed),
        "it follows its row, put away"
    );
    assert_eq!(store.request(asked.id).await.unwrap(), followed);
    assert!(store.untold_decisions().await.unwrap().is_empty());
    let withdrawal = Verdict {
        state: RequestState::Withdrawn,
        ..put_away()
    };
    let withdrawn = store.decide_request(asked.id, withdrawal, audit("request.withdrawn"));
    assert_eq!(withdrawn.await.unwrap().state, RequestState::Withdrawn);
    let refused = store.restore_request(asked.id, audit("x")).await;
    assert_eq!(refused.unwrap_err().code(), "request_decided");
}

pub async fn a_request_outlives_the_customer_it_made(backend: &impl Backend) {
    let store = backend.open();
    let request = ask(&*store, "Åberg", "aberg").await;
    let (_, customer) = store
        .approve_request(approval(&request, "one"), audit("request.approved"))
        .await
        .unwrap();
    store
        .remove_customer(customer.id, audit("customer.removed"))
        .await
        .unwrap();
    let left = store.request(request.id).await.unwrap();
    assert_eq!((left.state, left.customer), (RequestState::Approved, None));
}
