//! The real desktop window, driven by `WebDriver`, with the real keyring, against a sandbox.
//!
//! Each test runs this very program again in a session of its own (`scripts/session`): the keyring that
//! tokens are typed into and the display that the window opens on are never the user's. What runs there are
//! the ignored tests of the modules below. Pictures of the window go to `tmp/screenshots` of the target
//! directory, to be looked at.

mod agency;
mod bus;
mod desktop;
mod display;
mod driver;
mod faults;
mod first_start;
mod guard;
mod keyring;
mod links;
mod page;
mod recovery;
mod screen;
mod shell;
mod story;
mod trouble;
mod unseen;
mod updates;

use crate::session;

#[test]
fn a_first_start_provisions_in_the_sandbox() {
    session::run("window::first_start::in_the_sandbox");
}

#[test]
fn tokens_go_to_the_keyring_and_a_customer_is_provisioned() {
    session::run("window::story::from_first_token_to_instance");
}

#[test]
fn a_run_that_failed_is_cleared_away_and_one_that_was_killed_is_resumed() {
    session::run("window::recovery::from_failure_to_instance");
}

#[test]
fn the_page_reaches_nothing_but_its_own_commands() {
    session::run("window::guard::nothing_else");
}

#[test]
fn a_new_version_is_installed_only_as_it_was_signed() {
    session::run("window::updates::only_what_is_signed_for_it");
}

#[test]
fn a_new_version_is_looked_for_over_tls() {
    session::run("window::updates::looked_for_over_tls");
}

#[test]
fn a_machine_without_a_keyring_shows_the_records_and_says_so() {
    session::run("window::trouble::without_a_keyring");
}

#[test]
fn a_locked_keyring_is_said_until_it_is_unlocked() {
    session::run("window::trouble::with_a_locked_keyring");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_shown_and_taken_up_again() {
    session::run("window::trouble::on_a_read_only_data_directory");
}

#[test]
fn two_windows_on_the_same_data_show_what_the_other_does() {
    session::run("window::trouble::beside_another_on_the_same_data");
}

#[test]
fn a_database_that_another_process_holds_is_shown_and_taken_up_again() {
    session::run("window::faults::with_a_database_that_another_holds");
}

#[test]
fn vendors_that_give_no_answer_are_said_and_waited_for() {
    session::run("window::faults::while_vendors_give_no_answer");
}

#[test]
fn a_run_of_another_process_is_followed_stopped_and_taken_up() {
    session::run("window::faults::beside_a_run_of_another_process");
}

#[test]
fn a_second_start_shows_the_window_of_the_first_and_ends() {
    session::run("window::shell::started_twice");
}

#[test]
fn the_icon_in_the_tray_brings_the_window_back_and_ends_the_app() {
    session::run("window::shell::behind_its_icon");
}

#[test]
fn the_keys_of_the_menus_do_what_the_menus_say() {
    session::run("window::shell::keys_of_the_menus");
}

#[test]
fn closing_in_the_middle_of_a_run_asks_and_the_next_start_resumes() {
    session::run("window::shell::closed_while_a_run_goes_on");
}

#[test]
fn a_run_that_ends_behind_the_tray_is_told_of_by_the_system() {
    session::run("window::shell::told_of_what_ends_unseen");
}
