-- Browser sessions, and links to them, are revoked with the token that they come from.
-- AlterTable
ALTER TABLE "operator_token" ADD COLUMN     "issued_by" UUID;

-- CreateIndex
CREATE INDEX "operator_token_issued_by_idx" ON "operator_token"("issued_by");

-- AddForeignKey
ALTER TABLE "operator_token" ADD CONSTRAINT "operator_token_issued_by_fkey" FOREIGN KEY ("issued_by") REFERENCES "operator_token"("id") ON DELETE CASCADE ON UPDATE CASCADE;
