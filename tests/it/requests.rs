//! The inbox: a request becomes a customer with an instance, once, whoever approves and whoever is killed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    provision::one_of_each,
    world::{Latency, TestApp},
};

const KILLS: u32 = 8;

const SLOW: &str = "base = \"none\"\nread = 0.05\n[supabase]\ncreate = 0.3\nready = 0.5\n";

async fn ask(app: &TestApp, name: &str, subdomain: &str) -> String {
    let email = format!("anna@{subdomain}.example");
    let arguments = [
        "requests",
        "add",
        name,
        "--subdomain",
        subdomain,
        "--email",
        &email,
        "--blueprint",
        "factory",
        "--plan",
        "starter",
        "--message",
        "Hej!",
        "--json",
    ];
    let request = app.run(&arguments).await.exits(0).json();
    assert_eq!(request["state"], "open", "{request:#}");
    request["id"].as_str().expect("an id").to_owned()
}

async fn show(app: &TestApp, id: &str) -> Value {
    app.run(&["requests", "show", id, "--json"])
        .await
        .exits(0)
        .json()
}

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

/// A vendor that is away for a moment ends nothing: what was approved is begun when it is back, without another word.
#[tokio::test]
async fn what_was_approved_is_begun_when_the_vendor_is_back() {
    let app = TestApp::new().await;
    let id = ask(&app, "Åkermark", "akermark").await;
    let away = json!([{ "provider": "supabase", "every": 1, "do": "status:503" }]);
    app.cloud.faults(away).await;
    let approve = ["requests", "approve", &id, "--yes", "--json"];
    let document = app.run(&approve).await;
    assert!(
        document.status != 0,
        "nothing could be begun: {document:#?}"
    );
    let request = show(&app, &id).await;
    assert_eq!(
        (&request["state"], &request["begins"]),
        (&json!("approved"), &json!("rollback")),
        "{request:#}"
    );
    app.cloud.faults(json!([])).await;
    let poll = app.run(&["stripe", "poll", "--json"]).await.exits(0);
    let poll = poll.json();
    assert_eq!(poll["results"][0]["run"]["state"], "succeeded", "{poll:#}");
    let request = show(&app, &id).await;
    assert!(request.get("begins").is_none(), "once: {request:#}");
}

/// Two processes say yes at the same moment: one customer, one run, and the other is told by whom.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_that_approve_at_once_one_provisions() {
    let app = TestApp::new().await;
    for round in 0..5 {
        let subdomain = format!("kund-{round}");
        let id = ask(&app, &format!("Kund {round}"), &subdomain).await;
        let approve = ["requests", "approve", &id, "--yes", "--json"];
        let (one, two) = tokio::join!(app.run(&approve), app.run(&approve));
        let (won, lost) = if one.status == 0 {
            (one, two)
        } else {
            (two, one)
        };
        assert_eq!(won.exits(0).json()["run"]["state"], "succeeded");
        let told = lost.exits(3).json();
        assert_eq!(told["code"], "request_decided", "{told:#}");
        assert!(
            told["by"].as_str().is_some_and(|by| by.contains('@')),
            "{told:#}"
        );
    }
    let expected = json!({ "supabase projects": 5, "repositories": 5, "vercel projects": 5,
                           "deployments": 5, "mails": 5 });
    assert_eq!(app.cloud.census().await, expected);
}

/// The process is killed at some instant of an approval; whoever looks next goes on, and everything is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_an_approval_leaves_one_customer_with_one_instance() {
    let app = TestApp::with(Latency::File(SLOW)).await;
    for number in 0..KILLS {
        let subdomain = format!("kund-{number}");
        let id = ask(&app, &format!("Kund {number}"), &subdomain).await;
        let mut child = app.spawn(&["requests", "approve", &id, "--yes", "--json"]);
        // From before the approval is written to well into the run.
        let instant = Duration::from_millis(60 + u64::from(number) * 120);
        if tokio::time::timeout(instant, child.wait()).await.is_err() {
            child.kill().await.expect("SIGKILL");
        }
        let request = show(&app, &id).await;
        if request["state"] == "open" {
            let approve = ["requests", "approve", &id, "--yes", "--json"];
            app.run(&approve).await.exits(0);
        } else {
            // What was approved and not begun is begun by whoever looks; what was begun is resumed.
            app.run(&["stripe", "poll", "--json"]).await.exits(0);
            app.run(&["runs", "resume", "--json"]).await.exits(0);
        }
        let runs = ["runs", "list", "--customer", &subdomain, "--json"];
        let runs = app.run(&runs).await.exits(0).json();
        let runs = runs["runs"].as_array().unwrap().clone();
        assert_eq!(runs.len(), 1, "killed after {instant:?}: {runs:#?}");
        assert_eq!(runs[0]["state"], "succeeded", "killed after {instant:?}");
        let request = show(&app, &id).await;
        assert!(request.get("begins").is_none(), "{request:#}");
    }
    let expected = json!({ "supabase projects": KILLS, "repositories": KILLS, "vercel projects": KILLS,
                           "deployments": KILLS, "mails": KILLS });
    assert_eq!(app.cloud.census().await, expected);
}
