//! What a run came to, written back: in which row, and whole or not at all. Each system goes round by its own blueprint.

use serde_json::{Value, json};

use super::{
    AGENCY, CLIENT_STACK, FACTORY, ORCHESTRA, agency, akermark, asked, customers, document,
};
use crate::{server::admin, world::TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn customers_come_from_the_table_and_results_go_back() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    let connected = document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    assert_eq!(connected["connected"]["place"], *url);
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&report["added"], &report["refused"]),
        (&json!(2), &json!(1)),
        "{report:#}"
    );
    assert_eq!(
        report["refusals"][0]["name"], "Utan adress",
        "the others go on"
    );
    let there = akermark(&app).await;
    assert_eq!(there["name"], "Åkermark & Co", "{there:#?}");
    assert_eq!(there["credits"], 1250);

    // What the agency changes is followed, but for what is Fabrik's own by now.
    database.run(
        "UPDATE organizations SET name = 'Åkermark AB', slug = 'other', status = 'inactive' WHERE slug = 'akermark';
         DELETE FROM organizations WHERE slug = 'utan'",
    );
    let again = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&again["changed"], &again["unchanged"]),
        (&json!(1), &json!(1)),
        "{again:#}"
    );
    let first = akermark(&app).await;
    assert_eq!(
        (&first["name"], &first["subdomain"], &first["status"]),
        (&json!("Åkermark AB"), &json!("akermark"), &json!("pending"))
    );

    let before = asked(
        &database,
        "SELECT to_json(o)::text FROM organizations o WHERE slug = 'other'",
    )
    .await;
    let run = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    let row = asked(
        &database,
        "SELECT to_json(o)::text FROM organizations o WHERE slug = 'other'",
    )
    .await;
    let customer = akermark(&app).await;
    for (column, value) in row.as_object().unwrap() {
        let expected = match column.as_str() {
            "status" => json!("active"),
            "production_url" | "github_repo_url" | "supabase_project_ref" => {
                customer[column].clone()
            }
            "provisioned_at" => {
                let ended: jiff::Timestamp =
                    run["run"]["finished_at"].as_str().unwrap().parse().unwrap();
                let written: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
                assert_eq!(written, ended);
                continue;
            }
            _ => before[column].clone(),
        };
        assert_eq!(value, &expected, "{column}");
    }
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 0, "{shown:#}");
}

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

/// A system: what is changed in its tables first, its customer, the plan that its row says, the cells that are looked at
/// in which row, and what they hold with an instance and without; `{…}` is the customer's own.
struct System {
    tables: &'static str,
    change: &'static str,
    blueprint: &'static str,
    customer: &'static str,
    plan: &'static str,
    cells: &'static str,
    row: &'static str,
    live: Value,
    gone: Value,
}

fn systems() -> [System; 4] {
    [
        System {
            tables: FACTORY,
            change: "DELETE FROM organizations WHERE email IS NULL;",
            blueprint: "factory",
            customer: "akermark",
            plan: "starter",
            cells: "status, production_url, github_repo_url, supabase_project_ref,
                provisioned_at IS NOT NULL",
            row: "organizations WHERE slug = 'akermark'",
            live: json!([
                "active",
                "{production_url}",
                "{github_repo_url}",
                "{supabase_project_ref}",
                true
            ]),
            gone: json!(["inactive", null, null, null, false]),
        },
        System {
            tables: AGENCY,
            change: "UPDATE agency_onboarding_requests SET plan = 'professional' WHERE id = 1;",
            blueprint: "agency",
            customer: "ceder",
            plan: "professional",
            cells: "status, instance_url, supabase_project_id, error_message,
                vercel_project_id IS NOT NULL",
            row: "agency_onboarding_requests WHERE id = 1",
            live: json!([
                "completed",
                "{production_url}",
                "{supabase_project_ref}",
                null,
                true
            ]),
            gone: json!(["completed", null, null, null, false]),
        },
        System {
            tables: ORCHESTRA,
            change: r#"UPDATE "Customer" SET "status" = 'trial', "plan" = 'medium';"#,
            blueprint: "orchestra",
            customer: "ett",
            plan: "medium",
            cells: r#""status", "vercelUrl", "provisionedAt" IS NOT NULL"#,
            row: r#""Customer""#,
            live: json!(["active", "{production_url}", true]),
            gone: json!(["inactive", null, false]),
        },
        System {
            tables: CLIENT_STACK,
            change: r#"UPDATE clients SET tier = 'enterprise', modules = '["crm"]';"#,
            blueprint: "client-stack",
            customer: "forsberg",
            plan: "enterprise",
            cells: "status, repository_url, error",
            row: "clients",
            live: json!(["active", "{github_repo_url}", null]),
            gone: json!(["inactive", null, null]),
        },
    ]
}

