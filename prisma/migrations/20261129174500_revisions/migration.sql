-- The history of each API, and deployments that are pinned to a revision of it.
ALTER TABLE "api" ADD COLUMN     "revised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
UPDATE "api" SET "revised_at" = "updated_at";
-- Where an API of before is served stays as it is, whatever its document says, until an edit says otherwise.
ALTER TABLE "api" ADD COLUMN     "given_upstream_url" TEXT;
UPDATE "api" SET "given_upstream_url" = "upstream_url";

-- AlterTable
ALTER TABLE "deployment" ADD COLUMN     "revision" INTEGER;

-- CreateTable
CREATE TABLE "api_revision" (
    "api_id" UUID NOT NULL,
    "revision" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "description" TEXT,
    "document" JSONB NOT NULL,
    "upstream_url" TEXT NOT NULL,
    "upstream_auth" BYTEA,
    "operations" JSONB NOT NULL,
    "loss_report" JSONB NOT NULL,
    "revised_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_revision_pkey" PRIMARY KEY ("api_id","revision")
);

-- AddForeignKey
ALTER TABLE "api_revision" ADD CONSTRAINT "api_revision_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "api"("id") ON DELETE CASCADE ON UPDATE CASCADE;
