//! Who asks in the table: decided in the inbox, and the table told.

use std::collections::BTreeMap;

use serde_json::json;

use super::{AGENCY, agency, asked, customers, document};
use crate::{
    server::admin,
    world::{Latency, TestApp},
};

/// System B's own deed: who asks in its table is decided in the inbox, once, and the table is told.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_the_table_is_decided_in_the_inbox_and_the_table_told() {
    // Long enough for a look at the table while the run is under way.
    let slow = "base = \"none\"\n[supabase]\ncreate = 1.0\nready = 8.0\n";
    let app = TestApp::with(Latency::File(slow)).await;
    let (database, url) = agency(AGENCY);
    database.run(
        "INSERT INTO agency_onboarding_requests (agency_name, admin_email, desired_subdomain, status) VALUES
            ('Fors Byrå', 'f@fors.example', 'fors', 'pending'),
            ('Gran Byrå', 'g@gran.example', 'gran', 'pending');",
    );
    let connect = ["connect", &url, "--preset", "agency", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    let refresh = async |told: [u64; 4]| {
        let report = document(&app, &["refresh"], 0).await;
        let counts = ["added", "asked", "skipped", "told"].map(|count| report[count].clone());
        assert_eq!(counts, told.map(|count| json!(count)), "{report:#}");
    };
    let states = async || {
        let list = app
            .run(&["requests", "list", "--state", "all", "--json"])
            .await;
        let list = list.exits(0).json();
        let requests = list["requests"].as_array().unwrap().iter();
        let told = requests.map(|request| {
            let of = |field: &str| request[field].as_str().unwrap().to_owned();
            (of("subdomain"), of("state"))
        });
        told.collect::<BTreeMap<_, _>>()
    };
    let statuses = async || {
        let sql = "SELECT json_agg(status ORDER BY id)::text FROM agency_onboarding_requests";
        asked(&database, sql).await
    };
    let untouched = statuses().await;
    refresh([1, 3, 1, 0]).await;
    refresh([0, 0, 1, 0]).await;
    assert_eq!(statuses().await, untouched, "nobody has decided");
    let open = |subdomain: &str| (subdomain.to_owned(), "open".to_owned());
    let asked_first = BTreeMap::from(["dahl", "fors", "gran"].map(open));
    assert_eq!(states().await, asked_first);

    // One says yes: the table hears of it before the run has ended, and then what the run came to.
    let approval = app.spawn(&["requests", "approve", "dahl", "--yes", "--json"]);
    while states().await["dahl"] != "approved" {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    refresh([0, 0, 1, 1]).await;
    assert_eq!(statuses().await[1], "approved");
    TestApp::ended(approval).await.exits(0);
    assert_eq!(statuses().await[1], "completed");
    refresh([0, 0, 1, 0]).await;
    let mut all = customers(&app).await.into_iter();
    let dahl = all.find(|customer| customer["subdomain"] == "dahl");
    let dahl = dahl.expect("one");
    assert_eq!(dahl["external_id"], "2", "the row's own customer: {dahl:#}");
    assert!(all.all(|customer| customer["subdomain"] != "dahl"));

    // One is refused while the table is away.
    let shut = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", database.name);
    admin("postgres", &shut);
    database.cut();
    let reject = ["requests", "reject", "fors", "--reason", "Inte nu"];
    let said = app.run(&reject).await.exits(0).stderr;
    assert!(
        said.contains("fabrik source refresh"),
        "it is not silent: {said}"
    );
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 1, "{shown:#}");
    admin("postgres", &shut.replace("false", "true"));
    assert_eq!(statuses().await[3], "pending");
    // The third was decided in the table.
    database.run("UPDATE agency_onboarding_requests SET status = 'rejected' WHERE id = 5");
    refresh([0, 0, 3, 1]).await;
    assert_eq!(statuses().await[3], "rejected");
    refresh([0, 0, 3, 0]).await;
    let decided = [
        ("dahl", "approved"),
        ("fors", "rejected"),
        ("gran", "withdrawn"),
    ];
    let decided = decided.map(|(who, state)| (who.to_owned(), state.to_owned()));
    assert_eq!(states().await, BTreeMap::from(decided));
}

