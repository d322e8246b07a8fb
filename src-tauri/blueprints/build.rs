//! Has the crate compiled again when a file is added to a built-in blueprint.

fn main() {
    for blueprint in ["agency", "client-stack", "factory", "orchestra"] {
        println!("cargo::rerun-if-changed={blueprint}");
    }
}
