//! The IPC commands. One leads to `app`'s table of commands; the others are the window's own, which a browser
//! has no use for.

use fabrik_app::{Cause, Problem, commands::dispatch};
use serde_json::Value;
use tauri::{AppHandle, State};

use crate::{
    closing::{self, Close},
    menu::{self, Menus},
    notice::{self, Notice},
    workspace::Workspace,
};

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

/// Shows the native menus.
#[tauri::command]
pub(crate) fn set_menus(app: AppHandle, menus: Menus) -> Result<(), Problem> {
    menu::set(&app, &menus)
        .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))
}

/// The answer to the question that closing the window put.
#[tauri::command]
pub(crate) fn close(app: AppHandle, how: Close) {
    closing::answer(&app, how);
}

/// Tells of something that ended while nobody looked at the window.
#[tauri::command]
pub(crate) fn notify(app: AppHandle, notice: Notice) {
    notice::say(&app, notice);
}
