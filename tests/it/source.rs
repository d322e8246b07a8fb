//! An agency's own table of customers, on a real server: the four systems' tables as they stand, what is wrong with a
//! mapping, customers that come from it, and what a run came to written back.

use std::collections::BTreeMap;

use fabrik_store::{Address, Store as _};
use serde_json::{Value, json};

use crate::{
    server::{Database, admin},
    stripe::store,
    world::{Latency, TestApp},
};

/// System A: organisations with their credits in a view.
const FACTORY: &str = "
    CREATE TYPE org_status AS ENUM ('active', 'inactive', 'trial');
    CREATE TABLE organizations (
        id uuid PRIMARY KEY, name text NOT NULL, slug varchar(80) NOT NULL, email text,
        status org_status NOT NULL DEFAULT 'trial', production_url varchar(200), github_repo_url text,
        supabase_project_ref text, provisioned_at timestamptz, internal_notes text);
    CREATE TABLE credits (organization_id uuid, amount numeric(12,2));
    CREATE VIEW organizations_with_credits AS
        SELECT o.*, coalesce((SELECT sum(amount) FROM credits WHERE organization_id = o.id), 0) AS credits_balance
        FROM organizations o;
    INSERT INTO organizations (id, name, slug, email, internal_notes) VALUES
        ('00000000-0000-0000-0000-000000000001', 'Åkermark & Co', 'akermark', 'anna@akermark.example', 'Ring \"Anna\"'),
        ('00000000-0000-0000-0000-000000000002', 'Berg', 'berg', 'info@berg.example', 'Andra'),
        ('00000000-0000-0000-0000-000000000003', 'Utan adress', 'utan', NULL, NULL);
    INSERT INTO credits VALUES ('00000000-0000-0000-0000-000000000001', 1250.00);";

/// System B: requests, of which only those that are approved are customers; pending ones ask to become one.
const AGENCY: &str = "
    CREATE TABLE agency_onboarding_requests (
        id bigserial PRIMARY KEY, agency_name text, admin_email text, admin_name text,
        desired_subdomain text, plan text, status text, instance_url text, supabase_project_id text,
        vercel_project_id text, error_message text, started_at timestamp, completed_at timestamp);
    INSERT INTO agency_onboarding_requests (agency_name, admin_email, admin_name, desired_subdomain, status) VALUES
        ('Ceder Byrå', 'clara@ceder.example', 'Clara', 'ceder', 'approved'),
        ('Dahl Byrå', 'david@dahl.example', 'David', 'dahl', 'pending'),
        ('Ek Byrå', 'eva@ek.example', 'Eva', 'ek', 'rejected');";

/// System C: as an ORM writes it, with capitals.
const ORCHESTRA: &str = "
    CREATE TABLE \"Customer\" (
        \"id\" text PRIMARY KEY, \"name\" text, \"subdomain\" text, \"adminEmail\" text, \"plan\" text,
        \"status\" text, \"databaseUrl\" text, \"vercelUrl\" text, \"provisionedAt\" timestamp(3));
    INSERT INTO \"Customer\" VALUES
        ('clx1', 'Orkester Ett', 'ett', 'kansli@ett.example', NULL, 'active', 'postgres://u:hunter2@db/ett', NULL, NULL);";

/// System D: clients with their modules.
const CLIENT_STACK: &str = "
    CREATE TABLE clients (
        client_id text PRIMARY KEY, company_name text, contact_email text, tier text, modules jsonb,
        status text CHECK (status IN ('new', 'active', 'failed', 'inactive')), repository_url text, error text);
    INSERT INTO clients VALUES ('AC-1', 'Forsberg', 'f@forsberg.example', NULL, '[]', 'new', NULL, NULL);";

/// A database with one of them, and its address.
fn agency(tables: &str) -> (Database, String) {
    let database = Database::new();
    database.run(tables);
    let url = database.direct().to_string();
    (database, url)
}

