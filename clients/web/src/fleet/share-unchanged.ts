import type { Gateway, GatewayList } from '@stoa/generated/schemas.ts';
import type { FleetSnapshot } from './read-fleet.ts';

/** The newer reading, with the objects of the older one for instances that did not change: React then skips their rows. */
export function shareUnchanged(before: FleetSnapshot, after: FleetSnapshot): FleetSnapshot {
  const old = new Map([...before.lists.values()].flatMap(({ items }) => items).map((gateway) => [gateway.gateway_id, gateway]));
  const keep = (gateway: Gateway): Gateway => {
    const previous = old.get(gateway.gateway_id);
    return previous !== undefined && JSON.stringify(previous) === JSON.stringify(gateway) ? previous : gateway;
  };
  return {
    ...after,
    lists: new Map([...after.lists].map(([mode, list]): [string, GatewayList] => [mode, { ...list, items: list.items.map(keep) }])),
  };
}
