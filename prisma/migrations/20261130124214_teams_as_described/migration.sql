-- As the schema describes it, which knows no partial indexes.
ALTER TABLE "team" ALTER COLUMN "environments" DROP NOT NULL, ALTER COLUMN "environments" SET DEFAULT ARRAY[]::TEXT[];
DROP INDEX "api_tenant_id_team_idx", "consumer_tenant_id_team_idx", "gateway_key_tenant_id_team_idx";
CREATE INDEX "api_tenant_id_team_idx" ON "api"("tenant_id", "team");
CREATE INDEX "consumer_tenant_id_team_idx" ON "consumer"("tenant_id", "team");
CREATE INDEX "gateway_key_tenant_id_team_idx" ON "gateway_key"("tenant_id", "team");
ALTER TABLE "gateway_drift" ALTER COLUMN "found_at" SET DEFAULT CURRENT_TIMESTAMP;
