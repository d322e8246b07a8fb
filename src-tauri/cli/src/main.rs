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
mod interrupt;
mod output;
mod progress;
mod secret_input;
mod session;
mod table;
mod words;
mod work;

use std::process::ExitCode;

use clap::Parser;

use crate::{arguments::Cli, exit::Exit, session::Session};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error).into(),
    };
    let session = Session::new(cli.globals);
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
