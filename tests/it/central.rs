//! One central database for two desktops: records that move to a server and back, a customer provisioned there, and
//! what one desktop does seen by the other.

use std::{sync::Arc, time::Duration};

use fabrik_app::{App, CustomerQuery, Environment, Options};
use serde_json::Value;

use crate::{server::Database, world::TestApp};

async fn customers(app: &TestApp) -> Vec<String> {
    let list = app.run(&["customers", "list", "--json"]).await.exits(0);
    let list = list.json();
    let rows = list["customers"].as_array().unwrap().iter();
    let mut names: Vec<_> = rows
        .map(|row| row["subdomain"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

async fn add(app: &TestApp, subdomain: &str) {
    let email = format!("info@{subdomain}.example");
    let arguments = [
        "customers",
        "add",
        subdomain,
        "--subdomain",
        subdomain,
        "--email",
        &email,
        "--blueprint",
        "factory",
        "--plan",
        "starter",
    ];
    app.run(&arguments).await.exits(0);
}

async fn set(app: &TestApp, url: &str, rest: &[&str]) -> Value {
    let arguments = [&["settings", "set", "database", url, "--json"], rest].concat();
    app.run(&arguments).await.exits(0).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desktops_share_one_database_and_can_go_back() {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    let url = Database::new().direct().to_string();
    add(&anna, "akermark").await;

    let moved = set(&anna, &url, &["--move"]).await;
    let rows = moved["moved"].as_array().unwrap().iter();
    let of_customers = rows
        .clone()
        .find(|one| one["table"] == "customers")
        .unwrap();
    assert_eq!(of_customers["rows"], 1, "{moved:#}");
    assert_eq!(customers(&anna).await, ["akermark"], "on the server");
    let provisioned = anna
        .run(&["provision", "akermark", "--yes", "--json"])
        .await;
    provisioned.exits(0);

    set(&bo, &url, &[]).await;
    let shown = bo.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(shown["runs"][0]["state"], "succeeded", "{shown:#}");
    add(&bo, "bjork").await;
    assert_eq!(customers(&anna).await, ["akermark", "bjork"]);

    let back = set(&anna, "local", &[]).await;
    assert_eq!(back["server"], false, "{back:#}");
    assert_eq!(
        customers(&anna).await,
        ["akermark", "bjork"],
        "what had moved is brought back"
    );
    add(&anna, "ceder").await;
    assert_eq!(
        customers(&bo).await,
        ["akermark", "bjork"],
        "on the server still"
    );
    anna.run(&["doctor"]).await;
}

#[tokio::test]
async fn a_password_is_no_argument_and_a_server_that_is_gone_is_named() {
    let app = TestApp::new().await;
    let typed = "postgres://anna:hemligt@db.studio.example/central";
    let refused = app
        .run(&["settings", "set", "database", typed, "--json"])
        .await;
    let refused = refused.exits(3);
    assert_eq!(refused.json()["code"], "database_url_invalid");
    assert!(!format!("{refused:?}").contains("hemligt"), "{refused:#?}");
    // Nobody listens on port 1.
    let gone = "postgres://anna@127.0.0.1:1/central";
    let gone = app
        .run(&["settings", "set", "database", gone, "--json"])
        .await;
    assert_eq!(gone.exits(1).json()["code"], "database_unreachable");
    let still = app
        .run(&["settings", "get", "database", "--json"])
        .await
        .exits(0);
    assert_eq!(still.json()["server"], false, "nothing was kept");
}

/// What a window is told: a hint of what the other desktop did, and of a server that went away and came back.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_hears_of_what_another_desktop_did() {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    let database = Database::new();
    let url = database.pooled().to_string();
    set(&anna, &url, &[]).await;
    set(&bo, &url, &[]).await;
    let variables = anna
        .variables()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let window = App::open(Options {
        environment: Environment::of(variables, true),
        data_dir: None,
        workspace: None,
        browser: None,
    });
    let window = Arc::new(window.await.unwrap());
    let mut hints = window.hints();
    add(&bo, "bjork").await;
    let heard = tokio::time::timeout(Duration::from_secs(30), async {
        while let Some(hint) = hints.recv().await {
            let list = window
                .customers_list(CustomerQuery::default())
                .await
                .unwrap();
            if list.total == 1 {
                return Some(hint);
            }
        }
        None
    });
    assert!(heard.await.unwrap().is_some(), "the window was told");
}
