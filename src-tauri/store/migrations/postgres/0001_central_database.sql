-- The central database on a server: the tables of SQLite's, column by column, so that one can be moved to the
-- other and back. Times are microseconds since 1970 in UTC; identifiers are UUIDs as text; columns that hold a
-- structure hold it as JSON. No column holds a secret, only references. Texts sort by their bytes, so that
-- every server sorts alike.

-- What the server's clock says, which all desktops' leases go by.
CREATE FUNCTION fabrik.central_time() RETURNS bigint
    LANGUAGE sql VOLATILE
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- Numbers that leave no gap where a writing is taken back.
CREATE TABLE fabrik.counters (
    name text   COLLATE "C" PRIMARY KEY,
    last bigint NOT NULL
);

-- A row for each writing, made with it: whoever lost the answer learns here whether it was committed.
CREATE TABLE fabrik.writings (
    token text   COLLATE "C" PRIMARY KEY,
    at    bigint NOT NULL
);

CREATE INDEX writings_by_time ON fabrik.writings (at);

CREATE TABLE fabrik.settings (
    key   text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE fabrik.customers (
    id                   text   COLLATE "C" PRIMARY KEY,
    external_id          text   COLLATE "C" UNIQUE,
    name                 text   NOT NULL,
    slug                 text   COLLATE "C" NOT NULL UNIQUE,
    subdomain            text   COLLATE "C" NOT NULL UNIQUE,
    status               text   COLLATE "C" NOT NULL,
    plan                 text   COLLATE "C" NOT NULL,
    blueprint            text   COLLATE "C" NOT NULL,
    contact_email        text   NOT NULL,
    contact_name         text,
    language             text   NOT NULL,
    credits              bigint NOT NULL,
    modules              text   NOT NULL,
    production_url       text,
    github_repo_url      text,
    supabase_project_ref text,
    database_url         text,
    created_at           bigint NOT NULL,
    updated_at           bigint NOT NULL,
    -- Status and newest run as one word, worked out whenever one of the two is written.
    instance_state       text   COLLATE "C" NOT NULL,
    -- Made from the name at each write, so that the database needs no collation of its own.
    name_key             text   COLLATE "C" NOT NULL,
    -- What a search looks in: folded name, subdomain, e-mail and external id.
    search_text          text   COLLATE "C" NOT NULL
);

-- One for each way the list can be sorted.
CREATE INDEX customers_by_update    ON fabrik.customers (updated_at, id);
CREATE INDEX customers_by_name      ON fabrik.customers (name_key, id);
CREATE INDEX customers_by_credits   ON fabrik.customers (credits, name_key, id);
CREATE INDEX customers_by_status    ON fabrik.customers (status, name_key, id);
CREATE INDEX customers_by_blueprint ON fabrik.customers (blueprint, name_key, id);
CREATE INDEX customers_by_plan      ON fabrik.customers (plan, name_key, id);
CREATE INDEX customers_by_state     ON fabrik.customers (instance_state, name_key, id);

CREATE TABLE fabrik.runs (
    -- Never given twice, not even after the newest run was removed.
    number           bigint PRIMARY KEY,
    id               text   COLLATE "C" NOT NULL UNIQUE,
    customer_id      text   COLLATE "C" NOT NULL REFERENCES fabrik.customers (id) ON DELETE CASCADE,
    state            text   COLLATE "C" NOT NULL,
    reason           text,
    error            text,
    on_failure       text   NOT NULL,
    operator         text   NOT NULL,
    blueprint        text   NOT NULL,
    started_at       bigint NOT NULL,
    finished_at      bigint,
    -- Who may write the journal. Nobody's run has no owner; the fence stays and grows.
    owner            text   COLLATE "C",
    fence            bigint NOT NULL,
    lease_expires_at bigint,
    cancel_requested bigint NOT NULL DEFAULT 0,
    purpose          text   COLLATE "C" NOT NULL DEFAULT 'provision',
    undo_began_at    bigint,
    -- Until when a process that has not given a run back may have sent calls that no entry tells of.
    sent_until       bigint
);

-- At most one run of a customer has not ended, whoever starts it and from wherever.
CREATE UNIQUE INDEX runs_active ON fabrik.runs (customer_id)
    WHERE state IN ('queued', 'running', 'waiting', 'undoing', 'interrupted');
CREATE INDEX runs_by_customer ON fabrik.runs (customer_id, number);

-- Apart from `runs`: large, and never written again while the run's row is written all the time.
CREATE TABLE fabrik.run_snapshots (
    run_id   text COLLATE "C" PRIMARY KEY REFERENCES fabrik.runs (id) ON DELETE CASCADE,
    snapshot text NOT NULL
);

CREATE TABLE fabrik.run_steps (
    run_id      text   COLLATE "C" NOT NULL REFERENCES fabrik.runs (id) ON DELETE CASCADE,
    id          text   COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    kind        text   COLLATE "C" NOT NULL,
    state       text   COLLATE "C" NOT NULL,
    phase       text   NOT NULL,
    revision    bigint NOT NULL,
    attempts    bigint NOT NULL,
    not_before  bigint,
    intended_at bigint,
    evidence    text,
    resource    text,
    outputs     text   NOT NULL,
    error       text,
    started_at  bigint,
    finished_at bigint,
    failures    bigint NOT NULL DEFAULT 0,
    ruled_out   text,
    PRIMARY KEY (run_id, id)
);

-- For the usual time of a kind of step.
CREATE INDEX run_steps_done     ON fabrik.run_steps (kind, finished_at) WHERE state = 'done';
-- Few steps wait for something outside.
CREATE INDEX run_steps_deferred ON fabrik.run_steps (run_id) WHERE state = 'deferred';

CREATE TABLE fabrik.run_events (
    run_id text   COLLATE "C" NOT NULL REFERENCES fabrik.runs (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    at     bigint NOT NULL,
    step   text,
    what   text   NOT NULL,
    PRIMARY KEY (run_id, number)
);

CREATE TABLE fabrik.resources (
    number       bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key          text   COLLATE "C" NOT NULL UNIQUE,
    customer_id  text   COLLATE "C" NOT NULL REFERENCES fabrik.customers (id) ON DELETE CASCADE,
    run_id       text   COLLATE "C" NOT NULL REFERENCES fabrik.runs (id) ON DELETE CASCADE,
    step         text   NOT NULL,
    provider     text   NOT NULL,
    kind         text   NOT NULL,
    id           text   NOT NULL,
    name         text   NOT NULL,
    url          text,
    content_hash text,
    origin       text   NOT NULL,
    state        text   COLLATE "C" NOT NULL,
    at           bigint NOT NULL
);

CREATE INDEX resources_by_customer ON fabrik.resources (customer_id, state);
CREATE INDEX resources_by_run      ON fabrik.resources (run_id);

-- Outlives the customers and runs it tells of, so it refers to neither.
CREATE TABLE fabrik.audit_log (
    number      bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at          bigint NOT NULL,
    operator    text   NOT NULL,
    action      text   NOT NULL,
    customer_id text   COLLATE "C",
    run_id      text   COLLATE "C",
    facts       text   NOT NULL
);

CREATE INDEX audit_log_by_customer ON fabrik.audit_log (customer_id, number);

-- The newest change of each record: a new one takes the place of the one before, under a new number.
CREATE TABLE fabrik.changes (
    number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    topic  text   COLLATE "C" NOT NULL,
    id     text   COLLATE "C" NOT NULL,
    UNIQUE (topic, id)
);

-- What each process has used of the vendors' hour-long limits, so that a restart doesn't spend them twice.
CREATE TABLE fabrik.call_windows (
    provider     text   COLLATE "C" NOT NULL,
    -- A digest of base URL and token reference.
    account      text   COLLATE "C" NOT NULL,
    class        text   COLLATE "C" NOT NULL,
    writer       text   COLLATE "C" NOT NULL,
    used         text   NOT NULL,
    closed_until bigint,
    -- From then on the row says nothing.
    ends         bigint NOT NULL,
    PRIMARY KEY (provider, account, class, writer)
);

-- Mails beside a run's steps: to the owner about a run that has failed, and the welcome mail once more.
CREATE TABLE fabrik.mails (
    id          text   COLLATE "C" PRIMARY KEY,
    kind        text   NOT NULL,
    customer_id text   COLLATE "C" NOT NULL REFERENCES fabrik.customers (id) ON DELETE CASCADE,
    run_id      text   COLLATE "C" REFERENCES fabrik.runs (id) ON DELETE CASCADE,
    -- When the run failed, or the mail was asked for.
    at          bigint NOT NULL,
    state       text   COLLATE "C" NOT NULL,
    recipient   text,
    -- What goes out, once it is fixed; null where it would hold a secret.
    content     text,
    attempts    bigint NOT NULL DEFAULT 0,
    tried_at    bigint,
    -- The process that hands it over, until then.
    held_by     text   COLLATE "C",
    not_before  bigint,
    ended_at    bigint,
    error       text,
    -- A failure is told once.
    UNIQUE (run_id, at)
);

CREATE INDEX mails_by_customer ON fabrik.mails (customer_id, at);
CREATE INDEX mails_open        ON fabrik.mails (at) WHERE state IN ('due', 'sending');
