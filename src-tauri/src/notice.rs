//! The system's own notifications, for what ends while nobody looks at the window.

use std::thread;

use notify_rust::Notification;
use serde::Deserialize;
use tauri::{AppHandle, Emitter, Manager};

use crate::tray;

/// The event that tells the page that a notification was clicked; its payload is `about`.
const OPENED: &str = "notice";
/// What notification servers on Linux call a click on the notification itself. Elsewhere it would be a button.
#[cfg(all(unix, not(target_os = "macos")))]
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
        let mut notification = Notification::new();
        notification
            .appname(&app.package_info().name)
            .summary(&notice.title)
            .body(&notice.text)
            .auto_icon();
        sign(&app, &mut notification);
        match notification.show() {
            Ok(shown) => wait(&app, shown, &notice.about),
            Err(error) => tracing::info!(%error, "no notification"),
        }
    });
}

/// What a click leads to.
fn open(app: &AppHandle, about: &str) {
    tray::show(app);
    // A page that is gone goes nowhere.
    let _ = app.emit(OPENED, about);
}

#[cfg(all(unix, not(target_os = "macos")))]
fn sign(_: &AppHandle, notification: &mut Notification) {
    notification.action(CLICK, CLICK);
}

/// Without it the system names another program. It knows this one once it is installed.
#[cfg(target_os = "macos")]
fn sign(app: &AppHandle, _: &mut Notification) {
    if !cfg!(debug_assertions) {
        // Every time but the first it says that it is set already.
        let _ = notify_rust::set_application(&app.config().identifier);
    }
}

/// Without it the system names another program. It knows this one once it is installed.
#[cfg(windows)]
fn sign(app: &AppHandle, notification: &mut Notification) {
    if !cfg!(debug_assertions) {
        notification.app_id(&app.config().identifier);
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn wait(app: &AppHandle, shown: notify_rust::NotificationHandle, about: &str) {
    shown.wait_for_action(|action| {
        if action == CLICK {
            open(app, about);
        }
    });
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn wait(app: &AppHandle, shown: notify_rust::NotificationHandle, about: &str) {
    let heard = shown.wait_for_response(|response: &notify_rust::NotificationResponse| {
        if response.is_default_action() {
            open(app, about);
        }
    });
    if let Err(error) = heard {
        tracing::info!(%error, "nothing is heard of a notification");
    }
}
