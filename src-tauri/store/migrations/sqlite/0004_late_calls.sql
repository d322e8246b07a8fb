-- Until when a process that has not given a run back may have sent calls that no entry tells of: kept until the
-- next owner has written what follows from it.

ALTER TABLE runs ADD COLUMN sent_until INTEGER;
