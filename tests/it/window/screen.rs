//! The display that the window is on, past the driver of its page: whether it is shown, and its keyboard. By the system's
//! own program.

use std::{process::Command, time::Duration};

use tokio::time::{Instant, sleep};

/// How long the window may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the display is looked at meanwhile.
pub(crate) const GLANCE: Duration = Duration::from_millis(100);

/// The app's windows that are on the screen, by their numbers.
pub(crate) fn shown() -> Vec<String> {
    // It fails where there is none, and where one goes while it looks.
    let found = xdotool(&["search", "--onlyvisible", "--name", "^Fabrik$"]);
    found.lines().map(ToOwned::to_owned).collect()
}

/// Waits until the window is on the screen, or until it is off it.
pub(crate) async fn until_shown(wanted: bool) {
    let begun = Instant::now();
    while shown().is_empty() == wanted {
        assert!(
            begun.elapsed() < PATIENCE,
            "waited {PATIENCE:?}; on the screen: {:?}",
            shown()
        );
        sleep(GLANCE).await;
    }
}

/// Presses keys on the keyboard, as `ctrl+q`, in the window. Nothing where it is not on the screen.
pub(crate) fn press(keys: &str) {
    // There is no window manager that would give it the keyboard.
    if let Some(window) = shown().first() {
        xdotool(&["windowfocus", window]);
        xdotool(&["key", keys]);
    }
}

fn xdotool(arguments: &[&str]) -> String {
    let output = Command::new("xdotool")
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("xdotool: {error}; `scripts/setup` installs it"));
    String::from_utf8(output.stdout).unwrap()
}
