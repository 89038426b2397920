-- The refresh tokens of an external issuer are held to their key like all that is sealed.
ALTER TABLE "operator_token" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("issuer_refresh")) STORED,
  ADD CONSTRAINT "operator_token_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
CREATE INDEX "operator_token_sealed_by_idx" ON "operator_token"("sealed_by");