/// Who leaves the table and is there again asks again; a row that is gone for good keeps nothing waiting.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_comes_back_asks_again_and_one_that_is_gone_is_let_go() {
    let app = TestApp::new().await;
    let (database, url) = agency(AGENCY);
    let connect = ["connect", &url, "--preset", "agency", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    let states = async || {
        let list = ["requests", "list", "--state", "all", "--json"];
        let list = app.run(&list).await.exits(0).json();
        let requests = list["requests"].as_array().unwrap().iter();
        let states = requests.map(|request| request["state"].as_str().unwrap().to_owned());
        states.collect::<Vec<_>>()
    };
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["asked"], 1, "{report:#}");
    for (status, state, asked) in [("rejected", "withdrawn", 0), ("pending", "open", 1)] {
        let sql = format!("UPDATE agency_onboarding_requests SET status = '{status}' WHERE id = 2");
        database.run(&sql);
        let report = document(&app, &["refresh"], 0).await;
        assert_eq!(report["asked"], asked, "{status}: {report:#}");
        assert_eq!(states().await, [state], "{status}");
    }

    // Refused while the table is away, and gone when it is there again.
    let shut = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", database.name);
    admin("postgres", &shut);
    database.cut();
    let reject = ["requests", "reject", "dahl", "--reason", "Inte nu"];
    app.run(&reject).await.exits(0);
    admin("postgres", &shut.replace("false", "true"));
    database.run("DELETE FROM agency_onboarding_requests WHERE id = 2");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 0, "{report:#}");
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 0, "{shown:#}");
    assert_eq!(states().await, ["rejected"]);
}

/// Who says no hears what the table has against it, and how to go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_that_the_table_refuses_is_told_by_whoever_rejected() {
    let app = TestApp::new().await;
    let (database, url) = agency(AGENCY);
    database.run(
        "INSERT INTO agency_onboarding_requests (agency_name, admin_email, desired_subdomain, status)
         VALUES ('Fors Byrå', 'f@fors.example', 'fors', 'pending');",
    );
    let connect = ["connect", &url, "--preset", "agency", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    document(&app, &["refresh"], 0).await;
    let rename = |from: &str, to: &str| {
        database.run(&format!(
            "ALTER TABLE agency_onboarding_requests RENAME COLUMN {from} TO {to}"
        ));
    };
    rename("status", "stage");
    let reject = |who: &'static str| ["requests", "reject", who, "--reason", "Inte nu", "--json"];
    let rejected = app.run(&reject("fors")).await.exits(0).json();
    let told = &rejected["source_problem"];
    assert_eq!(
        (&rejected["state"], &told["code"], &told["column"]),
        (
            &json!("rejected"),
            &json!("source_column_missing"),
            &json!("status")
        ),
        "{rejected:#}"
    );
    assert!(told["hint"].is_string(), "what next: {rejected:#}");
    rename("stage", "status");
    // The next one takes both there, and has nothing to tell.
    let rejected = app.run(&reject("dahl")).await.exits(0).json();
    assert!(rejected.get("source_problem").is_none(), "{rejected:#}");
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 0, "{shown:#}");
}

/// Nobody is written to in a language that is only a guess: it is chosen before the yes.
#[tokio::test(flavor = "multi_thread")]
async fn a_language_that_cannot_be_read_is_chosen_before_a_yes() {
    let app = TestApp::new().await;
    let (database, url) = agency(AGENCY);
    database.run(
        "ALTER TABLE agency_onboarding_requests ADD COLUMN language text;
         UPDATE agency_onboarding_requests SET language = 'svneska' WHERE id = 2",
    );
    let connect = ["connect", &url, "--preset", "agency", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["asked"], 1, "{report:#}");
    let run = async |arguments: &[&str], status: i32| {
        let arguments = [&["requests"], arguments, &["dahl", "--json"]].concat();
        app.run(&arguments).await.exits(status).json()
    };
    for arguments in [
        &["approve", "--yes"][..],
        &["edit", "--contact-name", "Dora"],
    ] {
        let refused = run(arguments, 3).await;
        let told = (&refused["code"], &refused["field"]);
        let expected = (&json!("field_unreadable"), &json!("language"));
        assert_eq!(told, expected, "{arguments:?}: {refused:#}");
    }
    let chosen = run(&["edit", "--language", "sv"], 0).await;
    assert!(chosen.get("problem").is_none(), "{chosen:#}");
    let approved = run(&["approve", "--yes"], 0).await;
    assert_eq!(approved["run"]["state"], "succeeded", "{approved:#}");
}
