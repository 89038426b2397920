-- What operators select APIs and policies by in lists.
ALTER TABLE "api" ADD COLUMN "labels" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "policy" ADD COLUMN "labels" JSONB NOT NULL DEFAULT '{}';
