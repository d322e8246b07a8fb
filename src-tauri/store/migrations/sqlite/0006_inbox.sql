-- The inbox: who wants to become a customer, and whose subscription has ended. Outlives the customers it made.

CREATE TABLE onboarding_requests (
    id            TEXT    PRIMARY KEY,
    kind          TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    subdomain     TEXT    NOT NULL,
    contact_email TEXT    NOT NULL,
    contact_name  TEXT,
    blueprint     TEXT    NOT NULL,
    plan          TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    modules       TEXT    NOT NULL,
    message       TEXT,
    origin        TEXT    NOT NULL,
    -- What no two requests share, where they come from outside.
    origin_key    TEXT    UNIQUE,
    problem       TEXT,
    decided       TEXT,
    customer_id   TEXT    REFERENCES customers (id) ON DELETE SET NULL,
    -- To be approved without anybody's word.
    at_once       INTEGER NOT NULL,
    -- The policy of a provisioning that is still to be begun, and the process that is about to.
    begins        TEXT,
    held_by       TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX onboarding_requests_by_time     ON onboarding_requests (created_at, id);
CREATE INDEX onboarding_requests_by_state    ON onboarding_requests (state, created_at, id);
CREATE INDEX onboarding_requests_by_customer ON onboarding_requests (customer_id);
-- Few have something to be done without anybody's word.
CREATE INDEX onboarding_requests_due         ON onboarding_requests (created_at)
    WHERE begins IS NOT NULL OR at_once = 1;

-- Events that were handled, as long as they could be told again.
CREATE TABLE stripe_events (
    id TEXT    PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX stripe_events_by_time ON stripe_events (at);

-- How far Stripe's events were read: one row.
CREATE TABLE stripe_reading (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    -- The newest event that was handled, and when it happened.
    last_event    TEXT,
    last_event_at INTEGER,
    -- When all that there was had been read; none until then.
    read_at       INTEGER,
    -- Since when nothing had been read, and when all subscriptions were read instead of the events.
    missed_since  INTEGER,
    missed_at     INTEGER
) STRICT;
