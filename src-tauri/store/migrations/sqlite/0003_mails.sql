-- Mails beside a run's steps: to the owner about a run that has failed, and the welcome mail once more.
-- Runs that failed before this table was there owe none.

CREATE TABLE mails (
    id          TEXT    PRIMARY KEY,
    kind        TEXT    NOT NULL,
    customer_id TEXT    NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    run_id      TEXT    REFERENCES runs (id) ON DELETE CASCADE,
    -- When the run failed, or the mail was asked for.
    at          INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    recipient   TEXT,
    -- What goes out, once it is fixed; null where it would hold a secret.
    content     TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0,
    tried_at    INTEGER,
    -- The process that hands it over, until then.
    held_by     TEXT,
    not_before  INTEGER,
    ended_at    INTEGER,
    error       TEXT,
    -- A failure is told once.
    UNIQUE (run_id, at)
) STRICT;

CREATE INDEX mails_by_customer ON mails (customer_id, at);
CREATE INDEX mails_open        ON mails (at) WHERE state IN ('due', 'sending');
