//! What another desktop did, seen by a window in time.

use std::time::Duration;

use fabrik_app::{App, CustomerQuery};

use super::{set, window_of, wish};
use crate::{server::Database, world::TestApp};

/// How late a window may be with what another desktop did: four half seconds, after each of which the other one has had
/// an answer too. A server tells of it at once, and behind a pooler, where nothing is heard, it is asked twice a second;
/// on a machine that has much else to do both take longer.
async fn two_seconds(other: &App) {
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let query = CustomerQuery::default();
        other.customers_list(query).await.unwrap();
    }
}

/// What a window is told in time: a hint of what the other desktop did, after which its list has it.
async fn hears_of_another_desktop(url: &str) {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    set(&anna, url, &[]).await;
    set(&bo, url, &[]).await;
    let (window, other) = (window_of(&anna).await, window_of(&bo).await);
    let mut hints = window.hints();
    for (before, name) in ["bjork", "ekelund", "lind"].into_iter().enumerate() {
        other.customer_add(wish(name)).await.unwrap();
        // Written by now: from here on the window is late.
        let heard = async {
            while hints.recv().await.is_some() {
                let query = CustomerQuery::default();
                let list = window.customers_list(query).await.unwrap();
                if list.total > before as u64 {
                    return true;
                }
            }
            false
        };
        let seen = tokio::select! {
            heard = heard => heard,
            () = two_seconds(&other) => false,
        };
        assert!(seen, "{name} is seen within two seconds");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_hears_within_two_seconds_of_what_another_desktop_did() {
    hears_of_another_desktop(&Database::new().direct().to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_learns_within_two_seconds_behind_a_pooler() {
    hears_of_another_desktop(&Database::new().pooled().to_string()).await;
}
