//! What Fabrik is made of is locked, by checksum and from where it should be (S15). Advisories, licences and sources are
//! `scripts/audit`'s: they need a network.

use std::fs;

use fabrik_tests::{Proof, checkout};
use serde_json::Value;
use toml::Table;

/// Before it, an app's own commands could be called past its capability.
const TAURI: [u32; 3] = [2, 11, 1];

fn read(name: &str) -> String {
    fs::read_to_string(checkout().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_crate_is_locked_by_its_checksum_and_the_window_is_new_enough() {
    let proof = Proof::of(
        "S15",
        "crates locked by checksum, from one registry; Tauri's version",
    );
    let lock: Table = read("Cargo.lock").parse().expect("Cargo.lock");
    let packages = lock["package"].as_array().expect("packages");
    let (mut registry, mut tauri) = (None, None);
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        match package.get("source").and_then(|source| source.as_str()) {
            None => assert!(name.starts_with("fabrik-"), "{name} comes from nowhere"),
            Some(source) => {
                assert!(source.starts_with("registry+"), "{name} from {source}");
                assert_eq!(*registry.get_or_insert(source), source, "{name}");
                assert!(package.get("checksum").is_some(), "{name} has a checksum");
            }
        }
        if name == "tauri" {
            tauri = package["version"].as_str().map(version);
        }
    }
    let tauri = tauri.expect("the window is Tauri's");
    assert!(tauri >= TAURI, "{tauri:?}");
    proof.held(packages.len());
}

fn version(text: &str) -> [u32; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

#[test]
fn every_package_of_the_window_is_locked_by_its_checksum() {
    let proof = Proof::of(
        "S15",
        "packages of the UI locked by checksum, from one registry",
    );
    let lock: Value = serde_json::from_str(&read("ui/package-lock.json")).expect("a lock file");
    let packages = lock["packages"].as_object().expect("packages");
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        // None is said: it is the registry that npm asks.
        assert_eq!(package.get("resolved"), None, "where {name} comes from");
        // It lies within another package, and that one's checksum is of it too.
        if package["inBundle"] == true {
            continue;
        }
        let sum = package["integrity"].as_str().unwrap_or_default();
        assert!(sum.starts_with("sha512-"), "{name} has a checksum: {sum:?}");
        proof.held(1);
    }
}
