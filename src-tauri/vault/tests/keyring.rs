//! The vault on a real keyring: GNOME Keyring, in D-Bus sessions that each test has to itself.
//!
//! A test may lock, stop or kill its keyring, and never sees the user's own. Each runs this very program
//! again inside its session; what runs there is in [`inside`].
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

#[path = "keyring/inside.rs"]
mod inside;
#[path = "keyring/session.rs"]
mod session;

use session::{Session, run};

#[test]
fn a_secret_is_kept_replaced_and_removed() {
    run(Session::Unlocked, "inside::round_trip");
}

#[test]
fn a_long_secret_goes_into_chunks_and_leaves_none() {
    run(Session::Unlocked, "inside::long_secret");
}

#[test]
fn of_many_calls_at_once_each_gets_its_own_answer() {
    run(Session::Unlocked, "inside::many_at_once");
}

#[test]
fn a_locked_keyring_asks_once_and_not_again() {
    run(Session::Unlocked, "inside::locked");
}

#[test]
fn an_unanswered_dialog_is_given_up_and_not_shown_twice() {
    run(Session::WithDisplay, "inside::dialog");
}

#[test]
fn a_silent_keyring_is_given_up_and_comes_back() {
    run(Session::Unlocked, "inside::silent");
}

#[test]
fn a_restarted_keyring_is_found_again() {
    run(Session::Unlocked, "inside::restarted");
}

#[test]
fn a_keyring_that_was_never_made_is_told() {
    run(Session::NeverUnlocked, "inside::never_made");
}

#[test]
fn a_session_without_a_keyring_is_told() {
    run(Session::NoService, "inside::no_service");
}

#[test]
fn a_machine_without_a_session_is_told() {
    run(Session::NoBus, "inside::no_bus");
}
