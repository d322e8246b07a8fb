//! In which row a result is written, and in which columns.

use serde_json::{Value, json};

use crate::{
    source::{CLIENT_STACK, agency, asked, document},
    world::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_result_goes_to_one_row_or_none() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    database.run(
        "CREATE TABLE numbered (client_id integer, status text, repository_url text, error text);
         CREATE TABLE outcomes (client_id text, status text, repository_url text, error text);
         INSERT INTO outcomes VALUES ('AC-1', 'new');",
    );
    let connect = async |table: &str| {
        let begin = ["connect", &url, "--preset", "client-stack", "--blueprint"];
        let end = ["factory", "--write-to", table];
        document(&app, &[&begin[..], &end].concat(), 0).await;
    };
    connect("numbered").await;
    document(&app, &["refresh"], 0).await;
    app.run(&["provision", "forsberg"]).await.exits(0);
    let refused = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&refused["code"], &refused["column"], &refused["value"]),
        (
            &json!("source_row_missing"),
            &json!("client_id"),
            &json!("AC-1")
        ),
        "no number is AC-1: {refused:#}"
    );
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 1, "it is not lost: {shown:#}");

    connect("outcomes").await;
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 1, "there it has a row: {report:#}");
    database.run("INSERT INTO outcomes VALUES ('AC-1', 'another')");
    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    app.run(&removal).await.exits(0);
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(
        shown["connected"]["problem"]["code"], "source_key_repeated",
        "another process: {shown:#}"
    );
    assert_eq!(shown["connected"]["untold"], 1, "two rows have the id");
    let refused = document(&app, &["refresh"], 3).await;
    assert_eq!(refused["code"], "source_key_repeated", "{refused:#}");
    database.run("DELETE FROM outcomes WHERE status = 'another'");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 1, "it was not lost: {report:#}");
    let sql = "SELECT to_json(status)::text FROM outcomes";
    assert_eq!(asked(&database, sql).await, "inactive");
}

/// A table of results with columns of its own names: they are proposed of that table, and results never go nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn results_go_into_the_columns_of_the_table_that_is_named() {
    let app = TestApp::new().await;
    let (database, url) = agency(
        "CREATE TABLE kunder (id text PRIMARY KEY, name text, email text);
         INSERT INTO kunder VALUES ('K-1', 'Forsberg', 'f@forsberg.example');
         CREATE TABLE kundtabell (kundnr text PRIMARY KEY, status text, production_url text);
         INSERT INTO kundtabell VALUES ('K-1', 'new', NULL);
         CREATE TABLE notes (kundnr text PRIMARY KEY, note text);",
    );
    let begin = ["connect", &url, "--table", "kunder", "--blueprint"];
    let named = ["factory", "--result-key", "kundnr", "--write-to"];
    let nowhere = async |changes: &[&str], table: &str| {
        let changes = [&["connect", "--dry-run"], changes].concat();
        let problems = document(&app, &changes, 3).await["problems"].clone();
        assert_eq!(
            (&problems[0]["code"], &problems[0]["table"], &problems[1]),
            (
                &json!("source_results_nowhere"),
                &json!(table),
                &Value::Null
            ),
            "{problems:#}"
        );
    };
    let refused = [&begin[..], &named, &["notes"]].concat();
    let refused = document(&app, &refused, 3).await;
    assert_eq!(refused["code"], "source_results_nowhere", "{refused:#}");

    let connect = [&begin[..], &named, &["kundtabell"]].concat();
    let connected = document(&app, &connect, 0).await;
    let results = &connected["connected"]["mapping"]["results"];
    assert_eq!(
        (&results["columns"], &results["key"], &results["succeeded"]),
        (
            &json!({ "status": "status", "production_url": "production_url" }),
            &json!("kundnr"),
            &json!("active")
        ),
        "{connected:#}"
    );
    nowhere(&["--write-to", "notes"], "public.notes").await;
    let of_nothing = ["--result", "status=", "--result", "production_url="];
    nowhere(&of_nothing, "public.kundtabell").await;
    let without_word = ["--result", "production_url=", "--word", "succeeded="];
    nowhere(&without_word, "public.kundtabell").await;

    document(&app, &["refresh"], 0).await;
    app.run(&["provision", "forsberg"]).await.exits(0);
    let sql = "SELECT json_build_array(status, production_url IS NOT NULL)::text FROM kundtabell";
    assert_eq!(asked(&database, sql).await, json!(["active", true]));
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 0, "{shown:#}");
}

