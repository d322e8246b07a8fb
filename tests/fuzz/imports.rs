//! Whatever is in a file that is imported: customers, or an older system's `.env`. The first line is the file's name, the
//! rest is what is in it.

#![no_main]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a fuzz target may stop at the first surprise"
)]

mod inputs;
mod workspace;

use fabrik_tests::spoiled::first_line;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use serde_json::json;

use self::{
    inputs::{begin_with, rest_changed},
    workspace::give,
};

/// A file of each kind, without anything in it.
const FIRST: [&str; 3] = [
    "customers.csv\nname;subdomain;email;plan;modules\r\n",
    "customers.json\n[{}]",
    ".env\nA=\"b\"\n",
];

fuzz_target!(init: begin_with(FIRST), |data: &[u8]| {
    let (file, content) = first_line(data);
    // A page has read the file as text already.
    let content = String::from_utf8_lossy(content);
    if file == ".env" {
        give("env_import", json!({ "content": content, "dry_run": true }));
    } else {
        let arguments = json!({ "file_name": file, "content": content, "dry_run": true });
        give("customers_import", arguments);
    }
});

fuzz_mutator!(
    |data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
        rest_changed(data, size, max_size)
    }
);
