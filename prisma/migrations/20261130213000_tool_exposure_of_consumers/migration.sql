-- How a consumer reaches tools over MCP.
ALTER TABLE "consumer" ADD COLUMN "tool_exposure" TEXT NOT NULL DEFAULT 'full';
