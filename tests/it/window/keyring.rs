//! The session's keyring, read past Fabrik, by the system's own program.

use std::{path::Path, process::Command};

use memchr::memmem;

const LOCK: &str = "dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
     org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login";

/// With the password of `scripts/session`.
const UNLOCK: &str = "printf session | \
     gnome-keyring-daemon --unlock --replace --components=secrets --daemonize >/dev/null 2>&1";

/// Locks the session's keyring, as its user does.
pub(crate) fn lock() {
    shell(LOCK);
}

/// Puts an unlocked one in the place of the session's keyring.
pub(crate) fn unlock() {
    shell(UNLOCK);
}

fn shell(script: &str) {
    let output = Command::new("bash").args(["-c", script]).output().unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {complained}");
}

/// Every secret that Fabrik has in it.
pub(crate) fn secrets() -> Vec<String> {
    let output = Command::new("secret-tool")
        .args(["search", "--all", "service", "se.fabrik.desktop"])
        .output()
        .unwrap_or_else(|error| panic!("secret-tool: {error}; `scripts/setup` installs it"));
    // Without any it says so by its status.
    let found = String::from_utf8(output.stdout).unwrap();
    found
        .lines()
        .filter_map(|line| line.strip_prefix("secret = "))
        .map(ToOwned::to_owned)
        .collect()
}

/// The files below a folder that hold a text.
pub(crate) fn files_with(text: &str, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(text, &path));
        } else if std::fs::read(&path)
            .is_ok_and(|bytes| memmem::find(&bytes, text.as_bytes()).is_some())
        {
            found.push(path.display().to_string());
        }
    }
    found
}
