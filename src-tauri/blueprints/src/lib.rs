//! Blueprints: the built-in ones, their loader, and the templates in them.
//!
//! A blueprint is a folder: `blueprint.toml`, SQL and mail templates. [`load_folder`] and
//! [`load_built_in`] turn one into a [`fabrik_domain::blueprint::Blueprint`] and refuse what can't run;
//! [`check`] tells everything that is wrong with one, and [`Trial`] tries its SQL on a database;
//! [`Catalog`] is what a workspace has of them; [`template`] renders their texts. Running
//! one is the engine's matter.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test that can't go on must fail loudly"
    )
)]

mod built_in;
mod catalog;
mod check;
mod document;
#[cfg(test)]
mod documentation;
mod earlier;
mod editing;
mod folder;
mod loader;
mod manifest;
#[cfg(test)]
mod spoiled;
mod sql;
pub mod template;
#[cfg(test)]
mod tests;
mod trial;
mod values;
pub mod workflow;

pub use built_in::{built_in, load_built_in};
pub use catalog::Catalog;
pub use earlier::Earlier;
pub use editing::Contents;
pub use folder::Files;
pub use loader::{Inspection, check, inspect_folder, load_folder};
pub use trial::{Bench, COUNTED_OUTSIDE, DOORS, FOOTPRINT, Outcome, ROWS_OUTSIDE, Refusal, Trial};
