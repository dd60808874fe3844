//! The core through its public door: the rules of the pipeline, and the operations.
//!
//! Each rule of the pipeline has its tests in the file `rule_NN`; the numbers are those of
//! `ARCHITECTURE.md`.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod accounts;
mod bulk;
mod clauses_garbage;
mod clauses_property;
mod cloud_code;
mod cloud_data;
mod constant_effort;
mod convert_guest;
mod cookies;
mod copies;
mod custom_events;
mod custom_events_later;
mod deep_save;
mod email_confirmation;
mod event_input;
mod find;
mod grouping;
mod guest_login;
mod handler_failures;
mod handler_switches;
mod handler_switches_of_answers;
mod handler_tables;
mod handler_wishes;
mod json_operations;
mod login;
mod login_policy;
mod mails;
mod merge_guest;
mod neighbours;
mod neighbours_handlers;
mod neighbours_sessions;
mod neighbours_starts;
mod operator_rows;
mod operator_sessions;
mod permissions;
mod permissions_property;
mod permissions_tell_nothing;
mod permits_over_time;
mod permits_records;
mod permits_relations;
mod permits_users;
mod purge_guest;
mod purge_guest_handlers;
mod purge_guest_numbers;
mod purge_guest_races;
mod purge_guest_servers;
mod records;
mod rehearsal;
mod relations;
mod restore_password;
mod role_operator;
mod role_races;
mod roles;
mod roles_find;
mod rule_01;
mod rule_02;
mod rule_03;
mod rule_04;
mod rule_05;
mod rule_06;
mod rule_07;
mod rule_08;
mod rule_09;
mod rule_10;
mod rule_11;
mod schema_declared;
mod schema_operator;
mod sending_mail;
mod server_only;
mod services;
mod services_access;
mod services_calls;
mod services_hostile;
mod services_start;
mod sessions;
mod shop;
mod storage_fails_at_each_step;
mod storage_failures;
mod timers;
mod timers_deploys;
mod timers_far;
mod timers_missed;
mod timers_operator;
mod timers_runs;
mod timers_servers;
mod users;
mod users_as_records;
mod waiting;
mod writes_at_once;

/// Starts the app of a test that is run on every engine: here on the kit's own.
async fn start(kit: vestibule_testkit::TestKitBuilder) -> Box<vestibule_testkit::TestKit> {
    Box::new(kit.start().await)
}
