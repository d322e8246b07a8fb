//! The native menus. The page knows the acts and their words, and says what is in them; what is chosen goes
//! back to it by id.

use serde::Deserialize;
use tauri::{
    AppHandle, Emitter, Runtime,
    menu::{IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu},
};

use crate::{closing, tray};

/// The event that tells the page what was chosen; its payload is the id.
const CHOSEN: &str = "menu";
/// Shows the window; answered here.
const SHOW: &str = "show";
/// Ends the app, after a question where runs are under way; answered here.
const QUIT: &str = "quit";

/// What all menus hold, in the page's language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Menus {
    /// The window's menu bar; the whole screen's on macOS.
    bar: Vec<Group>,
    /// The menu of the icon in the system's tray.
    tray: Vec<Entry>,
}

/// A menu of the bar.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    label: String,
    entries: Vec<Entry>,
}

/// A line of a menu.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
enum Entry {
    /// Something to do. `keys` as in `CmdOrCtrl+K`.
    Act {
        id: String,
        label: String,
        keys: Option<String>,
    },
    /// What the system does itself, in the text that is being written.
    Edit { edit: Edit, label: String },
    /// What the system does itself with the window, or the app.
    Window { window: Window, label: String },
    /// A line between others.
    Line,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Edit {
    Undo,
    Redo,
    Cut,
    Copy,
    Paste,
    SelectAll,
}

/// macOS has all of them, with keys that do nothing without an entry. Elsewhere the window has its own.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Window {
    Hide,
    HideOthers,
    ShowAll,
    Minimize,
    Fullscreen,
    Close,
}

impl Entry {
    fn item<R: Runtime>(&self, app: &AppHandle<R>) -> tauri::Result<Box<dyn IsMenuItem<R>>> {
        Ok(match self {
            Self::Act { id, label, keys } => Box::new(MenuItem::with_id(
                app,
                id.as_str(),
                label,
                true,
                keys.as_deref(),
            )?),
            Self::Edit { edit, label } => {
                let make = match edit {
                    Edit::Undo => PredefinedMenuItem::undo,
                    Edit::Redo => PredefinedMenuItem::redo,
                    Edit::Cut => PredefinedMenuItem::cut,
                    Edit::Copy => PredefinedMenuItem::copy,
                    Edit::Paste => PredefinedMenuItem::paste,
                    Edit::SelectAll => PredefinedMenuItem::select_all,
                };
                Box::new(make(app, Some(label))?)
            }
            Self::Window { window, label } => {
                let make = match window {
                    Window::Hide => PredefinedMenuItem::hide,
                    Window::HideOthers => PredefinedMenuItem::hide_others,
                    Window::ShowAll => PredefinedMenuItem::show_all,
                    Window::Minimize => PredefinedMenuItem::minimize,
                    Window::Fullscreen => PredefinedMenuItem::fullscreen,
                    Window::Close => PredefinedMenuItem::close_window,
                };
                Box::new(make(app, Some(label))?)
            }
            Self::Line => Box::new(PredefinedMenuItem::separator(app)?),
        })
    }
}

/// Shows the menus, in the place of those before.
pub(crate) fn set<R: Runtime>(app: &AppHandle<R>, menus: &Menus) -> tauri::Result<()> {
    let bar = Menu::new(app)?;
    for group in &menus.bar {
        let submenu = Submenu::new(app, &group.label, true)?;
        for entry in &group.entries {
            submenu.append(entry.item(app)?.as_ref())?;
        }
        bar.append(&submenu)?;
    }
    app.set_menu(bar)?;
    let list = Menu::new(app)?;
    for entry in &menus.tray {
        list.append(entry.item(app)?.as_ref())?;
    }
    tray::set(app, list);
    Ok(())
}

/// Does what was chosen, or tells the page.
pub(crate) fn chosen(app: &AppHandle, event: &MenuEvent) {
    match event.id().as_ref() {
        SHOW => tray::show(app),
        QUIT => {
            tray::show(app);
            closing::ask(app);
        }
        id => {
            tray::show(app);
            // A page that is gone does nothing.
            let _ = app.emit(CHOSEN, id);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use serde_json::json;

    use super::{Entry, Menus, Window};

    #[test]
    fn the_menus_are_read_as_the_page_writes_them() {
        let menus: Menus = serde_json::from_value(json!({
            "bar": [{ "label": "Arkiv", "entries": [
                { "kind": "act", "id": "new", "label": "Ny kund", "keys": null },
                { "kind": "line" },
                { "kind": "edit", "edit": "select_all", "label": "Markera allt" },
                { "kind": "window", "window": "hide_others", "label": "Göm övriga" },
                { "kind": "window", "window": "close", "label": "Stäng fönstret" },
            ] }],
            "tray": [],
        }))
        .unwrap();
        let windows: Vec<_> = menus.bar[0]
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Window { window, .. } => Some(*window),
                Entry::Act { .. } | Entry::Edit { .. } | Entry::Line => None,
            })
            .collect();
        assert!(
            matches!(windows[..], [Window::HideOthers, Window::Close]),
            "{windows:?}"
        );
    }
}
