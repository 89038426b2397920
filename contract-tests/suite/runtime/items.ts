import { createHash, randomUUID } from 'node:crypto';
import type { ApiItem, ApiOperation, ConfigItem, ConsumerItem } from '@stoa/generated/schemas.ts';

export const listOrdersTool = 'orders_listOrders';

const listOrders = {
  operation_id: 'listOrders',
  method: 'GET',
  path: '/orders',
  tool: { name: listOrdersTool, input_schema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true } },
  bindings: [],
} as unknown as ApiOperation;

/** The orders example as a config item: one operation is enough to see whether it is served. */
export function ordersItem(upstreamUrl: string): ApiItem {
  const api_id = randomUUID();
  return {
    id: `api:${api_id}`,
    kind: 'api',
    api_id,
    name: 'orders',
    version: '1.0.0',
    title: 'Orders',
    revision: 1,
    upstream: { url: upstreamUrl },
    operations: [listOrders],
  };
}

/** Somebody who may call with `key`. Only Connect is told the key itself. */
export function consumerItem(key: string, inClear: boolean): ConsumerItem {
  const consumer_id = randomUUID();
  const material = { key_id: randomUUID(), sha256: createHash('sha256').update(key).digest('hex'), ...(inClear && { secret: key }) };
  return { id: `consumer:${consumer_id}`, kind: 'consumer', consumer_id, name: 'support-agent', keys: [material] };
}

export const idsOf = (items: readonly ConfigItem[]): string[] => items.map(({ id }) => id).sort();
