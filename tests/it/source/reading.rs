//! Read: each system's table as it stands, what is wrong with a mapping, and whose row is which customer's.

use fabrik_store::{Address, Store as _};
use serde_json::{Value, json};

use super::{
    AGENCY, CLIENT_STACK, FACTORY, ORCHESTRA, agency, akermark, asked, customers, document,
};
use crate::{stripe::store, world::TestApp};

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
            .run(&[&["source"], &connect[..], &["--json"]].concat())
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
                "source",
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

/// What may not be done in the agency's database is mended there, and the central database stays out of it.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_not_is_told_what_to_do_about_the_table() {
    let app = TestApp::new().await;
    let (database, _) = agency(CLIENT_STACK);
    database.run(
        "CREATE ROLE granskare LOGIN PASSWORD 'x'; GRANT SELECT ON clients TO granskare;
         CREATE SCHEMA shut; CREATE TABLE shut.clients AS SELECT * FROM clients;
         GRANT SELECT ON shut.clients TO granskare;",
    );
    let reader = database.with_password("granskare", "x").to_string();
    let refused = async |arguments: &[&str], password: &str| {
        let arguments = [&["source"], arguments, &["--json"]].concat();
        let ended = app.run_with_input(&arguments, password);
        let refused = ended.await.exits(3).json();
        let hint = refused["hint"].as_str().unwrap().to_owned();
        (refused["code"].as_str().unwrap().to_owned(), hint)
    };
    for (arguments, password, code, way) in [
        (
            &["look", &reader][..],
            "fel\n",
            "source_login_refused",
            "fabrik source password",
        ),
        (
            &["look", &reader, "--table", "shut.clients"][..],
            "x\n",
            "source_rights_missing",
            "GRANT SELECT",
        ),
        (
            &["connect", &reader, "--write-to", "clients"][..],
            "x\n",
            "source_results_nowhere",
            "GRANT UPDATE",
        ),
    ] {
        let (told, hint) = refused(arguments, password).await;
        assert_eq!(told, code, "{hint}");
        assert!(hint.contains(way), "{hint}");
    }
}

/// A column that is read and written, and can be neither, is told of once.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_a_column_that_is_read_and_written_is_told_once() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    database.run("ALTER TABLE clients DROP status; ALTER TABLE clients ADD status integer");
    let dry = [
        "connect",
        &url,
        "--dry-run",
        "--map",
        "status=status",
        "--result",
        "status=status",
    ];
    let preview = document(&app, &dry, 3).await;
    let problems = preview["problems"].as_array().unwrap().iter();
    let unfit = problems.filter(|problem| problem["code"] == "source_column_unfit");
    assert_eq!(unfit.count(), 1, "{preview:#}");
}

