//! `fabrik completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{arguments::Cli, exit::Exit, session::Session};

/// `fabrik completions SHELL`.
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(command: &Completions, session: &Session) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "fabrik", &mut script);
    session.output.text(String::from_utf8_lossy(&script));
    Exit::Done
}
