-- The kinds of policies that an instance cannot enforce, as it said when it registered, and why.
ALTER TABLE "gateway" ADD COLUMN "cannot_enforce" JSONB NOT NULL DEFAULT '[]';
