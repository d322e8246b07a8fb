//! The inbox: each request is decided once, its customer made with it, and its provisioning begun once.

use std::{collections::BTreeSet, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    customer::{CustomerStatus, slug_of},
    id::RequestId,
    mapping::SourceField,
    request::{Ending, OnboardingRequest, RequestKind, RequestOrigin, RequestState, Wish},
    resource::{Origin, Resource, ResourceState},
    run::{OnFailure, Purpose, RunState},
};
use fabrik_store::{
    Approval, CustomerQuery, JournalEntry, NewRun, PendingWrite, RequestQuery, Store, Verdict,
};

use super::{
    Backend,
    samples::{LEASE, add, audit, begin, new_run, noon, resource, to},
};

pub fn wish(name: &str, subdomain: &str) -> Wish {
    Wish {
        name: name.to_owned(),
        subdomain: subdomain.to_owned(),
        contact_email: format!("info@{subdomain}.se"),
        contact_name: Some("Maja Öhrn".to_owned()),
        blueprint: "factory".to_owned(),
        plan: "small".to_owned(),
        modules: vec!["crm".to_owned()],
        message: Some("Före terminsstarten?\nTack!".to_owned()),
        ..Wish::default()
    }
}

fn by_hand(name: &str, subdomain: &str) -> OnboardingRequest {
    let operator = "anna@studio".to_owned();
    let origin = RequestOrigin::Hand { operator };
    OnboardingRequest::new(
        RequestKind::Onboarding,
        wish(name, subdomain),
        origin,
        noon(),
    )
}

async fn ask(store: &dyn Store, name: &str, subdomain: &str) -> OnboardingRequest {
    store
        .add_request(by_hand(name, subdomain), audit("request.added"))
        .await
        .unwrap()
}

pub fn approval(request: &OnboardingRequest, by: &str) -> Approval {
    Approval {
        id: request.id,
        wish: request.wish.clone(),
        customer: request.wish.customer(),
        slug: slug_of(&request.wish.name),
        on_failure: OnFailure::Keep,
        by: by.to_owned(),
    }
}

fn rejection(reason: &str) -> Verdict {
    Verdict {
        state: RequestState::Rejected,
        reason: Some(reason.to_owned()),
        ending: None,
    }
}

fn put_away() -> Verdict {
    Verdict {
        state: RequestState::Archived,
        reason: None,
        ending: None,
    }
}

