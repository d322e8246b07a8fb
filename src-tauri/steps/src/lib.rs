//! One file per provisioning step, and their registry.
//!
//! A step is a file here, with an `ENTRY`, and a line in [`registry`]. What a step keeps in the vault
//! until its run ends is named in `kept`, so that `finalize` can clear it away. Mails outside of runs are here
//! too, since they are made of the steps' parameters.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test that can't go on must fail loudly"
    )
)]

mod admin_user;
mod auth_settings;
mod chosen;
mod client_config;
mod clocks;
mod compute_size;
mod custom_domain;
mod database_schema;
mod database_url;
mod digest;
mod failure_mail;
mod finalize;
mod github_repo;
mod isolation_check;
mod kept;
mod left_standing;
mod letter;
mod mail;
mod n8n_workflows;
mod parameters;
mod parts;
mod password;
mod point_in_time_recovery;
mod recovery_off;
mod registry;
mod sign_in;
mod site_check;
mod supabase_project;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod values;
mod vercel_account;
mod vercel_deployment;
mod vercel_environment;
mod vercel_project;
mod welcome_email;
mod workflow_backup;

pub use database_url::{
    VARIABLE as DATABASE_URL_VARIABLE, imported as imported_database_url,
    of_project as database_urls_of, opens as opens_database_of,
};
pub use failure_mail::{Failed, FailureMail};
pub use isolation_check::{Inside, TrialDatabase, inside};
pub use kept::of_run as kept_by_run;
pub use mail::{Mail, Preview};
pub use registry::{Clouds, Registry, timing};
