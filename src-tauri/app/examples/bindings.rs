//! Prints the UI's types, for `make bindings`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(fabrik_app::commands::typescript().as_bytes())
}
