import type { ConfigItem, ConsumerKeyMaterial } from '@stoa/generated/schemas.ts';
import { byId } from './held-item.ts';
import type { DesiredState } from './types.ts';

/** The items of a state by id, with the keys in their consumers: for who looks at all of it each time. */
export function wholeItems({ items }: Pick<DesiredState, 'items'>): ConfigItem[] {
  const keys = new Map<string, ConsumerKeyMaterial[]>();
  const others: ConfigItem[] = [];
  for (const item of [...items.values()].sort(byId)) {
    if (item.kind !== 'consumer_key') {
      others.push(item);
      continue;
    }
    const { id: _id, kind: _kind, consumer_id: consumerId, ...material } = item;
    const siblings = keys.get(consumerId);
    if (siblings === undefined) keys.set(consumerId, [material]);
    else siblings.push(material);
  }
  return others.map((item) => (item.kind === 'consumer' ? { ...item, keys: keys.get(item.consumer_id) ?? [] } : item));
}
