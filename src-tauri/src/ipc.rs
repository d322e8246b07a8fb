//! The one IPC command: a name and arguments of `app`'s table of commands.

use fabrik_app::{Problem, commands::dispatch};
use serde_json::Value;
use tauri::State;

use crate::workspace::Workspace;

/// Runs a command of the table. What goes wrong is a [`Problem`], never a bare text.
#[tauri::command]
pub(crate) async fn call(
    workspace: State<'_, Workspace>,
    name: String,
    arguments: Value,
) -> Result<Value, Problem> {
    let app = workspace.app().await?;
    dispatch(&app, &name, arguments).await
}
