//! The same deeds in a central database on a server: whoever has it can change every row, and is found by the keyring.

use fabrik_tests::Proof;

use super::DEEDS;
use crate::{server::Database, world::TestApp};

/// Keeps the log as it is under a name.
fn keep(database: &Database, name: &str) {
    database.run(&format!(
        "CREATE SCHEMA {name};
         CREATE TABLE {name}.audit_log AS SELECT * FROM fabrik.audit_log;
         CREATE TABLE {name}.audit_anchors AS SELECT * FROM fabrik.audit_anchors;"
    ));
}

/// Puts it back as it was kept.
fn restore(database: &Database, name: &str) {
    database.run(&format!(
        "TRUNCATE fabrik.audit_log, fabrik.audit_anchors;
         INSERT INTO fabrik.audit_log SELECT * FROM {name}.audit_log;
         INSERT INTO fabrik.audit_anchors SELECT * FROM {name}.audit_anchors;"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_in_a_servers_database_is_found_and_a_cut_stays_told() {
    let proof = Proof::of(
        "S14",
        "the log changed in the database itself, on PostgreSQL",
    );
    let app = TestApp::new().await;
    let database = Database::new();
    let url = database.direct().to_string();
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run(&choose).await.exits(0);
    app.add("akermark").await;
    app.run(&["provision", "akermark"]).await.exits(0);
    keep(&database, "early");
    app.add("bergstrom").await;
    app.run(&["provision", "bergstrom"]).await.exits(0);
    app.add("cederlund").await;
    keep(&database, "late");

    let verify = ["audit", "verify", "--json"];
    let verdict = app.run(&verify).await.exits(0).json();
    assert_eq!(verdict["anchors"], 2, "{verdict}");
    assert_eq!(verdict["since"], 1, "the third customer: {verdict}");
    assert_eq!(verdict["faults"], serde_json::json!([]), "{verdict}");
    for (deed, code) in DEEDS {
        restore(&database, "late");
        // The one word that the two databases have each in its own way.
        let deed = deed.replace(
            "json_set(facts, '$.more', 1)",
            "jsonb_set(facts::jsonb, '{more}', '1')::text",
        );
        database.run(&format!("SET search_path TO fabrik; {deed}"));
        let told = app.run(&verify).await.exits(1).json();
        assert_eq!(told["code"], code, "{deed}: {told:#}");
        proof.held(1);
    }
    restore(&database, "late");
    app.run(&verify).await.exits(0);

    // A copy from before is a cut, and the log says so for good, though it is anchored anew.
    restore(&database, "early");
    let told = app.run(&verify[..2]).await.exits(1);
    assert!(told.stdout.contains("the log was cut"), "{told:#?}");
    proof.held(1);
    app.add("dalgren").await;
    app.run(&["provision", "dalgren"]).await.exits(0);
    let told = app.run(&verify[..2]).await.exits(1);
    assert!(told.stdout.contains("the log was cut"), "{told:#?}");
    proof.held(1);
}
