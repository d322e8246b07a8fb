-- Ids of which several could have been the step's: only the owner's word makes one of them that.
ALTER TABLE run_steps ADD COLUMN doubted TEXT;
