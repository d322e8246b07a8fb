//! Has the crate compiled again when a file is added to a built-in blueprint.

fn main() {
    println!("cargo::rerun-if-changed=factory");
    println!("cargo::rerun-if-changed=agency");
}
