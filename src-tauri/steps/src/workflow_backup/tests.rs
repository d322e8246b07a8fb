//! Where files go. How they fare at Gitea is tried through the engine, in
//! `tests/simulation/workflows.rs`.

use serde_json::json;

use super::*;
use crate::testing::{clouds, parameters};

#[test]
fn a_folder_stays_inside_the_repository() {
    let build = |folder: &str| {
        let with = json!({
            "owner": "ops-hub", "repository": "client-backups", "folder": folder, "workflows": "leads=Xb3",
        });
        (ENTRY.build)(&clouds("http://127.0.0.1:9"), &parameters(&with))
    };
    for (folder, name) in [
        ("4711", "ops-hub/client-backups/4711"),
        ("/kunder/4711/", "ops-hub/client-backups/kunder/4711"),
    ] {
        assert_eq!(build(folder).ok().unwrap().name(), name);
    }
    for folder in ["", "/", "..", "a/../../b", "a//b", "."] {
        let problem = build(folder).err().unwrap();
        assert_eq!(problem.code(), "blueprint_invalid", "{folder:?}");
    }
}
