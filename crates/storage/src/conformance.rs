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
pub mod conditions;
pub mod departed;
pub mod failed_logins;
pub mod finding;
pub mod functions;
pub mod grouping;
pub mod handler_settings;
pub mod identities;
pub mod identity;
pub mod leases;
mod leaving;
pub mod lifetime;
pub mod links;
pub mod loading;
pub mod merging;
pub mod one_time_links;
pub mod paging;
pub mod permissions;
pub mod permitted;
pub mod preconditions;
pub mod purging;
pub mod reaching;
pub mod record_changes;
pub mod record_permissions;
pub mod roles;
mod samples;
pub mod schema;
pub mod sessions;
mod shop;
mod tables;
mod ticking;
pub mod ticks;
pub mod timers;
pub mod updates;
pub mod users;
pub mod visibility;

use std::sync::Arc;

use async_trait::async_trait;

use crate::Storage;

#[cfg(test)]
mod tests;

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
            conditions {
                texts_are_equal_byte_by_byte,
                identities_are_equal_whatever_the_case,
                values_of_every_type_compare,
                whole_numbers_compare_with_fractions,
                documents_are_equal_as_they_are_written,
                values_compare_without_a_column,
                a_pattern_has_two_wildcards_and_no_case_of_ascii_letters,
                what_is_unknown_stays_unknown,
                one_of_several_values,
                nothing_is_one_of_no_values,
                all_of_nothing_is_true_and_any_of_nothing_is_false,
                a_yes_is_true,
                long_clauses_are_understood,
                a_value_that_the_column_cannot_hold_is_refused,
            }
            departed {
                a_guest_that_logs_in_is_not_gone,
                a_guest_without_a_session_is_gone,
                a_guest_whose_last_session_ends_is_gone,
                a_guest_whose_sessions_end_all_at_once_is_gone,
                a_guest_that_gets_a_session_again_is_not_gone,
                in_one_step_the_last_word_counts,
                what_is_undone_leaves_nobody_gone,
                whoever_is_no_guest_is_not_gone,
                whoever_is_removed_is_not_gone,
                whoever_gives_all_sessions_away_is_gone,
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
            functions {
                functions_of_texts,
                functions_of_numbers,
                parts_of_a_moment_are_in_utc_and_before_1970_too,
                a_function_of_nothing_is_nothing,
                calculations,
                calculations_are_made_as_they_are_nested,
                a_moment_is_moved_by_any_number,
                conditions_may_compare_what_is_calculated,
                what_cannot_be_computed_is_out_of_range,
            }
            grouping {
                aggregates_leave_nulls_out,
                averages_of_whole_numbers_have_a_fraction,
                aggregates_of_no_rows,
                groups_take_nulls_for_equal,
                groups_are_of_several_columns_and_of_functions,
                having_chooses_among_groups,
                groups_are_sorted_and_paged,
                distinct_rows_come_once_and_nulls_are_equal,
                computed_rows_of_single_records_come_by_descending_id,
                rows_are_counted,
                different_combinations_are_counted_with_nulls,
            }
            handler_settings {
                what_is_wanted_of_a_handler_takes_the_place_of_what_was,
                a_handler_of_which_nothing_is_wanted_is_forgotten,
                a_reopened_database_knows_what_is_wanted_of_handlers,
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
            identity {
                users_are_found_by_the_column_that_is_the_identity,
                the_catalogue_says_which_column_it_is,
                the_new_identity_can_be_taken_once,
                what_was_the_identity_stays_unique,
                a_column_in_which_two_users_are_the_same_is_refused,
                that_everybody_has_a_value,
                any_number_of_guests_have_no_identity,
                what_cannot_be_the_identity_is_refused,
                the_identity_cannot_be_removed,
                clauses_compare_the_identity_whatever_the_case,
            }
            leases {
                a_lease_is_one_holders_until_it_is_over,
                a_holder_takes_its_own_lease_again,
                of_many_who_want_a_lease_at_once_one_has_it,
                an_app_is_made_once,
            }
            lifetime {
                a_reopened_database_has_everything,
                a_closed_database_is_unavailable,
                closing_twice_is_as_good_as_once,
                what_was_accepted_before_closing_is_made,
                a_healthy_database_says_so,
            }
            loading {
                each_parent_gets_its_own_newest_first,
                each_parent_gets_a_page,
                related_records_are_sorted,
                related_records_are_chosen,
                related_records_have_what_was_asked_for,
                a_table_related_to_itself_is_loaded,
                thousands_of_parents_are_served_at_once,
                loading_by_what_is_no_relation_is_refused,
            }
            merging {
                sessions_move_and_are_named,
                sessions_move_to_a_user_that_is_there,
                links_move_and_those_that_are_there_stay_once,
                a_relation_to_one_takes_over_one,
                whoever_refers_to_one_refers_to_the_other,
                relations_of_users_move,
                who_is_not_there_takes_nothing_over,
                whoever_takes_over_from_itself_loses_nothing,
                what_one_owns_is_given_to_another,
                what_one_owns_is_counted_by_table,
                a_great_many_are_asked_what_they_own,
                that_a_user_owns_nothing,
                what_one_owns_is_removed_in_slices,
                only_what_the_schema_has_is_taken_over,
            }
            one_time_links {
                a_link_is_read_as_it_was_made,
                a_new_link_takes_the_place_of_the_old_one,
                links_are_removed_by_user_and_purpose,
                a_link_works_up_to_its_last_moment,
                of_two_who_use_a_link_one_wins,
                a_link_needs_its_user_and_goes_with_it,
                whoever_confirms_the_address_is_enabled,
            }
            paging {
                a_record_is_read_as_it_was_made,
                a_record_has_what_was_asked_for_under_the_name_that_was_asked_for,
                users_are_records,
                records_that_nobody_sorts_come_by_descending_id,
                nulls_come_first_ascending_and_last_descending,
                texts_are_sorted_byte_by_byte,
                ids_decide_between_equals_in_descending_order,
                records_come_in_pages_that_fit_together,
                pages_have_every_size,
                unknown_tables_and_columns_are_refused,
                a_removed_column_is_unknown_at_once,
            }
            links {
                new_links_are_counted_and_old_ones_stay,
                children_that_are_not_there_or_not_seen_are_left_out,
                a_relation_to_one_leads_to_one,
                links_are_taken_away,
                links_go_with_either_record,
                links_go_with_a_user,
                who_is_not_there_refers_to_nobody,
            }
            permissions {
                permissions_of_every_kind_survive,
                a_permission_is_replaced_and_forgotten,
                whoever_is_meant_is_meant_exactly,
                a_permission_on_a_table_needs_the_table,
                a_table_that_goes_takes_the_permissions_on_it_along,
                a_removed_user_takes_its_permissions_along,
                what_is_undone_leaves_the_permissions_as_they_were,
            }
            permitted {
                they_decide_what_may_be_seen,
                no_test_fails_because_of_a_record_that_is_denied,
                users_have_permissions_of_their_own_rows,
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
            purging {
                who_was_not_used_for_too_long_is_gone_the_longest_unused_first,
                who_began_too_long_ago_is_gone_however_much_it_is_used,
                one_session_that_lives_is_enough,
                a_guest_comes_once_whatever_its_sessions_died_of,
                a_page_is_never_more_work_than_was_asked_for,
                whoever_dies_later_comes_behind_the_place_of_a_page,
                a_place_is_good_whatever_ends_sessions_by_now,
                who_is_kept_is_not_gone_before_its_time,
                those_who_are_kept_come_by_ascending_id,
                who_registers_or_is_removed_is_kept_no_longer,
                that_a_guest_is_gone,
                whatever_comes_before_the_removal_wins,
                of_a_conversion_and_a_removal_exactly_one_wins,
                guests_are_counted,
            }
            reaching {
                any_related_record_will_do,
                whoever_has_no_related_record_is_not_unknown,
                relations_lead_to_users,
                an_inverted_relation_leads_to_whoever_refers,
                a_table_may_be_related_to_itself,
                paths_go_on,
                names_mean_the_innermost_table,
                relations_that_do_not_exist_are_refused,
                a_removed_record_is_related_to_nobody,
            }
            record_changes {
                a_record_is_read_as_it_was_made,
                an_id_is_taken_once_in_each_table,
                an_update_changes_what_it_names,
                no_two_changes_leave_the_same_moment_behind,
                what_is_calculated_fits_its_column,
                a_calculation_sees_the_record_as_it_was,
                what_may_not_be_seen_can_be_neither_changed_nor_removed,
                several_records_are_changed_and_counted,
                several_records_are_removed_and_counted,
                conditions_of_changes_reach_related_records,
                thousands_of_records_are_changed_at_once,
                that_a_record_is_unchanged,
                a_row_of_users_has_changes_of_its_own,
                what_a_column_cannot_hold_is_refused,
            }
            record_permissions {
                records_without_permissions_permit_nothing,
                a_permission_is_for_its_grantee_alone,
                a_permission_is_for_its_operation_alone_and_is_replaced,
                it_is_never_unknown,
                a_permission_needs_its_record,
                permissions_go_with_their_record,
                permissions_go_with_their_grantee,
                permissions_go_with_their_table,
                tables_of_any_name_have_permissions,
                the_first_permission_may_be_undone_and_be_one_of_many,
                that_a_record_is_as_a_condition_says,
            }
            roles {
                roles_are_there_in_ascending_order,
                a_name_is_taken_whatever_the_case,
                a_role_is_meant_by_its_exact_name,
                roles_are_assigned_and_unassigned,
                a_role_needs_its_user,
                a_session_is_read_with_the_roles_of_its_user,
                users_are_found_by_their_roles,
                no_record_but_a_user_has_a_role,
                a_role_that_goes_takes_its_assignments_and_permissions_along,
                a_removed_user_takes_its_roles_along,
                the_roles_of_a_great_many_users_are_read,
                a_role_may_have_any_name,
            }
            schema {
                a_new_table_has_the_columns_of_every_table,
                tables_differ_in_more_than_case,
                a_removed_table_is_gone_with_its_rows_and_its_links,
                a_table_that_others_relate_to_is_not_removed,
                what_is_said_of_columns_and_relations_is_kept,
                columns_and_relations_share_their_names,
                rows_that_are_there_get_the_default,
                a_unique_column_takes_a_value_once_and_null_often,
                whole_numbers_become_numbers_with_a_fraction,
                a_removed_column_is_gone_and_leaves_its_name,
                a_removed_relation_is_gone_with_its_links,
                users_have_columns_and_relations_like_others,
                tables_and_their_rows_are_made_together_or_not_at_all,
                of_many_who_make_one_table_or_column_exactly_one_wins,
                readers_and_writers_see_the_new_schema_at_once,
                the_longest_names_are_all_different,
                what_is_no_name_becomes_no_table_and_no_column,
                what_is_not_there_cannot_be_changed,
            }
            sessions {
                a_session_is_read_with_the_status_of_its_user,
                an_unknown_session_is_none,
                the_sessions_of_a_user_come_in_ascending_order,
                a_session_needs_its_user,
                a_selector_can_be_used_once,
                ended_sessions_are_gone_and_unknown_ones_do_not_matter,
                of_dead_sessions_none_ends_that_was_used_meanwhile_or_is_a_guests,
                ending_all_but_one_says_which_ended,
                activity_never_goes_back,
                activity_does_not_revive_an_ended_session,
                the_heartbeat_never_goes_back,
                starts_come_in_ascending_order_and_once,
            }
            ticks {
                a_timer_is_due_at_its_tick_while_it_is_enabled,
                a_lease_that_is_over_is_no_hindrance,
                of_two_who_take_a_tick_one_wins,
                of_many_who_end_a_dead_lease_one_begins,
                a_tick_that_is_refused_changes_nothing,
                runs_failures_and_skipped_ticks_are_counted,
                a_run_that_lost_its_lease_ends_nothing,
                a_run_may_end_after_its_lease_while_nobody_else_has_it,
            }
            timers {
                a_timer_is_there_once_it_is_scheduled,
                timers_come_by_path_byte_by_byte,
                the_same_schedule_again_changes_nothing,
                another_schedule_changes_the_next_tick_and_nothing_else,
                timers_are_switched_off_and_on,
                changes_of_a_timer_leave_the_others_alone,
                texts_of_every_kind_survive_in_timers,
                a_reopened_database_knows_its_timers,
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
            visibility {
                everybody_finds_the_own_records_only,
                no_condition_shows_more,
                related_records_out_of_sight_match_nothing,
                records_out_of_sight_do_not_refer,
                a_path_ends_at_what_is_out_of_sight,
                counts_and_groups_are_of_what_may_be_seen,
                only_related_records_in_sight_are_loaded,
                no_calculation_fails_because_of_what_is_out_of_sight,
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
