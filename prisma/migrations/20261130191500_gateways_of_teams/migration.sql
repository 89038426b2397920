-- A gateway is of a team that there is. Registrations lock the team before they write, as whoever deletes it does, so that neither waits for the other crosswise.
UPDATE "gateway" g SET "team" = NULL WHERE g."team" IS NOT NULL AND NOT EXISTS (SELECT FROM "team" t WHERE t."tenant_id" = g."tenant_id" AND t."name" = g."team");
CREATE INDEX "gateway_tenant_id_team_idx" ON "gateway"("tenant_id", "team");
ALTER TABLE "gateway" ADD CONSTRAINT "gateway_tenant_id_team_fkey" FOREIGN KEY ("tenant_id", "team") REFERENCES "team"("tenant_id", "name") ON DELETE NO ACTION ON UPDATE CASCADE;
