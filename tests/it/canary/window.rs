//! No secret reaches the web view (S3): every command of the table is called, as a window calls it, while the agency's
//! tokens and a run's secrets are in reach; what is answered and told is searched, and then what it left in files, with
//! the bundle for whoever helps (S1).

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use fabrik_app::{App, Environment, Options, commands};
use fabrik_tests::Proof;
use serde_json::{Value, json};

use super::{PROVIDERS, canary, encodings::hits, files, secrets, world};
use crate::world::TestApp;

/// How long a run may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Secrets that are typed and never used: passwords of servers that are not there, a token that is refused.
const TYPED: [&str; 5] = [
    "KanariefagelLosenord8Kv2Rt6Yb1",
    "ghp_KanariefagelAvvisad4Hn7Qz3Lw9",
    "KanariefagelUrEnvFil5Xc1Mp8Dj6",
    "KanariefagelAnnanTabell2Fs9Gk4",
    "KanariefagelPostServer7Qd3Vn9",
];

/// A window, and all that it has heard.
struct Window {
    app: Arc<App>,
    heard: Arc<Mutex<Vec<(String, String)>>>,
    called: BTreeSet<String>,
}

impl Window {
    /// Of the test's workspace. The window takes no token from the variables.
    async fn open(app: &TestApp) -> Self {
        let variables = app
            .variables()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let downloads = app.data().join("downloads").display().to_string();
        let variables = variables.chain([("XDG_DOWNLOAD_DIR".to_owned(), downloads)]);
        let options = Options {
            environment: Environment::of(variables, false),
            data_dir: None,
            workspace: None,
            browser: Some(Box::new(|_| true)),
        };
        let app = Arc::new(App::open(options).await.unwrap());
        let heard = Arc::<Mutex<Vec<_>>>::default();
        let (mut events, ears) = (app.engine().events(), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok(event) = events.recv().await {
                let told = serde_json::to_string(&event).unwrap();
                ears.lock().unwrap().push(("an event".to_owned(), told));
            }
        });
        let (mut hints, ears) = (app.hints(), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Some(hint) = hints.recv().await {
                let told = serde_json::to_string(&hint).unwrap();
                ears.lock().unwrap().push(("a hint".to_owned(), told));
            }
        });
        Self {
            app,
            heard,
            called: BTreeSet::new(),
        }
    }

    /// Calls a command, and gives its answer, or what was wrong.
    async fn call(&mut self, name: &str, arguments: Value) -> Value {
        self.called.insert(name.to_owned());
        let answer = match commands::dispatch(&self.app, name, arguments.clone()).await {
            Ok(answer) => answer,
            Err(problem) => {
                let told = json!(problem);
                let unknown = format!("arguments of {name}");
                assert_ne!(told["detail"], unknown, "{name} {arguments}");
                told
            }
        };
        let told = answer.to_string();
        self.heard
            .lock()
            .unwrap()
            .push((format!("{name}'s answer"), told));
        answer
    }

    /// Waits for a run's end, and gives the run.
    async fn end_of(&mut self, run: &Value) -> Value {
        let ended = async {
            loop {
                let shown = self.call("run_get", json!({ "run": run["id"] })).await;
                let state = shown["run"]["state"].as_str().unwrap_or_default();
                if !matches!(state, "queued" | "running" | "undoing") {
                    return shown;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended)
            .await
            .expect("it ends")
    }
}

fn wish(name: &str) -> Value {
    json!({
        "name": name, "subdomain": name.to_lowercase(), "contact_email": "anna@kund.example",
        "contact_name": "Anna Åker", "blueprint": "factory", "plan": "starter", "language": "sv", "modules": ["crm"],
    })
}

/// Credentials and settings, right and wrong.
async fn set_up(window: &mut Window) {
    let [password, refused, imported, _, mail] = TYPED;
    let github = json!({ "provider": "github", "token": refused });
    let told = window.call("credential_set", github).await;
    assert_ne!(told["state"], "works", "a token that nobody made: {told}");
    for (provider, prefix) in PROVIDERS {
        let token = canary(provider, prefix);
        let given = json!({ "provider": provider, "token": token });
        let told = window.call("credential_set", given).await;
        assert_eq!(told["state"], "works", "{provider}: {told}");
        window
            .call("credential_test", json!({ "provider": provider }))
            .await;
    }
    let env = format!(
        "GITHUB_TOKEN={imported}\nDATABASE_URL_AKERMARK=postgres://u:{imported}@db.example/x\nGITHUB_ORG=agency\n"
    );
    for dry_run in [true, false] {
        let file = if dry_run {
            env.clone()
        } else {
            format!("DATABASE_URL_NOBODY=postgres://u:{imported}@db.example/x\n")
        };
        let given = json!({ "content": file, "dry_run": dry_run });
        window.call("env_import", given).await;
    }
    let server = format!("postgres://u:{password}@127.0.0.1:1/x");
    let given = json!({ "url": server, "password": password, "bring": false });
    window.call("database_set", given).await;
    let setting = json!({ "key": "email.support", "value": "hjalp@norrform.example" });
    window.call("setting_set", setting).await;
    let secret = json!({ "key": "smtp.password", "secret": mail });
    window.call("setting_secret_set", secret).await;
}

/// A customer from nothing to an instance, and what can be asked of it.
async fn provision(window: &mut Window) -> Value {
    let customer = window
        .call("customer_add", json!({ "new": wish("Akermark") }))
        .await;
    let id = &customer["id"];
    window.call("plan", json!({ "customer": id })).await;
    window.call("allowance", json!({ "customers": [id] })).await;
    let run = window
        .call(
            "provision",
            json!({ "customer": id, "on_failure": "rollback" }),
        )
        .await;
    let shown = window.end_of(&run).await;
    assert_eq!(shown["run"]["state"], "succeeded", "{shown:#}");
    for target in ["production", "github", "supabase", "vercel"] {
        window
            .call("link_open", json!({ "customer": id, "target": target }))
            .await;
    }
    window
        .call("welcome_preview", json!({ "customer": id }))
        .await;
    let mail = window
        .call("welcome_resend", json!({ "customer": id }))
        .await;
    assert_eq!(mail["state"], "sent", "{mail}");
    customer
}

/// A run that fails and is taken back, and one that goes on.
async fn fail(app: &TestApp, window: &mut Window) {
    app.cloud
        .faults(json!([{ "provider": "vercel", "method": "POST", "path": "/v13/deployments", "do": "status:400" }]))
        .await;
    let customer = window
        .call("customer_add", json!({ "new": wish("Bergstrom") }))
        .await;
    let asked = json!({ "customers": [customer["id"]], "on_failure": "keep" });
    let begun = window.call("provision_many", asked).await;
    let run = begun["begun"][0].clone();
    window.end_of(&run).await;
    let of = json!({ "run": run["id"] });
    window.call("run_resume", of.clone()).await;
    let cancel = json!({ "run": run["id"], "keep": true });
    window.call("run_cancel", cancel).await;
    window.end_of(&run).await;
    app.cloud.faults(json!([])).await;
    window.call("run_rollback", of.clone()).await;
    window.end_of(&run).await;
    let decision =
        json!({ "run": run["id"], "step": "supabase", "decision": { "decision": "new" } });
    window.call("run_decide", decision).await;
    let leftover = json!({ "run": run["id"], "resource": "none" });
    window.call("run_let_go", leftover).await;
    let candidate = json!({ "run": run["id"], "step": "supabase", "id": "none" });
    window.call("candidate_open", candidate).await;
}

/// All that needs little: with what there is, or refused.
async fn ask_everything(window: &mut Window, customer: &Value) {
    let [_, _, _, table, _] = TYPED;
    let id = &customer["id"];
    let request = window
        .call("request_add", json!({ "wish": wish("Cederlund") }))
        .await;
    let request = &request["id"];
    let url = format!("postgres://u:{table}@127.0.0.1:1/x");
    let mapping = json!({
        "table": { "schema": "public", "name": "organizations" },
        "columns": { "external_id": "id", "name": "name" },
    });
    let results = json!({ "schema": "public", "name": "results" });
    let files = json!([{ "path": "blueprint.toml", "text": "version = 1" }]);
    let csv =
        "name,contact_email,database_url\nBo,bo@bo.example,postgres://u:hunter2@db.example/x\n";
    for (name, arguments) in [
        ("overview", json!({})),
        ("customers_list", json!({ "query": {} })),
        ("customer_get", json!({ "customer": id })),
        (
            "customer_neighbours",
            json!({ "customer": id, "query": {} }),
        ),
        (
            "customer_edit",
            json!({ "customer": id, "patch": { "credits": 7 } }),
        ),
        (
            "customer_remove",
            json!({ "customer": id, "confirm": "akermark" }),
        ),
        (
            "customer_check",
            json!({ "name": "Åkermark", "subdomain": "akermark", "except": null }),
        ),
        ("subdomain_suggest", json!({ "name": "Åkermark" })),
        ("customer_counts", json!({})),
        (
            "customers_save",
            json!({ "format": "csv", "customers": [] }),
        ),
        (
            "customers_save",
            json!({ "format": "json", "customers": [] }),
        ),
        (
            "customers_import",
            json!({ "file_name": "a.csv", "content": csv, "dry_run": true }),
        ),
        (
            "members_import",
            json!({ "customer": id, "file_name": "m.csv", "content": "name\nAnna\n", "dry_run": true }),
        ),
        ("requests_list", json!({ "query": {} })),
        ("request_get", json!({ "request": request })),
        (
            "request_edit",
            json!({ "request": request, "wish": wish("Cederlund") }),
        ),
        (
            "request_review",
            json!({ "request": request, "subdomain": null }),
        ),
        ("request_archive", json!({ "request": request })),
        ("request_restore", json!({ "request": request })),
        (
            "request_settle",
            json!({ "request": request, "pause": false }),
        ),
        (
            "request_reject",
            json!({ "request": request, "reason": "nej" }),
        ),
        (
            "request_approve",
            json!({ "request": request, "subdomain": null, "on_failure": "keep" }),
        ),
        ("stripe_read", json!({})),
        ("import_progress", json!({})),
        ("import_stop", json!({})),
        ("import_save", json!({})),
        ("blueprints_list", json!({})),
        ("blueprints_shelf", json!({})),
        ("blueprint_open", json!({ "name": "factory" })),
        (
            "blueprint_copy",
            json!({ "name": "mine", "from": "factory" }),
        ),
        ("blueprint_check", json!({ "name": "mine" })),
        (
            "blueprint_draft_check",
            json!({ "name": "mine", "files": files }),
        ),
        (
            "blueprint_save",
            json!({ "name": "mine", "hash": "0", "files": files }),
        ),
        ("blueprint_versions", json!({ "name": "mine" })),
        ("blueprint_version", json!({ "name": "mine", "hash": "0" })),
        ("domains_check", json!({ "customer": null })),
        ("runs_list", json!({ "query": {} })),
        ("removal_plan", json!({ "customer": id })),
        ("credentials_list", json!({})),
        ("keyring_check", json!({})),
        ("settings_list", json!({})),
        ("language_set", json!({ "language": "en" })),
        ("theme_set", json!({ "theme": "dark" })),
        ("density_set", json!({ "density": "compact" })),
        ("workspaces_list", json!({})),
        ("workspace_choose", json!({ "name": "agency" })),
        ("database", json!({})),
        ("database_copies", json!({})),
        // Of a day that has none.
        ("database_restore", json!({ "day": "2001-01-01" })),
        ("source_get", json!({})),
        (
            "source_look",
            json!({ "url": url, "password": table, "preset": null, "table": null }),
        ),
        (
            "source_results_to",
            json!({ "url": url, "password": table, "preset": null, "mapping": mapping, "table": results }),
        ),
        (
            "source_preview",
            json!({ "url": url, "password": table, "mapping": mapping }),
        ),
        (
            "source_connect",
            json!({ "url": url, "password": table, "mapping": mapping }),
        ),
        ("source_password", json!({ "password": table })),
        ("source_refresh", json!({})),
        ("source_disconnect", json!({})),
        ("doctor", json!({})),
        ("standing", json!({})),
        ("diagnostics", json!({})),
        ("diagnostics_save", json!({})),
        ("folder_open", json!({ "folder": "data" })),
        (
            "resource_open",
            json!({ "customer": id, "resource": "none" }),
        ),
        ("token_page_open", json!({ "provider": "github" })),
        ("vercel_app_open", json!({})),
    ] {
        window.call(name, arguments).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_the_window() {
    let proof = Proof::of(
        "S3",
        "answers of all commands, and events, each searched for every secret",
    );
    let at_rest = Proof::of(
        "S1",
        "files × secrets searched after all commands were called, a bundle for help among them",
    );
    let (app, recorder) = world().await;
    let mut window = Window::open(&app).await;
    set_up(&mut window).await;
    let customer = provision(&mut window).await;
    fail(&app, &mut window).await;
    // The bundle has the end of a log, which is at its loudest here.
    app.run(&["credentials", "test"]).await;
    Box::pin(ask_everything(&mut window, &customer)).await;
    let removal = json!({ "customer": customer["id"], "confirm": "akermark" });
    let run = window.call("deprovision", removal).await;
    window.end_of(&run).await;
    let last = json!({ "provider": "resend" });
    window.call("credential_remove", last).await;

    let table: BTreeSet<_> = commands::NAMES
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(window.called, table, "each command of the table is called");
    let heard = window.heard.lock().unwrap().clone();
    for kind in ["an event", "a hint"] {
        assert!(
            heard.iter().any(|(name, _)| name == kind),
            "{kind} was told"
        );
    }
    let typed = TYPED.map(|secret| ("what was typed".to_owned(), secret.to_owned()));
    let known: Vec<_> = secrets(&recorder).into_iter().chain(typed).collect();
    assert!(known.len() >= 12, "secrets are in reach: {}", known.len());
    let mut found = Vec::new();
    for (place, told) in &heard {
        for (name, secret) in &known {
            let encodings = hits(told.as_bytes(), secret).into_iter();
            found.extend(encodings.map(|encoding| format!("{name}, {encoding}, in {place}")));
        }
    }
    assert!(
        found.is_empty(),
        "secrets that reach the window: {found:#?}"
    );
    proof.held(heard.len());
    at_rest.held(nothing_is_at_rest(&app, &known));
}

/// Searches all files of the data directory and what was kept for the owner: how many, times the secrets.
fn nothing_is_at_rest(app: &TestApp, known: &[(String, String)]) -> usize {
    let mut places = Vec::new();
    files(app.data(), &mut places);
    for name in ["central.db", "fabrik-diagnostics"] {
        assert!(
            places
                .iter()
                .any(|(place, content)| place.contains(name) && !content.is_empty()),
            "{name} is among what is searched: {:?}",
            places.iter().map(|(place, _)| place).collect::<Vec<_>>()
        );
    }
    let mut found = Vec::new();
    for (place, content) in &places {
        for (name, secret) in known {
            let encodings = hits(content, secret).into_iter();
            found.extend(encodings.map(|encoding| format!("{name}, {encoding}, in {place}")));
        }
    }
    assert!(found.is_empty(), "secrets at rest: {found:#?}");
    places.len() * known.len()
}
