-- The central database. Times are microseconds since 1970 in UTC; identifiers are UUIDs as text;
-- columns that hold a structure hold it as JSON. No column holds a secret, only references.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
    id                   TEXT    PRIMARY KEY,
    external_id          TEXT    UNIQUE,
    name                 TEXT    NOT NULL,
    slug                 TEXT    NOT NULL UNIQUE,
    subdomain            TEXT    NOT NULL UNIQUE,
    status               TEXT    NOT NULL,
    plan                 TEXT    NOT NULL,
    blueprint            TEXT    NOT NULL,
    contact_email        TEXT    NOT NULL,
    contact_name         TEXT,
    language             TEXT    NOT NULL,
    credits              INTEGER NOT NULL,
    modules              TEXT    NOT NULL,
    production_url       TEXT,
    github_repo_url      TEXT,
    supabase_project_ref TEXT,
    database_url         TEXT,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    -- Status and newest run as one word, worked out whenever one of the two is written.
    instance_state       TEXT    NOT NULL,
    -- Made from the name at each write, so that the database needs no collation of its own.
    name_key             TEXT    NOT NULL,
    -- What a search looks in: folded name, subdomain, e-mail and external id.
    search_text          TEXT    NOT NULL
) STRICT;

-- One for each way the list can be sorted.
CREATE INDEX customers_by_update    ON customers (updated_at, id);
CREATE INDEX customers_by_name      ON customers (name_key, id);
CREATE INDEX customers_by_credits   ON customers (credits, name_key, id);
CREATE INDEX customers_by_status    ON customers (status, name_key, id);
CREATE INDEX customers_by_blueprint ON customers (blueprint, name_key, id);
CREATE INDEX customers_by_plan      ON customers (plan, name_key, id);
-- All that a list can be narrowed by, read from end to end without touching the wide rows.
CREATE INDEX customers_searched
    ON customers (instance_state, status, plan, blueprint, search_text);

CREATE TABLE runs (
    -- Never given twice, not even after the newest run was removed.
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT    NOT NULL UNIQUE,
    customer_id      TEXT    NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    state            TEXT    NOT NULL,
    reason           TEXT,
    error            TEXT,
    on_failure       TEXT    NOT NULL,
    operator         TEXT    NOT NULL,
    blueprint        TEXT    NOT NULL,
    started_at       INTEGER NOT NULL,
    finished_at      INTEGER,
    -- Who may write the journal. Nobody's run has no owner; the fence stays and grows.
    owner            TEXT,
    fence            INTEGER NOT NULL,
    lease_expires_at INTEGER,
    cancel_requested INTEGER NOT NULL DEFAULT 0
) STRICT;

-- At most one run of a customer has not ended, whoever starts it and from wherever.
CREATE UNIQUE INDEX runs_active ON runs (customer_id)
    WHERE state IN ('queued', 'running', 'waiting', 'undoing', 'interrupted');
CREATE INDEX runs_by_customer ON runs (customer_id, number);

-- Apart from `runs`: large, and never written again while the run's row is written all the time.
CREATE TABLE run_snapshots (
    run_id   TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    snapshot TEXT NOT NULL
) STRICT;

CREATE TABLE run_steps (
    run_id      TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    phase       TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    not_before  INTEGER,
    intended_at INTEGER,
    evidence    TEXT,
    resource    TEXT,
    outputs     TEXT    NOT NULL,
    error       TEXT,
    started_at  INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (run_id, id)
) STRICT;

-- For the usual time of a kind of step.
CREATE INDEX run_steps_done ON run_steps (kind, finished_at) WHERE state = 'done';

CREATE TABLE run_events (
    run_id TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    step   TEXT,
    what   TEXT    NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE resources (
    number       INTEGER PRIMARY KEY,
    key          TEXT    NOT NULL UNIQUE,
    customer_id  TEXT    NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    run_id       TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step         TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    url          TEXT,
    content_hash TEXT,
    origin       TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX resources_by_customer ON resources (customer_id, state);
CREATE INDEX resources_by_run      ON resources (run_id);

-- Outlives the customers and runs it tells of, so it refers to neither.
CREATE TABLE audit_log (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    operator    TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    customer_id TEXT,
    run_id      TEXT,
    facts       TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_log_by_customer ON audit_log (customer_id, number);

-- The newest change of each record: a new one takes the place of the one before, under a new number.
CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    topic  TEXT    NOT NULL,
    id     TEXT    NOT NULL,
    UNIQUE (topic, id) ON CONFLICT REPLACE
) STRICT;
