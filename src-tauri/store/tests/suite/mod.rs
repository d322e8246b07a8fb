//! What every store must do, written against [`Store`] alone: each database runs the whole of it through
//! `suite!`.

pub mod called;
pub mod cancels;
pub mod clock;
pub mod customers;
pub mod decisions;
pub mod deferred;
pub mod due;
pub mod endings;
pub mod imports;
pub mod journal;
pub mod leases;
pub mod list;
pub mod mails;
pub mod names;
pub mod older;
pub mod records;
pub mod requests;
pub mod runs;
pub mod samples;
pub mod subscriptions;

use std::{sync::Arc, time::Duration};

use fabrik_store::Store;
use fabrik_tests::Proof;

/// A database under test.
pub trait Backend {
    /// Opens it as another process does: nothing is shared but the database itself.
    fn open(&self) -> Arc<dyn Store>;

    /// Lets time pass, as the database's leases see it.
    fn pass(&self, time: Duration);

    /// What tells of hostile names in it (S6). Each database says which it is: the report has a row for each.
    fn proof_of_names(&self) -> Proof;
}

/// Makes a test of each function named, on a new database of the expression's.
macro_rules! suite {
    ($backend:expr; $($module:ident: $($test:ident),* $(,)?;)*) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::suite::$module::$test(&$backend).await;
                }
            )*
        }
    )*};
}
pub(crate) use suite;

/// The whole of it, on new databases of the expression's.
macro_rules! whole {
    ($backend:expr) => {
        crate::suite::suite! { $backend;
            customers:
                every_field_is_read_back_as_it_was_written,
                an_edit_changes_what_it_names,
                many_edits_are_judged_each_by_itself,
                a_project_is_held_by_record_and_by_runs,
                a_removal_waits_for_runs_and_resources;
            called:
                by_another_id_it_is_of_no_table,
                unique_fields_name_the_customer_that_has_them,
                of_two_that_would_be_called_alike_one_is_refused,
                who_was_there_before_is_called_by_its_id_too,
                a_subdomain_stays_for_as_long_as_something_goes_by_it,
                what_is_named_by_an_earlier_subdomain_is_not_begun,
                a_customer_is_found_as_people_name_it;
            imports:
                an_import_judges_each_row,
                an_import_names_what_is_taken_of_each_row,
                an_import_that_is_stopped_leaves_nothing;
            list:
                words_are_found_whatever_their_case_and_accents,
                lists_are_sorted_filtered_and_cut,
                many_customers_are_listed_page_by_page,
                a_search_finds_what_another_process_has_just_written,
                a_state_follows_status_and_newest_run,
                plans_and_blueprints_are_counted;
            names:
                a_naughty_name_is_kept_as_it_is;
            runs:
                a_run_is_read_back_with_all_it_began_with,
                a_customer_has_one_run_that_has_not_ended,
                a_removal_begins_with_what_is_there,
                of_two_that_begin_a_run_one_wins,
                runs_are_listed_newest_first,
                a_customers_run_under_way_counts_and_else_the_newest,
                the_usual_time_is_the_median_of_the_newest,
                the_end_of_a_run_is_told_once;
            journal:
                an_entry_is_written_whole,
                an_entry_with_a_fault_leaves_nothing,
                events_that_stand_alone_keep_their_order;
            cancels:
                a_wish_to_cancel_lasts_until_the_run_ends,
                a_cancelled_run_keeps_what_it_made_where_that_was_said;
            deferred:
                what_is_deferred_is_written_by_whoever_looks,
                what_is_deferred_is_a_later_runs_once_there_is_one,
                what_a_cancelled_removal_has_left_is_waited_for_again;
            leases:
                a_run_is_owned_from_its_beginning,
            an_entry_keeps_the_lease_it_is_written_under_or_gives_it_back,
                a_writer_that_slept_past_its_lease_writes_nothing,
                the_dead_need_not_be_waited_for,
                of_two_that_take_a_run_one_wins,
                a_run_that_succeeded_is_nobodys,
                what_the_dead_may_have_sent_is_known_to_whoever_takes_it_on,
                only_a_run_that_nobody_drives_is_marked;
            mails:
                a_failure_is_due_once_and_when_its_run_has_ended,
                of_two_that_claim_a_mail_one_has_it,
                what_is_fixed_stays_whoever_sends_it,
                a_mail_is_settled_once,
                a_wish_stands_in_the_way_of_the_next_until_it_is_settled;
            requests:
                a_request_is_read_back_as_it_was_written,
                who_asks_in_a_table_is_asked_once_and_told_once,
                requests_are_listed_newest_first_and_counted;
            decisions:
                of_two_that_approve_a_request_one_wins,
                an_approval_that_is_refused_leaves_nothing,
                a_rejected_request_stays_rejected,
                what_is_put_away_is_undecided_and_opened_again,
                what_is_put_away_is_settled_by_a_removal_and_withdrawn_by_its_table,
                a_request_outlives_the_customer_it_made;
            due:
                what_is_changed_by_hand_is_approved_by_word_alone,
                a_provisioning_is_due_until_its_run_is_written,
                what_is_asked_about_after_all_is_approved_by_nobody_else,
                what_can_not_begin_is_not_tried_again;
            endings:
                the_end_of_a_subscription_is_settled_by_word_or_by_removal,
                the_end_of_a_subscription_is_not_settled_by_an_older_removal,
                a_newer_run_that_left_nothing_keeps_no_end_of_a_subscription_open;
            subscriptions:
                an_event_is_handled_once_and_moves_the_reading_with_it,
                of_two_that_read_the_same_one_asks,
                an_end_withdraws_what_nobody_decided_and_asks_about_what_is_there,
                an_end_withdraws_what_was_put_away,
                what_something_stands_in_the_way_of_is_read_again,
                what_was_read_and_missed_is_kept;
            records:
                a_workspace_keeps_its_id,
                settings_are_stored_and_dropped,
                the_audit_log_is_read_newest_first,
                the_audit_log_is_anchored_in_turn,
                changes_are_followed_across_processes,
                a_sound_database_passes_its_check;
        }
    };
}
pub(crate) use whole;
