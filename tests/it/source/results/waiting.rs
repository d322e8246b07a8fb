//! A result that can't be written now: it is told, keeps nobody else, and goes in whole later.

use serde_json::{Value, json};

use crate::{
    server::admin,
    source::{CLIENT_STACK, FACTORY, agency, asked, customers, document},
    world::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_result_waits_while_the_table_is_away_and_goes_in_whole() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    document(&app, &["refresh"], 3).await;
    let shut = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", database.name);
    admin("postgres", &shut);
    database.cut();
    app.run(&["provision", "akermark"]).await.exits(0);
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(
        shown["connected"]["untold"], 1,
        "the run has ended all the same: {shown:#}"
    );
    admin("postgres", &shut.replace("false", "true"));

    // One column refuses it: none of the others is written.
    database
        .run("ALTER TABLE organizations ADD CONSTRAINT short CHECK (length(github_repo_url) < 3)");
    let refused = document(&app, &["refresh"], 1).await;
    assert_eq!(refused["code"], "source_refused", "{refused:#}");
    let row = "SELECT to_json(o)::text FROM organizations o WHERE slug = 'akermark'";
    let untouched = asked(&database, row).await;
    assert_eq!(
        (&untouched["status"], &untouched["production_url"]),
        (&json!("trial"), &Value::Null)
    );

    database.run("ALTER TABLE organizations DROP CONSTRAINT short");
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(report["told"], 1, "{report:#}");
    assert_eq!(asked(&database, row).await["status"], "active");
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(report["told"], 0, "once: {report:#}");

    document(&app, &["disconnect"], 0).await;
    let gone = document(&app, &["refresh"], 3).await;
    assert_eq!(gone["code"], "source_absent");
    assert_eq!(customers(&app).await.len(), 2, "customers stay");
    let shown = document(&app, &["show"], 0).await;
    assert!(shown["connected"].is_null(), "{shown:#}");

    // What a run came to meanwhile is written once the table is there again.
    let removal = ["deprovision", "akermark", "--confirm", "akermark"];
    app.run(&removal).await.exits(0);
    assert_eq!(asked(&database, row).await["status"], "active");
    document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(report["told"], 1, "{report:#}");
    assert_eq!(asked(&database, row).await["production_url"], Value::Null);
}

/// A run that succeeds does so whatever the table takes, and whoever began it hears what it did not.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_refused_is_told_by_whoever_drove_the_run() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    let connect = ["connect", &url, "--preset", "client-stack", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    document(&app, &["refresh"], 0).await;
    let rename = |from: &str, to: &str| {
        database.run(&format!("ALTER TABLE clients RENAME COLUMN {from} TO {to}"));
    };
    rename("repository_url", "repository");
    let run = app.run(&["provision", "forsberg", "--json"]).await;
    let run = run.exits(0).json();
    let told = &run["run"]["source_problem"];
    assert_eq!(
        (&told["code"], &told["column"]),
        (&json!("source_column_missing"), &json!("repository_url")),
        "{run:#}"
    );
    assert!(told["hint"].is_string(), "what next: {run:#}");
    let shown = document(&app, &["show"], 0).await;
    let known = &shown["connected"];
    assert_eq!(
        (&known["problem"]["code"], &known["untold"]),
        (&json!("source_column_missing"), &json!(1)),
        "another process: {shown:#}"
    );

    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    let said = app.run(&removal).await.exits(0).stderr;
    assert!(
        said.contains("repository_url") && said.contains("fabrik source refresh"),
        "{said}"
    );
    rename("repository", "repository_url");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 1, "{report:#}");
    let shown = document(&app, &["show"], 0).await;
    let known = &shown["connected"];
    assert_eq!(
        (&known["problem"], &known["untold"]),
        (&Value::Null, &json!(0)),
        "{shown:#}"
    );
}

/// A server that takes no changes, as a copy of another, is read all the same, and hears of the results once it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_takes_no_changes_is_read_all_the_same() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    let connect = ["connect", &url, "--preset", "client-stack", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    document(&app, &["refresh"], 0).await;
    let shut = |is: &str| {
        let name = &database.name;
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = {is}");
        admin("postgres", &sql);
    };
    shut("on");
    app.run(&["provision", "forsberg"]).await.exits(0);
    database.run(
        "BEGIN READ WRITE;
         INSERT INTO clients VALUES ('AC-2', 'Gran', 'g@gran.example', NULL, '[]', 'new', NULL, NULL);
         COMMIT",
    );
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&report["added"], &report["told"]),
        (&json!(1), &json!(0)),
        "{report:#}"
    );
    let untold = &report["untold"][0];
    assert_eq!(
        (&untold["key"], &untold["problems"][0]["code"]),
        (&json!("AC-1"), &json!("source_read_only")),
        "{report:#}"
    );

    shut("off");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 1, "it was not lost: {report:#}");
    let sql = "SELECT json_object_agg(company_name, status)::text FROM clients";
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Forsberg": "active", "Gran": "new" })
    );
}

/// A row that somebody has open is written later, and the others are not kept from anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_keeps_the_others_from_nothing() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    database.run(
        "INSERT INTO clients VALUES ('AC-2', 'Gran', 'g@gran.example', NULL, '[]', 'new', NULL, NULL)",
    );
    let connect = ["connect", &url, "--preset", "client-stack", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    document(&app, &["refresh"], 0).await;
    let (client, connection) = tokio_postgres::connect(&database.config(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let hold = "BEGIN; SELECT FROM clients WHERE client_id = 'AC-1' FOR UPDATE";
    client.batch_execute(hold).await.unwrap();
    // Sooner than Fabrik itself gives up.
    let name = &database.name;
    database.run(&format!(
        "ALTER DATABASE {name} SET statement_timeout = '3s'"
    ));
    app.run(&["provision", "forsberg"]).await.exits(0);
    app.run(&["provision", "gran"]).await.exits(0);
    database.run(
        "INSERT INTO clients VALUES ('AC-3', 'Holm', 'h@holm.example', NULL, '[]', 'new', NULL, NULL)",
    );
    let report = document(&app, &["refresh"], 1).await;
    assert_eq!(
        (&report["code"], &report["added"]),
        (&json!("database_busy"), &json!(1)),
        "the table is read all the same: {report:#}"
    );
    let sql = "SELECT json_object_agg(company_name, status)::text FROM clients";
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Forsberg": "new", "Gran": "active", "Holm": "new" })
    );

    client.batch_execute("ROLLBACK").await.unwrap();
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 1, "it was not lost: {report:#}");
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Forsberg": "active", "Gran": "active", "Holm": "new" })
    );
}