/// The end of the subscription of a customer, as it comes to the inbox.
async fn ended(store: &dyn Store, customer: fabrik_domain::id::CustomerId) -> OnboardingRequest {
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

pub async fn a_request_is_read_back_as_it_was_written(backend: &impl Backend) {
    let store = backend.open();
    let asked = OnboardingRequest {
        problem: Some(
            Cause::PriceUnknown {
                price: "price_1".to_owned(),
            }
            .into(),
        ),
        ..by_hand("Åberg \"AB\"; --", "aberg")
    };
    let added = store
        .add_request(asked.clone(), audit("request.added"))
        .await
        .unwrap();
    assert_eq!(added, asked);
    let elsewhere = backend.open();
    assert_eq!(elsewhere.request(asked.id).await.unwrap(), asked);
    let other = Wish {
        plan: "large".to_owned(),
        message: None,
        ..wish("Åberg", "aberg-2")
    };
    backend.pass(Duration::from_secs(5));
    let edited = elsewhere
        .edit_request(
            asked.id,
            other.clone(),
            BTreeSet::new(),
            None,
            audit("request.edited"),
        )
        .await
        .unwrap();
    assert_eq!((&edited.wish, &edited.problem), (&other, &None));
    assert!(edited.updated_at > edited.created_at);
    assert_eq!(store.request(asked.id).await.unwrap(), edited);
    let why = Problem::from(Cause::FieldMissing {
        field: "plan".to_owned(),
    });
    let still = elsewhere
        .edit_request(
            asked.id,
            other,
            BTreeSet::new(),
            Some(why.clone()),
            audit("request.followed"),
        )
        .await
        .unwrap();
    assert_eq!(still.problem, Some(why), "it still stands in its way");
    assert_eq!(store.request(asked.id).await.unwrap(), still);
    let nobody = store.request(RequestId::new()).await.unwrap_err();
    assert_eq!(nobody.code(), "request_unknown");
    let last = store.changes_since(0).await.unwrap().pop().unwrap();
    assert_eq!(last.id, asked.id.to_string(), "other windows hear of it");
}

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

pub async fn who_asks_in_a_table_is_asked_once_and_told_once(backend: &impl Backend) {
    let store = backend.open();
    let of_row = |row: &str, subdomain: &str| {
        let origin = RequestOrigin::Source {
            table: "db/agency public.requests by id".to_owned(),
            row: row.to_owned(),
            said: BTreeSet::from([SourceField::Name]),
        };
        let wish = wish("Åberg", subdomain);
        OnboardingRequest::new(RequestKind::Onboarding, wish, origin, noon())
    };
    let add = async |request: OnboardingRequest| {
        let added = store.add_request(request, audit("request.added")).await;
        added.unwrap()
    };
    let first = add(of_row("1", "aberg")).await;
    let again = add(of_row("1", "other")).await;
    assert_eq!(again, first, "one row asks once");
    let second = add(of_row("2", "berg")).await;
    let third = add(of_row("3", "ceder")).await;
    let withdrawal = Verdict {
        state: RequestState::Withdrawn,
        reason: None,
        ending: None,
    };
    let withdrawn = store.decide_request(third.id, withdrawal, audit("request.withdrawn"));
    withdrawn.await.unwrap();
    let mut by_more = of_row("3", "ceder-2");
    if let RequestOrigin::Source { said, .. } = &mut by_more.origin {
        said.insert(SourceField::Plan);
    }
    let origin = by_more.origin.clone();
    let back = add(by_more).await;
    assert_eq!(
        (back.id, back.state, back.wish.subdomain.as_str()),
        (third.id, RequestState::Open, "ceder-2"),
        "a row that is back asks again"
    );
    assert_eq!(back.decided, None);
    assert_eq!(back.origin, origin, "with what its row says by now");
    assert_eq!(store.request(third.id).await.unwrap(), back);
    let edited = store.edit_request(
        third.id,
        wish("Åberg", "ceder-2"),
        BTreeSet::from([SourceField::Plan]),
        None,
        audit("request.followed"),
    );
    let edited = edited.await.unwrap();
    assert!(
        matches!(&edited.origin, RequestOrigin::Source { said, .. } if said.len() == 1),
        "{:?}",
        edited.origin
    );
    assert_eq!(store.request(third.id).await.unwrap(), edited);
    let by_hand = ask(&*store, "Dahl", "dahl").await;
    assert!(store.untold_decisions().await.unwrap().is_empty());

    let approval = approval(&first, "1@here");
    let approved = store.approve_request(approval, audit("request.approved"));
    approved.await.unwrap();
    // What somebody writes is not taken for the mark.
    let verdict = rejection(r#"{"told_at":"never"}"#);
    for id in [second.id, by_hand.id] {
        let rejected = store.decide_request(id, verdict.clone(), audit("request.rejected"));
        rejected.await.unwrap();
    }
    let untold = async || {
        let untold = store.untold_decisions().await.unwrap();
        untold.iter().map(|request| request.id).collect::<Vec<_>>()
    };
    let mut both = vec![first.id, second.id];
    both.sort();
    assert_eq!(untold().await, both);
    let what = PendingWrite::Decision(first.id);
    let note = async || {
        let noted = store.note_write_intent(what, None, "one".to_owned());
        noted.await.unwrap()
    };
    assert!(note().await);
    assert!(!note().await, "another is about to write it");
    store.set_decision_told(first.id).await.unwrap();
    assert_eq!(store.write_intent(what).await.unwrap(), None);
    assert!(!note().await, "it was told");
    assert_eq!(untold().await, [second.id]);
    let due = store.due_requests().await.unwrap();
    assert_eq!(
        due.first().and_then(|due| due.held_by.as_deref()),
        Some("1@here"),
        "its provisioning is still begun by who approved it"
    );
    store.set_decision_told(second.id).await.unwrap();
    assert!(untold().await.is_empty());
}

pub async fn requests_are_listed_newest_first_and_counted(backend: &impl Backend) {
    let store = backend.open();
    let mut asked = Vec::new();
    for name in ["ett", "tva", "tre"] {
        asked.push(ask(&*store, name, name).await);
    }
    store
        .decide_request(
            asked[1].id,
            rejection("Ingen plats"),
            audit("request.rejected"),
        )
        .await
        .unwrap();
    let names = async |query| -> Vec<String> {
        let found = store.requests(query).await.unwrap();
        found.into_iter().map(|one| one.wish.name).collect()
    };
    assert_eq!(
        names(RequestQuery::default()).await,
        ["tre", "ett", "tva"],
        "the undecided first"
    );
    let open = RequestQuery {
        states: vec![RequestState::Open],
        ..RequestQuery::default()
    };
    assert_eq!(names(open.clone()).await, ["tre", "ett"]);
    let second = RequestQuery {
        limit: 1,
        offset: 1,
        ..open
    };
    assert_eq!(names(second).await, ["ett"]);
    let counts = store.request_counts().await.unwrap();
    assert_eq!(counts[&RequestState::Open], 2);
    assert_eq!(counts[&RequestState::Rejected], 1);

    // What is put away is older than what is decided, and there all the same where the list is cut off.
    let archived = store.decide_request(asked[0].id, put_away(), audit("request.archived"));
    archived.await.unwrap();
    let archive = RequestQuery {
        states: vec![RequestState::Rejected, RequestState::Archived],
        limit: 1,
        offset: 0,
    };
    assert_eq!(names(archive).await, ["ett"]);
}

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