/// Read, made on the plan that its row says by the blueprint that replaces its system, told, removed and told again.
#[tokio::test(flavor = "multi_thread")]
async fn each_system_goes_round_by_its_own_blueprint() {
    for system in systems() {
        let app = TestApp::new().await;
        let (database, url) = agency(system.tables);
        database.run(system.change);
        // Of an orchestra's app, which all of them share.
        if system.blueprint == "orchestra" {
            app.set_base_domain("orkester.example").await;
        }
        let connected = document(&app, &["connect", &url], 0).await;
        let mapping = &connected["connected"]["mapping"];
        assert_eq!(mapping["blueprint"], system.blueprint, "{connected:#}");
        document(&app, &["refresh"], 0).await;
        let (cells, row) = (system.cells, system.row);
        let row = format!("SELECT json_build_array({cells})::text FROM {row}");
        app.run(&["provision", system.customer]).await.exits(0);
        let mut all = customers(&app).await.into_iter();
        let customer = all.find(|customer| customer["subdomain"] == system.customer);
        let customer = customer.expect("it came from the table");
        assert_eq!(
            (&customer["blueprint"], &customer["plan"]),
            (&json!(system.blueprint), &json!(system.plan)),
            "{customer:#}"
        );
        let live = system.live.as_array().unwrap().iter().map(|cell| {
            let own = cell.as_str().and_then(|cell| cell.strip_prefix('{'));
            let own = own.and_then(|cell| cell.strip_suffix('}'));
            let Some(own) = own else { return cell.clone() };
            let value = customer[own].clone();
            assert!(value.is_string(), "{own}: {customer:#}");
            value
        });
        let live: Value = live.collect();
        assert_eq!(asked(&database, &row).await, live, "{}", system.blueprint);
        let again = document(&app, &["refresh"], 0).await;
        assert_eq!(
            (&again["added"], &again["changed"], &again["told"]),
            (&json!(0), &json!(0), &json!(0)),
            "what was written is nothing new: {again:#}"
        );
        let removal = ["deprovision", system.customer, "--confirm", system.customer];
        app.run(&removal).await.exits(0);
        assert_eq!(
            asked(&database, &row).await,
            system.gone,
            "{}",
            system.blueprint
        );
    }
}

/// What a failed run knows nothing of stays as the agency has it, and who has an instance keeps the word for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_takes_nothing_from_the_agency() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    let connect = [
        "connect",
        &url,
        "--preset",
        "client-stack",
        "--blueprint",
        "factory",
    ];
    database.run("ALTER TABLE clients ADD provisioned_at timestamptz");
    document(&app, &connect, 0).await;
    document(&app, &["refresh"], 0).await;
    database.run("UPDATE clients SET repository_url = 'https://git.example/forsberg'");
    let row = async || {
        let sql = "SELECT json_build_array(status, repository_url, error, provisioned_at)::text
                   FROM clients";
        asked(&database, sql).await
    };
    // A plan asks there for nothing.
    let refused = json!([{
        "provider": "vercel", "method": "POST", "path": "/v13/deployments", "every": 1, "do": "status:400",
    }]);
    let fails = async || {
        app.cloud.faults(refused.clone()).await;
        let run = app.run(&["provision", "forsberg", "--json"]).await.json();
        app.cloud.faults(json!([])).await;
        assert!(run["run"]["error"].is_object(), "it failed: {run:#}");
        run["run"]["error"]["code"].clone()
    };
    let error = fails().await;
    assert_eq!(
        row().await,
        json!(["failed", "https://git.example/forsberg", error, null]),
        "nothing was provisioned"
    );
    app.run(&["provision", "forsberg"]).await.exits(0);
    let live = row().await;
    assert_eq!(live[0], "active");
    assert!(live[3].is_string(), "{live:#}");
    // Another module is another deployment.
    database.run(r#"UPDATE clients SET modules = '["crm"]'"#);
    document(&app, &["refresh"], 0).await;
    let error = fails().await;
    assert_eq!(
        row().await,
        json!(["active", live[1], error, live[3]]),
        "its instance is there as before"
    );
    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    app.run(&removal).await.exits(0);
    assert_eq!(
        row().await,
        json!(["inactive", null, null, null]),
        "the instance is gone"
    );
}

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

/// Of two desktops the slower one's word is an older run's: it is not written over what the newer came to.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_slow_desktop_has_left_to_write_is_not_written_over_the_newer() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    let connect = ["connect", &url, "--preset", "client-stack"];
    document(
        &app,
        &[&connect[..], &["--blueprint", "factory"]].concat(),
        0,
    )
    .await;
    document(&app, &["refresh"], 0).await;
    // The first who writes waits for a word; the others don't.
    database.run(
        "CREATE SEQUENCE turns; CREATE SEQUENCE word;
         CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('turns') = 1 THEN
                 WHILE NOT (SELECT is_called FROM word) LOOP PERFORM pg_sleep(0.05); END LOOP;
             END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER wait BEFORE UPDATE ON clients FOR EACH STATEMENT EXECUTE FUNCTION wait();",
    );
    let slow = app.spawn(&["provision", "forsberg", "--json"]);
    let writes = "SELECT to_json(is_called)::text FROM turns";
    while asked(&database, writes).await != true {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let removal = ["deprovision", "forsberg", "--confirm", "forsberg"];
    app.run(&removal).await.exits(0);
    let status = async || asked(&database, "SELECT to_json(status)::text FROM clients").await;
    assert_eq!(status().await, "inactive");
    database.run("SELECT nextval('word')");
    TestApp::ended(slow).await.exits(0);
    assert_eq!(status().await, "inactive", "the slow one came last");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&report["told"], status().await),
        (&json!(0), json!("inactive"))
    );
}
