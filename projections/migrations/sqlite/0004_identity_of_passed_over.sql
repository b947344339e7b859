-- Which entry is passed over. A position alone does not say: a log that was restored to an earlier state, and appended to,
-- has another entry there, which nobody said was to be passed over.
--
-- leaf: the leaf hash of the entry, in hexadecimal; NULL where a program wrote that did not know of it yet: the position is
-- believed
ALTER TABLE view_passed_over ADD COLUMN leaf TEXT;