/// Row security keeps rows back without a word: a table that looks empty by it is refused, and nobody is withdrawn.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_database_hides_are_not_taken_for_gone() {
    let app = TestApp::new().await;
    let (database, _) = agency(AGENCY);
    database.run(
        "CREATE ROLE vakt LOGIN PASSWORD 'x';
         GRANT SELECT, UPDATE ON agency_onboarding_requests TO vakt;
         ALTER TABLE agency_onboarding_requests ENABLE ROW LEVEL SECURITY;",
    );
    let url = database.with_password("vakt", "").to_string();
    let connect = ["source", "connect", &url, "--preset", "agency"];
    let connect = [&connect[..], &["--blueprint", "factory", "--json"]].concat();
    let dry = [&connect[..], &["--dry-run"]].concat();
    let preview = app.run_with_input(&dry, "x\n").await.exits(3).json();
    assert_eq!(
        (
            &preview["problems"][0]["code"],
            &preview["problems"][0]["user"]
        ),
        (&json!("source_rows_hidden"), &json!("vakt")),
        "{preview:#}"
    );
    let refused = app.run_with_input(&connect, "x\n").await.exits(3).json();
    assert_eq!(refused["code"], "source_rows_hidden", "{refused:#}");
    let hint = refused["hint"].as_str().unwrap();
    let (_, policy) = hint
        .split_once("CREATE POLICY")
        .expect("it says what to do");
    let (policy, _) = policy.split_once(". ").expect("a sentence ends");
    database.run(&format!("CREATE POLICY{policy}"));

    app.run_with_input(&connect, "x\n").await.exits(0);
    document(&app, &["refresh"], 0).await;
    let states = async || {
        let list = ["requests", "list", "--state", "all", "--json"];
        let list = app.run(&list).await.exits(0).json();
        let requests = list["requests"].as_array().unwrap().iter();
        let states = requests.map(|one| one["state"].as_str().unwrap().to_owned());
        states.collect::<Vec<_>>()
    };
    let before = states().await;
    assert_eq!(before, ["open"], "somebody asks");
    database.run("DROP POLICY fabrik ON agency_onboarding_requests");
    let refused = document(&app, &["refresh"], 3).await;
    assert_eq!(refused["code"], "source_rows_hidden", "{refused:#}");
    assert_eq!(states().await, before, "nobody is withdrawn");

    // By a policy that shows some of them nothing tells a hidden row from one that is gone.
    database.run(
        "CREATE POLICY shown ON agency_onboarding_requests TO vakt USING (status = 'approved')",
    );
    let partly = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&partly["kept_back"]["code"], &partly["kept_back"]["user"]),
        (&json!("source_rows_kept_back"), &json!("vakt")),
        "{partly:#}"
    );
    assert_eq!(states().await, before, "nobody is withdrawn");
    let said = app.run(&["source", "refresh"]).await.exits(0).stdout;
    assert!(said.contains("BYPASSRLS"), "what to do: {said}");
    let preview = app.run_with_input(&dry, "x\n").await.json();
    assert_eq!(
        preview["kept_back"], partly["kept_back"],
        "before it is connected too: {preview:#}"
    );

    // One whose row is there, and asks no more, is withdrawn all the same.
    database.run("UPDATE agency_onboarding_requests SET status = 'approved' WHERE id = 2");
    document(&app, &["refresh"], 0).await;
    assert_eq!(states().await, ["withdrawn"], "the table has decided");
    database.run("CREATE POLICY fabrik ON agency_onboarding_requests TO vakt USING (true)");
    let whole = document(&app, &["refresh"], 0).await;
    assert!(whole.get("kept_back").is_none(), "{whole:#}");
    // A view shows what its owner may see.
    database.run(
        "CREATE VIEW seen AS SELECT * FROM agency_onboarding_requests; GRANT SELECT ON seen TO vakt;
         CREATE ROLE hyresvard; GRANT SELECT ON agency_onboarding_requests TO hyresvard;
         CREATE VIEW unseen AS SELECT * FROM agency_onboarding_requests; GRANT SELECT ON unseen TO vakt;
         ALTER VIEW unseen OWNER TO hyresvard;",
    );
    for (view, hidden) in [("seen", None), ("unseen", Some("hyresvard"))] {
        let dry = [&dry[..], &["--table", view, "--write-to", ""]].concat();
        let preview = app.run_with_input(&dry, "x\n").await.json();
        let problems = preview["problems"].as_array().unwrap().iter();
        let from = problems
            .filter(|problem| problem["code"] == "source_rows_hidden")
            .map(|problem| problem["user"].as_str().unwrap().to_owned());
        let from: Vec<_> = from.collect();
        assert_eq!(
            from.first().map(String::as_str),
            hidden,
            "{view}: {preview:#}"
        );
    }
}

