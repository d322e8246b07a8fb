//! `fabrik`: the command line. A thin shell over `fabrik_app`: arguments in, words and exit codes out.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test may stop at the first surprise"
    )
)]

mod arguments;
mod commands;
mod exit;
mod help;
mod interrupt;
mod output;
mod progress;
mod secret_input;
mod session;
mod table;
mod usage;
mod words;
mod work;

use std::{ffi::OsString, process::ExitCode};

use clap::FromArgMatches;
use fabrik_app::Environment;

use crate::{arguments::Cli, exit::Exit, session::Session};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let environment = Environment::of_process(true);
    let language = usage::asked_language(&arguments).unwrap_or_else(|| environment.language());
    let mut command = help::command(language);
    let parsed = command
        .try_get_matches_from_mut(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error, language, &arguments, &command).into(),
    };
    let session = Session::new(cli.globals, environment);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let problem = fabrik_domain::Problem::from(fabrik_domain::Cause::Internal);
            return session.refuse(&problem.detail(error.to_string())).into();
        }
    };
    let exit = runtime.block_on(async {
        match commands::run(cli.command, &session).await {
            Ok(exit) => exit,
            Err(problem) => session.refuse(&problem),
        }
    });
    // A sandbox or a prompt that still waits for something must not hold the program.
    runtime.shutdown_background();
    session
        .output
        .finish()
        .map_or(exit, |failed: Exit| failed.worse(exit))
        .into()
}
