-- How far each partner's webhook is. No view: it cannot be made again from the log. The messages themselves are not
-- here but in the view `outcomes`, by position and ordinal. Times are in milliseconds since 1970, UTC.
--
-- What always holds: every message up to an endpoint's (position, ordinal) was accepted, or is a dead letter, or lies in
-- a waiting lane at or after the (position, ordinal) of that lane. -1 is before every message.

CREATE TABLE endpoints (
    partner     TEXT    PRIMARY KEY,
    position    INTEGER NOT NULL DEFAULT -1,
    ordinal     INTEGER NOT NULL DEFAULT -1,
    -- When it was disabled, and why; null while it is called.
    disabled    INTEGER,
    why         TEXT,
    -- Counts how often the command line asked to try at once what waits.
    hastened    INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER,
    failed_at   INTEGER,
    failure     TEXT
) STRICT, WITHOUT ROWID;

-- The messages about one trainee or one session, kind/uuid, of which the one at (position, ordinal) is tried next.
CREATE TABLE waiting (
    partner     TEXT    NOT NULL,
    lane        TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    why         TEXT,
    unreachable INTEGER NOT NULL,
    PRIMARY KEY (partner, lane)
) STRICT, WITHOUT ROWID;

-- Messages given up after the last attempt. `replay`: 1 when it was asked to try it again.
CREATE TABLE dead (
    partner  TEXT    NOT NULL,
    position INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    lane     TEXT    NOT NULL,
    attempts INTEGER NOT NULL,
    died     INTEGER NOT NULL,
    why      TEXT    NOT NULL,
    replay   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (partner, position, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_to_replay ON dead (partner, position, ordinal) WHERE replay = 1;
