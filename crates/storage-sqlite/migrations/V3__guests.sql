-- Which sessions nobody has used for long: the cleanup of guests reads it from its beginning.
CREATE INDEX vestibule_session_last_used ON vestibule_session (last_used);

-- The guests without any session. Whatever ends a guest's last session makes a row here, and whatever
-- gives it one, converts it or removes it takes the row away, in the same step.
CREATE TABLE vestibule_departed_guest (
    user_id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT INTO vestibule_departed_guest (user_id)
    SELECT "objectId" FROM "Users"
    WHERE "userStatus" = 'GUEST' AND NOT EXISTS (
        SELECT 1 FROM vestibule_session WHERE vestibule_session.user_id = "Users"."objectId"
    );

-- The guests that somebody wanted to keep although they are gone.
CREATE TABLE vestibule_kept_guest (
    user_id TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
