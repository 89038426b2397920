-- Choices of tools across APIs and MCP servers, served at addresses of their own.
CREATE TABLE "tool_set" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT,
    "instructions" TEXT,
    "exposure" TEXT,
    "token_budget" INTEGER,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "tools" JSONB NOT NULL,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" JSONB,
    "updated_by" JSONB,

    CONSTRAINT "tool_set_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "tool_set_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "tool_set_tenant_id_name_key" ON "tool_set"("tenant_id", "name");
CREATE UNIQUE INDEX "tool_set_tenant_id_id_key" ON "tool_set"("tenant_id", "id");
CREATE INDEX "tool_set_tenant_id_created_at_id_idx" ON "tool_set"("tenant_id", "created_at", "id");

-- A subscription is to an API, a plan, an MCP server or a tool set.
ALTER TABLE "subscription" ADD COLUMN "tool_set_id" UUID,
  DROP CONSTRAINT "subscription_to_one_thing",
  ADD CONSTRAINT "subscription_to_one_thing" CHECK (num_nonnulls("api_id", "plan_id", "mcp_server_id", "tool_set_id") = 1),
  ADD CONSTRAINT "subscription_tenant_id_tool_set_id_fkey" FOREIGN KEY ("tenant_id", "tool_set_id") REFERENCES "tool_set"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "subscription_tool_set_id_consumer_id_key" ON "subscription"("tool_set_id", "consumer_id");
