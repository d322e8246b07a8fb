//! Customers, blueprints, runs and resources: plain types, their rules, and the ports the rest is
//! written against. Nothing here does I/O; time, randomness and secrets are passed in.

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
pub mod resource;
pub mod run;
pub mod secret;
pub mod setting;

pub use problem::{Cause, Problem};
