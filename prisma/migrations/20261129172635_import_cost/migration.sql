ALTER TABLE "api" ADD COLUMN "operations_filter" JSONB,
ADD COLUMN "list_bytes" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "warnings" JSONB NOT NULL DEFAULT '[]';

-- As JSON of this database, which has a space after each colon and comma: a few per cent more than what is listed, until the next update.
UPDATE "api" SET "list_bytes" = (SELECT coalesce(sum(octet_length((o -> 'tool')::text)), 0) FROM jsonb_array_elements("operations") o);

CREATE TABLE "document_upload" (
    "id" UUID NOT NULL,
    "document" BYTEA NOT NULL,
    "operations" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "document_upload_pkey" PRIMARY KEY ("id")
);
