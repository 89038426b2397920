-- The audit tells of the first use of each key. Of those that are older nobody knows; what is used next is recorded as the first use.
ALTER TABLE consumer_key ADD COLUMN first_used_at timestamptz(3);
