//! The names of our tables and of their columns, each written once.

/// The columns that every table of the app has.
pub mod record {
    /// The primary key.
    pub const OBJECT_ID: &str = "objectId";
    /// Who owns the row.
    pub const OWNER_ID: &str = "ownerId";
    /// When the row was made.
    pub const CREATED: &str = "created";
    /// When the row was last changed.
    pub const UPDATED: &str = "updated";
}

/// Links: a table for each relation, named by [`link_table`].
pub mod link {
    /// Who refers.
    pub const PARENT: &str = "parent";
    /// To whom. A parent refers to a child once.
    pub const CHILD: &str = "child";
}

/// The table that holds the links of a relation.
pub fn link_table(table: &str, relation: &str) -> String {
    made::name(&["vestibule_link", table, relation])
}

/// The table that holds the permissions of the records of a table.
pub fn permission_table(table: &str) -> String {
    made::name(&["vestibule_permission", table])
}

/// Names that are made of those of tables and columns. No table of the app can have one: a dollar
/// sign is in each.
pub(crate) mod made {
    use sha2::{Digest, Sha256};

    /// Longest name that every database takes as a whole, in bytes.
    const LONGEST: usize = 63;
    /// How many bytes of a hash stand for what a name had to lose.
    const HASHED: usize = 8;

    /// The index on a column.
    pub(crate) fn index(table: &str, column: &str) -> String {
        name(&["vestibule_index", table, column])
    }

    /// The parts with a dollar sign between them. What would be too long ends in a hash of the
    /// whole instead, which does not care for case either: two names differ in more than that.
    pub(super) fn name(parts: &[&str]) -> String {
        let whole = parts.join("$");
        if whole.len() <= LONGEST {
            return whole;
        }
        let hash = Sha256::digest(whole.to_ascii_lowercase());
        let hash: String = hash
            .iter()
            .take(HASHED)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // Names of tables and columns are ASCII, so any place is one between two characters.
        let kept: String = whole.chars().take(LONGEST - 1 - hash.len()).collect();
        format!("{kept}${hash}")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_short_name_says_what_it_is_made_of() {
            assert_eq!("vestibule_index$Order$code", index("Order", "code"));
        }

        #[test]
        fn a_long_name_is_cut_and_stays_its_own() {
            let long = "x".repeat(63);
            let names = [
                index(&long, "code"),
                index(&long, "mode"),
                index("code", &long),
            ];
            for (at, name) in names.iter().enumerate() {
                assert_eq!(LONGEST, name.len(), "{name}");
                assert!(!names.iter().skip(at + 1).any(|other| other == name));
            }
            let shouted = index(&long.to_uppercase(), "code");
            assert!(names.iter().any(|name| name.eq_ignore_ascii_case(&shouted)));
        }
    }
}

/// The columns of `Users` that are fields of [`User`](vestibule_model::User), and the password.
pub mod users {
    pub use vestibule_model::USERS as TABLE;

    /// The primary key.
    pub const OBJECT_ID: &str = "objectId";
    /// Who owns the row.
    pub const OWNER_ID: &str = "ownerId";
    /// When the row was made.
    pub const CREATED: &str = "created";
    /// When the row was last changed.
    pub const UPDATED: &str = "updated";
    /// When the user last logged in.
    pub const LAST_LOGIN: &str = "lastLogin";
    /// What the user may do.
    pub const USER_STATUS: &str = "userStatus";
    /// The password's hash. It is no property: no read but that of an account touches it.
    pub const PASSWORD: &str = "password";
    /// The first identity. This column alone compares without regard to case by itself, whether or
    /// not users still log in with it.
    pub const EMAIL: &str = "email";
}

/// Custom roles.
pub mod role {
    /// The table.
    pub const TABLE: &str = "vestibule_role";
    /// The primary key.
    pub const NAME: &str = "name";
}

/// Which custom roles users have.
pub mod assigned_role {
    /// The table.
    pub const TABLE: &str = "vestibule_assigned_role";
    /// Who.
    pub const USER_ID: &str = "user_id";
    /// Which one. A user has a role once.
    pub const ROLE: &str = "role";
}

/// Permissions, and those on single records, which have a table for each table
/// (`permission_table`).
pub mod permission {
    /// The table of those that are about no single record.
    pub const TABLE: &str = "vestibule_permission";
    /// With what; in the tables of single records it is [`OBJECT_ID`] instead.
    pub const RESOURCE: &str = "resource";
    /// With which record.
    pub const OBJECT_ID: &str = "object_id";
    /// Does what.
    pub const OPERATION: &str = "operation";
    /// What kind of grantee.
    pub const GRANTEE_KIND: &str = "grantee_kind";
    /// The name of a role, the id of a user, or an empty text where the kind says it all.
    pub const GRANTEE: &str = "grantee";
    /// May or may not.
    pub const ACCESS: &str = "access";
}

