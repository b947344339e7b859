-- The generations of the views. A generation's tables bear its number: territory_parcours_g3.
--
-- state: loading      streams are being read one after another, up to `target`; `cursor` is the last one written
--        catching_up  complete up to `checkpoint`; follows the log until it can take over
--        live         answers, and follows the log
--        retired      its tables are to be dropped
-- checkpoint: the number of entries digested. It moves in the transaction which writes what was digested, and only
-- from the value that the writer knew: two writers can never both succeed.
CREATE TABLE view_generations (
    view       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('loading', 'catching_up', 'live', 'retired')),
    checkpoint INTEGER NOT NULL,
    target     INTEGER NOT NULL,
    cursor     INTEGER,
    done       INTEGER NOT NULL,
    tables     TEXT    NOT NULL,
    PRIMARY KEY (view, generation)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX view_generations_live ON view_generations (view) WHERE state = 'live';
