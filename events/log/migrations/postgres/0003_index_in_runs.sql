-- The index no longer stands in trees that a commit has to change, but in runs that lag behind the entries. What the
-- tables below hold can be made from the entries at any time; the program does it when it opens the log.
DROP TABLE parcours_log.event_ids;
DROP INDEX parcours_log.entries_by_stream;

-- One row: the state of the index. The live runs hold the entries below position `indexed`; `version` is drawn by chance
-- whenever their list changes; `runs` is the number of the next run. `keeper` and `beat` say which process is at work
-- on them, and how far.
CREATE TABLE parcours_log.index_state (
    only_row boolean PRIMARY KEY CHECK (only_row),
    version  bigint NOT NULL,
    indexed  bigint NOT NULL,
    runs     bigint NOT NULL,
    keeper   bigint NOT NULL,
    beat     bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO parcours_log.index_state VALUES (true, 0, 0, 0, 0, 0);

-- The runs, each of the entries from `first` to below `until`, with how many blocks they have of each sort: of names, of
-- streams, of their summary. `standing`: 0 being written, 1 live, 2 replaced.
CREATE TABLE parcours_log.index_runs (
    run      bigint PRIMARY KEY,
    level    bigint NOT NULL,
    first    bigint NOT NULL,
    until    bigint NOT NULL,
    names    bigint NOT NULL,
    streams  bigint NOT NULL,
    summary  bigint NOT NULL,
    standing bigint NOT NULL
);

-- The blocks of all runs: sixteen bytes a record, sorted. Run number n has the blocks from n × 2^24 on. Two stand in one
-- page of the table, and none anywhere else; what replaced runs leave is used again soon.
CREATE TABLE parcours_log.index_blocks (
    number bigint PRIMARY KEY,
    bytes  bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE parcours_log.index_blocks ALTER COLUMN bytes SET STORAGE PLAIN;