/// One-time links.
pub mod one_time_link {
    /// The table.
    pub const TABLE: &str = "vestibule_one_time_link";
    /// The public half; the primary key.
    pub const SELECTOR: &str = "selector";
    /// The hash of the secret half.
    pub const VERIFIER_HASH: &str = "verifier_hash";
    /// Whom it was mailed to.
    pub const USER_ID: &str = "user_id";
    /// What it is good for. A user has one link for a purpose.
    pub const PURPOSE: &str = "purpose";
    /// The address it was mailed to.
    pub const EMAIL: &str = "email";
    /// When it was made.
    pub const CREATED: &str = "created";
    /// The last moment at which it works.
    pub const EXPIRES: &str = "expires";
}

/// What the operator wants of handlers: a row for each of which anything is wanted.
pub mod handler {
    /// The table.
    pub const TABLE: &str = "vestibule_handler";
    /// Which one; the primary key.
    pub const PATH: &str = "path";
    /// Whether it runs; null leaves that as it is.
    pub const ENABLED: &str = "is_enabled";
    /// Its place among the others; null leaves that as it is.
    pub const ORDER: &str = "run_order";
}

/// Timers: a row for each that was ever scheduled.
pub mod timer {
    /// The table.
    pub const TABLE: &str = "vestibule_timer";
    /// Which one; the primary key.
    pub const PATH: &str = "path";
    /// The schedule in words that [`DUE`] was reckoned by.
    pub const SCHEDULE: &str = "schedule";
    /// Whether its ticks run it.
    pub const ENABLED: &str = "is_enabled";
    /// The next tick; null if there will be no more.
    pub const DUE: &str = "due";
    /// Who has the right to run it. This column and the two of the same prefix are null together.
    pub const LEASE_HOLDER: &str = "lease_holder";
    /// Since when.
    pub const LEASE_SINCE: &str = "lease_since";
    /// The first moment at which the right is over.
    pub const LEASE_UNTIL: &str = "lease_until";
    /// When the last run that ended began; null together with [`LAST_ENDED`].
    pub const LAST_BEGAN: &str = "last_began";
    /// When it ended.
    pub const LAST_ENDED: &str = "last_ended";
    /// Why it failed; null if it did not.
    pub const LAST_ERROR: &str = "last_error";
    /// How many runs have ended.
    pub const RUNS: &str = "runs";
    /// How many of them have failed.
    pub const FAILURES: &str = "failures";
    /// How many ticks did not run it.
    pub const SKIPPED: &str = "skipped";
}

/// Sessions.
pub mod session {
    /// The table.
    pub const TABLE: &str = "vestibule_session";
    /// The public half of the token; the primary key.
    pub const SELECTOR: &str = "selector";
    /// The hash of the secret half.
    pub const VERIFIER_HASH: &str = "verifier_hash";
    /// Whose.
    pub const USER_ID: &str = "user_id";
    /// When it began, by the wall clock.
    pub const CREATED: &str = "created";
    /// When it was last used, in activity time.
    pub const LAST_USED: &str = "last_used";
}

/// The guests without any session: a row for each.
pub mod departed_guest {
    /// The table.
    pub const TABLE: &str = "vestibule_departed_guest";
    /// Who; the primary key.
    pub const USER_ID: &str = "user_id";
}

/// The guests that somebody wanted to keep.
pub mod kept_guest {
    /// The table.
    pub const TABLE: &str = "vestibule_kept_guest";
    /// Who; the primary key.
    pub const USER_ID: &str = "user_id";
    /// Until when, by the wall clock.
    pub const UNTIL: &str = "until";
}

/// Failed logins in a row, at most one row a user.
pub mod failed_login {
    /// The table.
    pub const TABLE: &str = "vestibule_failed_login";
    /// Whose; the primary key.
    pub const USER_ID: &str = "user_id";
    /// How many.
    pub const COUNT: &str = "count";
    /// When the last one was, in activity time.
    pub const LAST: &str = "last";
}

/// The last moment at which a server was known to run: one row, made by the migration.
pub mod heartbeat {
    /// The table.
    pub const TABLE: &str = "vestibule_heartbeat";
    /// The moment, in activity time.
    pub const AT: &str = "at";
    /// The wall clock of that moment, in milliseconds.
    pub const WALL: &str = "wall";
}

