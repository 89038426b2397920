import type { Labels } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import { BatchLoader } from '../database/batch-loader.ts';
import type { ConfiguredGateway } from '../deployments/desired-states.ts';
import { gatewayDesired } from '../deployments/generation-sql.ts';
import type { Standing } from './standing.ts';

export type HeldGateway = ConfiguredGateway & Standing & { signing_key: string | null };
export type Holders = BatchLoader<HeldGateway>;

type Row = Standing & {
  id: string;
  labels: Labels;
  features: string[];
  generation: string | null;
  key: string | null;
  hash: string | null;
  signing_key: string | null;
  whole_hash: string | null;
  catalog_revision: string;
};

/** Those who ask at the same time share a question: thousands of long polls end with the same change. */
export function readHolders(pool: Pool): Holders {
  return new BatchLoader(async (ids) => {
    const { rows } = await pool.query<Row>({
      name: 'find-holders',
      text: `SELECT g.id, g.tenant_id, g.environment, g.instance_name, g.team, g.gateway_mode, g.labels, g.features, g.lease_epoch, g.left_at, g.revoked_at, g.signing_key,
               c.generation, c.key, c.hash, c.whole_hash, t.revision AS catalog_revision
             FROM gateway g JOIN tenant t ON t.id = g.tenant_id LEFT JOIN ${gatewayDesired} c ON c.gateway_id = g.id WHERE g.id = ANY($1::uuid[])`,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, toHeld(row)]));
  });
}

function toHeld({ generation, key, hash, whole_hash: wholeHash, catalog_revision, ...gateway }: Row): HeldGateway {
  const stored = generation === null ? undefined : { generation: Number(generation), key, hash, wholeHash };
  return { ...gateway, stored, catalogRevision: BigInt(catalog_revision) };
}
