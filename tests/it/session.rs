//! A session for one test: its own D-Bus, keyring, home and display.

use std::process::{Command, Stdio};

use fabrik_domain::setting::SETTINGS;
use fabrik_tests::checkout;

/// Runs one ignored test of this program in a session of its own.
pub(crate) fn run(test: &str) {
    let mut command = Command::new(checkout().join("scripts/session"));
    command
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            test,
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        // A display of its own, of a known size, and not the one of whoever runs this.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null());
    // What the developer has set for their own work is not for the window under test.
    for setting in SETTINGS {
        command.env_remove(setting.variable());
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    // A test of that name must have run: libtest is content with none.
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test}: {}\n{said}\n{complained}",
        output.status
    );
}
