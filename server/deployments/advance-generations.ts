import type { Pool } from 'pg';

/** The hash of what a gateway shall serve, and whether that is nothing. */
export type Wanted = { gatewayId: string; hash: string; isEmpty: boolean };
export type Generation = { generation: number; hash: string };

/**
 * Makes a new generation for each gateway whose hash differs from the stored one, in one statement, and answers what is stored then. What is stored
 * was made from a newer catalog when its hash is another one: nothing goes back to an older revision. A gateway that was never
 * given anything is at generation 0. Gateways that are gone are left out.
 */
export async function advanceGenerations(pool: Pool, wanted: Wanted[], revision: bigint): Promise<Map<string, Generation>> {
  const { rows } = await pool.query<{ gateway_id: string; generation: string; hash: string }>({
    name: 'advance-generations',
    text: statement,
    values: [wanted.map((w) => w.gatewayId), wanted.map((w) => w.hash), wanted.map((w) => w.isEmpty), revision.toString()],
  });
  return new Map(rows.map(({ gateway_id, generation, hash }) => [gateway_id, { generation: Number(generation), hash }]));
}

const statement = `
  WITH wanted AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS w (gateway_id, hash, is_empty)),
  advanced AS (
    INSERT INTO gateway_config AS c (gateway_id, tenant_revision, generation, hash)
    SELECT w.gateway_id, $4::bigint, CASE WHEN w.is_empty THEN 0 ELSE 1 END, w.hash FROM wanted w JOIN gateway g ON g.id = w.gateway_id ORDER BY w.gateway_id
    ON CONFLICT (gateway_id) DO UPDATE SET
      tenant_revision = excluded.tenant_revision, hash = excluded.hash,
      generation = c.generation + CASE WHEN c.hash = excluded.hash THEN 0 ELSE 1 END,
      updated_at = CASE WHEN c.hash = excluded.hash THEN c.updated_at ELSE now() END
    WHERE c.tenant_revision < excluded.tenant_revision OR (c.tenant_revision = excluded.tenant_revision AND c.hash <> excluded.hash)
    RETURNING gateway_id, generation, hash)
  SELECT gateway_id, generation, hash FROM advanced
  UNION ALL
  SELECT c.gateway_id, c.generation, c.hash FROM gateway_config c JOIN wanted USING (gateway_id)
  WHERE NOT EXISTS (SELECT FROM advanced a WHERE a.gateway_id = c.gateway_id)`;
