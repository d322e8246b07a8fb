-- The agency's own table that a customer was taken over from: `external_id` is its id there, and nowhere else.
ALTER TABLE customers ADD COLUMN source TEXT;

-- Whose subscriptions were read, and since when nothing of theirs was missed: who subscribes later is new.
ALTER TABLE stripe_reading ADD COLUMN account TEXT;
ALTER TABLE stripe_reading ADD COLUMN followed_since INTEGER;
UPDATE stripe_reading SET followed_since = read_at;
