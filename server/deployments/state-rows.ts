import type { Pool, PoolClient } from 'pg';
import type { ClassState } from './class-state.ts';
import { gatewayDesired } from './generation-sql.ts';
import { hashOfNothing } from './rendered-item.ts';
import type { GatewayClass, Recipient, Selector } from './selectors.ts';

/** The revision that a tenant's states were last made from; locked until the transaction ends, so that one server at a time writes them. */
export async function lockProgress(client: PoolClient, tenantId: string): Promise<bigint> {
  const locked = await client.query<{ revision: string }>('SELECT revision FROM config_progress WHERE tenant_id = $1 FOR UPDATE', [tenantId]);
  if (locked.rows[0]) return BigInt(locked.rows[0].revision);
  await client.query('INSERT INTO config_progress (tenant_id, revision) SELECT id, -1 FROM tenant WHERE id = $1 ON CONFLICT DO NOTHING', [tenantId]);
  return lockProgress(client, tenantId);
}

export async function setProgress(client: PoolClient, tenantId: string, revision: bigint): Promise<void> {
  await client.query('UPDATE config_progress SET revision = $2 WHERE tenant_id = $1', [tenantId, revision.toString()]);
}

/** Makes a new generation of each state whose hash is another one. A state that is first stored is at generation 1, or at 0 if it is that of nothing. */
export async function putStates(client: PoolClient, tenantId: string, states: readonly ClassState[]): Promise<ReadonlyMap<string, string>> {
  if (states.length === 0) return new Map();
  const sorted = states.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const { rows } = await client.query<{ key: string; id: string }>(
    `WITH wanted AS (SELECT * FROM unnest($2::text[], $3::jsonb[], $4::text[]) AS w (key, class, hash)),
     put AS (
       INSERT INTO config_state AS s (tenant_id, key, class, hash, generation)
       SELECT $1, key, class, hash, CASE WHEN hash = '${hashOfNothing}' THEN 0 ELSE 1 END FROM wanted
       ON CONFLICT (tenant_id, key) DO UPDATE SET hash = excluded.hash, whole_hash = NULL, generation = s.generation + 1, updated_at = now()
       WHERE s.hash <> excluded.hash
       RETURNING key, id)
     SELECT key, id FROM put UNION ALL
     SELECT s.key, s.id FROM config_state s JOIN wanted USING (key) WHERE s.tenant_id = $1 AND NOT EXISTS (SELECT FROM put WHERE put.key = s.key)`,
    [tenantId, sorted.map(({ key }) => key), sorted.map((state) => JSON.stringify(state.gatewayClass)), sorted.map(({ content }) => content.hash)],
  );
  return new Map(rows.map(({ key, id }) => [key, id]));
}

/** The classes that a tenant's gateways are in. */
export async function classesInUse(client: PoolClient, tenantId: string): Promise<GatewayClass[]> {
  const { rows } = await client.query<{ class: GatewayClass }>(
    'SELECT class FROM config_state s WHERE tenant_id = $1 AND EXISTS (SELECT FROM gateway_config c WHERE c.state_id = s.id)',
    [tenantId],
  );
  return rows.map((row) => row.class);
}

export type Move = { gatewayId: string; stateId: string };

/**
 * Gives gateways their states. A gateway's generation rises by one where its state has another hash than the one before, and stays where it is the same
 * content under another class. Gateways that are gone are left out.
 */
export async function moveGateways(client: PoolClient, moves: readonly Move[]): Promise<void> {
  await client.query({
    name: 'move-gateways',
    text: `
      WITH move AS (
        SELECT m.gateway_id, g.tenant_id, s.id AS state_id, s.generation, s.hash, s.hash = '${hashOfNothing}' AS is_empty
        FROM unnest($1::uuid[], $2::uuid[]) AS m (gateway_id, state_id) JOIN gateway g ON g.id = m.gateway_id JOIN config_state s ON s.id = m.state_id),
      wanted AS (
        SELECT m.gateway_id, m.tenant_id, m.state_id,
          CASE WHEN c.gateway_id IS NULL THEN CASE WHEN m.is_empty THEN 0 ELSE 1 END
            WHEN c.hash = m.hash OR (c.generation = 0 AND m.is_empty) THEN c.generation ELSE c.generation + 1 END - m.generation AS generation_offset
        FROM move m LEFT JOIN ${gatewayDesired} c ON c.gateway_id = m.gateway_id
        WHERE c.state_id IS DISTINCT FROM m.state_id)
      INSERT INTO gateway_config AS c (gateway_id, tenant_id, state_id, generation_offset)
      SELECT gateway_id, tenant_id, state_id, generation_offset FROM wanted ORDER BY gateway_id
      ON CONFLICT (gateway_id) DO UPDATE SET state_id = excluded.state_id, generation_offset = excluded.generation_offset
      WHERE c.state_id IS DISTINCT FROM excluded.state_id`,
    values: [moves.map(({ gatewayId }) => gatewayId), moves.map(({ stateId }) => stateId)],
  });
}

export type Candidate = Recipient & { id: string; key: string | null };

/** Gateways that may be in another class by now, at most `take` after an id: those that some selectors choose or chose; all of them without. */
export async function findCandidates(
  client: PoolClient,
  tenantId: string,
  selectors: readonly Selector[] | undefined,
  after: string,
  take: number,
): Promise<Candidate[]> {
  const values: unknown[] = [tenantId, after, take];
  const names = (selectors ?? []).flatMap(({ targets }) => targets.instance_names ?? []);
  const labels = (selectors ?? []).flatMap(({ targets }) => (targets.instance_names ? [] : [JSON.stringify(targets.labels ?? {})]));
  const chosen = [
    ...(names.length === 0 ? [] : [`g.instance_name = ANY($${values.push(names)}::text[])`]),
    ...(labels.length === 0 ? [] : [`g.labels @> ANY($${values.push(labels)}::jsonb[])`]),
  ];
  const { rows } = await client.query<Candidate>(
    `SELECT g.id, g.environment, g.instance_name, g.gateway_mode, g.labels, g.features, c.key
     FROM gateway g LEFT JOIN ${gatewayDesired} c ON c.gateway_id = g.id
     WHERE g.tenant_id = $1 AND g.id > $2 AND g.left_at IS NULL AND g.revoked_at IS NULL
       ${selectors === undefined ? '' : `AND (${chosen.join(' OR ')})`} ORDER BY g.id LIMIT $3`,
    values,
  );
  return rows;
}

export type Placed = { generation: number; key: string | null; hash: string | null };

/** What is stored for some gateways. */
export async function readPlaces(db: Pool | PoolClient, gatewayIds: readonly string[]): Promise<ReadonlyMap<string, Placed>> {
  const { rows } = await db.query<{ gateway_id: string; generation: string; key: string | null; hash: string | null }>(
    `SELECT c.gateway_id, c.generation, c.key, c.hash FROM ${gatewayDesired} c WHERE c.gateway_id = ANY($1::uuid[])`,
    [gatewayIds],
  );
  return new Map(rows.map(({ gateway_id, generation, key, hash }) => [gateway_id, { generation: Number(generation), key, hash }]));
}

/** Says that a state was given out in the form of `GatewayConfig` too, so that acknowledgements may name it by that hash. */
export async function noteWholeHash({ pool }: { pool: Pool }, tenantId: string, key: string, hash: string, wholeHash: string): Promise<void> {
  await pool.query('UPDATE config_state SET whole_hash = $4 WHERE tenant_id = $1 AND key = $2 AND hash = $3 AND whole_hash IS DISTINCT FROM $4', [
    tenantId,
    key,
    hash,
    wholeHash,
  ]);
}
