//! The Tauri shell: a window, one IPC command, and hints. What it does is `app`'s.

mod browser;
mod ipc;
mod once;
mod workspace;

use std::{io::Write, process::ExitCode};

use tauri::{Manager, webview::WebviewWindowBuilder};

use crate::workspace::Workspace;

/// Runs the app until its window is closed.
#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's context ends the process on a broken configuration"
)]
pub fn run() -> ExitCode {
    let built = tauri::Builder::default()
        .manage(Workspace::default())
        .invoke_handler(tauri::generate_handler![ipc::call])
        .setup(|app| {
            // Configured with `create: false`, so that it is made here, with its guard.
            for window in &app.config().app.windows {
                WebviewWindowBuilder::from_config(app.handle(), window)?
                    .on_navigation(is_own_page)
                    .build()?;
            }
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                let workspace = handle.state::<Workspace>();
                workspace.follow(&handle).await;
            });
            Ok(())
        })
        .run(tauri::generate_context!());
    match built {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The log begins with an open workspace, and there may be none. Where stderr can't be written
            // either, nobody is left to tell.
            let _ = writeln!(std::io::stderr(), "fabrik-desktop: {error}");
            tracing::error!(%error, "the window can't be opened");
            ExitCode::FAILURE
        }
    }
}

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
