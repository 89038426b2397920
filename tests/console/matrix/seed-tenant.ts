import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';

/** A tenant as one that works: gateways that report, an API with revisions, consumers that call, and something that waits. */
export async function seedTenant(plane: TestControlPlane): Promise<Record<string, string>> {
  const post = async <T = Record<string, string>>(path: string, body: unknown): Promise<T> => {
    const answer = await plane.request<T>('POST', path, { body });
    if (answer.status >= 300) throw new Error(`POST ${path} came to ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const document = parse(await readFile(join(import.meta.dirname, '../../../examples/orders/openapi.yaml'), 'utf8')) as Record<string, unknown>;
  const { api_id = '' } = await post('/v1/apis', { name: 'orders', document, upstream_url: 'https://orders.example.com' });
  const { paths, ...rest } = document as { paths: Record<string, unknown> };
  const fewer = Object.fromEntries(Object.entries(paths).slice(0, -1));
  await plane.request('PUT', `/v1/apis/${api_id}`, {
    body: { name: 'orders', document: { ...rest, paths: fewer }, upstream_url: 'https://orders.example.com' },
  });
  await post('/v1/apis', {
    name: 'invoices',
    document: { openapi: '3.1.0', info: { title: 'Invoices', version: '2.0.0' }, paths: {} },
    upstream_url: 'https://invoices.example.com',
  });
  const limit = { name: 'orders-limit', policy: { kind: 'rate_limit', config: { limit: 100, window_s: 60 } }, attached_to: [{ api_id }] };
  const { policy_id = '' } = await post('/v1/policies', limit);
  const { plan_id = '' } = await post('/v1/plans', { name: 'gold', description: 'Orders, quickly.', api_ids: [api_id] });
  const { consumer_id = '' } = await post('/v1/consumers', { name: 'support-agent', labels: { tier: 'gold' } });
  for (const name of ['billing', 'partner-acme', 'nightly-report', 'mobile-app']) await post('/v1/consumers', { name });
  await post(`/v1/consumers/${consumer_id}/keys`, {});
  await post('/v1/subscriptions', { api_id, consumer_id });
  await post('/v1/subscriptions', { plan_id, consumer_name: 'mobile-app' });
  const { deployment_id = '' } = await post('/v1/deployments', { api_id, targets: { environments: ['production'] } });

  const gateway = asGateway(plane, await plane.mintGatewayKey({ name: 'production edge' }));
  const registered = (await gateway.register('edge-01')).body;
  const { gateway_id } = registered;
  const kong = { gateway_mode: 'connect', features: ['policies'], target_gateway: { type: 'kong', version: '3.9.3', url: 'http://127.0.0.1:8001' } };
  const beside = (await gateway.register('kong-prod-01', kong)).body;
  for (const id of [gateway_id, beside.gateway_id]) await gateway.heartbeat(id);
  const held = await gateway.config<{ generation: number; hash: string; items: { id: string }[] }>(gateway_id);
  const items = held.body.items.map(({ id }) => ({ id, state: 'applied' }));
  await gateway.ack(gateway_id, { generation: held.body.generation, hash: held.body.hash, items, lease_epoch: registered.lease_epoch });
  await gateway.observe(beside.gateway_id, {
    lease_epoch: beside.lease_epoch,
    drift: [{ object: 'route orders-get-order', kind: 'changed', detail: 'methods: GET → GET, POST', wins: 'stoa' }],
  });
  await reportCalls(gateway, gateway_id, { api_id, consumer_id });
  return {
    api: api_id,
    policy: policy_id,
    plan: plan_id,
    consumer: consumer_id,
    deployment: deployment_id,
    gateway: gateway_id,
    kong: beside.gateway_id,
  };
}

type Reporter = ReturnType<typeof asGateway>;

async function reportCalls(gateway: Reporter, gatewayId: string, ids: { api_id: string; consumer_id: string }): Promise<void> {
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const records = Array.from({ length: 60 }, (_, index) => ({
    ...ids,
    operation_id: index % 3 === 0 ? 'getOrder' : 'listOrders',
    door: index % 4 === 0 ? 'rest' : 'mcp',
    window_start: new Date(now - (index + 1) * 1_500_000).toISOString(),
    calls: 40 + ((index * 37) % 90),
    errors: index % 7 === 0 ? 3 : 0,
    denied: index % 11 === 0 ? 2 : 0,
    duration_ms: 4_000,
    request_bytes: 9_000,
    response_bytes: 60_000,
  }));
  const answer = await gateway.reportUsage(gatewayId, { boot_id: randomUUID(), seq: 1, records });
  if (answer.status >= 300) throw new Error(`Usage came to ${answer.status}: ${JSON.stringify(answer.body)}`);
}
