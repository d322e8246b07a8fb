//! The icon in the system's tray, where there is one: the app goes on behind it while its window is hidden.

#[cfg(target_os = "linux")]
use gtk::{
    gio,
    glib::{self, ToVariant},
};
use tauri::{
    AppHandle, Manager, Runtime,
    menu::Menu,
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent, TrayIconId},
};

const ID: &str = "fabrik";
/// Who shows icons on Linux, by its name on the session's bus.
#[cfg(target_os = "linux")]
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// How long the bus may take to say whether it is there, in milliseconds.
#[cfg(target_os = "linux")]
const GLANCE_MS: i32 = 1000;

/// Shows the icon with this menu, or gives the icon that is there this menu. A desktop without a tray has
/// none: then the window is never hidden.
pub(crate) fn set<R: Runtime>(app: &AppHandle<R>, menu: Menu<R>) {
    let set = match app.tray_by_id(&TrayIconId::new(ID)) {
        Some(icon) => icon.set_menu(Some(menu)),
        None => make(app, &menu),
    };
    if let Err(error) = set {
        tracing::info!(%error, "no icon in the tray");
    }
}

fn make<R: Runtime>(app: &AppHandle<R>, menu: &Menu<R>) -> tauri::Result<()> {
    // A click brings the window back, as everywhere but on a Mac, where it opens the menu.
    let mut icon = TrayIconBuilder::with_id(ID)
        .tooltip(&app.package_info().name)
        .menu(menu)
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_tray_icon_event(|icon, event| {
            let is_click = matches!(
                event,
                TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                }
            );
            if is_click && !cfg!(target_os = "macos") {
                show(icon.app_handle());
            }
        });
    if let Some(image) = app.default_window_icon() {
        icon = icon.icon(image.clone());
    }
    icon.build(app)?;
    Ok(())
}

/// Whether the window can be hidden and found again.
pub(crate) fn is_there<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.tray_by_id(&TrayIconId::new(ID)).is_some() && is_shown()
}

/// Whether anybody shows icons now. A panel that ended has taken them along, as has an extension that was switched off,
/// and the app's is there all the same.
#[cfg(target_os = "linux")]
fn is_shown() -> bool {
    owner_of(WATCHER).unwrap_or_else(|error| {
        tracing::info!(%error, "it can't be seen whether there is a tray");
        false
    })
}

/// Elsewhere the system itself does.
#[cfg(not(target_os = "linux"))]
fn is_shown() -> bool {
    true
}

/// Whether somebody has this name on the session's bus.
#[cfg(target_os = "linux")]
fn owner_of(name: &str) -> Result<bool, glib::Error> {
    let bus = gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE)?;
    // A bus that ends is no reason to end the app in the middle of a run.
    bus.set_exit_on_close(false);
    let answer = bus.call_sync(
        Some("org.freedesktop.DBus"),
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus",
        "NameHasOwner",
        Some(&(name,).to_variant()),
        None,
        gio::DBusCallFlags::NONE,
        GLANCE_MS,
        gio::Cancellable::NONE,
    )?;
    Ok(answer.get::<(bool,)>().is_some_and(|(there,)| there))
}

/// Brings the window to the front.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    for window in app.webview_windows().values() {
        // A window that is going needs no showing.
        let _ = window.show();
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Hides the window behind the icon.
pub(crate) fn hide<R: Runtime>(app: &AppHandle<R>) {
    for window in app.webview_windows().values() {
        let _ = window.hide();
    }
}
