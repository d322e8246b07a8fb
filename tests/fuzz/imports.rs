//! Whatever is in a file that is imported: customers, an orchestra's members, or an older system's `.env`. The first line
//! is the file's name, the rest is what is in it.

#![no_main]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a fuzz target may stop at the first surprise"
)]

mod inputs;
mod workspace;

use fabrik_app::text_of;
use fabrik_tests::spoiled::first_line;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use serde_json::json;

use self::{
    inputs::{begin_with, rest_changed},
    workspace::{give, orchestra},
};

/// A file of each kind, without anything in it.
const FIRST: [&str; 4] = [
    "customers.csv\nname;subdomain;email;plan;modules\r\n",
    "customers.json\n[{}]",
    "members.csv\nname;email;role;status;language;joined;left;instrument\r\n",
    ".env\nA=\"b\"\n",
];

fuzz_target!(init: begin_with(FIRST), |data: &[u8]| {
    let (file, content) = first_line(data);
    // Of one in four what is good is kept; by the input itself, so that it is the same when it is tried again.
    let dry_run = !data.len().is_multiple_of(4);
    let content = text_of(content.to_vec());
    match file {
        ".env" => give("env_import", json!({ "content": content, "dry_run": dry_run })),
        "members.csv" => give(
            "members_import",
            json!({
                "customer": orchestra(), "file_name": file, "content": content, "dry_run": dry_run,
            }),
        ),
        _ => give(
            "customers_import",
            json!({ "file_name": file, "content": content, "dry_run": dry_run }),
        ),
    }
});

fuzz_mutator!(
    |data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
        rest_changed(data, size, max_size)
    }
);
