//! The engine against a cloud in memory and a real journal.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod clock;
mod cloud;
mod commits;
mod deadline;
mod forward;
mod owner;
mod ports;
mod quota;
mod removal;
mod taken_over;
mod undo;
mod unknown;
mod world;
