-- MCP servers that gateways serve beside APIs, what gateways found at them, and what of it was approved.
CREATE TABLE "mcp_server" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "title" TEXT,
    "url" TEXT,
    "command" TEXT,
    "credentials" BYTEA,
    "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("credentials")) STORED,
    "pinning" TEXT NOT NULL DEFAULT 'manual',
    "subscription_required" BOOLEAN NOT NULL DEFAULT true,
    "call_timeout_s" INTEGER,
    "targets" JSONB NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "team" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" JSONB,
    "updated_by" JSONB,

    CONSTRAINT "mcp_server_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "mcp_server_one_transport" CHECK (num_nonnulls("url", "command") = 1),
    CONSTRAINT "mcp_server_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "mcp_server_tenant_id_team_fkey" FOREIGN KEY ("tenant_id", "team") REFERENCES "team"("tenant_id", "name") ON DELETE NO ACTION ON UPDATE CASCADE,
    CONSTRAINT "mcp_server_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION
);
CREATE UNIQUE INDEX "mcp_server_tenant_id_name_key" ON "mcp_server"("tenant_id", "name");
CREATE UNIQUE INDEX "mcp_server_tenant_id_prefix_key" ON "mcp_server"("tenant_id", "prefix");
CREATE UNIQUE INDEX "mcp_server_tenant_id_id_key" ON "mcp_server"("tenant_id", "id");
CREATE INDEX "mcp_server_tenant_id_created_at_id_idx" ON "mcp_server"("tenant_id", "created_at", "id");
CREATE INDEX "mcp_server_sealed_by_idx" ON "mcp_server"("sealed_by");
CREATE INDEX "mcp_server_tenant_id_team_idx" ON "mcp_server"("tenant_id", "team");

-- Each description once, whichever gateways found it. Names may be longer than an index takes: they are told apart by their hash.
CREATE TABLE "mcp_definition" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "mcp_server_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_hash" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" JSONB,

    CONSTRAINT "mcp_definition_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "mcp_definition_tenant_id_mcp_server_id_fkey" FOREIGN KEY ("tenant_id", "mcp_server_id") REFERENCES "mcp_server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "mcp_definition_mcp_server_id_kind_name_hash_sha256_key" ON "mcp_definition"("mcp_server_id", "kind", "name_hash", "sha256");
CREATE INDEX "mcp_definition_mcp_server_id_state_created_at_id_idx" ON "mcp_definition"("mcp_server_id", "state", "created_at", "id");

-- What a gateway said last of an MCP server.
CREATE TABLE "mcp_report" (
    "gateway_id" UUID NOT NULL,
    "mcp_server_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "protocol_version" TEXT,
    "server_info" TEXT,
    "instructions" TEXT,
    "offered" UUID[] DEFAULT ARRAY[]::UUID[],
    "reported_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mcp_report_pkey" PRIMARY KEY ("gateway_id", "mcp_server_id"),
    CONSTRAINT "mcp_report_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "mcp_report_tenant_id_mcp_server_id_fkey" FOREIGN KEY ("tenant_id", "mcp_server_id") REFERENCES "mcp_server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "mcp_report_mcp_server_id_idx" ON "mcp_report"("mcp_server_id");

-- A subscription is to an API, a plan or an MCP server.
ALTER TABLE "subscription" ADD COLUMN "mcp_server_id" UUID,
  DROP CONSTRAINT "subscription_to_one_thing",
  ADD CONSTRAINT "subscription_to_one_thing" CHECK (num_nonnulls("api_id", "plan_id", "mcp_server_id") = 1),
  ADD CONSTRAINT "subscription_tenant_id_mcp_server_id_fkey" FOREIGN KEY ("tenant_id", "mcp_server_id") REFERENCES "mcp_server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "subscription_mcp_server_id_consumer_id_key" ON "subscription"("mcp_server_id", "consumer_id");

-- A policy is attached to an API or an MCP server, in one environment or all; or to an environment.
ALTER TABLE "policy_attachment" ADD COLUMN "mcp_server_id" UUID,
  ADD CONSTRAINT "policy_attachment_tenant_id_mcp_server_id_fkey" FOREIGN KEY ("tenant_id", "mcp_server_id") REFERENCES "mcp_server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "policy_attachment_mcp_server_id_idx" ON "policy_attachment"("mcp_server_id");
ALTER TABLE "policy_attachment" DROP CONSTRAINT "policy_attachment_some_target",
  ADD CONSTRAINT "policy_attachment_some_target" CHECK (num_nonnulls("api_id", "mcp_server_id", "environment") > 0 AND num_nonnulls("api_id", "mcp_server_id") < 2);
