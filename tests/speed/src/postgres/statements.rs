//! The statements of Vestibule's cases, in the language of `pgbench`.

use std::ops::Range;

use crate::known::BEGINNING;

/// The digits of a UUID of version 7, with this time in milliseconds and this number of 48 bits.
fn digits(millis: &str, number: &str) -> String {
    let hex = |number: &str| format!("lpad(to_hex(({number})::bigint), 12, '0')");
    format!("{} || '70008000' || {}", hex(millis), hex(number))
}

/// The id of the user with this number, as [`crate::known`] has it.
pub(super) fn user_id(number: &str) -> String {
    id(&digits(&format!("{BEGINNING} + {number}"), number))
}

/// The selector of that user's session.
pub(super) fn selector(number: &str) -> String {
    bytes(&digits(&format!("{BEGINNING} + {number}"), number))
}

fn id(digits: &str) -> String {
    format!("upper(({digits})::uuid::text)")
}

fn bytes(digits: &str) -> String {
    format!("decode({digits}, 'hex')")
}

/// A guest and its session in one transaction, with keys in the order of time.
pub(super) fn guest_login() -> String {
    let now = "(extract(epoch FROM now()) * 1000)::bigint";
    let digits = digits(now, ":number");
    let (id, selector) = (id(&digits), bytes(&digits));
    format!(
        r#"\set number random(0, 281474976710655)
BEGIN;
INSERT INTO "Users" ("objectId", "ownerId", "created", "updated", "lastLogin", "userStatus",
    "accountType", "socialAccount", "oAuthIdentities", "blUserLocale", "email", "name", "password")
    SELECT id, id, {now}, NULL, {now}, 'GUEST', 'BACKENDLESS', 'BACKENDLESS', NULL, 'en', NULL,
    NULL, NULL FROM (SELECT {id} AS id) AS new;
INSERT INTO vestibule_session (selector, verifier_hash, user_id, created, last_used)
    VALUES ({selector}, decode(repeat('5a', 32), 'hex'), {id}, {now}, 0);
COMMIT;
"#
    )
}

/// A session with the status and the roles of its user.
pub(super) fn token_check(guests: &Range<u64>) -> String {
    let selector = selector(":number");
    format!(
        r#"{}SELECT s.verifier_hash, s.user_id, s.created, s.last_used, u."userStatus", r.role
    FROM vestibule_session s JOIN "Users" u ON u."objectId" = s.user_id
    LEFT JOIN vestibule_assigned_role r ON r.user_id = s.user_id
    WHERE s.selector = {selector};
"#,
        any_of(guests)
    )
}

/// The record of a user.
pub(super) fn find_by_id(guests: &Range<u64>) -> String {
    let id = user_id(":number");
    format!(
        r#"{}SELECT "objectId", "ownerId", "created", "updated", "lastLogin", "userStatus",
    "accountType", "socialAccount", "oAuthIdentities", "blUserLocale", "email", "name"
    FROM "Users" WHERE "objectId" = {id};
"#,
        any_of(guests)
    )
}

fn any_of(guests: &Range<u64>) -> String {
    format!(
        "\\set number random({}, {})\n",
        guests.start,
        guests.end - 1
    )
}
