//! Whatever the page says. The first line is the command's name, the rest is its arguments, as JSON.

#![no_main]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a fuzz target may stop at the first surprise"
)]

mod inputs;
mod workspace;

use fabrik_app::commands::NAMES;
use fabrik_tests::spoiled::first_line;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

use self::{
    inputs::{begin_with, rest_changed},
    workspace::give,
};

/// Each command without arguments.
fn first() -> impl Iterator<Item = String> {
    NAMES.iter().map(|name| format!("{name}\n{{}}"))
}

fuzz_target!(init: begin_with(first()), |data: &[u8]| {
    let (name, arguments) = first_line(data);
    if let (true, Ok(arguments)) = (NAMES.contains(&name), serde_json::from_slice(arguments)) {
        give(name, arguments);
    }
});

fuzz_mutator!(
    |data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
        rest_changed(data, size, max_size)
    }
);
