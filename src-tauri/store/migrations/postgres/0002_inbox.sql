-- The inbox: who wants to become a customer, and whose subscription has ended. Outlives the customers it made.

CREATE TABLE fabrik.onboarding_requests (
    id            text   COLLATE "C" PRIMARY KEY,
    kind          text   COLLATE "C" NOT NULL,
    state         text   COLLATE "C" NOT NULL,
    name          text NOT NULL,
    subdomain     text   COLLATE "C" NOT NULL,
    contact_email text NOT NULL,
    contact_name  text,
    blueprint     text   COLLATE "C" NOT NULL,
    plan          text   COLLATE "C" NOT NULL,
    language      text NOT NULL,
    modules       text NOT NULL,
    message       text,
    origin        text NOT NULL,
    -- What no two requests share, where they come from outside.
    origin_key    text   COLLATE "C" UNIQUE,
    problem       text,
    decided       text,
    customer_id   text   COLLATE "C" REFERENCES fabrik.customers (id) ON DELETE SET NULL,
    -- To be approved without anybody's word.
    at_once       bigint NOT NULL,
    -- The policy of a provisioning that is still to be begun, and the process that is about to.
    begins        text,
    held_by       text   COLLATE "C",
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL
);

CREATE INDEX onboarding_requests_by_time     ON fabrik.onboarding_requests (created_at, id);
CREATE INDEX onboarding_requests_by_state    ON fabrik.onboarding_requests (state, created_at, id);
CREATE INDEX onboarding_requests_by_customer ON fabrik.onboarding_requests (customer_id);
-- Few have something to be done without anybody's word.
CREATE INDEX onboarding_requests_due         ON fabrik.onboarding_requests (created_at)
    WHERE begins IS NOT NULL OR at_once = 1;

-- Events that were handled, as long as they could be told again.
CREATE TABLE fabrik.stripe_events (
    id text   COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL
);

CREATE INDEX stripe_events_by_time ON fabrik.stripe_events (at);

-- How far Stripe's events were read: one row.
CREATE TABLE fabrik.stripe_reading (
    id            bigint PRIMARY KEY CHECK (id = 1),
    -- The newest event that was handled, and when it happened.
    last_event    text,
    last_event_at bigint,
    -- When all that there was had been read; none until then.
    read_at       bigint,
    -- Since when nothing had been read, and when all subscriptions were read instead of the events.
    missed_since  bigint,
    missed_at     bigint
);
