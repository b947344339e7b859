-- When an entry was recorded stands in the entry itself, as `recordedtime`, and nowhere else. The column that stood
-- beside it held the time of the last entry of the same commit.
ALTER TABLE parcours_log.entries DROP COLUMN recorded;
