-- Timers: when each is due, who runs it, and how it fared. There are as many as somebody has written,
-- so to look for those that are due by reading all of them takes no index.
CREATE TABLE vestibule_timer (
    path TEXT NOT NULL PRIMARY KEY,
    schedule TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    due INTEGER,
    lease_holder TEXT,
    lease_since INTEGER,
    lease_until INTEGER,
    last_began INTEGER,
    last_ended INTEGER,
    last_error TEXT,
    runs INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
