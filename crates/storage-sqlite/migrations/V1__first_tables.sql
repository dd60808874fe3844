-- Users: real columns, so that people can look at them with their own tools.
-- WITHOUT ROWID: the id is the order of the table, so new rows stay together and one tree is enough.
CREATE TABLE "Users" (
    "objectId" TEXT NOT NULL PRIMARY KEY,
    "ownerId" TEXT,
    "created" INTEGER NOT NULL,
    "updated" INTEGER,
    "lastLogin" INTEGER,
    "userStatus" TEXT NOT NULL,
    "accountType" TEXT,
    "socialAccount" TEXT,
    "oAuthIdentities" TEXT,
    "blUserLocale" TEXT,
    "email" TEXT COLLATE NOCASE,
    "name" TEXT,
    "password" TEXT
) WITHOUT ROWID;

-- The identity. Guests have none, and no entry in here.
CREATE UNIQUE INDEX "Users_email" ON "Users" ("email") WHERE "email" IS NOT NULL;

-- The rows somebody owns beside the own one. Guests own themselves, and have no entry in here.
CREATE INDEX "Users_owned_by_others" ON "Users" ("ownerId") WHERE "ownerId" <> "objectId";

CREATE TABLE vestibule_session (
    selector BLOB NOT NULL PRIMARY KEY,
    verifier_hash BLOB NOT NULL,
    user_id TEXT NOT NULL REFERENCES "Users" ("objectId"),
    created INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which sessions a user has: asked at every login, and when a user is removed.
CREATE INDEX vestibule_session_user ON vestibule_session (user_id);

CREATE TABLE vestibule_failed_login (
    user_id TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row; it is changed, never made.
CREATE TABLE vestibule_heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;

INSERT INTO vestibule_heartbeat (id, at) VALUES (1, 0);

CREATE TABLE vestibule_start (
    at INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE vestibule_audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    action TEXT NOT NULL,
    subject TEXT,
    caller TEXT
) STRICT;

-- One row; the first start makes it.
CREATE TABLE vestibule_app (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    app_id TEXT,
    admin_token_hash BLOB
) STRICT;

CREATE TABLE vestibule_key (
    kind TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vestibule_setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The catalogue. Names are unique without regard to case.
CREATE TABLE vestibule_table (
    name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    is_system INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vestibule_column (
    table_name TEXT NOT NULL COLLATE NOCASE REFERENCES vestibule_table (name),
    position INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    type TEXT NOT NULL,
    size INTEGER,
    is_required INTEGER NOT NULL,
    is_unique INTEGER NOT NULL,
    is_indexed INTEGER NOT NULL,
    is_system INTEGER NOT NULL,
    is_identity INTEGER NOT NULL,
    PRIMARY KEY (table_name, position),
    UNIQUE (table_name, name)
) STRICT, WITHOUT ROWID;

INSERT INTO vestibule_table (name, is_system) VALUES ('Users', 1);

INSERT INTO vestibule_column (
    table_name, position, name, type, size,
    is_required, is_unique, is_indexed, is_system, is_identity
) VALUES
    ('Users', 1, 'objectId', 'STRING_ID', NULL, 0, 1, 1, 1, 0),
    ('Users', 2, 'ownerId', 'STRING', 500, 0, 0, 0, 1, 0),
    ('Users', 3, 'created', 'DATETIME', NULL, 0, 0, 0, 1, 0),
    ('Users', 4, 'updated', 'DATETIME', NULL, 0, 0, 0, 1, 0),
    ('Users', 5, 'lastLogin', 'DATETIME', NULL, 0, 0, 0, 1, 0),
    ('Users', 6, 'userStatus', 'STRING', 500, 0, 0, 0, 1, 0),
    ('Users', 7, 'accountType', 'STRING', 500, 0, 0, 0, 1, 0),
    ('Users', 8, 'socialAccount', 'STRING', 500, 0, 0, 0, 1, 0),
    ('Users', 9, 'oAuthIdentities', 'JSON', NULL, 0, 0, 0, 1, 0),
    ('Users', 10, 'blUserLocale', 'STRING', 500, 0, 0, 0, 1, 0),
    ('Users', 11, 'email', 'STRING', 500, 1, 1, 1, 1, 1),
    ('Users', 12, 'name', 'STRING', 500, 0, 0, 0, 1, 0),
    ('Users', 13, 'password', 'STRING', 500, 1, 0, 0, 1, 0);
