import type { ItemAck } from '@stoa/generated/schemas.ts';
import { aliveJoin } from '../fleet/grace.ts';
import { gatewayDesired } from './generation-sql.ts';
import { mcpServersFeature, plansFeature, publicPathFeature, subscriptionsFeature } from './selectors.ts';

// The parts of SQL that say who is given what, and what became of it there. Names: a gateway `g`, a deployment `d` of an API `a`, what a
// gateway said `c`, and of one item of its state `item`.

/** The gateways that are given anything, and what each said of an item, which `acks` finds. Those that left or were decommissioned are not. */
export const recipients = (
  acks: string,
): string => `gateway g JOIN tenant t ON t.id = g.tenant_id JOIN gateway_lease l ON l.gateway_id = g.id ${aliveJoin}
    LEFT JOIN ${gatewayDesired} c ON c.gateway_id = g.id LEFT JOIN config_progress p ON p.tenant_id = g.tenant_id LEFT JOIN ${acks}
  WHERE g.left_at IS NULL AND g.revoked_at IS NULL`;

const isChosenBy = (d: 'd' | 'o'): string => `g.tenant_id = ${d}.tenant_id
    AND (NOT ${d}.targets ? 'instance_names' OR ${d}.targets->'instance_names' ? g.instance_name)
    AND (NOT ${d}.targets ? 'modes' OR ${d}.targets->'modes' ? g.gateway_mode)
    AND (NOT ${d}.targets ? 'environments' OR ${d}.targets->'environments' ? g.environment)
    AND g.labels @> COALESCE(${d}.targets->'labels', '{}')`;

/** Whether the targets of a deployment choose a gateway, as `isChosen` does. */
export const isChosenSql = isChosenBy('d');

/**
 * The name of another deployment of the API that holds on a gateway in place of `d`, as `ClassState` decides, and has the API served otherwise there; null where `d` holds. What is
 * of third-party gateways alone makes no difference on others.
 */
export const supplantedBySql = `(SELECT o.name FROM deployment o WHERE o.api_id = d.api_id AND o.id <> d.id AND ${isChosenBy('o')}
    AND (o.revision IS NOT NULL, o.created_at, o.id) > (d.revision IS NOT NULL, d.created_at, d.id)
    AND (o.revision IS DISTINCT FROM d.revision OR g.gateway_mode = 'connect' AND (o.public_path, o.drift) IS DISTINCT FROM (d.public_path, d.drift))
    ORDER BY o.revision IS NOT NULL DESC, o.created_at DESC, o.id DESC LIMIT 1)`;

/** Whether a runtime is given less than it would open: an API that needs subscriptions, is part of a plan or has an address of its own, and it does not hold such. */
export const isTooOld = `(NOT a.open_to_all_consumers AND NOT '${subscriptionsFeature}' = ANY(g.features)
    OR NOT '${plansFeature}' = ANY(g.features) AND EXISTS (SELECT FROM plan_api WHERE api_id = a.id)
    OR g.gateway_mode = 'connect' AND NOT '${publicPathFeature}' = ANY(g.features) AND d.public_path IS NOT NULL)`;

/** Whether gateways of its mode are for an MCP server `d`, as `ClassState` decides. */
export const isForMcpSql = "(g.gateway_mode <> 'connect' AND (d.command IS NULL OR g.gateway_mode = 'sidecar'))";
export const isTooOldForMcp = `(NOT '${mcpServersFeature}' = ANY(g.features))`;
/** Whether a gateway is given an MCP server `d`. */
export const servesMcpSql = `(${isForMcpSql} AND NOT ${isTooOldForMcp} AND ${isChosenSql})`;

/**
 * What each gateway of the tenants of `wanted` said of the items that these name, read once, however often it is asked for.
 * @param itemId of a row of `wanted`
 */
export const acksOf = (itemId: string): string => `
    SELECT DISTINCT ON (c.gateway_id, i->>'id') c.gateway_id, i->>'id' AS item_id, i AS ack
    FROM gateway_config c JOIN gateway g ON g.id = c.gateway_id CROSS JOIN LATERAL jsonb_array_elements(c.acked_items) i
    WHERE g.tenant_id IN (SELECT tenant_id FROM wanted) AND g.left_at IS NULL AND g.revoked_at IS NULL
      AND i->>'id' IN (SELECT ${itemId} FROM wanted)`;

/**
 * An acknowledgement counts once the generation that it is of was made from the newest catalog. One without the item rejected the generation
 * as a whole, before any item was looked at, or applied the item and names only what it did not.
 */
export const isAcked = 'c.acked_generation = c.generation AND c.acked_hash IN (c.hash, c.whole_hash) AND p.revision >= t.revision';
/** What became of the item of a gateway that was given it. */
export const ackedStateSql = `CASE WHEN (${isAcked}) IS NOT TRUE THEN 'pending' WHEN item.ack IS NOT NULL THEN item.ack->>'state'
  WHEN c.acked_state = 'rejected' THEN 'rejected' WHEN c.acked_unlisted THEN 'applied' ELSE 'pending' END`;

export type AckedState = ItemAck['state'] | 'pending';

export const worstFirst = ['rejected', 'pending', 'applied_with_warnings', 'applied'] as const satisfies readonly AckedState[];

/** Of several gateways the worst state, `unmatched` without any. */
export function worstOf(states: readonly AckedState[]): AckedState | 'unmatched' {
  return worstFirst.find((state) => states.includes(state)) ?? 'unmatched';
}
