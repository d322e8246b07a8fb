-- The agency's own table that a customer was taken over from: `external_id` is its id there, and nowhere else.
ALTER TABLE fabrik.customers ADD COLUMN source text;

-- Whose subscriptions were read, and since when nothing of theirs was missed: who subscribes later is new.
ALTER TABLE fabrik.stripe_reading ADD COLUMN account text;
ALTER TABLE fabrik.stripe_reading ADD COLUMN followed_since bigint;
UPDATE fabrik.stripe_reading SET followed_since = read_at;
