//! The IPC commands. One leads to `app`'s table of commands; the others are the window's own, which a browser
//! has no use for.

#![expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands a command what it takes, whole"
)]

use fabrik_app::{
    Cause, EnteredSecret, Problem, commands::dispatch, database_unopened, diagnose_unopened,
    diagnostics_unopened, save_diagnostics, workspaces_unopened,
};
use serde::Deserialize;
use serde_json::Value;
use tauri::{AppHandle, State};

use crate::{
    closing::{self, Close},
    menu::{self, Menus},
    notice::{self, Notice},
    updates::{self, Installing, Updates},
    workspace::{Workspace, options},
};

/// Another place for the central database, as it was typed.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    pub(crate) url: EnteredSecret,
    #[serde(default)]
    pub(crate) password: Option<EnteredSecret>,
    #[serde(default)]
    pub(crate) bring: bool,
}

/// Runs a command of the table. What goes wrong is a [`Problem`], never a bare text. The diagnosis, what is told of it to
/// whoever helps, the way back to a copy of the database, the way to another place of it and that to another workspace are
/// there for one too that can't be opened: that is when they are wanted most.
#[tauri::command]
pub(crate) async fn call(
    workspace: State<'_, Workspace>,
    name: String,
    arguments: Value,
) -> Result<Value, Problem> {
    if name == "diagnostics_save" {
        // Whatever has been opened since: what was shown is what is kept.
        if let Some(shown) = workspace.shown() {
            let saved = save_diagnostics(&options(None), &shown)?;
            return serde_json::to_value(saved).map_err(|_| Cause::Internal.into());
        }
    }
    let app = match workspace.app().await {
        Err(problem) if name == "diagnostics" => {
            let shown = diagnostics_unopened(&options(None), problem.clone()).await;
            workspace.show(Some(shown.clone()));
            return serde_json::to_value(shown).map_err(|_| problem);
        }
        Err(problem) if name == "doctor" => {
            let diagnosis = diagnose_unopened(&options(None), problem.clone()).await?;
            return serde_json::to_value(diagnosis).map_err(|_| problem);
        }
        Err(problem) if name == "workspaces_list" => {
            return serde_json::to_value(workspaces_unopened(&options(None))?).map_err(|_| problem);
        }
        Err(problem) if name == "database_restore" => {
            let day = arguments["day"].as_str().unwrap_or_default();
            let restored = workspace.go_back(day).await?;
            return serde_json::to_value(restored).map_err(|_| problem);
        }
        Err(problem) if name == "database" => {
            return serde_json::to_value(database_unopened(&options(None))?).map_err(|_| problem);
        }
        Err(problem) if name == "database_set" => {
            let Ok(chosen) = serde_json::from_value::<Chosen>(arguments) else {
                return Err(problem);
            };
            let chosen = workspace.choose_database(problem.clone(), chosen).await?;
            return serde_json::to_value(chosen).map_err(|_| problem);
        }
        opened => opened?,
    };
    if name == "diagnostics" {
        // An open one keeps what it shows itself.
        workspace.show(None);
    }
    dispatch(&app, &name, arguments).await
}

/// Opens another workspace in this window; the page then begins anew.
#[tauri::command]
pub(crate) async fn open_workspace(
    app: AppHandle,
    workspace: State<'_, Workspace>,
    name: String,
) -> Result<(), Problem> {
    workspace.change(name, &app).await
}

/// Shows the native menus.
#[tauri::command]
pub(crate) fn set_menus(app: AppHandle, menus: Menus) -> Result<(), Problem> {
    menu::set(&app, &menus)
        .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))
}

/// The answer to the question that closing the window put, or that it is on the screen.
#[tauri::command]
pub(crate) fn close(app: AppHandle, how: Close) {
    closing::answer(&app, how);
}

/// Tells of something that ended while nobody looked at the window.
#[tauri::command]
pub(crate) fn notify(app: AppHandle, notice: Notice) {
    notice::say(&app, notice);
}

/// Looks for a newer version.
#[tauri::command]
pub(crate) async fn updates(app: AppHandle) -> Result<Updates, Problem> {
    updates::look(&app).await
}

/// Installs the version that was found, and begins anew with it.
#[tauri::command]
pub(crate) async fn install_update(app: AppHandle, stop_runs: bool) -> Result<Installing, Problem> {
    updates::install(&app, stop_runs).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::collections::BTreeSet;

    use fabrik_tests::Proof;
    use serde_json::Value;

    /// The words between two marks.
    fn words(text: &str, from: &str, to: &str) -> BTreeSet<String> {
        let (_, rest) = text.split_once(from).unwrap();
        let (list, _) = rest.split_once(to).unwrap();
        list.split(',')
            .map(|word| word.trim().trim_matches('"').replace("ipc::", ""))
            .filter(|word| !word.is_empty())
            .collect()
    }

    #[test]
    fn the_manifest_the_handler_and_the_capability_name_the_same_commands() {
        let proof = Proof::of(
            "S4",
            "commands in the manifest, the handler and the capability",
        );
        let handled = words(include_str!("lib.rs"), "generate_handler![", "]");
        let declared = words(include_str!("../build.rs"), ".commands(&[", "]");
        let capability: Value =
            serde_json::from_str(include_str!("../capabilities/main.json")).unwrap();
        let allowed: BTreeSet<String> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|permission| permission.as_str()?.strip_prefix("allow-"))
            .map(|command| command.replace('-', "_"))
            .collect();
        assert!(handled.contains("call"), "{handled:?}");
        assert_eq!(declared, handled, "build.rs and the handler");
        assert_eq!(allowed, handled, "the capability and the handler");
        proof.held(handled.len());
    }

    #[test]
    fn the_keys_that_zoom_are_on_and_may_do_it() {
        let config: Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let capability: Value =
            serde_json::from_str(include_str!("../capabilities/main.json")).unwrap();
        assert_eq!(config["app"]["windows"][0]["zoomHotkeysEnabled"], true);
        let zooms = "core:webview:allow-set-webview-zoom";
        let permissions = capability["permissions"].as_array().unwrap();
        assert!(permissions.iter().any(|one| one == zooms), "{capability}");
    }
}
