//! Names that somebody chose to do harm (S6), and what becomes of them wherever a name goes: database, repository, mail,
//! records.

mod instance;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use fabrik_blueprints::{
    built_in, load_built_in,
    template::{Mode, Rendered, Values, render},
};
use fabrik_domain::{
    blueprint::StepKind,
    customer::{Customer, NewCustomer, check_name, check_subdomain, slug_of},
    id::WorkspaceId,
    ports::Clock,
    resource::Mark,
    run::Snapshot,
};
use fabrik_store::{Inserted, NewAudit, SqliteStore, Store};
use fabrik_tests::{Proof, spoiled::Dice};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::TestApp;

/// How many names are made.
const NAMES: usize = 10_000;

/// What names are made of.
const PIECES: [&str; 56] = [
    "Åker",
    "Berg",
    "Ström",
    "Café",
    "Örta",
    "Æther",
    "ß",
    "Łódź",
    "Đorđe",
    "Þór",
    "İst",
    "ﬁ",
    "Ⅷ",
    "東京",
    "Москва",
    "مرحبا",
    "👩",
    "é",
    "e\u{301}",
    "AB",
    "HB",
    "1",
    "42",
    "0",
    "''",
    "\"",
    "`",
    "<b>",
    "</b>",
    "&",
    "&amp;",
    "{{ x }}",
    "{%",
    "$(x)",
    "${x}",
    "--",
    "-",
    "_",
    ".",
    "..",
    "/",
    "\\",
    ";",
    ":",
    "@",
    "#",
    "%00",
    "%",
    "+",
    "=",
    "~",
    "|",
    "!",
    "?",
    ",",
    " ",
];

fn name(seed: u64) -> String {
    let mut dice = Dice::of(seed);
    let count = 2 + dice.below(9);
    let pieces: Vec<_> = (0..count).map(|_| dice.one_of(&PIECES)).collect();
    pieces.concat().trim().to_owned()
}

struct Noon;

#[async_trait::async_trait]
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

