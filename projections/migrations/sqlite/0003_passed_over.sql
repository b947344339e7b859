-- Entries that a view passes over on the word of an operator, as if they had never been recorded: it could not digest
-- them. Rows are never removed; whoever wants them digested after all makes the views anew in another database.
CREATE TABLE view_passed_over (
    view     TEXT    NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (view, position)
) STRICT, WITHOUT ROWID;
