//! The Tauri shell: a window, its menus and notifications, one way to `app`, and hints. What it does is
//! `app`'s; what it says is the page's.

mod browser;
mod closing;
mod display;
mod ipc;
mod left_workspaces;
mod menu;
mod notice;
mod once;
mod tray;
mod updates;
mod workspace;

use std::{io::Write, process::ExitCode};

use fabrik_app::Environment;
use tauri::{Manager, RunEvent, WindowEvent, webview::WebviewWindowBuilder};
use tauri_plugin_window_state::StateFlags;

use crate::{closing::Closing, updates::Found, workspace::Workspace};

/// What a window keeps from one start to the next. Not whether it was hidden: a start shows it.
const KEPT: StateFlags = StateFlags::SIZE
    .union(StateFlags::POSITION)
    .union(StateFlags::MAXIMIZED)
    .union(StateFlags::FULLSCREEN);

/// Runs the app until its window is closed.
#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's context ends the process on a broken configuration"
)]
pub fn run() -> ExitCode {
    let environment = Environment::of_process(false);
    if let Err(refused) = display::look(&environment) {
        return refused;
    }
    let mut context = tauri::generate_context!();
    let mut builder = tauri::Builder::default();
    if updates::settle(context.config_mut(), &environment) {
        builder = builder.plugin(tauri_plugin_updater::Builder::new().build());
    }
    // Somebody who starts it twice wants to see the one that runs. Whoever names a data directory (a test, a
    // developer) may have one window on each; several on one directory are the store's and the leases' affair.
    if !environment.names_data_dir() {
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _, _| {
            tray::show(app);
        }));
    }
    let built = builder
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(KEPT)
                .build(),
        )
        .manage(Workspace::default())
        .manage(Closing::default())
        .manage(Found::default())
        .invoke_handler(tauri::generate_handler![
            ipc::call,
            ipc::open_workspace,
            ipc::set_menus,
            ipc::close,
            ipc::notify,
            ipc::updates,
            ipc::install_update
        ])
        .on_menu_event(|app, event| menu::chosen(app, &event))
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                closing::ask(window.app_handle());
            }
        })
        .setup(move |app| {
            // Configured with `create: false`, so that it is made here, with its guard.
            for window in &app.config().app.windows {
                WebviewWindowBuilder::from_config(app.handle(), window)?
                    .initialization_script(first_language(&environment))
                    .on_navigation(is_own_page)
                    .on_page_load(|window, _| window.state::<Closing>().settle())
                    .build()?;
            }
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                let workspace = handle.state::<Workspace>();
                workspace.follow(&handle).await;
            });
            Ok(())
        })
        .build(context);
    match built {
        Ok(app) => {
            app.run(|app, event| follow(app, &event));
            ExitCode::SUCCESS
        }
        Err(error) => {
            // The log begins with an open workspace, and there may be none. Where stderr can't be written
            // either, nobody is left to tell.
            let _ = writeln!(std::io::stderr(), "fabrik-desktop: {error}");
            tracing::error!(%error, "the window can't be opened");
            ExitCode::FAILURE
        }
    }
}

/// Tells the page in which language it speaks before the workspace is open, and where it can't be opened: as the
/// variable says, else the system.
fn first_language(environment: &Environment) -> String {
    format!(
        "window.fabrikLanguage = {:?};",
        environment.language().code()
    )
}

/// A click on the icon in the dock brings the hidden window back.
#[cfg(target_os = "macos")]
fn follow(app: &tauri::AppHandle, event: &RunEvent) {
    if let RunEvent::Reopen { .. } = event {
        tray::show(app);
    }
}

#[cfg(not(target_os = "macos"))]
fn follow(_: &tauri::AppHandle, _: &RunEvent) {}

/// The window shows the app's own pages and nothing else: links are opened by the system's browser.
fn is_own_page(url: &tauri::Url) -> bool {
    let own = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        "about" => url.path() == "blank",
        _ => false,
    };
    own || (cfg!(debug_assertions)
        && url.host_str() == Some("127.0.0.1")
        && url.port() == Some(5173))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::is_own_page;

    #[test]
    fn the_window_goes_nowhere_else() {
        for url in ["tauri://localhost/", "http://tauri.localhost/customers"] {
            assert!(
                is_own_page(&url.parse().unwrap()),
                "{url} is a page of the app"
            );
        }
        for url in [
            "https://example.com/",
            "http://localhost/",
            "file:///etc/passwd",
            "data:text/html,x",
            "tauri://evil/",
        ] {
            assert!(!is_own_page(&url.parse().unwrap()), "{url} is none");
        }
    }
}
