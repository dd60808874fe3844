-- What the operator wants of handlers, whatever their authors wrote.
CREATE TABLE vestibule_handler (
    path TEXT NOT NULL PRIMARY KEY,
    is_enabled INTEGER,
    run_order INTEGER
) STRICT, WITHOUT ROWID;
