-- Every row that belongs to a tenant says to which, so that the database can hold each row to its tenant without asking another one. What refers to a row of a tenant
-- refers to it together with the tenant: a reference to another tenant's row cannot be stored.
ALTER TABLE "gateway_lease" ADD COLUMN "tenant_id" UUID;
ALTER TABLE "gateway_config" ADD COLUMN "tenant_id" UUID;
ALTER TABLE "gateway_observed" ADD COLUMN "tenant_id" UUID;
ALTER TABLE "api_revision" ADD COLUMN "tenant_id" UUID;
ALTER TABLE "policy_attachment" ADD COLUMN "tenant_id" UUID;
ALTER TABLE "consumer_key" ADD COLUMN "tenant_id" UUID;
ALTER TABLE "usage_batch" ADD COLUMN "tenant_id" UUID;
-- What is on its way lives for seconds, and nobody's may be there from the release before.
ALTER TABLE "document_upload" ADD COLUMN "tenant_id" UUID;

UPDATE "gateway_lease" c SET "tenant_id" = p."tenant_id" FROM "gateway" p WHERE p."id" = c."gateway_id";
UPDATE "gateway_config" c SET "tenant_id" = p."tenant_id" FROM "gateway" p WHERE p."id" = c."gateway_id";
UPDATE "gateway_observed" c SET "tenant_id" = p."tenant_id" FROM "gateway" p WHERE p."id" = c."gateway_id";
UPDATE "api_revision" c SET "tenant_id" = p."tenant_id" FROM "api" p WHERE p."id" = c."api_id";
UPDATE "policy_attachment" c SET "tenant_id" = p."tenant_id" FROM "policy" p WHERE p."id" = c."policy_id";
UPDATE "consumer_key" c SET "tenant_id" = p."tenant_id" FROM "consumer" p WHERE p."id" = c."consumer_id";
UPDATE "usage_batch" c SET "tenant_id" = p."tenant_id" FROM "gateway" p WHERE p."id" = c."gateway_id";
-- Of gateways that were forgotten: they are somebody else when they come back, and send none of these again.
DELETE FROM "usage_batch" WHERE "tenant_id" IS NULL;

ALTER TABLE "gateway_lease" ALTER COLUMN "tenant_id" SET NOT NULL;
ALTER TABLE "gateway_config" ALTER COLUMN "tenant_id" SET NOT NULL;
ALTER TABLE "gateway_observed" ALTER COLUMN "tenant_id" SET NOT NULL;
ALTER TABLE "api_revision" ALTER COLUMN "tenant_id" SET NOT NULL;
ALTER TABLE "policy_attachment" ALTER COLUMN "tenant_id" SET NOT NULL;
ALTER TABLE "consumer_key" ALTER COLUMN "tenant_id" SET NOT NULL;
ALTER TABLE "usage_batch" ALTER COLUMN "tenant_id" SET NOT NULL;

CREATE UNIQUE INDEX "gateway_tenant_id_id_key" ON "gateway"("tenant_id", "id");
CREATE UNIQUE INDEX "api_tenant_id_id_key" ON "api"("tenant_id", "id");
CREATE UNIQUE INDEX "policy_tenant_id_id_key" ON "policy"("tenant_id", "id");
CREATE UNIQUE INDEX "consumer_tenant_id_id_key" ON "consumer"("tenant_id", "id");
CREATE UNIQUE INDEX "plan_tenant_id_id_key" ON "plan"("tenant_id", "id");
CREATE UNIQUE INDEX "config_state_tenant_id_id_key" ON "config_state"("tenant_id", "id");
CREATE UNIQUE INDEX "operator_token_tenant_id_id_key" ON "operator_token"("tenant_id", "id");

