-- The index no longer stands in trees that a commit has to change, but in runs that lag behind the entries. What the
-- tables below hold can be made from the entries at any time; the program does it when it opens the log.
DROP TABLE event_ids;
DROP INDEX entries_by_stream;

-- One row: the state of the index. The live runs hold the entries below position `indexed`; `version` is drawn by chance
-- whenever their list changes; `runs` is the number of the next run. `keeper` and `beat` say which process is at work
-- on them, and how far.
CREATE TABLE index_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    indexed  INTEGER NOT NULL,
    runs     INTEGER NOT NULL,
    keeper   INTEGER NOT NULL,
    beat     INTEGER NOT NULL
) STRICT;
INSERT INTO index_state VALUES (1, 0, 0, 0, 0, 0);

-- The runs, each of the entries from `first` to below `until`, with how many blocks they have of each sort: of names, of
-- streams, of their summary. `standing`: 0 being written, 1 live, 2 replaced.
CREATE TABLE index_runs (
    run      INTEGER PRIMARY KEY,
    level    INTEGER NOT NULL,
    first    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    names    INTEGER NOT NULL,
    streams  INTEGER NOT NULL,
    summary  INTEGER NOT NULL,
    standing INTEGER NOT NULL
) STRICT;

-- The blocks of all runs: sixteen bytes a record, sorted. Run number n has the blocks from n × 2^24 on.
CREATE TABLE index_blocks (
    number INTEGER PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;
