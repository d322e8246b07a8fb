//! Customers, blueprints, runs and resources: plain types, their rules, and the ports the rest is
//! written against. Nothing here does I/O; time, randomness and secrets are passed in.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that can't go on should fail where it stands"
    )
)]

pub mod blueprint;
pub mod customer;
pub mod event;
pub mod failure;
pub mod finding;
pub mod gate;
pub mod id;
pub mod language;
pub mod mail;
pub mod mapping;
pub mod plan;
pub mod ports;
pub mod problem;
pub mod provider;
pub mod request;
pub mod resource;
pub mod run;
pub mod secret;
pub mod setting;

pub use problem::{Cause, Problem};
