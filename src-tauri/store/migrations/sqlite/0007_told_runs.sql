-- The end of a run as it was last written into the agency's own table: `finished_at` of then, so that a run that was
-- taken on and has ended again is told again.
ALTER TABLE runs ADD COLUMN told_at INTEGER;

-- Few are still to be told.
CREATE INDEX runs_untold ON runs (finished_at)
    WHERE finished_at IS NOT NULL AND (told_at IS NULL OR told_at <> finished_at);
