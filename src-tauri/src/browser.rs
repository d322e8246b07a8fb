//! The system's browser. It runs on long after a page was opened, and other programs of this user can read what
//! it was started with: tokens in this process's variables are kept from it.

use std::{
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use fabrik_app::Environment;

use crate::display;

/// One that fails does so at once; one that still runs after this has handed the page on, or waits with it.
const AT_ONCE: Duration = Duration::from_millis(250);

/// Opens a page; false where nothing on this machine does.
pub(crate) fn open(environment: &Environment, url: &str) -> bool {
    with(environment, open::commands(url))
}

/// Tries one program after the other.
fn with(environment: &Environment, openers: Vec<Command>) -> bool {
    openers.into_iter().any(|mut opener| {
        environment.keep_secrets_from(&mut opener);
        display::keep_from(&mut opener);
        starts(opener)
    })
}

/// Starts a program that goes on by itself.
fn starts(mut opener: Command) -> bool {
    opener
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What ends this process doesn't end the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut opener, 0);
    let Ok(mut child) = opener.spawn() else {
        return false;
    };
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens any more where it took longer.
        let _ = told.send(child.wait());
    });
    match heard.recv_timeout(AT_ONCE) {
        // The exit code of Windows' own opener says nothing.
        Ok(Ok(status)) => status.success() || cfg!(windows),
        Ok(Err(_)) => false,
        Err(_) => true,
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_browser_gets_no_token() {
        let secret = ("FABRIK_SECRET_GITHUB", "ghp_canary");
        let environment = Environment::of([(secret.0.to_owned(), secret.1.to_owned())], false);
        let mut opener = shell("test -z \"$FABRIK_SECRET_GITHUB\"");
        opener.env(secret.0, secret.1);
        assert!(with(&environment, vec![opener]), "the variable is gone");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_browser_is_not_made_sparing_with_memory() {
        let mut opener = shell("test -z \"$JSC_forceRAMSize\"");
        opener.env("JSC_forceRAMSize", "67108864");
        assert!(
            with(&Environment::default(), vec![opener]),
            "the variable is gone"
        );
    }

    #[test]
    fn the_next_opener_is_tried_where_one_fails() {
        let none = Environment::default();
        let missing = || Command::new("no-such-opener-anywhere");
        assert!(with(
            &none,
            vec![missing(), shell("exit 3"), shell("exit 0")]
        ));
        assert!(!with(&none, vec![missing(), shell("exit 3")]));
    }
}
