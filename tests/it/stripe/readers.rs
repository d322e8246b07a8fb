//! Whoever reads, in many pages, killed, or beside another: each is asked for once.

use fabrik_store::Inbox;
use serde_json::json;

use super::{checkout, now, poll, requests, store};
use crate::world::{Latency, TestApp};

/// Each call takes so long that a kill meets any of them.
const SLOW: &str = "base = \"none\"\nread = 0.04\n";

/// So many subscribe while the reader is killed.
const MANY: usize = 12;

#[tokio::test]
async fn many_are_read_page_by_page_and_a_vendor_that_fails_in_between_costs_nothing() {
    let app = TestApp::new().await;
    poll(&app).await;
    let small = json!({ "stripe": { "page": 3 } });
    app.cloud.steer("accounts", &small).await;
    for number in 0..10 {
        checkout(
            &app,
            &format!("Kund{number}"),
            "price_factory_starter",
            now(),
        )
        .await;
    }
    let fault = json!([{ "provider": "stripe", "method": "GET", "path": "/v1/subscriptions/*", "nth": 5, "do": "status:500" }]);
    app.cloud.faults(fault).await;
    let broken = app.run(&["stripe", "poll", "--json"]).await;
    assert_eq!(broken.exits(1).json()["code"], "vendor_failed");
    let so_far = requests(&app, "open").await.len();
    assert!(
        (1..10).contains(&so_far),
        "those before it are there: {so_far}"
    );
    poll(&app).await;
    assert_eq!(requests(&app, "open").await.len(), 10);
}

/// Whoever reads is killed again and again, at any instant between any two writes: each is asked for once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_killed_anywhere_asks_once_for_each() {
    let app = TestApp::with(Latency::File(SLOW)).await;
    for number in 0..MANY {
        checkout(
            &app,
            &format!("Kund{number}"),
            "price_factory_starter",
            now(),
        )
        .await;
    }
    let mut kills = 0;
    for instant in (0..12).map(|part| 90 + part * 110) {
        let mut child = app.spawn(&["stripe", "poll", "--json"]);
        let span = std::time::Duration::from_millis(instant);
        if tokio::time::timeout(span, child.wait()).await.is_err() {
            child.kill().await.expect("SIGKILL");
            kills += 1;
        }
        let (reading, open) = {
            let store = store(&app);
            (
                store.stripe_reading().await.unwrap(),
                requests(&app, "open").await,
            )
        };
        // Where it is read on from lies never beyond what is written.
        assert_eq!(
            reading.last_event.is_some(),
            !open.is_empty() || reading.read_at.is_some()
        );
    }
    assert!(kills > 3, "{kills} kills");
    poll(&app).await;
    let open = requests(&app, "open").await;
    let names: std::collections::BTreeSet<_> = open
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!((open.len(), names.len()), (MANY, MANY), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_readers_at_once_ask_once() {
    let app = TestApp::new().await;
    poll(&app).await;
    for round in 0..5 {
        for number in 0..4 {
            checkout(
                &app,
                &format!("Kund{round}x{number}"),
                "price_factory_starter",
                now(),
            )
            .await;
        }
        let (one, two) = tokio::join!(poll(&app), poll(&app));
        let added = [one, two].map(|poll| poll["added"].as_array().unwrap().len());
        assert_eq!(added.iter().sum::<usize>(), 4, "{added:?}");
    }
    assert_eq!(requests(&app, "open").await.len(), 20);
}
