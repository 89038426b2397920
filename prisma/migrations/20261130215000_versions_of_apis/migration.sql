-- Which version of what an API is, and when it is given up. No part of a revision.
ALTER TABLE "api" ADD COLUMN "lifecycle" JSONB;
