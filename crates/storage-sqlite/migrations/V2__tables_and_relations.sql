-- What a new record has if it says nothing, as JSON, and the expression that texts must match.
ALTER TABLE vestibule_column ADD COLUMN default_value TEXT;
ALTER TABLE vestibule_column ADD COLUMN validator TEXT;

-- Relations. Whoever adds a column or a relation looks into both tables before: they share names.
CREATE TABLE vestibule_relation (
    table_name TEXT NOT NULL COLLATE NOCASE REFERENCES vestibule_table (name),
    position INTEGER NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    to_table TEXT NOT NULL COLLATE NOCASE REFERENCES vestibule_table (name),
    cardinality TEXT NOT NULL,
    PRIMARY KEY (table_name, position),
    UNIQUE (table_name, name)
) STRICT, WITHOUT ROWID;

-- Tables and indexes share names in SQLite. From here on there are tables of the app's own, and
-- none of theirs can have a dollar sign in its name.
DROP INDEX "Users_email";
CREATE UNIQUE INDEX "vestibule_index$Users$email" ON "Users" ("email") WHERE "email" IS NOT NULL;
DROP INDEX "Users_owned_by_others";
CREATE INDEX "vestibule_index$Users$owned_by_others" ON "Users" ("ownerId")
    WHERE "ownerId" <> "objectId";
