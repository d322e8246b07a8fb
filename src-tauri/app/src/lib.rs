//! Use cases, and the one place where the parts are put together. The desktop app and the command line are
//! thin shells over [`App`]: the same records, the same engine.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]
#![expect(
    clippy::unused_async,
    clippy::needless_pass_by_value,
    reason = "every command has the same shape: async, with owned arguments as they come from a window"
)]

mod audit;
mod blueprint_check;
mod blueprints;
mod cards;
mod central;
mod clouds;
pub mod commands;
mod copies;
mod credentials;
mod customer_rows;
mod customers;
mod data_dir;
mod database_url;
mod diagnostics;
mod doctor;
mod domains;
mod encoding;
mod entered;
mod env_file;
mod environment;
mod going_back;
mod handing_over;
mod hints;
mod import;
mod inbox;
mod links;
mod liveness;
pub mod logging;
mod members;
mod open;
mod overview;
mod owner_mail;
mod redaction;
mod reports;
mod requests;
mod run_list;
mod runs;
mod sandbox;
mod sandbox_process;
mod saved;
mod settings;
mod shared_limits;
mod source;
mod stripe;
mod system;
#[cfg(test)]
mod testing;
mod timeline;
pub mod typescript;
pub mod views;
mod welcome;
mod workspaces;

use std::{collections::BTreeMap, sync::Arc};

use fabrik_blueprints::Catalog;
use fabrik_clouds::Http;
use fabrik_domain::{
    id::RunId,
    ports::{Clock, Secrets},
};
use fabrik_engine::Engine;
use fabrik_store::{NewAudit, Store};
use tokio_util::sync::CancellationToken;

pub use blueprint_check::catalog_of;
pub use central::{database_set_unopened, database_unopened};
pub use clouds::neighbours_of;
pub use copies::{copies_of, restore_copy};
pub use credentials::token_page;
pub use data_dir::{DataDir, SANDBOX, check_workspace};
pub use diagnostics::{diagnostics_unopened, save_diagnostics};
pub use doctor::diagnose_unopened;
pub use encoding::text_of;
pub use entered::EnteredSecret;
pub use environment::Environment;
pub use fabrik_blueprints::{Bench, Inspection, Outcome, Refusal, inspect_folder};
pub use fabrik_domain::{Cause, Problem, language::Language, problem::UpdateFault};
pub use fabrik_store::{
    Address, AuditFault, AuditVerdict, Change, CustomerQuery, CustomerSort, Progress, RequestQuery,
    RunQuery, StripeReading,
};
pub use inbox::Beginning;
pub use links::VERCEL_APP_PAGE;
pub use open::Options;
pub use runs::Begin;
pub use sandbox_process::command_line_program;
pub use source::Preset;
pub use stripe::StripePoll;
pub use workspaces::workspaces_unopened;

/// Opens a page or a folder in the system's browser; false where there is none.
pub type Browser = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// An open workspace.
pub struct App {
    environment: Environment,
    data_dir: DataDir,
    workspace: String,
    place: central::Place,
    operator: String,
    store: Arc<dyn Store>,
    /// Where secrets are kept.
    vault: Arc<dyn Secrets>,
    keyring: open::Keyring,
    /// Where secrets are read: the vault, under what the environment says.
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    http: Http,
    /// What other processes use of the vendors' limits.
    shared_limits: shared_limits::SharedLimits,
    engine: Engine,
    /// This process, as the others see it.
    presence: liveness::Presence,
    blueprints: Catalog,
    /// In the sandbox workspace, whether it could be joined or not.
    sandbox: Option<sandbox::Sandbox>,
    /// Runs that this process drives, with what stops them.
    driving: tokio::sync::Mutex<BTreeMap<RunId, CancellationToken>>,
    /// Runs of others whose leases have expired, as far as they were looked at.
    expired: std::sync::Mutex<liveness::ExpiredLeases>,
    /// Why today's copy of the database was not made, or that it is damaged.
    copy_trouble: std::sync::Mutex<Option<Problem>>,
    /// How far the window's import has come, and what became of the last one's rows.
    importing: std::sync::Mutex<import::Importing>,
    /// How many drafts have been given to be checked: the last is the one that somebody waits for.
    drafts: std::sync::atomic::AtomicU64,
    /// Whether this process has looked for runs whose leftovers are all gone.
    looked_for_cleared: std::sync::atomic::AtomicBool,
    /// What is known of the agency's own table of customers.
    source: source::SourceState,
    browser: Option<Browser>,
    /// Whether the language was chosen in the window since this process began.
    language_chosen: std::sync::atomic::AtomicBool,
    /// Why Stripe could not be read the last time.
    stripe_trouble: std::sync::Mutex<Option<Problem>>,
    /// The diagnostics as they were last shown: what is kept is that.
    shown_diagnostics: std::sync::Mutex<Option<String>>,
}

impl App {
    /// The central database.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The engine's live events.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The blueprints of this workspace.
    pub fn catalog(&self) -> &Catalog {
        &self.blueprints
    }

    /// Nothing is made for real.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// The language of the variables or the system.
    pub fn language(&self) -> Language {
        self.environment.language()
    }

    fn sandbox_environment(&self) -> Option<&Environment> {
        self.sandbox
            .as_ref()
            .and_then(sandbox::Sandbox::environment)
    }

    fn audit(&self, action: &str, facts: serde_json::Value) -> NewAudit {
        NewAudit {
            operator: self.operator.clone(),
            action: action.to_owned(),
            customer: None,
            run: None,
            facts,
        }
    }

    /// Gives a page or a folder to the system. A page is checked before (S9); a folder is always one of ours.
    fn open_outside(&self, what: &str) -> Result<(), Problem> {
        match &self.browser {
            Some(open) if open(what) => Ok(()),
            _ => Err(Cause::NothingOpens {
                what: what.to_owned(),
            }
            .into()),
        }
    }
}
