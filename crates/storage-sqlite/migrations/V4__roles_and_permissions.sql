-- Custom roles. A role is meant by its exact name, and no two names differ in case alone.
CREATE TABLE vestibule_role (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX vestibule_role_name ON vestibule_role (name COLLATE NOCASE);

CREATE TABLE vestibule_assigned_role (
    user_id TEXT NOT NULL REFERENCES "Users" ("objectId") ON DELETE CASCADE,
    role TEXT NOT NULL REFERENCES vestibule_role (name) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;

-- Who has a role: asked when users are looked for by it, and when it is removed.
CREATE INDEX vestibule_assigned_role_role ON vestibule_assigned_role (role);

-- Permissions on anything but a single record. The grantee is the name of a role, system roles
-- included, or the id of a user; it is empty where the kind says it all.
CREATE TABLE vestibule_permission (
    resource TEXT NOT NULL,
    operation TEXT NOT NULL,
    grantee_kind TEXT NOT NULL,
    grantee TEXT NOT NULL,
    access TEXT NOT NULL,
    PRIMARY KEY (resource, operation, grantee_kind, grantee)
) STRICT, WITHOUT ROWID;

-- What goes with a role and with a user.
CREATE INDEX vestibule_permission_grantee ON vestibule_permission (grantee_kind, grantee);

-- Whether there is a table of permissions on single records beside this one. The first of them makes
-- it: vestibule_permission$NAME.
ALTER TABLE vestibule_table ADD COLUMN has_record_permissions INTEGER NOT NULL DEFAULT 0;

-- Links that were mailed and work once; one for each user and purpose.
CREATE TABLE vestibule_one_time_link (
    selector BLOB NOT NULL PRIMARY KEY,
    verifier_hash BLOB NOT NULL,
    user_id TEXT NOT NULL REFERENCES "Users" ("objectId") ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (user_id, purpose)
) STRICT, WITHOUT ROWID;

-- Which links work no more.
CREATE INDEX vestibule_one_time_link_expires ON vestibule_one_time_link (expires);
