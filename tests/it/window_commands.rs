//! What the window has done by the machine: blueprints looked at by the command line beside it, files kept for the
//! owner, diagnostics without the workspace's secrets.

use std::{path::Path, sync::Arc};

use fabrik_app::{App, Environment, Options, commands::dispatch};
use serde_json::{Value, json};

/// An open workspace, as the window has it, with a folder for downloads of its own.
pub(crate) async fn open(folder: &Path) -> Arc<App> {
    let downloads = folder.join("downloads").display().to_string();
    let variables = [("XDG_DOWNLOAD_DIR".to_owned(), downloads)];
    let options = Options {
        environment: Environment::of(variables, false),
        data_dir: Some(folder.join("data")),
        workspace: Some("agency".to_owned()),
        browser: None,
    };
    Arc::new(App::open(options).await.unwrap())
}

/// What a command answers.
pub(crate) async fn asked(app: &Arc<App>, name: &str, arguments: Value) -> Value {
    match dispatch(app, name, arguments).await {
        Ok(answer) => answer,
        Err(problem) => panic!("{name}: {problem:?}"),
    }
}

#[tokio::test]
async fn blueprints_are_checked_by_the_command_line_beside_the_app() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path()).await;
    let own = app.catalog().create("atelier", "agency").unwrap();
    let schema = own.join("schema.sql");
    let text = std::fs::read_to_string(&schema).unwrap();
    std::fs::write(
        &schema,
        format!("{text}\ncreate table if not exists public.scraps (id uuid primary key);\n"),
    )
    .unwrap();

    let check = |name: &str| asked(&app, "blueprint_check", json!({ "name": name }));
    let fine = check("agency").await;
    assert_eq!(fine["faults"], json!([]), "{fine:#}");
    let wrong = check("atelier").await;
    let faults = wrong["faults"].as_array().unwrap();
    let told = |word: &str| {
        faults.iter().any(|fault| {
            let said = ["message", "hint"].map(|part| fault[part].as_str().unwrap_or_default());
            said.iter().any(|text| text.contains(word))
        })
    };
    assert!(told("scraps"), "the table is named: {wrong:#}");
    let unknown = dispatch(&app, "blueprint_check", json!({ "name": "--help" })).await;
    assert_eq!(
        unknown.unwrap_err().code(),
        "blueprint_unchecked",
        "a name is never an option"
    );

    let shelf = asked(&app, "blueprints_shelf", json!({})).await;
    let names: Vec<_> = shelf.as_array().unwrap().iter().collect();
    assert!(
        names.iter().any(|one| one["name"] == "atelier"),
        "{shelf:#}"
    );
    let last = std::fs::read_to_string(folder.path().join("data/workspace")).unwrap();
    assert_eq!(last.trim(), "agency", "looking chose no other workspace");
}

#[tokio::test]
async fn a_copy_of_a_blueprint_is_changed_looked_at_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path()).await;
    let copy = json!({ "name": "atelier", "from": "agency" });
    let opened = asked(&app, "blueprint_copy", copy).await;
    assert_eq!(opened["own"], true);
    assert_eq!(opened["files"][0]["path"], "blueprint.toml");

    let with = |more: &str| {
        let mut files = opened["files"].as_array().unwrap().clone();
        let schema = files.iter_mut().find(|file| file["path"] == "schema.sql");
        let schema = &mut schema.unwrap()["text"];
        *schema = format!("{}\n{more}\n", schema.as_str().unwrap()).into();
        files
    };
    let scraps = with("create table if not exists public.scraps (id uuid primary key);");
    let draft = json!({ "name": "atelier", "files": scraps });
    let check = asked(&app, "blueprint_draft_check", draft).await;
    assert!(check.to_string().contains("scraps"), "{check:#}");
    let saved = asked(&app, "blueprint_check", json!({ "name": "atelier" })).await;
    assert_eq!(saved["faults"], json!([]), "a draft is not saved");

    let change = json!({ "name": "atelier", "hash": opened["hash"], "files": with("-- ours") });
    let now = asked(&app, "blueprint_save", change.clone()).await;
    assert_ne!(now["hash"], opened["hash"]);
    let version = |app: &App| app.blueprint("atelier").unwrap().version;
    assert_eq!(version(&app), app.blueprint("agency").unwrap().version + 1);
    let again = dispatch(&app, "blueprint_save", change).await;
    assert_eq!(
        again.unwrap_err().code(),
        "blueprint_changed",
        "what was opened is not there any more"
    );

    let name = json!({ "name": "atelier" });
    let earlier = asked(&app, "blueprint_versions", name).await;
    let [one] = &earlier.as_array().unwrap()[..] else {
        panic!("what was there before: {earlier:#}")
    };
    let which = json!({ "name": "atelier", "hash": one["hash"] });
    let files = asked(&app, "blueprint_version", which).await;
    assert_eq!(files, opened["files"], "as it was");
    let back = json!({ "name": "atelier", "hash": now["hash"], "files": files });
    asked(&app, "blueprint_save", back).await;
    assert_eq!(version(&app), app.blueprint("agency").unwrap().version + 2);
    let log = app.store().audit_log(None, 10).await;
    let told: Vec<_> = log
        .unwrap()
        .into_iter()
        .map(|line| line.entry.action)
        .collect();
    assert!(
        told.iter().any(|action| action == "blueprint.saved"),
        "{told:?}"
    );
}

#[tokio::test]
async fn looking_at_a_blueprint_leaves_the_choice_of_the_next_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path()).await;
    asked(&app, "workspace_choose", json!({ "name": "production" })).await;
    asked(&app, "blueprint_check", json!({ "name": "agency" })).await;
    let list = asked(&app, "workspaces_list", json!({})).await;
    let next: Vec<_> = list["workspaces"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["next"] == true)
        .map(|one| &one["name"])
        .collect();
    assert_eq!(next, ["production"], "{list:#}");
}
