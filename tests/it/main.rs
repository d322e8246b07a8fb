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
#[cfg(unix)] // The servers under test are started by a script.
mod central;
mod contract;
mod domains;
mod import;
mod isolation;
mod kill;
mod mails;
mod members;
mod openapi;
mod provision;
mod recorder;
mod requests;
#[cfg(unix)]
#[path = "../../src-tauri/store/tests/server/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the store's own tests use the others"
)]
mod server;
#[cfg(unix)]
mod source;
mod stripe;
mod vendor_documents;
#[cfg(target_os = "linux")] // Other systems' windows have no driver.
mod window;
mod window_commands;
mod workspaces;
mod world;
