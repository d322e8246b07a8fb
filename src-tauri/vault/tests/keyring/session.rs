//! Private D-Bus sessions, and what tests do to the keyring in them.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What a session offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    /// A keyring, unlocked.
    Unlocked,
    /// The same, with a display on which a dialog can be shown.
    WithDisplay,
    /// A keyring service that was never given a password.
    NeverUnlocked,
    /// A bus, and nobody on it.
    NoService,
    /// Nothing.
    NoBus,
}

const KEYRING: &str = "org.freedesktop.secrets";
const PASSWORD: &str = "a password";
const UNLOCK: &str = "printf %s \"$KEYRING_PASSWORD\" | gnome-keyring-daemon --unlock --components=secrets --daemonize";

/// From where Cargo runs a test: the package's folder. The window's tests have it too.
const BUS_WITHOUT_SERVICES: &str = "../../tests/bus-without-services.conf";

/// Runs one ignored test of this program in a session of its own.
pub(crate) fn run(session: Session, test: &str) {
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    fs::create_dir(&runtime).unwrap();

    let mut command = match session {
        Session::NoBus => Command::new("env"),
        Session::WithDisplay => Command::new("xvfb-run"),
        _ => Command::new("dbus-run-session"),
    };
    let unlocked = format!("{UNLOCK} >/dev/null && exec \"$@\"");
    match session {
        Session::Unlocked => {
            command.args(["--", "bash", "-c", &unlocked, "_"]);
        }
        Session::WithDisplay => {
            command.args(["--auto-servernum", "dbus-run-session", "--"]);
            command.args(["bash", "-c", &unlocked, "_"]);
        }
        Session::NeverUnlocked => {
            command.arg("--");
        }
        Session::NoService => {
            command
                .args(["--config-file", BUS_WITHOUT_SERVICES])
                .arg("--");
        }
        Session::NoBus => {
            command.arg("DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus");
        }
    }
    command
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            test,
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env("KEYRING_PASSWORD", PASSWORD)
        // Without a display a prompt is dismissed at once instead of being shown to whoever runs this.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null());
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "{error}: these tests need dbus, gnome-keyring and xvfb; `scripts/setup` installs them \
             (Debian: apt-get install dbus gnome-keyring libsecret-tools xvfb xauth)"
        )
    });
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    // A test of that name must have run: libtest is content with none.
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} in {session:?}: {}\n{said}\n{complained}",
        output.status
    );
}

/// Runs a shell script and gives what it prints.
pub(crate) fn shell(script: &str) -> String {
    let output = Command::new("bash").args(["-c", script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said} {complained}");
    said
}

/// Locks the keyring, as the user does in Seahorse.
pub(crate) fn lock() {
    shell(
        "dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
         org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login",
    );
}

/// Puts an unlocked keyring in the place of the one that runs, or ran.
pub(crate) fn unlock() {
    let before = owner(KEYRING);
    shell(&format!("{UNLOCK} --replace"));
    // It comes onto the bus a moment after it has gone into the background.
    until("the new keyring is on the bus", || {
        owner(KEYRING).is_some_and(|process| Some(process) != before)
    });
}

/// The process of the keyring.
pub(crate) fn daemon() -> u32 {
    owner(KEYRING).expect("a keyring runs")
}

/// The process that shows the keyring's dialogs, while it shows one.
pub(crate) fn prompter() -> Option<u32> {
    owner("org.gnome.keyring.SystemPrompter")
}

/// The process behind a name on the bus.
fn owner(name: &str) -> Option<u32> {
    let reply = shell(&format!(
        "dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus \
         org.freedesktop.DBus.GetConnectionUnixProcessID string:{name} 2>/dev/null || true"
    ));
    reply.split_whitespace().last()?.parse().ok()
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    shell(&format!("kill -{name} {process}"));
}

/// Waits until something holds.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "waited 20 s for: {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// A daemon that is stopped while this lives: it goes on even where the test fails.
pub(crate) struct Stopped(u32);

impl Stopped {
    pub(crate) fn new(process: u32) -> Self {
        signal("STOP", process);
        Self(process)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal("CONT", self.0);
    }
}

/// Counts the prompts that anybody in the session shows.
pub(crate) struct Prompts {
    monitor: std::process::Child,
    log: std::path::PathBuf,
}

impl Prompts {
    pub(crate) fn watch() -> Self {
        let log = std::path::PathBuf::from(shell("echo $HOME/prompts.log"));
        let monitor = Command::new("dbus-monitor")
            .args([
                "--session",
                "interface='org.freedesktop.Secret.Prompt',member='Prompt'",
            ])
            .stdout(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let prompts = Self { monitor, log };
        until("the monitor listens", || !prompts.text().is_empty());
        prompts
    }

    pub(crate) fn count(&self) -> usize {
        self.text().matches("member=Prompt").count()
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Prompts {
    fn drop(&mut self) {
        // It ends with the bus in any case.
        let _ = self.monitor.kill();
        let _ = self.monitor.wait();
    }
}
