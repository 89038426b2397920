-- When the audit was told that the end of a key is near; its end, where another took its place, of which nothing is told.
ALTER TABLE "consumer_key" ADD COLUMN "end_told_at" TIMESTAMPTZ(3);
