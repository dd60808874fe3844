-- The wall clock of the heartbeat: whether a server that starts does so beside others. A folder is for
-- one server alone, but every engine tells the same.
ALTER TABLE vestibule_heartbeat ADD COLUMN wall INTEGER NOT NULL DEFAULT 0;

-- What one server does at a time.
CREATE TABLE vestibule_lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
