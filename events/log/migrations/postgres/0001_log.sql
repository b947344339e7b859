-- The log. Only the sequencer writes here, with the row of `head` checked in the same transaction,
-- which is what keeps positions, revisions and numbers without gaps. No foreign keys for that reason:
-- each would be one more lookup an entry.

-- One row: the state of the log. `recorded` is in microseconds since 1970, UTC.
-- `streams` and `sources` count the numbers given out. `frontier` is the RFC 6962 tree's:
-- its size in eight bytes, then the roots of its perfect subtrees, largest first.
CREATE TABLE parcours_log.head (
    only_row boolean PRIMARY KEY CHECK (only_row),
    size     bigint NOT NULL,
    recorded bigint NOT NULL,
    streams  bigint NOT NULL,
    sources  bigint NOT NULL,
    frontier bytea  NOT NULL
) WITH (fillfactor = 10);
INSERT INTO parcours_log.head VALUES (true, 0, 0, 0, 0, '\x0000000000000000');

-- A number for every stream, in the order in which they began.
CREATE TABLE parcours_log.streams (
    number bigint PRIMARY KEY,
    kind   text   NOT NULL,
    uuid   uuid   NOT NULL,
    UNIQUE (uuid, kind)
);

-- A number for every sender.
CREATE TABLE parcours_log.sources (
    number bigint PRIMARY KEY,
    source text   NOT NULL UNIQUE
);

-- The entries. `leaf` is SHA-256(0x00 || entry); `entry` is the CloudEvent as canonical JSON.
CREATE TABLE parcours_log.entries (
    position bigint PRIMARY KEY,
    stream   bigint NOT NULL,
    revision bigint NOT NULL,
    recorded bigint NOT NULL,
    leaf     bytea  NOT NULL,
    entry    bytea  NOT NULL
);
CREATE UNIQUE INDEX entries_by_stream ON parcours_log.entries (stream, revision);

-- What makes an event itself: its sender and the sender's id for it.
CREATE TABLE parcours_log.event_ids (
    id       text   COLLATE "C" NOT NULL,
    source   bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (id, source)
);
