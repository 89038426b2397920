CREATE TABLE "environment_setting" (
    "tenant_id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "four_eyes" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "environment_setting_pkey" PRIMARY KEY ("tenant_id", "environment")
);

CREATE TABLE "approval" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "demand" TEXT NOT NULL,
    "environments" TEXT[],
    "operation" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "user_id" UUID,
    "token_id" UUID NOT NULL,
    "requested_by" TEXT NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "reason" TEXT,
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "approval_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "approval_tenant_id_created_at_id_idx" ON "approval"("tenant_id", "created_at", "id");
CREATE INDEX "approval_tenant_id_digest_idx" ON "approval"("tenant_id", "digest");

ALTER TABLE "environment_setting" ADD CONSTRAINT "environment_setting_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "approval" ADD CONSTRAINT "approval_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whose hand a token came from: who has seen its secret is no second person.
ALTER TABLE "operator_token" ADD COLUMN "minted_by" UUID, ADD COLUMN "minted_by_user" UUID;
