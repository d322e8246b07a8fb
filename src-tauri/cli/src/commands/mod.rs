//! The commands, a file each.

mod as_asked;
mod asking;
mod audit;
mod blueprints;
mod completions;
mod copies;
mod credentials;
mod customers;
mod deprovision;
mod doctor;
mod domains;
mod env_import;
mod import;
mod members;
mod outcome;
mod plan;
mod provision;
mod requests;
mod runs;
mod sandbox;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod source;
mod stripe;
mod untold;
mod watch;
mod welcome;

use clap::Subcommand;
use fabrik_app::App;
use fabrik_domain::Problem;

use crate::{exit::Exit, session::Session};

/// Marks what killed processes left, for a command that only reads: where that can't be written, by a full disk or a
/// database that is held or can only be read, what is known is shown all the same. Whether it could be.
async fn look_for_interrupted(app: &App) -> bool {
    match app.mark_interrupted().await {
        Ok(_) => true,
        Err(problem) => {
            tracing::warn!(%problem, "runs whose process is gone could not be marked");
            false
        }
    }
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// The agency's customers
    #[command(subcommand)]
    Customers(customers::Customers),
    /// The inbox: who wants to become a customer
    #[command(subcommand)]
    Requests(requests::Requests),
    /// Who subscribes, by Stripe's word
    #[command(subcommand)]
    Stripe(stripe::Stripe),
    /// What provisioning a customer would do; makes nothing
    Plan(plan::Plan),
    /// Gives customers their stacks
    Provision(provision::Provision),
    /// Removes a customer's instance
    Deprovision(deprovision::Deprovision),
    /// Customers' own domains
    #[command(subcommand)]
    Domains(domains::Domains),
    /// A customer's welcome e-mail
    #[command(subcommand)]
    Welcome(welcome::Welcome),
    /// Runs: what was made when, and going on with what stopped
    #[command(subcommand)]
    Runs(runs::Runs),
    /// The agency's credentials at the providers
    #[command(subcommand)]
    Credentials(credentials::Credentials),
    /// The workspace's settings
    #[command(subcommand)]
    Settings(settings::Settings),
    /// The agency's own table of customers
    #[command(subcommand)]
    Source(source::Source),
    /// Who did what, and whether that was changed
    #[command(subcommand)]
    Audit(audit::Audit),
    /// What customers can be given
    #[command(subcommand)]
    Blueprints(blueprints::Blueprints),
    /// The daily copies of the central database
    #[command(subcommand)]
    Copies(copies::Copies),
    /// Checks data directory, database, keyring, network, credentials
    Doctor,
    /// Every vendor's cloud, on this machine
    #[command(subcommand)]
    Sandbox(sandbox::Sandbox),
    /// A completion script for a shell
    Completions(completions::Completions),
    /// The window's UI for a browser on this machine
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
}

/// Runs a command.
pub(crate) async fn run(command: Command, session: &Session) -> Result<Exit, Problem> {
    match command {
        Command::Customers(command) => customers::run(command, session).await,
        Command::Requests(command) => requests::run(command, session).await,
        Command::Stripe(command) => stripe::run(command, session).await,
        Command::Plan(command) => plan::run(command, session).await,
        Command::Provision(command) => provision::run(command, session).await,
        Command::Deprovision(command) => deprovision::run(command, session).await,
        Command::Domains(command) => domains::run(command, session).await,
        Command::Welcome(command) => welcome::run(command, session).await,
        Command::Runs(command) => runs::run(command, session).await,
        Command::Credentials(command) => credentials::run(command, session).await,
        Command::Settings(command) => settings::run(command, session).await,
        Command::Source(command) => source::run(command, session).await,
        Command::Audit(command) => audit::run(command, session).await,
        Command::Blueprints(command) => blueprints::run(command, session).await,
        Command::Copies(command) => copies::run(command, session).await,
        Command::Doctor => doctor::run(session).await,
        Command::Sandbox(command) => sandbox::run(command, session).await,
        Command::Completions(command) => Ok(completions::run(&command, session)),
        #[cfg(feature = "serve")]
        Command::Serve(command) => serve::run(command, session).await,
    }
}
