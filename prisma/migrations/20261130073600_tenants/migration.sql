-- Tenants are made, limited, suspended and deleted by the members of one of them, which is the platform's.
ALTER TABLE "tenant" ADD COLUMN "suspended_at" TIMESTAMPTZ(3), ADD COLUMN "limits" JSONB NOT NULL DEFAULT '{}';

-- One row. A table of its own, so that the policy of `tenant` can ask it.
CREATE TABLE "platform" (
    "tenant_id" UUID NOT NULL,
    CONSTRAINT "platform_pkey" PRIMARY KEY ("tenant_id"),
    -- The tenant of the platform cannot be deleted.
    CONSTRAINT "platform_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
-- That of the first owner.
INSERT INTO "platform" SELECT "id" FROM "tenant" WHERE "name" = 'default';

-- Registrations of the present minute, of tenants that have a limit of them.
CREATE TABLE "registration_minute" (
    "tenant_id" UUID NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,
    CONSTRAINT "registration_minute_pkey" PRIMARY KEY ("tenant_id"),
    CONSTRAINT "registration_minute_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
