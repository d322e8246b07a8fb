//! Names that somebody chose to do harm (S6), and what becomes of them wherever a name goes: database, repository, mail,
//! records.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use fabrik_blueprints::{
    built_in, load_built_in,
    template::{Mode, Rendered, Values, render},
};
use fabrik_domain::{
    blueprint::StepKind,
    customer::{NewCustomer, check_name, check_subdomain, slug_of},
    id::WorkspaceId,
    ports::Clock,
    resource::Mark,
    run::Snapshot,
};
use fabrik_store::{Inserted, NewAudit, SqliteStore, Store};
use fabrik_tests::Proof;
use jiff::Timestamp;
use serde_json::Value;

use crate::world::TestApp;

/// How many names are made.
const NAMES: u64 = 10_000;

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

/// Numbers from a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

fn name(seed: u64) -> String {
    let mut numbers = Numbers(seed);
    let count = 2 + numbers.below(9);
    let pieces: Vec<_> = (0..count)
        .map(|_| PIECES[numbers.below(PIECES.len())])
        .collect();
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

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_names_give_names_that_are_valid_and_unique_at_the_vendors() {
    let proof = Proof::of(
        "S6",
        "made-up names, as names of projects and repositories of each blueprint",
    )
    .from_seeds(NAMES);
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("central.db"), Arc::new(Noon)).unwrap();
    let rows: Vec<_> = (0..NAMES)
        .map(|seed| {
            // Few would be left of pure noise.
            let name = format!("{} {seed}", name(seed));
            let new = NewCustomer {
                subdomain: format!("kund-{seed}"),
                contact_email: "anna@kund.example".to_owned(),
                blueprint: "factory".to_owned(),
                plan: "starter".to_owned(),
                ..NewCustomer::default()
            };
            let slug = slug_of(&name);
            (NewCustomer { name, ..new }, slug)
        })
        .collect();
    for (new, slug) in &rows {
        assert!(check_name(&new.name).is_ok(), "{:?}", new.name);
        let as_label = check_subdomain(slug);
        assert!(as_label.is_ok(), "{:?}: {as_label:?}", new.name);
    }
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
    let customers: Vec<_> = verdicts
        .into_iter()
        .filter_map(|verdict| match verdict {
            Inserted::Added(customer) => Some(*customer),
            Inserted::Refused(problem) => {
                assert_eq!(problem.code(), "slug_taken", "{problem}");
                None
            }
        })
        .collect();
    assert!(
        customers.len() as u64 > NAMES * 9 / 10,
        "most are told apart: {}",
        customers.len()
    );
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
        // As it is in the customer's own database: one row, and all tables still there.
        let shown = app
            .run(&["customers", "show", &format!("kund-{number}"), "--json"])
            .await
            .exits(0)
            .json();
        assert_eq!(shown["customer"]["name"], *name, "{shown:#}");
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
