-- What each revision of a tenant changed, so that a server that knows an older one reads only that. Without a row for each revision in
-- between, everything is read.
CREATE TABLE "catalog_change" (
    "tenant_id" UUID NOT NULL,
    "revision" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "ids" UUID[],
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "catalog_change_pkey" PRIMARY KEY ("tenant_id","revision")
);

-- A key past its expiry is no part of a desired state once it is retired: the clock alone changes none.
ALTER TABLE "consumer_key" ADD COLUMN     "retired_at" TIMESTAMPTZ(3);
UPDATE "consumer_key" SET "retired_at" = now() WHERE "expires_at" <= now();
CREATE INDEX "consumer_key_retired_at_expires_at_idx" ON "consumer_key"("retired_at", "expires_at");

-- A desired state is shared by all gateways of a class. Its generation rises with its hash.
CREATE TABLE "config_state" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "class" JSONB NOT NULL,
    "hash" TEXT NOT NULL,
    "whole_hash" TEXT,
    "generation" BIGINT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "config_state_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "config_state_tenant_id_key_key" ON "config_state"("tenant_id", "key");

-- The revision that the states of a tenant were last made from.
CREATE TABLE "config_progress" (
    "tenant_id" UUID NOT NULL,
    "revision" BIGINT NOT NULL,

    CONSTRAINT "config_progress_pkey" PRIMARY KEY ("tenant_id")
);

ALTER TABLE "catalog_change" ADD CONSTRAINT "catalog_change_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "config_state" ADD CONSTRAINT "config_state_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "config_progress" ADD CONSTRAINT "config_progress_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A gateway's generation is its state's and an offset of its own. Until a gateway is given a state, the offset is the generation that it had.
ALTER TABLE "gateway_config" RENAME COLUMN "generation" TO "generation_offset";
ALTER TABLE "gateway_config" DROP COLUMN "tenant_revision", DROP COLUMN "hash", DROP COLUMN "updated_at",
ADD COLUMN     "state_id" UUID,
ADD COLUMN     "acked_unlisted" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "gateway_config_state_id_idx" ON "gateway_config"("state_id");
ALTER TABLE "gateway_config" ADD CONSTRAINT "gateway_config_state_id_fkey" FOREIGN KEY ("state_id") REFERENCES "config_state"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- Deployments find gateways by name.
CREATE INDEX "gateway_tenant_id_instance_name_idx" ON "gateway"("tenant_id", "instance_name");
