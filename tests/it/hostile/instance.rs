//! Every naughty string in the real database of one provisioned instance: by the calls with which a step makes a user and
//! its row, and by an import of members.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use fabrik_blueprints::load_built_in;
use fabrik_clouds::{
    BaseUrl, Http,
    supabase::{Admin, NewUser, ProjectApi},
};
use fabrik_domain::{blueprint::StepKind, secret::Secret};
use fabrik_tests::Proof;
use fabrik_vault::MemoryVault;
use futures::future::join_all;
use serde_json::{Map, Value, json};

use super::EVIL;
use crate::{real_clock::RealClock, world::TestApp};

/// So many users are made at a time.
const AT_ONCE: usize = 8;

/// An orchestra with a hostile name and contact, and the reference of its project.
async fn provisioned() -> (TestApp, String) {
    let app = TestApp::new().await;
    app.add_lyran(EVIL[0], EVIL[0]).await;
    let provision = ["provision", "lyran", "--json"];
    let provisioned = app.run(&provision).await.exits(0).json();
    let reference = provisioned["customer"]["supabase_project_ref"].as_str();
    let reference = reference.expect("a project").to_owned();
    (app, reference)
}

/// The client that the step has for a project's own APIs.
async fn admin(app: &TestApp, reference: &str) -> Admin {
    let path = format!("/v1/projects/{reference}/api-keys?reveal=true");
    let keys = app.vendor("supabase").get(&path).await;
    let secret = keys
        .as_array()
        .and_then(|keys| keys.iter().find(|key| key["type"] == "secret"))
        .and_then(|key| key["api_key"].as_str())
        .expect("a secret key");
    let url = app.cloud.variable("FABRIK_SUPABASE_PROJECT_URL");
    let base = BaseUrl::parse(&url.replace("{ref}", reference)).unwrap();
    let http = Http::over_network(Arc::new(RealClock::start())).unwrap();
    let vault = Arc::new(MemoryVault::new());
    Admin::new(ProjectApi::new(http, base), secret.into(), vault, None)
}

/// How many rows the tables have that nobody writes to here.
async fn others(app: &TestApp, reference: &str) -> Value {
    let blueprint = load_built_in("orchestra").unwrap();
    let mut steps = blueprint.steps.iter();
    let schema = steps.find(|step| step.kind == StepKind::DatabaseSchema);
    let tables = schema.unwrap().with["tables"].as_array().unwrap().iter();
    let tables = tables.map(|table| table.as_str().unwrap());
    // What is done to members is told in the log.
    let others = tables.filter(|table| !["members", "audit_log"].contains(table));
    let counts: Vec<_> = others
        .map(|table| format!("select '{table}' as name, count(*) as there from public.{table}"))
        .collect();
    assert!(counts.len() > 5, "an orchestra has tables: {counts:?}");
    let sql = format!("{} order by name", counts.join(" union all "));
    app.ask_database(reference, &sql).await
}

fn user(number: usize) -> String {
    format!("user-{number}@lyran.example")
}

fn member(number: usize) -> String {
    format!("member-{number}@lyran.example")
}

/// As `admin-user` does it.
async fn add_user(admin: &Admin, number: usize, name: &str) {
    let (id, email) = (
        format!("00000000-0000-4000-8000-{number:012}"),
        user(number),
    );
    let password = Secret::from("Hemligt-losenord-7f3a");
    let object = |field: &str, value: &str| Map::from_iter([(field.to_owned(), json!(value))]);
    let new = NewUser {
        id: &id,
        email: &email,
        password: &password,
        email_confirm: true,
        user_metadata: object("name", name),
        app_metadata: object("role", "musician"),
    };
    let made = admin.create_user(&new).await;
    made.unwrap_or_else(|failure| panic!("{name:?} as a user's name: {failure}"));
    let row = [
        ("user_id", id.as_str()),
        ("email", &email),
        ("name", name),
        ("role", "musician"),
    ];
    let row: Map<String, Value> = row
        .into_iter()
        .map(|(column, value)| (column.to_owned(), json!(value)))
        .collect();
    let added = admin.add_row("members", &row).await;
    added.unwrap_or_else(|failure| panic!("{name:?} in a row: {failure}"));
}

/// Spaces around a cell's text and breaks in it are of no weight.
fn as_imported(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_naughty_name_is_one_value_in_an_instances_database() {
    let proof = Proof::of(
        "S6",
        "naughty strings as names of users and members in a provisioned instance's database",
    );
    let naughty: Vec<String> = serde_json::from_str(include_str!("../../naughty.json")).unwrap();
    let (app, reference) = provisioned().await;
    let before = others(&app, &reference).await;
    // Each by its address: its name in the row, and in what Auth has of the user.
    let own = |name: &str| (name.to_owned(), Some(name.to_owned()));
    let mut expected = BTreeMap::from([("kansli@lyran.example".to_owned(), own(EVIL[0]))]);

    let admin = admin(&app, &reference).await;
    let numbered: Vec<_> = naughty.iter().enumerate().collect();
    for some in numbered.chunks(AT_ONCE) {
        let users = some
            .iter()
            .map(|(number, name)| add_user(&admin, *number, name));
        join_all(users).await;
    }
    expected.extend(
        numbered
            .iter()
            .map(|(number, name)| (user(*number), own(name))),
    );

    let mut list = "name,email\n".to_owned();
    for (number, name) in &numbered {
        // A member without a name is refused.
        if !as_imported(name).is_empty() {
            let quoted = name.replace('"', "\"\"");
            writeln!(list, "\"{quoted}\",{}", member(*number)).unwrap();
            expected.insert(member(*number), (as_imported(name), None));
        }
    }
    let list = app.file("medlemmar.csv", list);
    let import = ["customers", "import-members", "lyran", &list, "--json"];
    app.run(&import).await.exits(0);

    let sql = "select m.email, m.name, u.raw_user_meta_data ->> 'name' as own
        from public.members m left join auth.users u on u.id = m.user_id";
    let rows = app.ask_database(&reference, sql).await;
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let there: BTreeMap<_, _> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let names = (text(&row["name"]).unwrap(), text(&row["own"]));
            (text(&row["email"]).unwrap(), names)
        })
        .collect();
    for (email, names) in &expected {
        assert_eq!(there.get(email), Some(names), "{email}");
    }
    assert_eq!(there.len(), expected.len(), "and nobody else: {rows:#}");
    assert_eq!(others(&app, &reference).await, before, "no other table");
    // All but the one that the run made.
    proof.held(expected.len() - 1);
}
