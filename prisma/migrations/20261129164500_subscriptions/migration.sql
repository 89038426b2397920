-- Who may call what: without a subscription nobody, unless an API is open to all consumers.
ALTER TABLE "api" ADD COLUMN     "open_to_all_consumers" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "subscription" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "api_id" UUID NOT NULL,
    "consumer_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "subscription_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "subscription_consumer_id_idx" ON "subscription"("consumer_id");

-- CreateIndex
CREATE INDEX "subscription_tenant_id_created_at_id_idx" ON "subscription"("tenant_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "subscription_api_id_consumer_id_key" ON "subscription"("api_id", "consumer_id");

-- AddForeignKey
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_api_id_fkey" FOREIGN KEY ("api_id") REFERENCES "api"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription" ADD CONSTRAINT "subscription_consumer_id_fkey" FOREIGN KEY ("consumer_id") REFERENCES "consumer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Until now every consumer could call every API. Whoever could, can still; whoever comes later needs a subscription.
DO $$
DECLARE
  -- The largest number of subscriptions that a tenant may have.
  max_subscriptions CONSTANT BIGINT := 40000;
  crowded TEXT; keyless TEXT; pairs BIGINT; old_runtimes TEXT;
BEGIN
  -- More pairs than a tenant may have subscriptions: such a tenant's APIs stay open.
  WITH opened AS (
    UPDATE api SET open_to_all_consumers = true
    WHERE (SELECT count(*) FROM api a WHERE a.tenant_id = api.tenant_id) * (SELECT count(*) FROM consumer c WHERE c.tenant_id = api.tenant_id) > max_subscriptions
    RETURNING name)
  SELECT string_agg(name, ', ' ORDER BY name) INTO crowded FROM (SELECT name FROM opened ORDER BY name LIMIT 50) o;

  -- A third-party gateway asks for no key where no policy demands one: whoever calls there has no subscription to present.
  WITH opened AS (
    UPDATE api SET open_to_all_consumers = true
    WHERE NOT open_to_all_consumers AND EXISTS (
      SELECT FROM deployment d JOIN gateway g ON g.tenant_id = d.tenant_id
      WHERE d.api_id = api.id AND g.gateway_mode = 'connect' AND g.left_at IS NULL AND g.revoked_at IS NULL
        AND (NOT d.targets ? 'modes' OR d.targets->'modes' ? 'connect')
        AND (NOT d.targets ? 'instance_names' OR d.targets->'instance_names' ? g.instance_name)
        AND (NOT d.targets ? 'environments' OR d.targets->'environments' ? g.environment)
        AND g.labels @> COALESCE(d.targets->'labels', '{}')
        AND NOT EXISTS (
          SELECT FROM policy p JOIN policy_attachment a ON a.policy_id = p.id
          WHERE p.kind = 'api_key_auth' AND p.tenant_id = api.tenant_id AND (a.api_id = api.id OR a.environment = g.environment)))
    RETURNING name)
  SELECT string_agg(name, ', ' ORDER BY name) INTO keyless FROM (SELECT name FROM opened ORDER BY name LIMIT 50) o;

  INSERT INTO subscription (tenant_id, api_id, consumer_id)
    SELECT a.tenant_id, a.id, c.id FROM api a JOIN consumer c USING (tenant_id) WHERE NOT a.open_to_all_consumers;
  GET DIAGNOSTICS pairs = ROW_COUNT;
  -- Gateways read their configuration anew.
  UPDATE tenant SET revision = revision + 1;

  SELECT string_agg(name, ', ' ORDER BY name) INTO old_runtimes FROM (
    SELECT environment || '/' || instance_name AS name FROM gateway
    WHERE left_at IS NULL AND revoked_at IS NULL AND NOT 'subscriptions' = ANY(features) ORDER BY 1 LIMIT 50) g;

  IF pairs > 0 THEN
    RAISE NOTICE USING ERRCODE = 'STOA1', MESSAGE = format('Access is closed by default from now on. %s subscriptions were made, so that each consumer may still call each API that it could call; withdraw those that are not wanted (DELETE /v1/subscriptions/{subscription_id}).', pairs);
  END IF;
  IF crowded IS NOT NULL THEN
    RAISE NOTICE USING ERRCODE = 'STOA1', MESSAGE = format('These APIs stay open to all consumers, because subscriptions for every pair would be more than %s: %s. Subscribe those who need them, then set open_to_all_consumers to false.', max_subscriptions, crowded);
  END IF;
  IF keyless IS NOT NULL THEN
    RAISE NOTICE USING ERRCODE = 'STOA1', MESSAGE = format('These APIs stay open to all consumers, because a third-party gateway serves them without asking for a key: %s. Attach an api_key_auth policy, subscribe those who need them, then set open_to_all_consumers to false.', keyless);
  END IF;
  IF old_runtimes IS NOT NULL AND pairs > 0 THEN
    RAISE NOTICE USING ERRCODE = 'STOA1', MESSAGE = format('These runtimes do not know subscriptions and are given only what is open to all consumers until they are updated: %s.', old_runtimes);
  END IF;
END $$;
