//! The suite every engine must pass.
//!
//! An engine says how to get a place for an empty database, a [`Scratch`], and every sentence of the
//! suite becomes a test; `tests/conformance.rs` of the SQLite engine shows all that it takes.
//!
//! A new sentence is a function in one of the modules in here, and a line in
//! [`conformance_suite!`](crate::conformance_suite); a test sees to it that neither is forgotten.

#![expect(
    missing_docs,
    clippy::unwrap_used,
    reason = "these are tests, and their names say what they test"
)]

pub mod app;
pub mod atomicity;
pub mod audit;
pub mod concurrency;
pub mod failed_logins;
pub mod finding;
pub mod identities;
pub mod lifetime;
pub mod preconditions;
mod samples;
pub mod sessions;
pub mod updates;
pub mod users;

use std::sync::Arc;

use async_trait::async_trait;

use crate::Storage;

/// A place for one database: empty at first, gone when this is dropped.
#[async_trait]
pub trait Scratch: Send + Sync {
    /// Opens the database. Whoever opens it again has closed it before.
    async fn open(&self) -> Arc<dyn Storage>;
}

/// Makes a test of every sentence of the suite; `open` answers a `Scratch`.
///
/// The crate that calls it needs `tokio` with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! conformance_suite {
    (open = $open:expr $(,)?) => {
        $crate::conformance_suite! {
            @tests $open;
            app {
                a_new_database_has_no_app,
                an_app_is_there_once_it_has_an_id_and_a_token,
                keys_come_in_their_order_and_are_replaced,
                settings_of_every_kind_survive_and_are_replaced,
                the_catalogue_describes_the_users,
            }
            atomicity {
                a_refused_last_change_undoes_all,
                a_conflict_in_the_last_change_undoes_all,
                changes_take_effect_in_their_order,
                no_changes_are_made_at_once,
            }
            audit {
                the_trail_is_read_newest_first_and_in_pages,
                every_kind_of_actor_survives,
            }
            concurrency {
                of_many_equal_registrations_exactly_one_wins,
                of_many_conversions_of_one_guest_exactly_one_wins,
                five_hundred_changes_at_once_are_all_acknowledged,
                everybody_reads_what_was_acknowledged,
                those_who_fail_do_not_disturb_the_others,
            }
            failed_logins {
                failures_in_a_row_are_counted,
                a_row_whose_last_failure_is_too_old_is_over,
                a_failure_that_comes_late_does_not_turn_back_the_time,
                failures_are_forgotten,
                the_failures_of_nobody_are_not_counted,
            }
            finding {
                users_are_found_by_descending_id,
                pages_fit_together,
                only_what_the_owner_owns_is_found,
                no_page_is_too_large,
            }
            identities {
                an_identity_is_found_whatever_the_case_of_its_ascii_letters,
                letters_beyond_ascii_keep_their_case,
                an_identity_can_be_taken_once,
                any_number_of_guests_have_none,
                an_update_cannot_take_the_identity_of_another,
                an_update_may_change_the_case_of_the_own_identity,
                a_removed_user_gives_the_identity_back,
                an_object_id_can_be_taken_once,
            }
            lifetime {
                a_reopened_database_has_everything,
                a_closed_database_is_unavailable,
                closing_twice_is_as_good_as_once,
                what_was_accepted_before_closing_is_made,
                a_healthy_database_says_so,
            }
            preconditions {
                that_a_user_exists,
                that_a_user_has_a_status,
                that_a_user_has_a_password,
                that_a_user_has_these_sessions,
                that_a_user_has_few_failed_logins,
                the_first_that_does_not_hold_is_named,
                changes_made_before_it_count,
            }
            sessions {
                a_session_is_read_with_the_status_of_its_user,
                an_unknown_session_is_none,
                the_sessions_of_a_user_come_in_ascending_order,
                a_session_needs_its_user,
                a_selector_can_be_used_once,
                ended_sessions_are_gone_and_unknown_ones_do_not_matter,
                ending_all_but_one_says_which_ended,
                activity_never_goes_back,
                activity_does_not_revive_an_ended_session,
                the_heartbeat_never_goes_back,
                starts_come_in_ascending_order_and_once,
            }
            updates {
                only_the_named_columns_change,
                null_clears_a_column,
                a_password_changes_and_stays_out_of_sight,
                nobody_cannot_be_updated,
                an_unknown_column_is_refused,
                what_is_no_property_cannot_be_written_as_one,
                a_value_of_a_wrong_type_is_refused,
                a_new_status_is_an_update,
                a_login_is_no_update,
                a_guest_that_registers_keeps_its_id_and_its_sessions,
            }
            users {
                a_user_is_read_as_it_was_made,
                a_guest_has_every_property_and_each_is_null,
                nobody_is_found_where_nobody_is,
                texts_of_every_script_survive,
                documents_survive,
                a_user_need_not_own_itself,
                a_removed_user_takes_its_sessions_along,
                a_removed_user_takes_its_failed_logins_along,
                removing_nobody_changes_nothing,
            }
        }
    };
    (@tests $open:expr; $($subject:ident { $($sentence:ident,)+ })+) => {
        $(
            mod $subject {
                #[allow(unused_imports, reason = "what `open` needs is not known here")]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $sentence() {
                        let scratch = ($open)().await;
                        $crate::conformance::$subject::$sentence(&scratch).await;
                    }
                )+
            }
        )+
    };
}

#[cfg(test)]
mod tests {
    /// The sentences of a module as they stand in the suite and in its file.
    #[track_caller]
    fn check(subject: &str, source: &str) {
        let suite = include_str!("conformance.rs");
        let (_, listed) = suite
            .split_once(&format!("            {subject} {{\n"))
            .unwrap();
        let (listed, _) = listed.split_once('}').unwrap();
        let mut listed: Vec<_> = listed.split(',').map(str::trim).collect();
        listed.retain(|sentence| !sentence.is_empty());
        let written: Vec<_> = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn "))
            .filter_map(|line| line.split_once('('))
            .map(|(sentence, _)| sentence)
            .collect();
        assert_eq!(written, listed, "in {subject}");
    }

    #[test]
    fn every_sentence_is_in_the_suite() {
        check("app", include_str!("conformance/app.rs"));
        check("atomicity", include_str!("conformance/atomicity.rs"));
        check("audit", include_str!("conformance/audit.rs"));
        check("concurrency", include_str!("conformance/concurrency.rs"));
        check(
            "failed_logins",
            include_str!("conformance/failed_logins.rs"),
        );
        check("finding", include_str!("conformance/finding.rs"));
        check("identities", include_str!("conformance/identities.rs"));
        check("lifetime", include_str!("conformance/lifetime.rs"));
        check(
            "preconditions",
            include_str!("conformance/preconditions.rs"),
        );
        check("sessions", include_str!("conformance/sessions.rs"));
        check("updates", include_str!("conformance/updates.rs"));
        check("users", include_str!("conformance/users.rs"));
    }
}
