-- A person may be disabled in one tenant and go on in another.
ALTER TABLE "membership" ADD COLUMN "disabled_at" TIMESTAMPTZ(3);
