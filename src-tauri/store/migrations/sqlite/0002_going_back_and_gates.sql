-- Going back (what a run is for, since when it is undone, what the owner has ruled out), and gates.

ALTER TABLE runs ADD COLUMN purpose TEXT NOT NULL DEFAULT 'provision';
ALTER TABLE runs ADD COLUMN undo_began_at INTEGER;

ALTER TABLE run_steps ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_steps ADD COLUMN ruled_out TEXT;

-- Few steps wait for something outside.
CREATE INDEX run_steps_deferred ON run_steps (run_id) WHERE state = 'deferred';

-- What each process has used of the vendors' hour-long limits, so that a restart doesn't spend them twice.
CREATE TABLE call_windows (
    provider     TEXT    NOT NULL,
    -- A digest of base URL and token reference.
    account      TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    writer       TEXT    NOT NULL,
    used         TEXT    NOT NULL,
    closed_until INTEGER,
    -- From then on the row says nothing.
    ends         INTEGER NOT NULL,
    PRIMARY KEY (provider, account, class, writer)
) STRICT, WITHOUT ROWID;
