-- Calls that wait for a person's yes, which no token asked for but a consumer. The attempt that an approved call was granted to is granted it again, and no other.
ALTER TABLE "approval"
    ALTER COLUMN "token_id" DROP NOT NULL,
    ADD COLUMN "consumer_id" UUID,
    ADD COLUMN "claim_id" UUID,
    ADD CONSTRAINT "approval_tenant_id_consumer_id_fkey" FOREIGN KEY ("tenant_id", "consumer_id") REFERENCES "consumer"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "approval_asked_by" CHECK (("demand" = 'calls') = ("consumer_id" IS NOT NULL) AND ("token_id" IS NULL) = ("consumer_id" IS NOT NULL));
CREATE INDEX "approval_tenant_id_consumer_id_idx" ON "approval"("tenant_id", "consumer_id");
CREATE INDEX "approval_tenant_id_demand_expires_at_idx" ON "approval"("tenant_id", "demand", "expires_at");
