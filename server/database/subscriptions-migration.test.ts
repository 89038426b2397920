import type pg from 'pg';
import { beforeEach, afterEach, expect, it } from 'vitest';
import { databaseBefore, migrationsDir } from '../testing/earlier-database.ts';
import { migrate } from './migrate.ts';

let databaseUrl: string;
let client: pg.Client;

beforeEach(async () => {
  ({ databaseUrl, client } = await databaseBefore('20261129164500_subscriptions'));
});
afterEach(() => client.end());

const api = `INSERT INTO api (tenant_id, name, title, version, document, upstream_url, operations, loss_report)
  SELECT id, $1, $1, '1', '{}', 'http://x', '[]', '[]' FROM tenant WHERE name = 'default'`;
const addApi = (name: string) => client.query(api, [name]);
const addConsumers = (count: number) =>
  client.query(
    `INSERT INTO consumer (tenant_id, name) SELECT t.id, 'consumer-' || n FROM tenant t, generate_series(1, $1::int) n WHERE t.name = 'default'`,
    [count],
  );
const openApis = async () =>
  (await client.query<{ name: string }>('SELECT name FROM api WHERE open_to_all_consumers ORDER BY name')).rows.map(({ name }) => name);
const pairs = async () =>
  (
    await client.query<{ pair: string }>(
      `SELECT a.name || ' ' || c.name AS pair FROM subscription s JOIN api a ON a.id = s.api_id JOIN consumer c ON c.id = s.consumer_id ORDER BY 1`,
    )
  ).rows.map(({ pair }) => pair);

it('every consumer keeps every API that it could call, whoever comes later needs a subscription, and the log says so', async () => {
  await addApi('orders');
  await addApi('users');
  await addConsumers(2);
  await client.query(
    `INSERT INTO gateway (tenant_id, environment, instance_name, gateway_mode, version, features) SELECT id, 'production', 'edge-1', 'edge_mcp', '1', '{mcp}' FROM tenant`,
  );
  const { notices } = await migrate({ databaseUrl, migrationsDir });
  expect(await pairs()).toEqual(['orders consumer-1', 'orders consumer-2', 'users consumer-1', 'users consumer-2']);
  expect(await openApis()).toEqual([]);
  expect(notices).toEqual([
    expect.stringMatching(/closed by default.*4 subscriptions/),
    expect.stringMatching(/do not know subscriptions.*until they are updated: production\/edge-1\./),
  ]);
});

it('an API that a third-party gateway serves without asking for a key stays open, and the log names it', async () => {
  for (const name of ['keyless', 'keyed', 'elsewhere']) await addApi(name);
  await addConsumers(1);
  await client.query(
    `INSERT INTO gateway (tenant_id, environment, instance_name, gateway_mode, version, features, labels) SELECT id, 'production', 'kong-1', 'connect', '1', '{}', '{"region":"eu"}' FROM tenant`,
  );
  await client.query(`INSERT INTO deployment (tenant_id, api_id, targets)
    SELECT tenant_id, id, CASE WHEN name = 'elsewhere' THEN '{"labels":{"region":"us"}}' ELSE '{"environments":["production"],"labels":{"region":"eu"}}' END::jsonb FROM api`);
  await client.query(`WITH p AS (INSERT INTO policy (tenant_id, name, kind, config) SELECT id, 'keys', 'api_key_auth', '{"header":"X-API-Key"}' FROM tenant RETURNING id)
    INSERT INTO policy_attachment (policy_id, api_id) SELECT p.id, a.id FROM p, api a WHERE a.name = 'keyed'`);
  const { notices } = await migrate({ databaseUrl, migrationsDir });
  expect(await openApis()).toEqual(['keyless']);
  expect(await pairs()).toEqual(['elsewhere consumer-1', 'keyed consumer-1']);
  expect(notices).toContainEqual(expect.stringMatching(/stay open .* without asking for a key: keyless\./));
});

it('the APIs of a tenant with more pairs than there may be subscriptions stay open, and the log names them', async () => {
  await client.query(`INSERT INTO api (tenant_id, name, title, version, document, upstream_url, operations, loss_report)
    SELECT t.id, 'api-' || n, 'x', '1', '{}', 'http://x', '[]', '[]' FROM tenant t, generate_series(100, 120) n`);
  await addConsumers(2000);
  const { notices } = await migrate({ databaseUrl, migrationsDir });
  expect(await openApis()).toHaveLength(21);
  expect(await pairs()).toEqual([]);
  expect(notices).toEqual([expect.stringMatching(/stay open .* more than 40000: api-100, .*Subscribe those/)]);
});

it('a new installation has nothing to say', async () => {
  expect((await migrate({ databaseUrl, migrationsDir })).notices).toEqual([]);
});
