//! The names of our tables and of their columns, each written once.

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
}
