-- What the partner may hear, as it was declared when it was called last: one that is declared to hear more is told
-- everything from the beginning again. Null in a ledger of an earlier version, until the partner is called.

ALTER TABLE endpoints ADD COLUMN declared TEXT;
