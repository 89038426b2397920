-- Teams own APIs, consumers and gateway keys, and so the gateways that register with them. A role in a team is one for what the team owns.
CREATE TABLE "team" (
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "environments" TEXT[] NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" JSONB,
    "updated_by" JSONB,
    CONSTRAINT "team_pkey" PRIMARY KEY ("tenant_id","name"),
    CONSTRAINT "team_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE TABLE "team_member" (
    "tenant_id" UUID NOT NULL,
    "team" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "roles" TEXT[],
    CONSTRAINT "team_member_pkey" PRIMARY KEY ("tenant_id","team","user_id"),
    CONSTRAINT "team_member_tenant_id_team_fkey" FOREIGN KEY ("tenant_id","team") REFERENCES "team"("tenant_id","name") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "team_member_user_id_tenant_id_fkey" FOREIGN KEY ("user_id","tenant_id") REFERENCES "membership"("user_id","tenant_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "team_member_user_id_tenant_id_idx" ON "team_member"("user_id", "tenant_id");

ALTER TABLE "api" ADD COLUMN "team" TEXT,
  ADD CONSTRAINT "api_tenant_id_team_fkey" FOREIGN KEY ("tenant_id","team") REFERENCES "team"("tenant_id","name") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "consumer" ADD COLUMN "team" TEXT,
  ADD CONSTRAINT "consumer_tenant_id_team_fkey" FOREIGN KEY ("tenant_id","team") REFERENCES "team"("tenant_id","name") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "gateway_key" ADD COLUMN "team" TEXT, ADD COLUMN "team_only" BOOLEAN NOT NULL DEFAULT false,
  ADD CONSTRAINT "gateway_key_tenant_id_team_fkey" FOREIGN KEY ("tenant_id","team") REFERENCES "team"("tenant_id","name") ON DELETE NO ACTION ON UPDATE CASCADE;
-- That of the key that a gateway registered with last. Without a foreign key: a registration waits for no team.
ALTER TABLE "gateway" ADD COLUMN "team" TEXT;
CREATE INDEX "api_tenant_id_team_idx" ON "api"("tenant_id", "team") WHERE "team" IS NOT NULL;
CREATE INDEX "consumer_tenant_id_team_idx" ON "consumer"("tenant_id", "team") WHERE "team" IS NOT NULL;
CREATE INDEX "gateway_key_tenant_id_team_idx" ON "gateway_key"("tenant_id", "team") WHERE "team" IS NOT NULL;
