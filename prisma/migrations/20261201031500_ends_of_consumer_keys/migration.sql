-- When the audit was told that the end of a key is near, or that another took its place.
ALTER TABLE "consumer_key" ADD COLUMN "end_told_at" TIMESTAMPTZ(3);