/// Leases: a row for each that was ever taken.
pub mod lease {
    /// The table.
    pub const TABLE: &str = "vestibule_lease";
    /// What it is for; the primary key.
    pub const NAME: &str = "name";
    /// Who has it.
    pub const HOLDER: &str = "holder";
    /// Until when, in milliseconds.
    pub const UNTIL: &str = "until";
}

/// The moments at which servers started.
pub mod start {
    /// The table.
    pub const TABLE: &str = "vestibule_start";
    /// The moment, in activity time; the primary key.
    pub const AT: &str = "at";
}

/// The audit trail.
pub mod audit {
    /// The table.
    pub const TABLE: &str = "vestibule_audit";
    /// The primary key, counting up.
    pub const ID: &str = "id";
    /// When.
    pub const AT: &str = "at";
    /// What kind of actor: `HANDLER`, `KEY` or `ADMIN`.
    pub const ACTOR_KIND: &str = "actor_kind";
    /// Which one: the path of a handler, the kind of a key, null for the operator.
    pub const ACTOR: &str = "actor";
    /// What was done.
    pub const ACTION: &str = "action";
    /// To whom.
    pub const SUBJECT: &str = "subject";
    /// On whose call.
    pub const CALLER: &str = "caller";
}

/// The app: one row.
pub mod app {
    /// The table.
    pub const TABLE: &str = "vestibule_app";
    /// The primary key; always [`ONLY`].
    pub const ID: &str = "id";
    /// The id of the only row.
    pub const ONLY: i64 = 1;
    /// The app's id.
    pub const APP_ID: &str = "app_id";
    /// The SHA-256 of the admin token.
    pub const ADMIN_TOKEN_HASH: &str = "admin_token_hash";
}

/// The API keys.
pub mod key {
    /// The table.
    pub const TABLE: &str = "vestibule_key";
    /// Which key; the primary key.
    pub const KIND: &str = "kind";
    /// Its text.
    pub const TEXT: &str = "text";
}

/// The app's settings.
pub mod setting {
    /// The table.
    pub const TABLE: &str = "vestibule_setting";
    /// The key in the admin API; the primary key.
    pub const KEY: &str = "key";
    /// The value, as JSON.
    pub const VALUE: &str = "value";
}

/// The tables of the catalogue.
pub mod table {
    /// The table.
    pub const TABLE: &str = "vestibule_table";
    /// The described table's name; the primary key.
    pub const NAME: &str = "name";
    /// Whether it belongs to Vestibule.
    pub const SYSTEM: &str = "is_system";
    /// Whether there is a table of the permissions of its records.
    pub const RECORD_PERMISSIONS: &str = "has_record_permissions";
}

/// The columns of the catalogue.
pub mod column {
    /// The table.
    pub const TABLE: &str = "vestibule_column";
    /// The table that the described column belongs to.
    pub const TABLE_NAME: &str = "table_name";
    /// Its place in that table, counting up.
    pub const POSITION: &str = "position";
    /// Its name.
    pub const NAME: &str = "name";
    /// What it holds.
    pub const TYPE: &str = "type";
    /// Greatest length of a text.
    pub const SIZE: &str = "size";
    /// Whether a registered user must have it.
    pub const REQUIRED: &str = "is_required";
    /// Whether no two rows may have the same value.
    pub const UNIQUE: &str = "is_unique";
    /// Whether there is an index on it.
    pub const INDEXED: &str = "is_indexed";
    /// Whether it belongs to Vestibule.
    pub const SYSTEM: &str = "is_system";
    /// Whether users log in with it.
    pub const IDENTITY: &str = "is_identity";
    /// What a new record has if it says nothing, as JSON.
    pub const DEFAULT: &str = "default_value";
    /// A regular expression that texts must match.
    pub const VALIDATOR: &str = "validator";
}

/// The relations of the catalogue.
pub mod relation {
    /// The table.
    pub const TABLE: &str = "vestibule_relation";
    /// The table that the described relation belongs to.
    pub const TABLE_NAME: &str = "table_name";
    /// Its place among the relations of that table, counting up.
    pub const POSITION: &str = "position";
    /// Its name.
    pub const NAME: &str = "name";
    /// The table that it leads to.
    pub const TO_TABLE: &str = "to_table";
    /// To how many records.
    pub const CARDINALITY: &str = "cardinality";
}
