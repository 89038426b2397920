-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "tenant" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "operator_token" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'token',
    "hmac" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "operator_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gateway_key" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hmac" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "environments" TEXT[],
    "modes" TEXT[],
    "instance_name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "gateway_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gateway" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "instance_name" TEXT NOT NULL,
    "gateway_mode" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "features" TEXT[],
    "labels" JSONB NOT NULL DEFAULT '{}',
    "endpoints" JSONB NOT NULL DEFAULT '{}',
    "target_gateway" JSONB,
    "boot_id" UUID,
    "lease_epoch" INTEGER NOT NULL DEFAULT 1,
    "takeovers" TIMESTAMPTZ(3)[],
    "unknown_fields" TEXT[],
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "gateway_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gateway_lease" (
    "gateway_id" UUID NOT NULL,
    "heartbeat_interval_s" INTEGER NOT NULL,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,
    "last_heartbeat_at" TIMESTAMPTZ(3),
    "status" TEXT,
    "uptime_s" DOUBLE PRECISION,
    "metrics" JSONB,
    "seq" BIGINT,
    "config_generation" BIGINT,
    "config_hash" TEXT,
    "config_state" TEXT,

    CONSTRAINT "gateway_lease_pkey" PRIMARY KEY ("gateway_id")
);

-- CreateTable
CREATE TABLE "gateway_config" (
    "gateway_id" UUID NOT NULL,
    "tenant_revision" BIGINT NOT NULL DEFAULT -1,
    "generation" BIGINT NOT NULL DEFAULT 0,
    "hash" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acked_generation" BIGINT NOT NULL DEFAULT 0,
    "acked_hash" TEXT NOT NULL DEFAULT '',
    "acked_state" TEXT,
    "acked_items" JSONB NOT NULL DEFAULT '[]',
    "acked_at" TIMESTAMPTZ(3),

    CONSTRAINT "gateway_config_pkey" PRIMARY KEY ("gateway_id")
);

-- CreateTable
CREATE TABLE "gateway_observed" (
    "gateway_id" UUID NOT NULL,
    "observed" JSONB NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gateway_observed_pkey" PRIMARY KEY ("gateway_id")
);

-- CreateTable
CREATE TABLE "api" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "description" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "document" JSONB NOT NULL,
    "upstream_url" TEXT NOT NULL,
    "upstream_auth" BYTEA,
    "operations" JSONB NOT NULL,
    "loss_report" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_attachment" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "policy_id" UUID NOT NULL,
    "api_id" UUID,
    "environment" TEXT,

    CONSTRAINT "policy_attachment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consumer" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "consumer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consumer_key" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "consumer_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "sealed" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "consumer_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deployment" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "targets" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_batch" (
    "gateway_id" UUID NOT NULL,
    "boot_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "usage_batch_pkey" PRIMARY KEY ("gateway_id","boot_id","seq")
);

-- CreateTable
CREATE TABLE "usage_sum" (
    "tenant_id" UUID NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "gateway_id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "operation_id" TEXT NOT NULL,
    "consumer_id" UUID NOT NULL,
    "door" TEXT NOT NULL,
    "calls" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "denied" BIGINT NOT NULL,
    "duration_ms" DOUBLE PRECISION NOT NULL,
    "request_bytes" BIGINT NOT NULL,
    "response_bytes" BIGINT NOT NULL,

    CONSTRAINT "usage_sum_pkey" PRIMARY KEY ("tenant_id","window_start","gateway_id","api_id","operation_id","consumer_id","door")
);

-- CreateTable
CREATE TABLE "control_plane_state" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "control_plane_state_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_name_key" ON "tenant"("name");

-- CreateIndex
CREATE UNIQUE INDEX "operator_token_hmac_key" ON "operator_token"("hmac");

-- CreateIndex
CREATE INDEX "operator_token_tenant_id_created_at_id_idx" ON "operator_token"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "gateway_key_hmac_key" ON "gateway_key"("hmac");

-- CreateIndex
CREATE INDEX "gateway_key_tenant_id_created_at_id_idx" ON "gateway_key"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "gateway_tenant_id_registered_at_id_idx" ON "gateway"("tenant_id", "registered_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "gateway_tenant_id_environment_instance_name_key" ON "gateway"("tenant_id", "environment", "instance_name");

-- CreateIndex
CREATE INDEX "api_tenant_id_created_at_id_idx" ON "api"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tenant_id_name_key" ON "api"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "policy_tenant_id_created_at_id_idx" ON "policy"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "policy_tenant_id_name_key" ON "policy"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "policy_attachment_policy_id_idx" ON "policy_attachment"("policy_id");

-- CreateIndex
CREATE INDEX "policy_attachment_api_id_idx" ON "policy_attachment"("api_id");

-- CreateIndex
CREATE INDEX "consumer_tenant_id_created_at_id_idx" ON "consumer"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "consumer_tenant_id_name_key" ON "consumer"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "consumer_key_sha256_key" ON "consumer_key"("sha256");

-- CreateIndex
CREATE INDEX "consumer_key_consumer_id_created_at_id_idx" ON "consumer_key"("consumer_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "deployment_tenant_id_created_at_id_idx" ON "deployment"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "deployment_api_id_idx" ON "deployment"("api_id");

-- AddForeignKey
ALTER TABLE "operator_token" ADD CONSTRAINT "operator_token_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway_key" ADD CONSTRAINT "gateway_key_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway" ADD CONSTRAINT "gateway_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway_lease" ADD CONSTRAINT "gateway_lease_gateway_id_fkey" FOREIGN KEY ("gateway_id") REFERENCES "gateway"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway_config" ADD CONSTRAINT "gateway_config_gateway_id_fkey" FOREIGN KEY ("gateway_id") REFERENCES "gateway"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway_observed" ADD CONSTRAINT "gateway_observed_gateway_id_fkey" FOREIGN KEY ("gateway_id") REFERENCES "gateway"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api" ADD CONSTRAINT "api_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy" ADD CONSTRAINT "policy_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_attachment" ADD CONSTRAINT "policy_attachment_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_attachment" ADD CONSTRAINT "policy_attachment_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "api"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consumer" ADD CONSTRAINT "consumer_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consumer_key" ADD CONSTRAINT "consumer_key_consumer_id_fkey" FOREIGN KEY ("consumer_id") REFERENCES "consumer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deployment" ADD CONSTRAINT "deployment_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "api"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- Room in each page for heap-only updates: a heartbeat rewrites its row every 30 s.
ALTER TABLE "gateway_lease" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- One of the two, so that an attachment means one thing.
ALTER TABLE "policy_attachment" ADD CONSTRAINT "policy_attachment_one_target" CHECK (num_nonnulls("api_id", "environment") = 1);

-- The tenant of a first run.
INSERT INTO "tenant" ("name") VALUES ('default');
