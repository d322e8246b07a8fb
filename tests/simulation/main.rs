//! Whole runs in a simulation: the real steps, clients, engine and store against the sandbox's vendors, with
//! time that jumps and nothing outside the process. What is tried here is made from the built-in
//! blueprints, so that a new step is covered without a line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod answers;
mod blueprints;
mod choices;
mod clocks;
mod conflicts;
mod crashes;
mod disk;
mod extent;
mod failures;
mod kinds;
mod midway;
mod mishaps;
mod names;
mod places;
mod plans;
mod races;
mod repeats;
mod seeds;
mod throttling;
mod together;
mod tokens;
mod undos;
mod workflows;
mod world;
