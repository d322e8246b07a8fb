//! The inbox: what is asked is read back, listed and counted, and told to the table that asked.

use std::{collections::BTreeSet, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    customer::slug_of,
    id::RequestId,
    mapping::SourceField,
    request::{OnboardingRequest, RequestKind, RequestOrigin, RequestState, Wish},
    run::OnFailure,
};
use fabrik_store::{Approval, PendingWrite, RequestQuery, Store, Verdict};

use super::{
    Backend,
    samples::{audit, noon},
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

pub fn by_hand(name: &str, subdomain: &str) -> OnboardingRequest {
    let operator = "anna@studio".to_owned();
    let origin = RequestOrigin::Hand { operator };
    OnboardingRequest::new(
        RequestKind::Onboarding,
        wish(name, subdomain),
        origin,
        noon(),
    )
}

pub async fn ask(store: &dyn Store, name: &str, subdomain: &str) -> OnboardingRequest {
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

pub fn rejection(reason: &str) -> Verdict {
    Verdict {
        state: RequestState::Rejected,
        reason: Some(reason.to_owned()),
        ending: None,
    }
}

pub fn put_away() -> Verdict {
    Verdict {
        state: RequestState::Archived,
        reason: None,
        ending: None,
    }
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
