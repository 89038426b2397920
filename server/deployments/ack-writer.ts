import type { ConfigAck } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import { BatchWriter } from '../database/batch-writer.ts';
import type { ControlPlaneMetrics } from '../metrics.ts';
import { gatewayDesired } from './generation-sql.ts';

type Acknowledged = { readonly gatewayId: string; readonly ack: ConfigAck; readonly items: string };

/** Stores what gateways say of their generations: after a change thousands say so at once. */
export class AckWriter {
  readonly #writer: BatchWriter<Acknowledged>;

  constructor(pool: Pool, metrics: ControlPlaneMetrics) {
    this.#writer = new BatchWriter({
      lane: 'acknowledgement',
      keyOf: ({ gatewayId }) => gatewayId,
      sizeOf: ({ items }) => items.length,
      write: (acknowledged) => storeAcks(pool, acknowledged),
      metrics,
    });
  }

  get waiting(): number {
    return this.#writer.waiting;
  }

  /** Resolves once it is committed, with false where it was not taken: it was overtaken by one of a newer generation, or is of none that was issued. */
  write(gatewayId: string, ack: ConfigAck): Promise<boolean> {
    return this.#writer.write({ gatewayId, ack, items: JSON.stringify(ack.items) });
  }
}

// OFFSET 0 keeps the planner from making up the generation of every gateway for the few that it is asked of.
const statement = `
  UPDATE gateway_config c SET acked_generation = a.generation, acked_hash = a.hash, acked_state = a.state, acked_items = a.items,
    acked_unlisted = a.unlisted, acked_at = now()
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::jsonb[], $6::boolean[]) AS a (gateway_id, generation, hash, state, items, unlisted)
    CROSS JOIN LATERAL (SELECT d.generation, d.hash, d.whole_hash FROM ${gatewayDesired} d WHERE d.gateway_id = a.gateway_id OFFSET 0) d
  WHERE c.gateway_id = a.gateway_id AND c.acked_generation <= a.generation
    AND (d.generation > a.generation OR (d.generation = a.generation AND a.hash IN (d.hash, d.whole_hash)))
  RETURNING c.gateway_id`;

async function storeAcks(pool: Pool, acknowledged: readonly Acknowledged[]): Promise<ReadonlySet<string>> {
  // Sorted, so that two replicas are likely to lock the same rows in the same order.
  const sorted = acknowledged.toSorted((a, b) => (a.gatewayId < b.gatewayId ? -1 : 1));
  const column = <T>(pick: (one: Acknowledged) => T) => sorted.map(pick);
  const { rows } = await pool.query<{ gateway_id: string }>({
    name: 'store-acks',
    text: statement,
    values: [
      column(({ gatewayId }) => gatewayId),
      column(({ ack }) => ack.generation),
      column(({ ack }) => ack.hash),
      column(({ ack }) => ack.state),
      column(({ items }) => items),
      column(({ ack }) => ack.unlisted_applied === true),
    ],
  });
  return new Set(rows.map(({ gateway_id }) => gateway_id));
}
