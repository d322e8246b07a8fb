//! Finds the programs that are tested.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Names another program to test, such as an installed one.
const OVERRIDE: &str = "FABRIK_TEST_PROGRAM";

/// Runs a program, the shell's `$0`, as somebody who is bound by the rights of files: root is by none.
#[allow(dead_code, reason = "for the tests of such rights")]
pub(crate) const AS_ANYBODY: &str = r#"
  if [ "$(id -u)" = 0 ]; then exec setpriv --bounding-set=-dac_override,-dac_read_search "$0" "$@"; fi
  exec "$0" "$@"
"#;

/// The command line, built beside this test.
///
/// # Panics
/// Where it is missing, or older than a file it is made of: a test of yesterday's program proves nothing.
pub(crate) fn program() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's own switch; the product reads none of it"
    )]
    if let Some(named) = std::env::var_os(OVERRIDE) {
        return named.into();
    }
    built("fabrik", "cargo build -p fabrik-cli")
}

/// The desktop app, with the built UI in it, built beside this test.
///
/// # Panics
/// As [`program`].
pub(crate) fn desktop_program() -> PathBuf {
    built(
        "fabrik-desktop",
        "cargo build -p fabrik-desktop --features custom-protocol",
    )
}

/// The desktop app or the command line as people install it, built in the same target directory: for the figures.
///
/// # Panics
/// As [`program`].
#[allow(dead_code, reason = "no test has the time to build it")]
pub(crate) fn release_program(name: &str) -> PathBuf {
    let folder = folder();
    let target = folder.parent().expect("tests lie in target/<profile>/deps");
    built_in(&target.join("release"), name, "scripts/bundle --no-bundle")
}

fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.parent()
        .and_then(Path::parent)
        .expect("tests lie in target/<profile>/deps")
        .to_owned()
}

fn built(name: &str, by_hand: &str) -> PathBuf {
    built_in(&folder(), name, by_hand)
}

fn built_in(folder: &Path, name: &str, by_hand: &str) -> PathBuf {
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mend = format!("`make test` builds it first; by hand: `{by_hand}`");
    assert!(
        program.is_file(),
        "{} is not there. {mend}",
        program.display()
    );
    if let Some(newer) = newer_source(&program) {
        panic!(
            "{} is older than {}. {mend}",
            program.display(),
            newer.display()
        );
    }
    program
}

/// A source that changed after the program was linked. Cargo lists the sources beside the program.
fn newer_source(program: &Path) -> Option<PathBuf> {
    let list = fs::read_to_string(program.with_extension("d")).ok()?;
    let (_, sources) = list.split_once(": ")?;
    let built = modified(program)?;
    // A space in a path is written `\ `.
    let sources = sources.trim().replace("\\ ", "\0");
    sources
        .split(' ')
        .map(|source| PathBuf::from(source.replace('\0', " ")))
        .find(|source| modified(source).is_some_and(|changed| changed > built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
