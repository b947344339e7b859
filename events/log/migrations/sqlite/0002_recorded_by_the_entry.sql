-- When an entry was recorded stands in the entry itself, as `recordedtime`, and nowhere else. The column that stood
-- beside it held the time of the last entry of the same commit. To drop it would write every page of the log anew, so
-- it stays, without a meaning; 0 in it takes no room.
ALTER TABLE entries RENAME COLUMN recorded TO unused;
