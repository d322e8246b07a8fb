//! What the script that starts a program of others says of it to the test against it.

/// A variable of the script's, which `command` runs.
///
/// # Panics
/// Where it is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the script says there where the server is"
)]
pub(crate) fn variable(name: &str, command: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: this test is run by `{command}`"))
}
