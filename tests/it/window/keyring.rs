//! The session's keyring, read past Fabrik, by the system's own program.

use std::{path::Path, process::Command};

use memchr::memmem;

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
