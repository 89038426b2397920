-- As the schema describes it.
ALTER TABLE "dry_run" ALTER COLUMN "asked_at" SET DEFAULT CURRENT_TIMESTAMP;
