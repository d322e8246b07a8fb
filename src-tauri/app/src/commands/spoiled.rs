//! Whatever the page, or a file that was dropped on it, says: a command ends in an answer or a problem (P8). What each
//! command is given comes from the table: a new one is tried without a line, and a new type wants a sample here.

use std::{collections::BTreeMap, sync::Arc};

use fabrik_domain::{Problem, customer::NewCustomer, provider::Provider};
use fabrik_store::CustomerQuery;
use fabrik_tests::{
    Proof,
    memory::{Measured, is_alone},
    spoiled::{self, Dice},
};
use fabrik_vault::MemoryVault;
use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use super::{ARGUMENTS, NAMES, dispatch};
use crate::{App, testing, text_of};

const SPOILED: u64 = 200;

/// What a good argument of each type is; `customer` and `run` are there.
fn sample(kind: &str, customer: &str, run: &str) -> Option<Value> {
    if let Some(inner) = kind.strip_prefix("Vec<") {
        return Some(json!([sample(inner.strip_suffix('>')?, customer, run)?]));
    }
    if let Some(inner) = kind.strip_prefix("Option<") {
        return sample(inner.strip_suffix('>')?, customer, run);
    }
    let person = json!({
        "name": "Lyran", "subdomain": "lyran", "contact_email": "anna@lyran.example", "blueprint": "factory",
        "plan": "starter", "language": "sv", "modules": ["crm"],
    });
    let table = json!({ "schema": "public", "name": "clients" });
    Some(match kind {
        "String" => json!("akermark"),
        "bool" => json!(true),
        "CustomerId" => json!(customer),
        "RunId" => json!(run),
        "RequestId" => json!("0198f0a0-0000-7000-8000-000000000000"),
        // Nobody listens there.
        "EnteredSecret" => json!("postgres://fabrik@127.0.0.1:9/central"),
        "CustomerPatch" => json!({ "name": "Lyran", "modules": ["crm"], "credits": 3 }),
        "CustomerQuery" => json!({
            "search": "aker", "sort": "name", "descending": false, "limit": 10, "offset": 0,
        }),
        "RunQuery" => json!({ "search": "1", "states": ["failed"], "limit": 10, "offset": 0 }),
        "RequestQuery" => json!({ "states": ["open"], "limit": 10, "offset": 0 }),
        "Wish" => person,
        "NewCustomer" => {
            let mut new = person;
            new["credits"] = json!(0);
            new["status"] = json!("pending");
            new
        }
        "Decision" => json!({ "decision": "adopt", "id": "x" }),
        "Density" => json!("compact"),
        "Theme" => json!("dark"),
        "Language" => json!("sv"),
        "OnFailure" => json!("keep"),
        "ExportFormat" => json!("csv"),
        "Folder" => json!("data"),
        "LinkTarget" => json!("vercel"),
        "Provider" => json!("github"),
        "Preset" => json!("agency"),
        "Relation" => table,
        "Mapping" => json!({
            "table": table, "columns": { "name": "company" }, "statuses": { "trial": "pending" },
            "results": { "table": table, "key": "id", "columns": { "status": "state" } },
        }),
        "BlueprintFile" => json!({ "path": "blueprint.toml", "text": "title = 1" }),
        _ => return None,
    })
}

/// A workspace whose vendors are nowhere.
async fn far_from_all() -> (tempfile::TempDir, App) {
    let nowhere = Provider::ALL.map(|provider| {
        let name = format!("FABRIK_{}_URL", provider.key().to_ascii_uppercase());
        (name, "http://127.0.0.1:9")
    });
    let nowhere: Vec<_> = nowhere.iter().map(|(name, url)| (&**name, *url)).collect();
    testing::app_with(&nowhere).await
}

