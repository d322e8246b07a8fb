//! `fabrik completions`.

use clap::Args;
use clap_complete::Shell;

use crate::{exit::Exit, help, session::Session};

/// `fabrik completions SHELL`.
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(command: &Completions, session: &Session) -> Exit {
    let mut script = Vec::new();
    let mut commands = help::command(session.language);
    clap_complete::generate(command.shell, &mut commands, "fabrik", &mut script);
    session.output.text(String::from_utf8_lossy(&script));
    Exit::Done
}