/// Columns of a fixed length: an id is looked for, and a word written, whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_goes_whole_into_columns_of_a_fixed_length() {
    let app = TestApp::new().await;
    let (database, url) = agency(
        "CREATE TABLE clients (client_id char(8) PRIMARY KEY, company_name text, contact_email text, tier text,
             modules jsonb, status char(10), repository_url text, error char(40));
         INSERT INTO clients VALUES
             ('A', 'Alm', 'a@alm.example', NULL, '[]', 'new'),
             ('AC-1', 'Forsberg', 'f@forsberg.example', NULL, '[]', 'new');",
    );
    let connect = ["connect", &url, "--preset", "client-stack", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    document(&app, &["refresh"], 0).await;
    app.run(&["provision", "forsberg"]).await.exits(0);
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 0, "{shown:#}");
    let sql = "SELECT json_object_agg(company_name, status::text)::text FROM clients";
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Alm": "new", "Forsberg": "active" })
    );
}

/// Two columns of numbers: by the wrong one each result would be another customer's.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_found_by_the_id_that_its_customer_was_read_with() {
    let app = TestApp::new().await;
    let (database, url) = agency(
        "CREATE TABLE clients (
             id integer PRIMARY KEY, client_no integer UNIQUE, name text, email text, status text);
         INSERT INTO clients VALUES
             (1, 2, 'Forsberg', 'f@forsberg.example', 'new'), (2, 1, 'Gran', 'g@gran.example', 'new');
         CREATE TABLE outcomes AS SELECT id, client_no, name, status FROM clients;",
    );
    let begin = ["connect", &url, "--preset", "client-stack", "--blueprint"];
    let read = ["factory", "--map", "external_id=client_no"];
    let connected = document(&app, &[&begin[..], &read].concat(), 0).await;
    assert_eq!(
        connected["connected"]["mapping"]["results"]["key"], "client_no",
        "it goes with the id: {connected:#}"
    );
    let wrong = async |changes: &[&str], status: i32| {
        let begin = ["connect", "--dry-run"];
        let preview = document(&app, &[&begin, changes].concat(), status).await;
        preview["problems"].clone()
    };
    for (table, changes) in [
        ("public.clients", &["--result-key", "id"][..]),
        (
            "public.outcomes",
            &["--write-to", "outcomes", "--result-key", "id"][..],
        ),
    ] {
        let told = wrong(changes, 3).await;
        assert_eq!(
            (&told[0]["code"], &told[0]["table"], &told[0]["column"]),
            (&json!("source_key_astray"), &json!(table), &json!("id")),
            "{told:#}"
        );
    }
    assert_eq!(wrong(&["--write-to", "outcomes"], 0).await, json!([]));
    database.run("UPDATE outcomes SET name = 'Forsberg AB' WHERE client_no = 2");
    assert_eq!(
        wrong(&["--write-to", "outcomes"], 0).await,
        json!([]),
        "who is called otherwise there is one of two"
    );

    document(&app, &["refresh"], 0).await;
    app.run(&["provision", "forsberg"]).await.exits(0);
    let sql = "SELECT json_object_agg(name, status)::text FROM clients";
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Forsberg": "active", "Gran": "new" })
    );

    // Ids that were read from another column are nobody's in this one.
    let change = async |column: &str| {
        let column = format!("external_id={column}");
        document(&app, &["connect", "--map", &column], 0).await;
    };
    change("id").await;
    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    app.run(&removal).await.exits(0);
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&report["code"], &report["changed"], &report["refused"]),
        (&json!("source_row_missing"), &json!(0), &json!(2)),
        "{report:#}"
    );
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Forsberg": "active", "Gran": "new" })
    );
    change("client_no").await;
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 1, "it was not lost: {report:#}");
    assert_eq!(
        asked(&database, sql).await,
        json!({ "Forsberg": "inactive", "Gran": "new" })
    );
}
