-- Large columns come in parts, each a statement of its own. Those of a server that knows of none are a single one.
ALTER TABLE "document_upload" ADD COLUMN "part" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "document_upload" DROP CONSTRAINT "document_upload_pkey", ADD CONSTRAINT "document_upload_pkey" PRIMARY KEY ("id", "part");
