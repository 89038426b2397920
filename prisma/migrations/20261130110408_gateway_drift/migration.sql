-- What Connect does when somebody changed on a gateway what a deployment made there.
ALTER TABLE "deployment" ADD COLUMN "drift" TEXT NOT NULL DEFAULT 'repair';

-- The last differences of each third-party gateway, by the ids that the runtime gave them.
CREATE TABLE "gateway_drift" (
    "gateway_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "item_id" TEXT,
    "object" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "detail" TEXT,
    "wins" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "ended_at" TIMESTAMPTZ(3),
    CONSTRAINT "gateway_drift_pkey" PRIMARY KEY ("gateway_id", "event_id"),
    CONSTRAINT "gateway_drift_tenant_id_gateway_id_fkey" FOREIGN KEY ("tenant_id", "gateway_id") REFERENCES "gateway"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
