//! The one IPC command: a name and arguments of `app`'s table of commands.

use fabrik_app::{Problem, commands::dispatch, diagnose_unopened};
use serde_json::Value;
use tauri::State;

use crate::workspace::{Workspace, options};

/// Runs a command of the table. What goes wrong is a [`Problem`], never a bare text. The diagnosis is there for a
/// workspace too that can't be opened: that is when it is wanted most.
#[tauri::command]
pub(crate) async fn call(
    workspace: State<'_, Workspace>,
    name: String,
    arguments: Value,
) -> Result<Value, Problem> {
    let app = match workspace.app().await {
        Err(problem) if name == "doctor" => {
            let diagnosis = diagnose_unopened(&options(), problem.clone()).await?;
            return serde_json::to_value(diagnosis).map_err(|_| problem);
        }
        opened => opened?,
    };
    dispatch(&app, &name, arguments).await
}
