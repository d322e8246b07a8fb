//! Moving in from older systems, and out again.

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
#[cfg(unix)]
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::world::TestApp;

/// As a Swedish spreadsheet saves it: a byte-order mark, semicolons, its own headings.
const SPREADSHEET: &str = "\u{feff}Namn;Subdomän;E-post;Plan;Moduler;Krediter;Kund-id\r\n\
    Åkermark & Co;akermark;anna@akermark.example;Starter;crm, email;1 250;AC-1\r\n\
    \"Berg; Ström\";bergstrom;info@bergstrom.example;professional;;0;AC-2\r\n\
    Cederlund;admin;nobody;starter;;;AC-3\r\n";

const OLDER: &str = r#"{
  "customerName": "Dalgren Bygg AB", "subdomain": "dalgren", "adminEmail": "per@dalgren.example",
  "tier": "enterprise", "language": "sv-SE", "modules": { "crm": true, "social": false, "email": true },
  "supabaseProjectRef": "abcdefghijklmnopqrst", "githubUrl": "https://github.com/agency/dalgren"
}"#;

async fn customers(app: &TestApp) -> Vec<Value> {
    let list = app
        .run(&["customers", "list", "--json"])
        .await
        .exits(0)
        .json();
    list["customers"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_swedish_spreadsheet_is_understood_row_by_row() {
    let app = TestApp::new().await;
    let file = app.file("kunder.csv", SPREADSHEET);
    let dry = app
        .run(&["customers", "import", &file, "--dry-run", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(
        (dry["added"].as_u64(), dry["refused"].as_u64()),
        (Some(2), Some(1)),
        "{dry:#}"
    );
    assert!(customers(&app).await.is_empty(), "a dry run adds nobody");

    let real = app
        .run(&["customers", "import", &file, "--json"])
        .await
        .exits(3)
        .json();
    let problems = real["rows"][2]["problems"].as_array().unwrap();
    let codes: Vec<_> = problems
        .iter()
        .map(|problem| problem["code"].as_str().unwrap())
        .collect();
    assert!(
        codes.contains(&"subdomain_invalid") && codes.contains(&"email_invalid"),
        "all at once: {codes:?}"
    );
    let added = customers(&app).await;
    assert_eq!(added.len(), 2, "the good rows are kept: {added:#?}");
    let by = |subdomain| {
        added
            .iter()
            .find(|customer| customer["subdomain"] == subdomain)
            .expect("it is there")
    };
    let (first, second) = (by("akermark"), by("bergstrom"));
    assert_eq!(first["name"], "Åkermark & Co");
    assert_eq!(first["plan"], "starter");
    assert_eq!(first["blueprint"], "factory", "what is first");
    assert_eq!(first["credits"], 1250);
    assert_eq!(first["modules"], json!(["crm", "email"]));
    assert_eq!(first["external_id"], "AC-1");
    assert_eq!(second["name"], "Berg; Ström");
    let again = app
        .run(&["customers", "import", &file, "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(again["added"], 0, "nobody is added twice: {again:#}");
}

/// Of two rows that want one subdomain the first has it; the other is told whose it is, and the rest goes on.
#[tokio::test]
async fn a_subdomain_that_two_rows_want_is_the_firsts() {
    let app = TestApp::new().await;
    let file = "name,subdomain,email,blueprint,plan
Åkermark,norr,anna@akermark.example,factory,starter
Berg,norr,info@berg.example,factory,starter
Ceder,ceder,clara@ceder.example,factory,starter
";
    let file = app.file("kunder.csv", file);
    let import = ["customers", "import", &file, "--json"];
    for added in [2, 0] {
        let report = app.run(&import).await.exits(3).json();
        assert_eq!(report["added"], added, "{report:#}");
        let problem = &report["rows"][1]["problems"][0];
        assert_eq!(
            (&problem["code"], &problem["customer"]),
            (&json!("subdomain_taken"), &json!("Åkermark")),
            "{report:#}"
        );
    }
    assert_eq!(customers(&app).await.len(), 2);
}

/// The older systems' files name no blueprint: whoever moves in from one says it once.
#[tokio::test]
async fn the_blueprint_of_a_whole_file_is_chosen_and_told_where_it_is_not() {
    let app = TestApp::new().await;
    let file = app.file("kunder.csv", "namn;e-post\nDalgren;per@dalgren.example\n");
    let import = ["customers", "import", &file];
    let dry = [&import[..], &["--dry-run"]].concat();
    let told = app.run(&dry).await.exits(0).stdout;
    assert!(told.contains("factory (--blueprint)"), "{told}");
    let chosen = ["--blueprint", "client-stack"];
    let told = app.run(&[&dry[..], &chosen].concat()).await.exits(0).stdout;
    assert!(
        told.contains("client-stack"),
        "the preview shows it: {told}"
    );
    assert!(!told.contains("--blueprint"), "{told}");
    let unknown = [&import[..], &["--blueprint", "client-stak", "--json"]].concat();
    let unknown = app.run(&unknown).await.exits(3).json();
    assert_eq!(unknown["code"], "blueprint_unknown", "{unknown:#}");
    app.run(&[&import[..], &chosen].concat()).await.exits(0);
    assert_eq!(customers(&app).await[0]["blueprint"], "client-stack");
}

/// As an older spreadsheet on Windows saves it.
#[tokio::test]
async fn letters_survive_a_file_in_another_encoding() {
    let app = TestApp::new().await;
    let file = app.file(
        "kunder.csv",
        b"Namn;E-post\r\n\xc5kermark \x96 Bygg;anna@akermark.example\r\n",
    );
    app.run(&["customers", "import", &file]).await.exits(0);
    assert_eq!(customers(&app).await[0]["name"], "Åkermark – Bygg");
}

/// All of a file or nothing of it: half of the rows would have to be sought out by hand.
#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_an_import_and_nothing_of_it_is_kept() {
    /// Enough for the writing to take much longer than a look at how far it has come.
    const ROWS: u64 = 40_000;
    let app = TestApp::new().await;
    let rows = (0..ROWS).map(|number| format!("Kund {number};info@kund-{number}.example\n"));
    let file = app.file(
        "kunder.csv",
        "namn;e-post\n".to_owned() + &rows.collect::<String>(),
    );
    let mut child = app.spawn(&["customers", "import", &file, "--json"]);
    let process = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let process = process.expect("it has begun");
    let stderr = child.stderr.take().expect("it is piped");
    let mut progress = BufReader::new(stderr).lines();
    // All are read by half of it: from here on some are written.
    loop {
        let line = progress.next_line().await.expect("UTF-8 on stderr");
        let line = line.expect("it is not over yet");
        let told: Value = serde_json::from_str(&line).expect("JSON lines");
        if told["import"]["done"].as_u64() > Some(ROWS / 2) {
            break;
        }
    }
    kill_process(process, Signal::INT).expect("Ctrl-C");
    let stopped = TestApp::ended(child).await.exits(4).json();
    assert_eq!(stopped["code"], "import_stopped", "{stopped:#}");
    assert!(customers(&app).await.is_empty(), "nobody was added");

    let few = app.file("kunder.csv", "namn;e-post\nKund 0;info@kund-0.example\n");
    app.run(&["customers", "import", &few]).await.exits(0);
    assert_eq!(customers(&app).await.len(), 1, "it can be run again");
}

#[tokio::test]
async fn an_export_in_a_document_is_one() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let document = app
        .run(&["customers", "export", "--format", "csv", "--json"])
        .await
        .exits(0)
        .json();
    let content = document["content"].as_str().expect("the file");
    assert!(content.starts_with("name,subdomain,"), "{document:#}");
    assert!(content.contains("akermark"), "{document:#}");
}

#[tokio::test]
async fn an_older_customer_config_is_understood() {
    let app = TestApp::new().await;
    let file = app.file("customer-config.json", OLDER);
    app.run(&["customers", "import", &file, "--json"])
        .await
        .exits(0);
    let customer = &customers(&app).await[0];
    assert_eq!(customer["name"], "Dalgren Bygg AB");
    assert_eq!(customer["contact_email"], "per@dalgren.example");
    assert_eq!(customer["plan"], "enterprise");
    assert_eq!(
        customer["modules"],
        json!(["crm", "email"]),
        "those that were on"
    );
    assert_eq!(customer["supabase_project_ref"], "abcdefghijklmnopqrst");
    assert_eq!(
        customer["github_repo_url"],
        "https://github.com/agency/dalgren"
    );
}

#[tokio::test]
async fn an_export_can_be_imported_again() {
    let app = TestApp::new().await;
    let file = app.file("kunder.csv", SPREADSHEET);
    app.run(&["customers", "import", &file]).await.exits(3);
    app.run(&["customers", "edit", "akermark", "--contact-name", "=1+1"])
        .await
        .exits(0);
    let before = customers(&app).await;
    for format in ["csv", "json"] {
        let exported = app
            .run(&["customers", "export", "--format", format])
            .await
            .exits(0)
            .stdout;
        if format == "csv" {
            assert!(
                !exported.contains(",=1+1"),
                "no cell is a formula: {exported}"
            );
        }
        let other = TestApp::new().await;
        let file = other.file(&format!("export.{format}"), &exported);
        other.run(&["customers", "import", &file]).await.exits(0);
        let after = customers(&other).await;
        assert_eq!(after.len(), before.len());
        for (one, another) in before.iter().zip(&after) {
            for field in [
                "name",
                "slug",
                "subdomain",
                "contact_email",
                "contact_name",
                "plan",
                "blueprint",
                "modules",
                "credits",
                "external_id",
                "language",
                "status",
            ] {
                assert_eq!(one[field], another[field], "{field}, by {format}");
            }
        }
    }
}

/// The whole way of a newcomer: an older system's `.env`, its customer file, and one command.
#[tokio::test]
async fn an_env_file_and_a_customer_file_are_enough_to_provision() {
    let mut app = TestApp::new().await;
    let text = |name: &str| app.cloud.variable(name).to_owned();
    let env = format!(
        "# moved from the old server\nSUPABASE_ACCESS_TOKEN={}\nSUPABASE_ORG_ID={}\nGITHUB_TOKEN=\"{}\"\n\
         GITHUB_ORG={}\nGITHUB_TEMPLATE_OWNER=sandbox-agency\nGITHUB_TEMPLATE_REPO=template\nVERCEL_TOKEN={}\n\
         VERCEL_TEAM_ID={}\nRESEND_API_KEY={}\nN8N_HOST={}\nN8N_API_KEY={}\nGITEA_URL={}\nGITEA_TOKEN={}\n\
         STRIPE_SECRET_KEY={}\n\
         EMAIL_FROM=hello@sandbox-agency.example\nNODE_ENV=production\nEMPTY=\n",
        text("FABRIK_SECRET_SUPABASE"),
        text("FABRIK_SUPABASE_ORGANIZATION"),
        text("FABRIK_SECRET_GITHUB"),
        text("FABRIK_GITHUB_OWNER"),
        text("FABRIK_SECRET_VERCEL"),
        text("FABRIK_VERCEL_TEAM"),
        text("FABRIK_SECRET_RESEND"),
        text("FABRIK_N8N_URL"),
        text("FABRIK_SECRET_N8N"),
        text("FABRIK_GITEA_URL"),
        text("FABRIK_SECRET_GITEA"),
        text("FABRIK_SECRET_STRIPE"),
    );
    let providers = [
        "SUPABASE", "GITHUB", "VERCEL", "RESEND", "N8N", "GITEA", "STRIPE",
    ];
    let tokens = providers.map(|name| text(&format!("FABRIK_SECRET_{name}")));
    for name in providers {
        app.unset(&format!("FABRIK_SECRET_{name}"));
    }
    for name in [
        "SUPABASE_ORGANIZATION",
        "GITHUB_OWNER",
        "GITHUB_TEMPLATE",
        "VERCEL_TEAM",
        "EMAIL_FROM",
        "N8N_URL",
        "GITEA_URL",
    ] {
        app.unset(&format!("FABRIK_{name}"));
    }
    let file = app.file("old.env", &env);

    let dry = app
        .run(&["credentials", "import", &file, "--dry-run", "--json"])
        .await
        .exits(0);
    let verdicts = dry.json();
    let verdict = |name: &str| {
        let entries = verdicts["entries"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["name"] == name);
        entry.unwrap_or_else(|| panic!("{name}: {verdicts:#}"))["verdict"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(verdicts["done"], false);
    for (name, expected) in [
        ("SUPABASE_ACCESS_TOKEN", "credential"),
        ("GITHUB_TOKEN", "credential"),
        ("SUPABASE_ORG_ID", "setting"),
        ("GITHUB_TEMPLATE_REPO", "setting"),
        ("N8N_HOST", "setting"),
        ("GITEA_TOKEN", "credential"),
        ("NODE_ENV", "ignored"),
        ("EMPTY", "empty"),
    ] {
        assert_eq!(verdict(name), expected, "{name}");
    }
    let status = app
        .run(&["credentials", "status", "--json"])
        .await
        .exits(0)
        .json();
    let missing = |status: &Value| {
        let credentials = status["credentials"].as_array().unwrap();
        credentials
            .iter()
            .filter(|credential| credential["source"] == "none")
            .count()
    };
    assert_eq!(missing(&status), 7, "a dry look keeps nothing: {status:#}");

    let empty = app.file("empty.env", "");
    let told = app.run(&["credentials", "import", &empty]).await.exits(0);
    assert!(!told.stdout.trim().is_empty(), "it is said to be empty");

    let real = app.run(&["credentials", "import", &file]).await.exits(0);
    let status = app.run(&["credentials", "status", "--json"]).await.exits(0);
    let credentials = status.json()["credentials"].as_array().unwrap().clone();
    assert!(
        credentials
            .iter()
            .all(|credential| credential["source"] == "keyring"),
        "{credentials:#?}"
    );
    for token in &tokens {
        for said in [
            &dry.stdout,
            &dry.stderr,
            &real.stdout,
            &real.stderr,
            &status.stdout,
        ] {
            assert!(!said.contains(token), "a token is never said: {said}");
        }
    }
    app.run(&["credentials", "test"]).await.exits(0);

    let older = app.file("customer-config.json", OLDER.replace(",\n  \"supabaseProjectRef\": \"abcdefghijklmnopqrst\", \"githubUrl\": \"https://github.com/agency/dalgren\"", ""));
    app.run(&["customers", "import", &older]).await.exits(0);
    let document = app
        .run(&["provision", "dalgren", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(document["run"]["state"], "succeeded", "{document:#}");
    for provider in ["supabase", "github", "vercel", "resend", "n8n", "gitea"] {
        app.run(&["credentials", "remove", provider]).await.exits(0);
    }
}

/// A setting that is a secret goes in by standard input, to the keyring, and comes out nowhere.
#[tokio::test]
async fn a_secret_setting_is_asked_for_and_never_an_argument() {
    let app = TestApp::new().await;
    let set = ["settings", "set", "smtp.password", "--json"];
    let source = async || {
        let all = app.run(&["settings", "get", "--json"]).await.exits(0);
        let all = all.json();
        let mut settings = all.as_array().unwrap().iter();
        let one = settings.find(|one| one["key"] == "smtp.password").unwrap();
        assert!(one["value"].is_null(), "{one:#}");
        one["source"].as_str().unwrap().to_owned()
    };
    let typed = app.run(&[&set[..], &["hunter2hunter2"]].concat()).await;
    let typed = typed.exits(3);
    assert_eq!(typed.json()["code"], "setting_invalid");
    assert_eq!(source().await, "unset");
    let kept = app.run_with_input(&set, "hunter2hunter2\n").await.exits(0);
    assert_eq!(source().await, "stored");
    for said in [&typed.stdout, &typed.stderr, &kept.stdout, &kept.stderr] {
        assert!(!said.contains("hunter2"), "{said}");
    }
    // Without a value another setting is left as it is.
    let missing = app.run(&["settings", "set", "github.owner"]).await;
    missing.exits(3);
    app.run(&[&set[..], &[""]].concat()).await.exits(0);
    assert_eq!(source().await, "unset");
}
