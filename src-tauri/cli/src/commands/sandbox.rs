//! `fabrik sandbox`: the sandbox alone, as a process of its own.

use std::{
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::{Args, Subcommand};
use fabrik_app::logging;
use fabrik_domain::{Cause, Problem};
use fabrik_sandbox::{LatencyChoice, Options, SandboxError, ends_unused, serve};

use crate::{exit::Exit, interrupt, session::Session};

/// How often it is looked whether the one before has ended.
const AGAIN: Duration = Duration::from_millis(500);

/// `fabrik sandbox …`.
#[derive(Subcommand)]
pub(crate) enum Sandbox {
    /// Serves all providers on one loopback port until stopped
    Serve(Serve),
}

/// `fabrik sandbox serve`.
#[derive(Args)]
pub(crate) struct Serve {
    /// The loopback port; 0 takes the one it had last time where that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// `none`, `realistic`, or a TOML file of seconds
    #[arg(long, default_value = "realistic", value_name = "CHOICE")]
    latency: LatencyChoice,
    /// A JSON file of fault rules
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Where its resources and tokens are kept; else `sandbox` in the data directory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What tokens, ids and readiness times follow from; else the directory's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Ends a while after its last client has left
    #[arg(long)]
    until_unused: bool,
}

/// Runs it.
pub(crate) async fn run(command: Sandbox, session: &Session) -> Result<Exit, Problem> {
    let Sandbox::Serve(command) = command;
    let data = command
        .data
        .or_else(|| Some(session.data_dir()?.join(fabrik_app::SANDBOX)))
        .ok_or_else(|| Cause::DataDirectoryUnusable {
            path: "FABRIK_DATA_DIR".to_owned(),
        })?;
    logging::start(
        &data.join("logs"),
        Some(session.log_filter().unwrap_or("warn")),
    );
    let options = Options {
        data,
        port: command.port,
        latency: command.latency,
        faults: command.faults,
        seed: command.seed,
        until_unused: command.until_unused.then_some(Options::LINGER),
    };
    let sandbox = take_over(&options).await.map_err(|error| failed(&error))?;
    session.output.json_line(sandbox.ready());
    sandbox
        .run(interrupt::signal())
        .await
        .map_err(|error| failed(&error))?;
    Ok(Exit::Done)
}

/// Serves, where one that a workspace started is about to end as soon as it has. Nobody waits for one that is used.
async fn take_over(options: &Options) -> Result<fabrik_sandbox::Sandbox, SandboxError> {
    let patience = Options::LINGER + AGAIN * 10;
    let begun = Instant::now();
    loop {
        match serve(options.clone()).await {
            Err(SandboxError::InUse(_))
                if options.until_unused.is_none()
                    && ends_unused(&options.data)
                    && begun.elapsed() < patience =>
            {
                tokio::time::sleep(AGAIN).await;
            }
            served => return served,
        }
    }
}

fn failed(error: &SandboxError) -> Problem {
    let source = error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    match error {
        SandboxError::Invalid(_) | SandboxError::InUse(_) => Cause::SandboxRefused {
            why: error.to_string(),
        }
        .into(),
        _ => Problem::from(Cause::SandboxFailed).detail(format!("{error}{source}")),
    }
}
