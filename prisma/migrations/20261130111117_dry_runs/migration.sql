-- What somebody asks a runtime about before he deploys. Whichever replica the runtime waits at finds it here.
CREATE TABLE "dry_run" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "gateway_id" UUID NOT NULL,
    "ask_id" UUID NOT NULL,
    "question" JSONB NOT NULL,
    "answer" JSONB,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "taken_at" TIMESTAMPTZ(3),
    CONSTRAINT "dry_run_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dry_run_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "dry_run_gateway_id_idx" ON "dry_run"("gateway_id");
CREATE INDEX "dry_run_ask_id_idx" ON "dry_run"("ask_id");
