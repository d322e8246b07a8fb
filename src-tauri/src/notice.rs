//! The system's own notifications, for what ends while nobody looks at the window.

use std::thread;

use notify_rust::Notification;
use serde::Deserialize;
use tauri::{AppHandle, Emitter, Manager};

use crate::tray;

/// The event that tells the page that a notification was clicked; its payload is `about`.
const OPENED: &str = "notice";
/// What notification servers call a click on the notification itself.
const CLICK: &str = "default";

/// What is said, in the page's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notice {
    title: String,
    text: String,
    /// What a click leads to; the page knows what it means.
    about: String,
}

/// Says it, unless the window is being looked at.
pub(crate) fn say(app: &AppHandle, notice: Notice) {
    let seen = |window: &tauri::WebviewWindow| {
        window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false)
    };
    if app.webview_windows().values().any(seen) {
        return;
    }
    let app = app.clone();
    // Both calls wait for the system; the second until the notification is gone.
    thread::spawn(move || {
        let shown = Notification::new()
            .appname(&app.package_info().name)
            .summary(&notice.title)
            .body(&notice.text)
            .auto_icon()
            .action(CLICK, CLICK)
            .show();
        match shown {
            Ok(shown) => wait(&app, shown, &notice.about),
            Err(error) => tracing::info!(%error, "no notification"),
        }
    });
}

#[cfg(all(unix, not(target_os = "macos")))]
fn wait(app: &AppHandle, shown: notify_rust::NotificationHandle, about: &str) {
    shown.wait_for_action(|action| {
        if action == CLICK {
            tray::show(app);
            // A page that is gone goes nowhere.
            let _ = app.emit(OPENED, about);
        }
    });
}

/// Elsewhere a click brings the app to the front by itself.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn wait(_: &AppHandle, _: notify_rust::NotificationHandle, _: &str) {}
