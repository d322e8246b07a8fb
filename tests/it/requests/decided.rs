//! What is decided of a request: reviewed, approved, rejected, put away, or refused as it stands.

use serde_json::json;

use super::{ask, show};
use crate::{provision::one_of_each, world::TestApp};

#[tokio::test]
async fn a_request_is_reviewed_approved_and_provisioned() {
    let app = TestApp::new().await;
    let id = ask(&app, "Åkermark", "akermark").await;
    let review = app
        .run(&["requests", "review", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(review["can_run"], true, "{review:#}");
    assert_eq!(app.cloud.mutating().await, 0, "a review makes nothing");
    let customers = app.run(&["customers", "list", "--json"]).await.exits(0);
    assert_eq!(customers.json()["total"], 0, "nor a customer");

    let document = app
        .run(&["requests", "approve", "akermark", "--yes", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
    assert_eq!(
        document["customer"]["contact_email"],
        "anna@akermark.example"
    );
    assert_eq!(app.cloud.census().await, one_of_each());
    let request = show(&app, &id).await;
    assert_eq!(request["state"], "approved");
    assert_eq!(request["customer"], document["customer"]["id"]);
    assert!(
        request.get("begins").is_none(),
        "its run is written: {request:#}"
    );

    let again = app
        .run(&["requests", "approve", &id, "--yes", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(again["code"], "request_decided");
    assert_eq!(again["by"], request["decided"]["by"], "{again:#}");
    assert_eq!(again["at"], request["decided"]["at"]);
    assert_eq!(app.cloud.census().await, one_of_each(), "nothing more");
}

#[tokio::test]
async fn a_name_that_is_taken_at_a_vendor_is_seen_in_the_review() {
    let app = TestApp::new().await;
    let id = ask(&app, "Havsbrisen", "havsbrisen").await;
    // Vercel's names are the team's.
    let foreign = json!({ "provider": "vercel", "name": "havsbrisen" });
    app.cloud.steer("foreign", &foreign).await;
    let review = app.run(&["requests", "review", &id, "--json"]).await;
    let review = review.exits(3).json();
    let steps = review["steps"].as_array().unwrap();
    let conflict = steps.iter().find(|step| step["action"] == "conflict");
    let conflict = conflict.unwrap_or_else(|| panic!("{review:#}"));
    assert_eq!(conflict["kind"], "vercel-project");
    // The names follow the customer's name, so another name is the way out.
    app.run(&["requests", "edit", &id, "--name", "Havsbrisen Natur"])
        .await
        .exits(0);
    app.run(&["requests", "review", &id, "--json"])
        .await
        .exits(0);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_and_nothing_is_kept() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let add = async |more: &[&str]| {
        let common = ["requests", "add", "Öberg", "--json"];
        let ran = app.run(&[&common[..], more].concat()).await;
        ran.exits(3).json()["code"].clone()
    };
    assert_eq!(add(&["--email", "nobody"]).await, "email_invalid");
    let email = ["--email", "o@oberg.example"];
    let reserved = [&email[..], &["--subdomain", "admin"]].concat();
    assert_eq!(add(&reserved).await, "subdomain_invalid");
    let unknown = [&email[..], &["--blueprint", "gone", "--plan", "x"]].concat();
    assert_eq!(add(&unknown).await, "blueprint_unknown");

    // What isn't said yet may be said later; a subdomain is found by itself.
    let half = [
        "requests",
        "add",
        "Öberg",
        "--email",
        "o@oberg.example",
        "--json",
    ];
    let half = app.run(&half).await.exits(0).json();
    assert_eq!(half["subdomain"], "oberg", "{half:#}");
    let approve = async |more: &[&str]| {
        let common = ["requests", "approve", "oberg", "--yes", "--json"];
        let ran = app.run(&[&common[..], more].concat()).await;
        ran.exits(3).json()["code"].clone()
    };
    assert_eq!(approve(&[]).await, "field_missing");
    let edit = [
        "requests",
        "edit",
        "oberg",
        "--blueprint",
        "factory",
        "--plan",
        "starter",
    ];
    app.run(&edit).await.exits(0);
    assert_eq!(
        approve(&["--subdomain", "akermark"]).await,
        "subdomain_taken"
    );
    let open = app.run(&["requests", "list", "--json"]).await.exits(0);
    assert_eq!(open.json()["total"], 1, "it is open still");
}

#[tokio::test]
async fn a_rejection_has_a_reason_and_is_final() {
    let app = TestApp::new().await;
    let id = ask(&app, "Åkermark", "akermark").await;
    let empty = app
        .run(&["requests", "reject", &id, "--reason", " ", "--json"])
        .await;
    assert_eq!(empty.exits(3).json()["code"], "field_missing");
    let settled = app.run(&["requests", "settle", &id, "--json"]).await;
    assert_eq!(settled.exits(3).json()["code"], "request_of_another_kind");
    app.run(&["requests", "reject", "akermark", "--reason", "Ingen plats"])
        .await
        .exits(0);
    let rejected = show(&app, &id).await;
    assert_eq!(rejected["decided"]["reason"], "Ingen plats");
    let approved = app
        .run(&["requests", "approve", &id, "--yes", "--json"])
        .await;
    assert_eq!(approved.exits(3).json()["code"], "request_decided");
    let archive = ["requests", "list", "--state", "rejected", "--json"];
    assert_eq!(app.run(&archive).await.exits(0).json()["total"], 1);
    assert_eq!(app.cloud.mutating().await, 0);
}

#[tokio::test]
async fn a_request_is_put_away_and_opened_again() {
    let app = TestApp::new().await;
    let id = ask(&app, "Åkermark", "akermark").await;
    let archive = ["requests", "archive", "akermark", "--json"];
    let archived = app.run(&archive).await.exits(0).json();
    assert_eq!(archived["state"], "archived", "{archived:#}");
    let open = ["requests", "list", "--json"];
    assert_eq!(app.run(&open).await.exits(0).json()["total"], 0);
    let approve = ["requests", "approve", "akermark", "--yes", "--json"];
    let refused = app.run(&approve).await.exits(3).json();
    assert_eq!(
        (&refused["code"], &refused["state"], &refused["by"]),
        (
            &json!("request_decided"),
            &json!("archived"),
            &archived["decided"]["by"]
        )
    );
    let customers = app.run(&["customers", "list", "--json"]).await.exits(0);
    assert_eq!(customers.json()["total"], 0);

    let restore = ["requests", "restore", "akermark", "--json"];
    let restored = app.run(&restore).await.exits(0).json();
    assert_eq!(
        (&restored["id"], &restored["state"]),
        (&json!(id), &json!("open")),
        "{restored:#}"
    );
    assert!(restored.get("decided").is_none(), "{restored:#}");
    // Of two with the name the one that is meant: put away to be opened, else open.
    app.run(&archive).await.exits(0);
    let newer = ask(&app, "Åkermark", "akermark").await;
    let put_away = app.run(&restore).await.exits(0).json();
    assert_eq!(put_away["id"], json!(id), "{put_away:#}");
    let reject = ["requests", "reject", &newer, "--reason", "Inte nu"];
    app.run(&reject).await.exits(0);
    let document = app.run(&approve).await.exits(0).json();
    assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
    let again = ["requests", "restore", &id, "--json"];
    let refused = app.run(&again).await.exits(3).json();
    assert_eq!(refused["state"], "approved", "{refused:#}");
}
