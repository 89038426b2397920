-- Whose tokens prove who calls a tenant's gateways.
CREATE TABLE "trusted_issuer" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "is_embedded" BOOLEAN NOT NULL DEFAULT false,
    "config" JSONB NOT NULL,
    "secret" BYTEA,
    "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("secret")) STORED,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "trusted_issuer_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "trusted_issuer_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "trusted_issuer_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION
);
CREATE UNIQUE INDEX "trusted_issuer_tenant_id_name_key" ON "trusted_issuer"("tenant_id", "name");
CREATE UNIQUE INDEX "trusted_issuer_tenant_id_issuer_key" ON "trusted_issuer"("tenant_id", "issuer");
CREATE INDEX "trusted_issuer_tenant_id_created_at_id_idx" ON "trusted_issuer"("tenant_id", "created_at", "id");
CREATE INDEX "trusted_issuer_sealed_by_idx" ON "trusted_issuer"("sealed_by");