ALTER TABLE "gateway_lease" DROP CONSTRAINT "gateway_lease_gateway_id_fkey",
  ADD CONSTRAINT "gateway_lease_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "gateway_presence" DROP CONSTRAINT "gateway_presence_gateway_id_fkey",
  ADD CONSTRAINT "gateway_presence_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "gateway_observed" DROP CONSTRAINT "gateway_observed_gateway_id_fkey",
  ADD CONSTRAINT "gateway_observed_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "gateway_config" DROP CONSTRAINT "gateway_config_gateway_id_fkey", DROP CONSTRAINT "gateway_config_state_id_fkey",
  ADD CONSTRAINT "gateway_config_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "gateway_config_tenant_id_state_id_fkey" FOREIGN KEY ("tenant_id", "state_id") REFERENCES "config_state"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "api_revision" DROP CONSTRAINT "api_revision_api_id_fkey",
  ADD CONSTRAINT "api_revision_tenant_id_api_id_fkey" FOREIGN KEY ("tenant_id", "api_id") REFERENCES "api"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "policy_attachment" DROP CONSTRAINT "policy_attachment_policy_id_fkey", DROP CONSTRAINT "policy_attachment_api_id_fkey",
  ADD CONSTRAINT "policy_attachment_tenant_id_policy_id_fkey" FOREIGN KEY ("tenant_id", "policy_id") REFERENCES "policy"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "policy_attachment_tenant_id_api_id_fkey" FOREIGN KEY ("tenant_id", "api_id") REFERENCES "api"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "consumer_key" DROP CONSTRAINT "consumer_key_consumer_id_fkey",
  ADD CONSTRAINT "consumer_key_tenant_id_consumer_id_fkey" FOREIGN KEY ("tenant_id", "consumer_id") REFERENCES "consumer"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "subscription" DROP CONSTRAINT "subscription_api_id_fkey", DROP CONSTRAINT "subscription_consumer_id_fkey",
  ADD CONSTRAINT "subscription_tenant_id_api_id_fkey" FOREIGN KEY ("tenant_id", "api_id") REFERENCES "api"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "subscription_tenant_id_consumer_id_fkey" FOREIGN KEY ("tenant_id", "consumer_id") REFERENCES "consumer"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "subscription" DROP CONSTRAINT "subscription_plan_id_fkey",
  ADD CONSTRAINT "subscription_tenant_id_plan_id_fkey" FOREIGN KEY ("tenant_id", "plan_id") REFERENCES "plan"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_api" DROP CONSTRAINT "plan_api_plan_id_fkey", DROP CONSTRAINT "plan_api_api_id_fkey",
  ADD CONSTRAINT "plan_api_tenant_id_plan_id_fkey" FOREIGN KEY ("tenant_id", "plan_id") REFERENCES "plan"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "plan_api_tenant_id_api_id_fkey" FOREIGN KEY ("tenant_id", "api_id") REFERENCES "api"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_policy" DROP CONSTRAINT "plan_policy_plan_id_fkey", DROP CONSTRAINT "plan_policy_policy_id_fkey",
  ADD CONSTRAINT "plan_policy_tenant_id_plan_id_fkey" FOREIGN KEY ("tenant_id", "plan_id") REFERENCES "plan"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
  ADD CONSTRAINT "plan_policy_tenant_id_policy_id_fkey" FOREIGN KEY ("tenant_id", "policy_id") REFERENCES "policy"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "deployment" DROP CONSTRAINT "deployment_api_id_fkey",
  ADD CONSTRAINT "deployment_tenant_id_api_id_fkey" FOREIGN KEY ("tenant_id", "api_id") REFERENCES "api"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "operator_token" DROP CONSTRAINT "operator_token_issued_by_fkey",
  ADD CONSTRAINT "operator_token_tenant_id_issued_by_fkey" FOREIGN KEY ("tenant_id", "issued_by") REFERENCES "operator_token"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A server of the release before, which still runs beside the new one, names no tenant: the row that the new one goes with does. The function is told the table of that row and
-- the column that names it.
CREATE FUNCTION "tenant_of_parent"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT tenant_id FROM %I WHERE id = ($1).%I', TG_ARGV[0], TG_ARGV[1]) INTO NEW.tenant_id USING NEW;
  RETURN NEW;
END $$;
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "gateway_lease" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('gateway', 'gateway_id');
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "gateway_config" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('gateway', 'gateway_id');
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "gateway_observed" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('gateway', 'gateway_id');
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "usage_batch" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('gateway', 'gateway_id');
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "api_revision" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('api', 'api_id');
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "policy_attachment" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('policy', 'policy_id');
CREATE TRIGGER "tenant_of_parent" BEFORE INSERT ON "consumer_key" FOR EACH ROW WHEN (NEW."tenant_id" IS NULL) EXECUTE FUNCTION "tenant_of_parent"('consumer', 'consumer_id');
