-- Whose entries a generation has digested. A position alone does not say: a log that was restored to an earlier state, and
-- appended to, has other entries at the same positions.
--
-- leaf: the leaf hash of the last entry before `checkpoint`, in hexadecimal; of nothing before the first entry
-- target_leaf: the same of `target`, while that is ahead of the checkpoint
-- NULL where a program wrote that did not know of it yet: taken from the log when it is next followed.
ALTER TABLE parcours_views.view_generations ADD COLUMN leaf text;
ALTER TABLE parcours_views.view_generations ADD COLUMN target_leaf text;