/// What a vendor says of the names that it takes.
fn is_valid(kind: StepKind, name: &str) -> bool {
    let all = |allowed: &dyn Fn(char) -> bool| name.chars().all(allowed);
    match kind {
        // Shown as it is; kept to what can be in an address.
        StepKind::SupabaseProject => {
            name.len() <= 64 && all(&|c| c.is_ascii_alphanumeric() || c == '-')
        }
        StepKind::GithubRepo => {
            name.len() <= 100
                && !name.starts_with('.')
                && all(&|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        }
        StepKind::VercelProject => {
            name.len() <= 100
                && !name.contains("---")
                && all(&|c| {
                    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.')
                })
        }
        _ => true,
    }
}

/// A customer of a seed's name, with its slug. Every other has an id of an older system as odd as its name.
fn made_up(seed: u64) -> (NewCustomer, String) {
    let new = NewCustomer {
        // Few would be left of pure noise.
        name: format!("{} {seed}", name(seed)),
        subdomain: format!("kund-{seed}"),
        contact_email: "anna@kund.example".to_owned(),
        blueprint: "factory".to_owned(),
        plan: "starter".to_owned(),
        external_id: seed
            .is_multiple_of(2)
            .then(|| format!("ID{seed}/{}", name(seed))),
        ..NewCustomer::default()
    };
    assert!(new.check().is_empty(), "{:?}", new.external_id);
    let slug = slug_of(&new.name);
    assert!(check_name(&new.name).is_ok(), "{:?}", new.name);
    let as_label = check_subdomain(&slug);
    assert!(as_label.is_ok(), "{:?}: {as_label:?}", new.name);
    (new, slug)
}

/// Those that are let in: all whose slug nobody has.
async fn added(store: &SqliteStore, rows: Vec<(NewCustomer, String)>) -> Vec<Customer> {
    let audit = NewAudit {
        operator: "anna@studio".to_owned(),
        action: "customers.imported".to_owned(),
        customer: None,
        run: None,
        facts: Value::Null,
    };
    let verdicts = store
        .import_customers(rows, false, audit, Arc::default())
        .await
        .unwrap();
    verdicts
        .into_iter()
        .filter_map(|verdict| match verdict {
            Inserted::Added(customer) => Some(*customer),
            Inserted::Refused(problem) => {
                assert_eq!(problem.code(), "slug_taken", "{problem}");
                None
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_names_give_names_that_are_valid_and_unique_at_the_vendors() {
    let proof = Proof::of(
        "S6",
        "made-up names, as names of projects and repositories of each blueprint",
    );
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("central.db"), Arc::new(Noon)).unwrap();
    let mut customers = Vec::new();
    let mut seeds = 0..NAMES as u64 * 10 / 9;
    // As many more as have a slug that is taken.
    while customers.len() < NAMES {
        let missing = NAMES - customers.len();
        let rows: Vec<_> = seeds.by_ref().take(missing).map(made_up).collect();
        assert_eq!(rows.len(), missing, "most are told apart");
        customers.extend(added(&store, rows).await);
    }
    let proof = proof.from_seeds(seeds.start);
    let workspace = WorkspaceId::new();
    for blueprint in built_in() {
        let blueprint = load_built_in(blueprint).unwrap();
        let named: Vec<_> = blueprint
            .steps
            .iter()
            .filter_map(|step| Some((step.kind, step.with.get("name")?.as_str()?)))
            .filter(|(kind, _)| {
                matches!(
                    kind,
                    StepKind::SupabaseProject | StepKind::GithubRepo | StepKind::VercelProject
                )
            })
            .collect();
        assert!(!named.is_empty(), "{} makes something", blueprint.name);
        let mut seen: Vec<_> = named.iter().map(|_| BTreeSet::new()).collect();
        for customer in &customers {
            let mark = Mark {
                workspace,
                customer: customer.id,
            };
            let snapshot = Snapshot {
                blueprint: blueprint.clone(),
                customer: customer.clone(),
                settings: BTreeMap::new(),
                names: BTreeMap::new(),
            };
            let values = Values::of(&snapshot, mark);
            for ((kind, template), seen) in named.iter().zip(&mut seen) {
                let Ok(Rendered::Public(made)) = render(template, &values, Mode::Plan) else {
                    panic!("{template} of {:?}", customer.name);
                };
                assert!(
                    is_valid(*kind, &made),
                    "{kind:?}: {made:?} of {:?}",
                    customer.name
                );
                assert!(seen.insert(made.clone()), "{kind:?}: {made:?} twice");
            }
        }
    }
    proof.held(customers.len());
}

/// Names that are let in, each a threat to another place.
const EVIL: [&str; 4] = [
    "O'Brien\"); drop table members; -- <script>alert(1)</script> $$ end $$;",
    "{{ 7*7 }}{% if %}${HOME}`id`$(id) %s%n &lt;b&gt; ]]> <!-- A",
    "../../x/..\\..\\y?z#a&b=c:d%2e%2e%00 ~ -rf --help",
    "=HYPERLINK(\"https://evil.example\";\"A\");+1;@x 👩 مرحبا",
];

/// In the customer's own database, as its owner sees it: one row with the name as it is, and all tables still there.
async fn it_is_one_name_in_the_database(app: &TestApp, customer: &Value, name: &str) {
    let reference = customer["supabase_project_ref"].as_str().unwrap();
    let sql = "select (select json_agg(name) from public.members) as names,
                 (select json_agg(tablename) from pg_tables where schemaname = 'public') as tables";
    let answer = app.ask_database(reference, sql).await;
    assert_eq!(answer[0]["names"], json!([name]), "{answer:#}");
    let blueprint = load_built_in("factory").unwrap();
    let schema = blueprint
        .steps
        .iter()
        .find(|step| step.kind == StepKind::DatabaseSchema)
        .unwrap();
    let there = answer[0]["tables"].as_array().unwrap();
    for table in schema.with["tables"].as_array().unwrap() {
        assert!(there.contains(table), "{table} is gone: {answer:#}");
    }
}

/// In the file that the site is made from: JSON, with the name as it is.
async fn it_is_text_in_the_repository(app: &TestApp, customer: &Value, name: &str) {
    let slug = customer["slug"].as_str().unwrap();
    let path = format!("/repos/sandbox-agency/{slug}/contents/client-config.json");
    let file = app.vendor("github").get(&path).await;
    // GitHub breaks its lines.
    let content = file["content"].as_str().unwrap().replace('\n', "");
    let content = STANDARD.decode(content).unwrap();
    let config: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(config["name"], name, "{config:#}");
}

#[tokio::test]
async fn a_hostile_name_does_no_harm_wherever_it_goes() {
    let proof = Proof::of(
        "S6",
        "hostile names through whole runs: database, repository, mail, records",
    );
    let app = TestApp::new().await;
    for (number, name) in EVIL.iter().enumerate() {
        let subdomain = format!("kund-{number}");
        let email = format!("anna@{subdomain}.example");
        for arguments in [
            &[
                "customers",
                "add",
                name,
                "--subdomain",
                &subdomain,
                "--email",
                &email,
                "--blueprint",
                "factory",
                "--plan",
                "starter",
                "--module",
                "crm",
                "--contact-name",
                name,
                "--json",
            ][..],
            &["provision", &subdomain, "--json"],
        ] {
            let ran = app.run(arguments).await.exits(0).json();
            let customer = ran.get("customer").unwrap_or(&ran);
            assert_eq!(customer["name"], *name, "{customer:#}");
        }
    }
    assert_eq!(app.cloud.census().await["mails"], EVIL.len(), "one each");
    let mails = app.cloud.mails().await;
    for (number, name) in EVIL.iter().enumerate() {
        let to = format!("anna@kund-{number}.example");
        let mail = mails
            .iter()
            .find(|mail| mail["to"].to_string().contains(&to))
            .expect("its mail");
        let (subject, html) = (
            mail["subject"].as_str().unwrap(),
            mail["html"].as_str().unwrap(),
        );
        assert!(
            subject.contains(name) && !subject.contains(['\r', '\n']),
            "{subject}"
        );
        assert!(
            !html.contains("<script>") && !html.contains("<!-- A"),
            "{html}"
        );
        assert!(mail["text"].as_str().unwrap().contains(name), "{mail}");
        let subdomain = format!("kund-{number}");
        let shown = app.run(&["customers", "show", &subdomain, "--json"]).await;
        let shown = shown.exits(0).json();
        let customer = &shown;
        assert_eq!(customer["name"], *name, "{customer:#}");
        it_is_one_name_in_the_database(&app, customer, name).await;
        it_is_text_in_the_repository(&app, customer, name).await;
        proof.held(1);
    }
    let exported = app.run(&["customers", "export"]).await.exits(0);
    let file = app.file("back.csv", &exported.stdout);
    let back = app
        .run(&["customers", "import", &file, "--dry-run", "--json"])
        .await
        .json();
    let names: BTreeSet<_> = back["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["name"].as_str())
        .map(ToOwned::to_owned)
        .collect();
    for name in EVIL {
        assert!(names.contains(name), "{name} is read back: {back:#}");
    }
}