/// An enumeration in capitals: its words are found, and one that it lacks is named by what it is for.
#[tokio::test(flavor = "multi_thread")]
async fn an_enumerations_words_are_taken_as_it_writes_them() {
    let app = TestApp::new().await;
    let (database, url) = agency(ORCHESTRA);
    database.run(
        "CREATE TYPE customer_status AS ENUM ('TRIAL', 'ACTIVE', 'INACTIVE');
         ALTER TABLE \"Customer\" ALTER status TYPE customer_status USING upper(status)::customer_status;",
    );
    let look = document(&app, &["look", &url], 0).await;
    let results = &look["mapping"]["results"];
    assert_eq!(
        (&results["succeeded"], &results["removed"]),
        (&json!("ACTIVE"), &json!("INACTIVE")),
        "{look:#}"
    );
    let dry = ["connect", &url, "--dry-run", "--blueprint", "factory"];
    let preview = document(&app, &dry, 0).await;
    assert_eq!(preview["problems"], json!([]), "{preview:#}");
    let wrong = [&dry[..], &["--word", "removed=gone"]].concat();
    let preview = document(&app, &wrong, 3).await;
    assert_eq!(preview["problems"][0]["outcome"], "removed", "{preview:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_gone_is_told_as_gone() {
    let app = TestApp::new().await;
    let (database, url) = agency(CLIENT_STACK);
    document(&app, &["connect", &url], 0).await;
    database.run("DROP TABLE clients");
    let refused = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&refused["code"], &refused["table"]),
        (&json!("source_table_missing"), &json!("public.clients")),
        "{refused:#}"
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
async fn a_password_that_is_typed_later_is_kept_and_what_is_wrong_is_told() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    database.run("ALTER TABLE organizations RENAME COLUMN provisioned_at TO done_at");
    let typed = app.run_with_input(&["source", "password", "--json"], "hemligt\n");
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

/// Which customers were removed is not remembered: whoever removes one whose row stays is told what comes of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_customer_is_removed_comes_back_and_that_is_said() {
    let app = TestApp::new().await;
    let (_database, url) = agency(FACTORY);
    document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    document(&app, &["refresh"], 3).await;
    app.add_on("ek", "factory", "starter").await;
    for (subdomain, comes_back) in [("akermark", true), ("ek", false)] {
        let remove = ["customers", "remove", subdomain, "--yes", "--json"];
        let removed = app.run(&remove).await.exits(0);
        let said = removed.stderr.contains("organizations_with_credits");
        assert_eq!(said, comes_back, "{removed:#?}");
    }
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(report["added"], 1, "{report:#}");
    akermark(&app).await;
}

#[test]
fn an_address_that_is_shown_has_no_password() {
    let address = Address::parse("postgres://anna:hemligt@db.studio.example/byran").unwrap();
    assert!(!address.to_string().contains("hemligt"), "{address}");
}

/// A join that doubles one row of a view is that row's fault, and keeps nobody else's customers from following.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_have_one_id_are_refused_and_the_others_go_on() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    let connect = ["connect", &url, "--preset", "factory"];
    document(&app, &connect, 0).await;
    document(&app, &["refresh"], 3).await;
    assert_eq!(customers(&app).await.len(), 2);
    database.run(
        "DROP VIEW organizations_with_credits;
         CREATE VIEW organizations_with_credits AS
             SELECT o.*, coalesce(c.amount, 0) AS credits_balance
             FROM organizations o LEFT JOIN credits c ON c.organization_id = o.id;
         INSERT INTO credits VALUES ('00000000-0000-0000-0000-000000000001', 50.00);
         UPDATE organizations SET name = 'Berg & Co' WHERE slug = 'berg';",
    );
    let refused = document(&app, &connect, 3).await;
    assert_eq!(refused["code"], "source_key_repeated", "{refused:#}");
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&report["changed"], &report["refused"]),
        (&json!(1), &json!(3)),
        "two of one id, and the one without an address: {report:#}"
    );
    let told = report["refusals"].as_array().unwrap().iter();
    let repeated = told.filter(|row| row["problems"][0]["code"] == "source_key_repeated");
    assert_eq!(repeated.count(), 2, "{report:#}");
    let all = customers(&app).await;
    assert!(
        all.iter().any(|customer| customer["name"] == "Berg & Co"),
        "{all:#?}"
    );
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["problem"], Value::Null, "{shown:#}");
}
