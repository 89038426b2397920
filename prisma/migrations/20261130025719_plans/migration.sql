CREATE TABLE "plan" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "plan_api" (
    "plan_id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,

    CONSTRAINT "plan_api_pkey" PRIMARY KEY ("plan_id", "api_id")
);

CREATE TABLE "plan_policy" (
    "plan_id" UUID NOT NULL,
    "policy_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,

    CONSTRAINT "plan_policy_pkey" PRIMARY KEY ("plan_id", "policy_id")
);

CREATE UNIQUE INDEX "plan_tenant_id_name_key" ON "plan"("tenant_id", "name");
CREATE INDEX "plan_tenant_id_created_at_id_idx" ON "plan"("tenant_id", "created_at", "id");
CREATE INDEX "plan_api_api_id_idx" ON "plan_api"("api_id");
CREATE INDEX "plan_policy_policy_id_idx" ON "plan_policy"("policy_id");

ALTER TABLE "plan" ADD CONSTRAINT "plan_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_api" ADD CONSTRAINT "plan_api_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_api" ADD CONSTRAINT "plan_api_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_api" ADD CONSTRAINT "plan_api_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "api"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_policy" ADD CONSTRAINT "plan_policy_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "plan_policy" ADD CONSTRAINT "plan_policy_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- No policy is deleted out of a plan by the way: its subscribers would be without the limit.
ALTER TABLE "plan_policy" ADD CONSTRAINT "plan_policy_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policy"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- A subscription is to an API or to a plan.
ALTER TABLE "subscription" ALTER COLUMN "api_id" DROP NOT NULL;
ALTER TABLE "subscription" ADD COLUMN "plan_id" UUID;
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_to_one_thing" CHECK (num_nonnulls("api_id", "plan_id") = 1);
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plan"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "subscription_plan_id_consumer_id_key" ON "subscription"("plan_id", "consumer_id");
