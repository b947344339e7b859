-- The log. Only the sequencer writes here, with the row of `head` checked in the same transaction,
-- which is what keeps positions, revisions and numbers without gaps.

-- One row: the state of the log. `recorded` is in microseconds since 1970, UTC.
-- `streams` and `sources` count the numbers given out. `frontier` is the RFC 6962 tree's:
-- its size in eight bytes, then the roots of its perfect subtrees, largest first.
CREATE TABLE head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    size     INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    streams  INTEGER NOT NULL,
    sources  INTEGER NOT NULL,
    frontier BLOB    NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, 0, 0, 0, x'0000000000000000');

-- A number for every stream, in the order in which they began.
CREATE TABLE streams (
    number INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,
    uuid   BLOB NOT NULL,
    UNIQUE (uuid, kind)
) STRICT;

-- A number for every sender.
CREATE TABLE sources (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE
) STRICT;

-- The entries. `leaf` is SHA-256(0x00 || entry); `entry` is the CloudEvent as canonical JSON.
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    stream   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    leaf     BLOB    NOT NULL,
    entry    BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX entries_by_stream ON entries (stream, revision);

-- What makes an event itself: its sender and the sender's id for it.
CREATE TABLE event_ids (
    id       TEXT    NOT NULL,
    source   INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (id, source)
) STRICT, WITHOUT ROWID;
