-- What is asked for may hold a secret, which is kept sealed until somebody has decided.
ALTER TABLE "approval"
    ADD COLUMN "secret" BYTEA,
    ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("secret")) STORED,
    ADD CONSTRAINT "approval_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
CREATE INDEX "approval_sealed_by_idx" ON "approval"("sealed_by");