async fn document(app: &TestApp, arguments: &[&str], status: i32) -> Value {
    let arguments = [&["central"], arguments, &["--json"]].concat();
    app.run(&arguments).await.exits(status).json()
}

async fn customers(app: &TestApp) -> Vec<Value> {
    let list = app.run(&["customers", "list", "--json"]).await.exits(0);
    list.json()["customers"].as_array().unwrap().clone()
}

async fn akermark(app: &TestApp) -> Value {
    let mut all = customers(app).await.into_iter();
    let found = all.find(|customer| customer["subdomain"] == "akermark");
    found.expect("it is there")
}

/// The one row of a question about a database.
async fn asked(database: &Database, sql: &str) -> Value {
    let (client, connection) = tokio_postgres::connect(&database.config(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let row = client.query_one(sql, &[]).await.unwrap();
    let text: String = row.get(0);
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_systems_table_is_understood_as_it_stands() {
    let app = TestApp::new().await;
    for (tables, preset, table, read, shown) in [
        (
            FACTORY,
            "factory",
            "organizations_with_credits",
            json!({ "external_id": "id", "name": "name", "subdomain": "slug", "contact_email": "email",
                "status": "status", "credits": "credits_balance", "production_url": "production_url",
                "github_repo_url": "github_repo_url", "supabase_project_ref": "supabase_project_ref" }),
            json!({ "subdomain": "akermark", "credits": 1250, "status": "pending" }),
        ),
        (
            AGENCY,
            "agency",
            "agency_onboarding_requests",
            json!({ "external_id": "id", "name": "agency_name", "subdomain": "desired_subdomain",
                "contact_email": "admin_email", "contact_name": "admin_name", "plan": "plan", "status": "status",
                "supabase_project_ref": "supabase_project_id" }),
            json!({ "subdomain": "ceder", "contact_name": "Clara", "status": "pending" }),
        ),
        (
            ORCHESTRA,
            "orchestra",
            "Customer",
            json!({ "external_id": "id", "name": "name", "subdomain": "subdomain", "contact_email": "adminEmail",
                "plan": "plan", "status": "status", "production_url": "vercelUrl" }),
            json!({ "subdomain": "ett", "status": "active", "external_id": "clx1" }),
        ),
        (
            CLIENT_STACK,
            "client-stack",
            "clients",
            json!({ "external_id": "client_id", "name": "company_name", "contact_email": "contact_email",
                "plan": "tier", "modules": "modules", "status": "status", "github_repo_url": "repository_url" }),
            json!({ "subdomain": "forsberg", "modules": [], "status": "pending" }),
        ),
    ] {
        let (_database, url) = agency(tables);
        let look = document(&app, &["look", &url], 0).await;
        assert_eq!(
            look["preset"], preset,
            "it is known by its tables: {look:#}"
        );
        assert_eq!(look["mapping"]["table"]["name"], table);
        assert_eq!(look["mapping"]["columns"], read, "{preset}");
        let written = look["written"].as_array().unwrap();
        let results = look["mapping"]["results"]["columns"].as_object().unwrap();
        for column in results.values() {
            let there = written.iter().any(|written| written["name"] == *column);
            assert!(there, "{preset}, {column}: {written:#?}");
        }
        let connect = [
            "connect",
            &url,
            "--dry-run",
            "--blueprint",
            "factory",
            "--preset",
            preset,
        ];
        let dry = app
            .run(&[&["central"], &connect[..], &["--json"]].concat())
            .await;
        let preview = dry.json();
        assert_eq!(preview["problems"], json!([]), "{preset}: {preview:#}");
        let first = preview["rows"][0]["customer"].as_object();
        let first = first.unwrap_or_else(|| panic!("{preset}: {preview:#}"));
        for (field, value) in shown.as_object().unwrap() {
            assert_eq!(&first[field], value, "{preset}, {field}: {first:#?}");
        }
        assert!(!format!("{dry:?}").contains("hunter2"), "{dry:?}");
    }
    assert!(customers(&app).await.is_empty(), "nothing was kept");
}

/// Picked by hand it means what it means: a request that nobody has approved is no customer yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_named_is_known_by_its_name() {
    let app = TestApp::new().await;
    let (database, url) = agency(AGENCY);
    // One of the same name, and another system's, are not taken for it.
    database.run(
        "CREATE SCHEMA crm; CREATE TABLE clients (client_id text, name text);
         CREATE TABLE crm.agency_onboarding_requests AS SELECT * FROM agency_onboarding_requests;",
    );
    let named = ["--table", "crm.agency_onboarding_requests"];
    let look = document(&app, &[&["look", &url], &named[..]].concat(), 0).await;
    let mapping = &look["mapping"];
    assert_eq!(look["preset"], "agency", "{look:#}");
    assert_eq!(
        (&mapping["blueprint"], &mapping["results"]["table"]),
        (
            &json!("agency"),
            &json!({ "schema": "crm", "name": "agency_onboarding_requests" })
        ),
        "{look:#}"
    );
    let dry = [&["connect", &url, "--dry-run"], &named[..]].concat();
    let preview = document(&app, &dry, 0).await;
    let told: Vec<_> = preview["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["customer"].is_object(), row["asks"] == true))
        .collect();
    assert_eq!(
        told,
        [(true, false), (true, true), (false, false)],
        "a customer, one who asks, and neither: {preview:#}"
    );
    let other = ["look", &url, "--table", "clients"];
    assert_eq!(document(&app, &other, 0).await["preset"], "client-stack");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_mapping_is_told_apart() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    let wrong = async |changes: &[&str]| {
        let begin = ["connect", &url, "--preset", "factory", "--dry-run"];
        let preview = document(&app, &[&begin, changes].concat(), 3).await;
        let problems = preview["problems"].as_array().unwrap();
        let known = |problem: &Value| {
            let column = problem["column"].as_str().or(problem["field"].as_str());
            let column = column.or(problem["table"].as_str()).unwrap();
            format!("{} {column}", problem["code"].as_str().unwrap())
        };
        problems.iter().map(known).collect::<Vec<_>>()
    };
    assert_eq!(
        wrong(&["--map", "plan=tier", "--result", "error=oops"]).await,
        ["source_column_missing tier", "source_column_missing oops"],
        "all at once"
    );
    assert_eq!(
        wrong(&[
            "--map",
            "credits=name",
            "--result",
            "completed_at=email",
            "--result",
            "run=provisioned_at"
        ])
        .await,
        [
            "source_column_unfit name",
            "source_column_unfit provisioned_at"
        ],
        "a text can hold a time, a time no text"
    );
    assert_eq!(
        wrong(&["--map", "contact_email="]).await,
        ["source_field_unmapped contact_email"]
    );
    assert_eq!(
        wrong(&["--word", "succeeded=live"]).await,
        ["source_word_refused status"],
        "the enumeration has no such word"
    );
    assert_eq!(
        wrong(&[
            "--write-to",
            "organizations_with_credits",
            "--result",
            "run=credits_balance"
        ])
        .await,
        ["source_column_unfit credits_balance"]
    );
    assert_eq!(
        wrong(&["--write-to", "nowhere"]).await,
        ["source_table_missing public.nowhere"]
    );
    database.run("UPDATE organizations SET slug = 'same'");
    assert_eq!(
        wrong(&["--map", "external_id=slug"]).await,
        ["source_key_repeated slug"]
    );
    // Somebody who may read and not write.
    database.run(
        "CREATE ROLE lasare LOGIN PASSWORD 'x';
         GRANT SELECT ON organizations, organizations_with_credits TO lasare;",
    );
    let reader = database.with_password("lasare", "x").to_string();
    let refused = app
        .run_with_input(
            &[
                "central",
                "connect",
                &reader,
                "--preset",
                "factory",
                "--result",
                "status=status",
                "--json",
            ],
            "x\n",
        )
        .await
        .exits(3)
        .json();
    assert_eq!(refused["code"], "source_column_locked", "{refused:#}");
}

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
            let base = ["settings", "set", "domain.base", "orkester.example"];
            app.run(&base).await.exits(0);
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

/// Two systems count from 1: an id alone makes nobody the customer of a row.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_a_customers_by_more_than_its_number() {
    let app = TestApp::new().await;
    let (database, url) = agency(AGENCY);
    database.run("UPDATE agency_onboarding_requests SET status = 'approved' WHERE id = 2");
    let file = "id,name,email\n1,Åberg,info@aberg.example\n2,Dahl,David@dahl.example\n";
    let file = app.file("kunder.csv", file);
    app.run(&["customers", "import", &file]).await.exits(0);
    let connect = [
        "connect",
        &url,
        "--preset",
        "agency",
        "--blueprint",
        "factory",
    ];
    document(&app, &connect, 0).await;
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&report["changed"], &report["refused"], &report["added"]),
        (&json!(1), &json!(1), &json!(0)),
        "one by its address, one is a stranger: {report:#}"
    );
    let refused = &report["refusals"][0];
    assert_eq!(
        refused["problems"][0]["code"], "source_id_taken",
        "{refused:#}"
    );
    assert_eq!(refused["problems"][0]["customer"], "Åberg");
    let by_name = async |name: &str| {
        let all = customers(&app).await;
        let found = all.into_iter().find(|customer| customer["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is there"))
    };
    by_name("Dahl Byrå").await;
    let stranger = by_name("Åberg").await;
    assert_eq!(
        stranger["contact_email"], "info@aberg.example",
        "no mail goes to another"
    );
    app.run(&["provision", "aberg"]).await.exits(0);
    let sql = "SELECT json_agg(status ORDER BY id)::text FROM agency_onboarding_requests";
    let untouched = json!(["approved", "approved", "rejected"]);
    assert_eq!(asked(&database, sql).await, untouched, "nor its result");

    let edit = async |customer: &str, change: [&str; 2], status: i32| {
        let arguments = [&["customers", "edit", customer], &change[..], &["--json"]].concat();
        app.run(&arguments).await.exits(status).json()
    };
    edit("aberg", ["--external-id", "901"], 0).await;
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["added"], 1, "{report:#}");

    // What the table says of a customer is changed in the table.
    let refused = edit("ceder", ["--name", "Ceder AB"], 3).await;
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("source_followed"), &json!("name")),
        "{refused:#}"
    );
    edit("ceder", ["--name", "Ceder Byrå"], 0).await;
    edit("ceder", ["--credits", "7"], 0).await;
    edit("aberg", ["--name", "Åberg AB"], 0).await;
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
        shown["connected"]["problem"],
        Value::Null,
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
    app.run(&reject).await.exits(0);
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

/// Of two desktops the slower one's word is an older run's: what the newer came to is written once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_slow_desktop_writes_last_is_written_over() {
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
    assert_eq!(status().await, "active", "the slow one came last");
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&report["told"], status().await),
        (&json!(1), json!("inactive"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_typed_later_is_kept_and_what_is_wrong_is_told() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    database.run("ALTER TABLE organizations RENAME COLUMN provisioned_at TO done_at");
    let typed = app.run_with_input(&["central", "password", "--json"], "hemligt\n");
    let shown = typed.await.exits(0).json();
    assert_eq!(
        shown["connected"]["problem"]["code"], "source_column_missing",
        "{shown:#}"
    );
    let settings = store(&app).settings().await.unwrap();
    let kept: Value = serde_json::from_str(&settings["source"]).unwrap();
    assert!(kept["password"].is_string(), "where it is kept: {kept:#}");
    assert!(!settings["source"].contains("hemligt"), "{kept:#}");
}

#[test]
fn an_address_that_is_shown_has_no_password() {
    let address = Address::parse("postgres://anna:hemligt@db.studio.example/byran").unwrap();
    assert!(!address.to_string().contains("hemligt"), "{address}");
}
