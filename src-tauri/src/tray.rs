//! The icon in the system's tray, where there is one: the app goes on behind it while its window is hidden.

use tauri::{
    AppHandle, Manager, Runtime,
    menu::Menu,
    tray::{TrayIconBuilder, TrayIconId},
};

const ID: &str = "fabrik";

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
    let mut icon = TrayIconBuilder::with_id(ID)
        .tooltip(&app.package_info().name)
        .menu(menu);
    if let Some(image) = app.default_window_icon() {
        icon = icon.icon(image.clone());
    }
    icon.build(app)?;
    Ok(())
}

/// Whether the window can be hidden and found again.
pub(crate) fn is_there<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.tray_by_id(&TrayIconId::new(ID)).is_some()
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
