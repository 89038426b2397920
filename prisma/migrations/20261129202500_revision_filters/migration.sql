-- Which of the document's operations a revision takes. Of revisions kept before this, it is not known: only the newest had its filter.
ALTER TABLE "api_revision" ADD COLUMN "operations_filter" JSONB;
