//! Whole-product tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod architecture;
mod bad_input;
mod blueprint_sql;
mod canary;
mod contract;
mod domains;
mod import;
mod isolation;
mod kill;
mod mails;
mod openapi;
mod provision;
mod recorder;
mod vendor_documents;
#[cfg(target_os = "linux")] // Other systems' windows have no driver.
mod window;
mod window_commands;
mod workspaces;
mod world;
