//! Tells Tauri where the capabilities stand and which commands the window may call at all: without the
//! manifest Tauri would let every one through.

use tauri_build::{AppManifest, Attributes};

fn main() {
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json")
        .app_manifest(AppManifest::new().commands(&[
            "call",
            "open_workspace",
            "set_menus",
            "close",
            "notify",
        ]));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
