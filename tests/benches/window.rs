//! The figures of the real window, of the build that people install: how big it is, how soon it shows a thousand
//! customers, and how much memory it and its web view take with a hundred thousand.
//!
//! Runs in a session of its own (`scripts/session`), with the window driven by `WebDriver`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a figure is printed, and a bench that can't go on has failed"
)]

#[cfg(target_os = "linux")]
#[path = "../it/window"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod window {
    pub(crate) mod desktop;
    pub(crate) mod driver;
    pub(crate) mod page;
}
#[path = "../it/world/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests, which use all of it"
)]
mod world;

#[cfg(target_os = "linux")]
#[path = "window/figures.rs"]
mod figures;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    figures::print().await
}

/// Elsewhere no `WebDriver` drives it.
#[cfg(not(target_os = "linux"))]
fn main() {}
