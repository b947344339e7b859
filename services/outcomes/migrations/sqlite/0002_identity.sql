-- Of which log an endpoint was told: how many entries it had, and the leaf hash of the last of them, in hexadecimal. Nothing
-- beyond them was told. A position alone does not say: a log that was restored to an earlier state, and appended to, has other
-- entries at the same positions. NULL where a program wrote that did not know of it yet: taken from the log when the endpoint
-- is next called.
ALTER TABLE endpoints ADD COLUMN size INTEGER;
ALTER TABLE endpoints ADD COLUMN leaf TEXT;
