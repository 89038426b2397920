-- A service account is a client of the issuer: it trades its secret for access tokens that live for minutes. Its name is one in the tenant, and after a rotation the
-- secret before is good for a while.
ALTER TABLE "operator_token" ADD COLUMN "account_name" TEXT,
ADD COLUMN "description" TEXT,
ADD COLUMN "previous_hmac" BYTEA,
ADD COLUMN "previous_until" TIMESTAMPTZ(3),
ADD COLUMN "secret_changed_at" TIMESTAMPTZ(3),
-- For which resources it may exchange the tokens of callers.
ADD COLUMN "exchange_resources" TEXT[] DEFAULT ARRAY[]::TEXT[];
CREATE UNIQUE INDEX "operator_token_tenant_id_account_name_key" ON "operator_token"("tenant_id", "account_name");

-- The access tokens of a service account end with it.
ALTER TABLE "oidc_payload" ADD COLUMN "token_id" UUID,
ADD CONSTRAINT "oidc_payload_token_id_fkey" FOREIGN KEY ("token_id") REFERENCES "operator_token"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "oidc_payload_token_id_idx" ON "oidc_payload"("token_id");
