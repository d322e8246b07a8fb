-- What is about to be committed in the agency's own table and not known to be: by this its server tells whether it was, so
-- that nothing is written there a second time.
ALTER TABLE runs ADD COLUMN telling TEXT;
ALTER TABLE onboarding_requests ADD COLUMN telling TEXT;
