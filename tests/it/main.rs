//! Whole-product tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod architecture;
#[cfg(target_os = "linux")] // The keyring is read past Fabrik by a program of this system.
mod audit;
mod bad_input;
mod blueprint_sql;
mod canary;
#[cfg(unix)] // The servers under test are started by a script.
mod central;
mod contract;
mod copies;
mod domains;
mod hostile;
mod import;
mod isolation;
mod kill;
mod mails;
mod members;
mod openapi;
mod provision;
mod questions;
mod races;
#[cfg(unix)] // Rights of files are the system's.
mod read_only;
#[path = "../support/real_clock.rs"]
mod real_clock;
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
#[cfg(target_os = "linux")] // A session is one of a bus and a display.
mod session;
#[cfg(unix)]
mod source;
#[cfg(target_os = "linux")] // Where the spreadsheet is that the setup installs.
mod spreadsheet;
mod stripe;
mod supply;
mod vendor_documents;
#[cfg(unix)]
mod way;
#[cfg(target_os = "linux")] // Other systems' windows have no driver.
mod window;
mod window_commands;
mod workspaces;
mod world;
