import type { ObservedState } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';

/** Keeps what a gateway saw last. */
export async function noteObserved({ pool }: { pool: Pool }, gateway: { id: string; tenant_id: string }, observed: ObservedState): Promise<void> {
  await pool.query(
    `INSERT INTO gateway_observed (gateway_id, tenant_id, observed) VALUES ($1, $3, $2)
     ON CONFLICT (gateway_id) DO UPDATE SET observed = $2, observed_at = now()`,
    [gateway.id, JSON.stringify(observed), gateway.tenant_id],
  );
}
