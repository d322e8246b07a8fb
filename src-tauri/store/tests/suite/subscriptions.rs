//! What Stripe tells is handled once, whoever reads it, and the reading is never ahead of what is written.

use std::{collections::BTreeSet, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    id::RequestId,
    request::{OnboardingRequest, RequestKind, RequestOrigin, RequestState},
};
use fabrik_store::{RequestQuery, Store, StripeEvent, StripeReading, Taken, Told, Verdict};
use jiff::{SignedDuration, Timestamp};

use super::{
    Backend,
    requests::{approval, wish},
    samples::{audit, noon},
};

fn of(subscription: &str, kind: RequestKind) -> OnboardingRequest {
    let origin = RequestOrigin::Stripe {
        subscription: subscription.to_owned(),
        customer: "cus_1".to_owned(),
        price: Some("price_1".to_owned()),
        beside: false,
    };
    OnboardingRequest::new(kind, wish("Lyran", "lyran"), origin, noon())
}

fn told(event: &str, at: Timestamp, request: Option<OnboardingRequest>) -> Told {
    Told {
        event: Some(StripeEvent {
            id: event.to_owned(),
            at,
        }),
        request,
    }
}

/// What a subscription asks for that was read without an event.
fn read(request: Option<OnboardingRequest>) -> Told {
    Told {
        event: None,
        request,
    }
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

async fn take(store: &dyn Store, told: Told) -> Taken {
    store
        .take_stripe_event(told, audit("request.added"))
        .await
        .unwrap()
}

async fn all(store: &dyn Store) -> Vec<OnboardingRequest> {
    store.requests(RequestQuery::default()).await.unwrap()
}

pub async fn an_event_is_handled_once_and_moves_the_reading_with_it(backend: &impl Backend) {
    let store = backend.open();
    assert_eq!(
        store.stripe_reading().await.unwrap(),
        StripeReading::default()
    );
    let begun = of("sub_1", RequestKind::Onboarding);
    let first = told("evt_1", later(1), Some(begun.clone()));
    let taken = take(&*store, first.clone()).await;
    assert_eq!(taken, Taken::Added(Box::new(begun.clone())));
    let again = take(&*backend.open(), first).await;
    assert_eq!(again, Taken::Nothing, "it was handled");
    // A second event of the same subscription: the checkout that began it.
    let same = Some(of("sub_1", RequestKind::Onboarding));
    assert_eq!(
        take(&*store, told("evt_2", later(2), same)).await,
        Taken::Nothing
    );
    assert_eq!(
        take(&*store, told("evt_3", later(3), None)).await,
        Taken::Nothing
    );
    let reading = store.stripe_reading().await.unwrap();
    assert_eq!(reading.last_event.as_deref(), Some("evt_3"));
    assert_eq!(reading.last_event_at, Some(later(3)));
    assert_eq!(reading.read_at, None, "who reads says when all is read");
    assert_eq!(all(&*store).await, [begun]);
    // One that comes late doesn't move it back.
    take(&*store, told("evt_0", later(0), None)).await;
    let reading = store.stripe_reading().await.unwrap();
    assert_eq!(reading.last_event.as_deref(), Some("evt_3"));
}

pub async fn of_two_that_read_the_same_one_asks(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    for number in 0..10 {
        let subscription = format!("sub_{number}");
        let request = || Some(of(&subscription, RequestKind::Onboarding));
        // The same event at one half of them, two events of one subscription at the other.
        let events = [
            format!("evt_{number}"),
            format!("evt_{number}_{}", number % 2),
        ];
        let (first, second) = tokio::join!(
            take(&*one, told(&events[0], later(number), request())),
            take(
                &*two,
                told(
                    &events[usize::from(number % 2 == 1)],
                    later(number),
                    request()
                )
            ),
        );
        let added = [&first, &second]
            .iter()
            .filter(|taken| matches!(taken, Taken::Added(_)))
            .count();
        assert_eq!(added, 1, "{first:?} {second:?}");
    }
    assert_eq!(all(&*one).await.len(), 10);
}

pub async fn an_end_withdraws_what_nobody_decided_and_asks_about_what_is_there(
    backend: &impl Backend,
) {
    let store = backend.open();
    take(
        &*store,
        told(
            "evt_1",
            later(1),
            Some(of("sub_1", RequestKind::Onboarding)),
        ),
    )
    .await;
    let end = || Some(of("sub_1", RequestKind::Cancellation));
    let taken = take(&*store, told("evt_2", later(2), end())).await;
    let Taken::Withdrawn(withdrawn) = taken else {
        panic!("nobody had decided: {taken:?}")
    };
    assert_eq!(withdrawn.state, RequestState::Withdrawn);
    assert_eq!(withdrawn.decided.unwrap().by, "Stripe");
    assert_eq!(
        take(&*store, told("evt_3", later(3), end())).await,
        Taken::Nothing
    );
    assert_eq!(all(&*store).await.len(), 1, "no task about nothing");

    let begun = of("sub_2", RequestKind::Onboarding);
    take(&*store, told("evt_4", later(4), Some(begun.clone()))).await;
    let (_, customer) = store
        .approve_request(approval(&begun, "one"), audit("request.approved"))
        .await
        .unwrap();
    let end = Some(of("sub_2", RequestKind::Cancellation));
    let taken = take(&*store, told("evt_5", later(5), end.clone())).await;
    let Taken::Added(task) = taken else {
        panic!("the customer is there: {taken:?}")
    };
    assert_eq!(task.customer, Some(customer.id));
    assert_eq!(task.state, RequestState::Open);
    assert_eq!(
        take(&*store, told("evt_6", later(6), end)).await,
        Taken::Nothing
    );
}

pub async fn an_end_withdraws_what_was_put_away(backend: &impl Backend) {
    let store = backend.open();
    let begun = of("sub_1", RequestKind::Onboarding);
    take(&*store, told("evt_1", later(1), Some(begun.clone()))).await;
    let put_away = Verdict {
        state: RequestState::Archived,
        reason: None,
        ending: None,
    };
    let archived = store.decide_request(begun.id, put_away, audit("request.archived"));
    archived.await.unwrap();
    let runs_still = Some(of("sub_1", RequestKind::Onboarding));
    let taken = take(&*store, told("evt_2", later(2), runs_still)).await;
    assert_eq!(taken, Taken::Nothing, "it is asked for once");
    let end = Some(of("sub_1", RequestKind::Cancellation));
    let taken = take(&*store, told("evt_3", later(3), end)).await;
    let Taken::Withdrawn(withdrawn) = taken else {
        panic!("nobody had decided: {taken:?}")
    };
    assert_eq!(withdrawn.state, RequestState::Withdrawn);
    assert_eq!(all(&*store).await, [*withdrawn], "no task about nothing");
}

pub async fn what_something_stands_in_the_way_of_is_read_again(backend: &impl Backend) {
    let store = backend.open();
    let unknown = |price: &str| {
        Problem::from(Cause::PriceUnknown {
            price: price.to_owned(),
        })
    };
    let asked = async |subscription: &str| {
        let request = OnboardingRequest {
            problem: Some(unknown("price_1")),
            ..of(subscription, RequestKind::Onboarding)
        };
        take(&*store, read(Some(request.clone()))).await;
        store.request(request.id).await.unwrap()
    };
    let mended = |request: &OnboardingRequest| OnboardingRequest {
        wish: wish("Lyran", "lyran-2"),
        problem: None,
        at_once: true,
        ..request.clone()
    };
    let one = asked("sub_1").await;
    backend.pass(Duration::from_secs(5));
    let same = take(&*store, read(Some(one.clone()))).await;
    assert_eq!(same, Taken::Nothing, "nothing is news");
    assert_eq!(store.request(one.id).await.unwrap(), one);
    let another = OnboardingRequest {
        id: RequestId::new(),
        ..mended(&one)
    };
    let taken = take(&*store, told("evt_1", later(1), Some(another))).await;
    assert_eq!(taken, Taken::Nothing, "of one subscription there is one");
    let taken = take(&*store, told("evt_2", later(2), Some(mended(&one)))).await;
    let Taken::Reread(now) = taken else {
        panic!("it is mended: {taken:?}")
    };
    assert_eq!(store.request(one.id).await.unwrap(), *now);
    assert_eq!(
        (&now.wish.subdomain, &now.problem, now.at_once),
        (&"lyran-2".to_owned(), &None, true)
    );
    let again = OnboardingRequest {
        problem: Some(unknown("price_2")),
        ..(*now).clone()
    };
    let taken = take(&*store, read(Some(again))).await;
    assert_eq!(taken, Taken::Nothing, "nothing stands in its way");

    // What somebody did meanwhile stays.
    let by_hand = asked("sub_2").await;
    let edited = store.edit_request(
        by_hand.id,
        wish("Vega", "vega"),
        BTreeSet::new(),
        None,
        audit("request.edited"),
    );
    let edited = edited.await.unwrap();
    for before in [&by_hand, &edited] {
        let taken = take(&*store, read(Some(mended(before)))).await;
        assert_eq!(taken, Taken::Nothing, "it was put right by hand");
    }
    assert_eq!(store.request(by_hand.id).await.unwrap(), edited);
    let put_away = asked("sub_3").await;
    let verdict = Verdict {
        state: RequestState::Archived,
        reason: None,
        ending: None,
    };
    backend.pass(Duration::from_secs(5));
    let archived = store.decide_request(put_away.id, verdict, audit("request.archived"));
    let archived = archived.await.unwrap();
    let taken = take(&*store, read(Some(mended(&put_away)))).await;
    assert_eq!(taken, Taken::Nothing, "it was read before that");
    let taken = take(&*store, read(Some(mended(&archived)))).await;
    let Taken::Reread(now) = taken else {
        panic!("it is mended: {taken:?}")
    };
    assert_eq!(now.state, RequestState::Archived);
    assert!(!now.at_once, "who put it away is asked");
    assert!(now.problem.is_none());
}

pub async fn what_was_read_and_missed_is_kept(backend: &impl Backend) {
    let store = backend.open();
    take(&*store, told("evt_1", later(1), None)).await;
    let reading = StripeReading {
        last_event: Some("evt_9".to_owned()),
        last_event_at: Some(later(9)),
        read_at: Some(later(10)),
        missed_since: Some(later(-3_000_000)),
        missed_at: Some(later(10)),
        account: Some("live acct_1".to_owned()),
        followed_since: Some(later(9)),
    };
    store.set_stripe_reading(reading.clone()).await.unwrap();
    assert_eq!(backend.open().stripe_reading().await.unwrap(), reading);
    // What Stripe can't tell any more is forgotten.
    backend.pass(Duration::from_hours(41 * 24));
    store.set_stripe_reading(reading).await.unwrap();
    let forgotten = Some(of("sub_1", RequestKind::Onboarding));
    let taken = take(&*store, told("evt_1", later(1), forgotten)).await;
    assert!(matches!(taken, Taken::Added(_)), "{taken:?}");
}
