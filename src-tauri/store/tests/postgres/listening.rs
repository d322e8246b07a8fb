//! A change is told to who listens, and what is known never outlives one.

use std::time::Duration;

use fabrik_store::{CustomerQuery, Heard, Store};
use tokio::sync::watch;

use crate::{
    Central,
    suite::{Backend, samples::add},
};

/// Waits until what `heard` tells is so.
async fn until(heard: &mut watch::Receiver<Heard>, so: impl Fn(&Heard) -> bool, what: &str) {
    within(Duration::from_secs(30), heard, so, what).await;
}

/// A change that was written, told to who listens. It takes a moment; the rest is for a machine that has much else to do.
async fn is_told(heard: &mut watch::Receiver<Heard>, before: u64) {
    let later = |heard: &Heard| heard.times > before;
    within(Duration::from_secs(2), heard, later, "it is told in time").await;
}

async fn within(
    time: Duration,
    heard: &mut watch::Receiver<Heard>,
    so: impl Fn(&Heard) -> bool,
    what: &str,
) {
    let wait = tokio::time::timeout(time, heard.wait_for(so));
    assert!(wait.await.is_ok_and(|told| told.is_ok()), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_to_who_listens_and_again_after_the_line_was_cut() {
    let central = Central::direct();
    let (here, there) = (central.open(), central.open());
    let mut heard = here.listen().expect("a server tells");
    until(&mut heard, |heard| heard.listening, "it listens").await;
    let before = heard.borrow_and_update().times;
    add(&*there, "Åberg", "aberg").await;
    is_told(&mut heard, before).await;

    central.database.cut();
    let cut = "the line was cut, and it listens again";
    until(
        &mut heard,
        |heard| heard.listening && heard.times > before + 2,
        cut,
    )
    .await;
    let before = heard.borrow_and_update().times;
    add(&*there, "Berg", "berg").await;
    is_told(&mut heard, before).await;
}

/// Behind a pooler nothing is heard: what is known is dropped by whoever looks.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_never_outlives_a_change() {
    for central in [Central::direct(), Central::pooled()] {
        let (here, there) = (central.open(), central.open());
        let mut heard = here.listen().expect("a server tells");
        let pooled = central.address.to_string().contains(":6432/");
        if !pooled {
            until(&mut heard, |heard| heard.listening, "it listens").await;
        }
        let query = CustomerQuery {
            limit: 100,
            ..CustomerQuery::default()
        };
        let total = async |store: &dyn Store| store.customers(query.clone()).await.unwrap().total;
        let mut number = 0;
        for (before, name) in ["aberg", "berg", "ceder", "dahl"].into_iter().enumerate() {
            here.changes_since(number).await.unwrap();
            assert_eq!(total(&*here).await, before as u64, "as it is");
            let times = heard.borrow_and_update().times;
            add(&*there, name, name).await;
            if pooled {
                assert!(!heard.borrow().listening, "a pooler is deaf");
                number = here.changes_since(number).await.unwrap()[0].number;
            } else {
                is_told(&mut heard, times).await;
            }
            assert_eq!(total(&*here).await, before as u64 + 1, "{name} is seen");
        }
        // Written past Fabrik, so that nobody is told: the answer is one that was known.
        here.changes_since(number).await.unwrap();
        let known = total(&*here).await;
        let gone = "DELETE FROM fabrik.customers WHERE subdomain IN ('ceder', 'dahl')";
        central.database.run(gone);
        assert_eq!(total(&*here).await, known, "asked a moment ago");
        add(&*here, "Ek", "ek").await;
        assert_eq!(total(&*here).await, known - 1, "after a change of its own");
    }
}
