//! What the window has done by the machine: blueprints looked at by the command line beside it, files kept for the
//! owner, diagnostics without the workspace's secrets.

use std::{path::Path, sync::Arc};

use fabrik_app::{App, Environment, Options, commands::dispatch};
use serde_json::{Value, json};

/// An open workspace, as the window has it, with a folder for downloads of its own.
async fn open(folder: &Path) -> Arc<App> {
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

async fn asked(app: &Arc<App>, name: &str, arguments: Value) -> Value {
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