/// One with a customer and a run.
async fn workspace() -> (tempfile::TempDir, Arc<App>, String, String) {
    let (folder, app) = far_from_all().await;
    let lease = testing::run(&app, testing::DEAD, BTreeMap::new()).await;
    let run = app.store.run(lease.run).await.unwrap();
    let (customer, run) = (run.customer.to_string(), run.id.to_string());
    (folder, Arc::new(app), customer, run)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_argument_of_a_command_panics_or_fills_the_memory() {
    if !is_alone("commands::spoiled::no_argument_of_a_command_panics_or_fills_the_memory").unwrap()
    {
        return;
    }
    let proof = Proof::of("P8", "spoiled arguments to each command").from_seeds(SPOILED);
    let (_folder, app, ..) = workspace().await;
    let measured = Measured::from_now();
    for one in spoiled::kept("commands").unwrap() {
        let (file, command) = (one.file, one.line);
        let known = NAMES.contains(&&*command);
        assert!(known, "{file}: there is no command {command:?}");
        if let Ok(arguments) = serde_json::from_slice(&one.rest) {
            drop(dispatch(&app, &command, arguments).await);
            measured.assert_room(&file);
            proof.held(1);
        }
    }
    let tried = stream::iter(ARGUMENTS).map(async |(command, arguments)| {
        let (_folder, app, customer, run) = workspace().await;
        let mut good = Map::new();
        for (name, kind) in *arguments {
            let kind = kind.replace(' ', "");
            let sample = sample(&kind, &customer, &run);
            let sample =
                sample.unwrap_or_else(|| panic!("{command} takes a {kind}: give it a sample"));
            good.insert((*name).to_owned(), sample);
        }
        let good = Value::Object(good);
        let refused = format!("arguments of {command}");
        if let Err(problem) = dispatch(&app, command, good.clone()).await {
            let taken = problem.detail.as_deref() != Some(&*refused);
            assert!(taken, "{command} does not take its samples: {good}");
        }
        measured.leave_out();
        for seed in 0..SPOILED {
            let mut dice = Dice::of(seed);
            let spoiled = match dice.below(4) {
                0 => spoiled::field_gone(&good, &mut dice),
                _ => spoiled::another_type(&good, &mut dice),
            };
            // Which of the two it is, is all the same.
            drop(dispatch(&app, command, spoiled).await);
            measured.assert_room(format_args!("{command}, seed {seed}"));
            proof.held(1);
        }
    });
    tried.buffer_unordered(4).collect::<()>().await;
}

/// Good files of each kind that is taken in.
const FILES: [(&str, &str); 5] = [
    (
        "customers.csv",
        "name;subdomain;email;plan;modules\r\n\"Åkermark & söner\";aker;anna@aker.example;starter;crm,shop\r\n\
         Lyran;lyran;bo@lyran.example;starter;\r\n",
    ),
    (
        "customers.json",
        r#"[{"name": "Lyran", "subdomain": "lyran", "contact_email": "bo@lyran.example", "plan": "starter",
            "blueprint": "factory", "modules": ["crm"], "credits": 3}]"#,
    ),
    (
        "customer-config.json",
        r#"{"customerId": "c-lyran", "companyName": "Lyran", "subdomain": "lyran", "plan": "starter",
            "modules": {"crm": true}, "contact": {"email": "bo@lyran.example"}}"#,
    ),
    (
        "members.csv",
        "Förnamn;Efternamn;E-post;Telefon;Roll;Status;Språk;Började;Slutade;Instrument;Stol\r\n\
         Anna;\"Åker; Ek\";anna@lyran.example;070-1 23;musiker;ordinarie;sv;2019-08-01;;\"violin, viola\";2\r\n\
         Bo;Ek;bo@lyran.example;;planerare;tidigare;en;2001-01-31;2020-08-31;harpa;\r\n",
    ),
    (
        ".env",
        "# older\nexport GITHUB_TOKEN=\"ghp_x\"\nSUPABASE_ORG_ID='norrform'\nEMAIL_FROM=Norrform <hej@norrform.se>\n\
         MULTI=\"a\nb\"\nN8N_HOST=https://n8n.norrform.se\n",
    ),
];

