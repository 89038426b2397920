-- Deployments get names that people know them by: that of the API, with a number from the second on. A name that an API of another deployment has is left to it.
ALTER TABLE "deployment" ADD COLUMN "name" TEXT;
WITH numbered AS (
  SELECT d.id, a.name, row_number() OVER (PARTITION BY d.api_id ORDER BY d.created_at, d.id) AS number FROM "deployment" d JOIN "api" a ON a.id = d.api_id)
UPDATE "deployment" d SET "name" = CASE WHEN n.number = 1 THEN n.name ELSE rtrim(left(n.name, 46), '-') || '-' || n.number || '-' || left(d.id::text, 8) END
FROM numbered n WHERE n.id = d.id;
ALTER TABLE "deployment" ALTER COLUMN "name" SET NOT NULL;
-- A server of the release before, which still runs beside the new one, names none.
ALTER TABLE "deployment" ALTER COLUMN "name" SET DEFAULT (gen_random_uuid())::text;
CREATE UNIQUE INDEX "deployment_tenant_id_name_key" ON "deployment"("tenant_id", "name");