/// A workspace that files are taken into, with an orchestra whose members one of them is about. Its keyring is its own,
/// and has no token: no vendor is asked, so of members it is the reading of the file that is tried here.
async fn taking_in() -> (tempfile::TempDir, Arc<App>, String) {
    let (folder, mut app) = far_from_all().await;
    let keyring = Arc::new(MemoryVault::new());
    app.vault = keyring.clone();
    app.secrets = keyring;
    let orchestra = NewCustomer {
        name: "Orkestern".to_owned(),
        subdomain: "orkestern".to_owned(),
        blueprint: "orchestra".to_owned(),
        plan: "small".to_owned(),
        supabase_project_ref: Some("abcdefghijklmnopqrst".to_owned()),
        ..testing::new_customer()
    };
    let orchestra = app.customer_add(orchestra).await.unwrap();
    (folder, Arc::new(app), orchestra.id.to_string())
}

/// Takes in a file: its bytes are read as text first, as the command line does.
async fn take_in(
    app: &Arc<App>,
    orchestra: &str,
    name: &str,
    content: &[u8],
    dry_run: bool,
) -> Result<Value, Problem> {
    let content = text_of(content.to_vec());
    let mut arguments = json!({ "content": content, "dry_run": dry_run });
    let command = match name {
        ".env" => "env_import",
        "members.csv" => "members_import",
        _ => "customers_import",
    };
    if command != "env_import" {
        arguments["file_name"] = json!(name);
    }
    if command == "members_import" {
        arguments["customer"] = json!(orchestra);
    }
    dispatch(app, command, arguments).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_that_is_taken_in_panics_or_fills_the_memory() {
    if !is_alone("commands::spoiled::no_file_that_is_taken_in_panics_or_fills_the_memory").unwrap()
    {
        return;
    }
    let proof = Proof::of("P8", "spoiled files that are imported").from_seeds(SPOILED);
    let (_folder, app, orchestra) = taking_in().await;
    let measured = Measured::from_now();
    for one in spoiled::kept("imports").unwrap() {
        let (file, name) = (one.file, one.line);
        let known = FILES.iter().any(|(known, _)| *known == name);
        assert!(known, "{file}: no file is imported as {name:?}");
        for dry_run in [true, false] {
            drop(take_in(&app, &orchestra, &name, &one.rest, dry_run).await);
            measured.assert_room(&file);
        }
        proof.held(1);
    }
    let tried = stream::iter(FILES).map(async |(name, good)| {
        let (_folder, app, orchestra) = taking_in().await;
        let units = std::iter::once(0xfeff).chain(good.encode_utf16());
        let utf_16: Vec<_> = units.flat_map(u16::to_le_bytes).collect();
        for good in [good.as_bytes(), &utf_16] {
            match take_in(&app, &orchestra, name, good, true).await {
                // It was read: then the members' database is asked for.
                Err(problem) if name == "members.csv" => {
                    assert_eq!(problem.code(), "credential_missing", "{name}");
                }
                told => assert!(told.is_ok(), "{name} is good: {told:?}"),
            }
        }
        measured.leave_out();
        for seed in 0..SPOILED {
            let mut dice = Dice::of(seed);
            // Another customer each time: one that is there already is refused, and so would all that follow be.
            let good = good.replace("lyran", &format!("lyran-{seed}"));
            let mut spoiled = spoiled::text(good.as_bytes(), &mut dice);
            if dice.below(3) == 0 {
                spoiled = spoiled::text(&spoiled, &mut dice);
            }
            // Of every fourth what is good is kept.
            let dry_run = !seed.is_multiple_of(4);
            drop(take_in(&app, &orchestra, name, &spoiled, dry_run).await);
            measured.assert_room(format_args!("{name}, seed {seed}"));
            proof.held(1);
        }
        let customers = app.store.customers(CustomerQuery::default()).await.unwrap();
        let settings = app.store.settings().await.unwrap();
        match name {
            ".env" => assert!(settings.contains_key("email.from"), "some were kept"),
            "customers.csv" | "customers.json" => assert!(customers.total > 1, "some were kept"),
            _ => {}
        }
    });
    tried.buffer_unordered(4).collect::<()>().await;
}
