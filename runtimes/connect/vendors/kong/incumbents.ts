import type { Incumbent } from '../../engine/model.ts';
import { onceEach } from '../../engine/once-each.ts';
import { labelOf, referenceOf } from './entities.ts';
import type { KongEntity } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { isOurs, itemOf } from './names.ts';
import { shapeOfPath } from './route-path.ts';

/** Kong's own, where a route names no method. */
const everyMethod = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'] as const;

/**
 * Who takes which requests now, by the claims of `kongTransform`. A route of somebody else counts where it takes the very same paths at the same host and is tied to no header: what it takes
 * besides, ours would take from it only where ours is the more particular.
 */
export function kongIncumbents(gatewayId: string, { entities, find }: KongObserved): ReadonlyMap<string, Incumbent> {
  const holders = new Map<string, Incumbent>();
  for (const route of entities.route) {
    const ours = isOurs(route.tags, gatewayId);
    if (isLeadingNowhere(find('service', referenceOf(route, 'service') ?? '')) || isParticular(route)) continue;
    const itemId = ours ? itemOf(route.tags) : undefined;
    const holder: Incumbent = ours
      ? { itemId, label: `the ${labelOf('route', route)}` }
      : { label: `${labelOf('route', route)}, which STOA Connect did not make` };
    for (const claim of claimsOf(route)) {
      // What is not ours stays, whatever else takes the same.
      if (!holders.has(claim) || !ours) holders.set(claim, holder);
    }
  }
  return holders;
}

const isLeadingNowhere = (service: KongEntity | undefined): boolean => service === undefined || service['enabled'] === false;

/** Tied to something of a request that no operation of ours is. */
const isParticular = (route: KongEntity): boolean =>
  hostsOf(route).some((host) => !/^[a-z0-9.-]+$/i.test(host)) ||
  ['headers', 'snis', 'sources', 'destinations'].some((field) => Object.keys((route[field] as object | null | undefined) ?? {}).length > 0);

const listOf = (route: KongEntity, field: string): string[] => (Array.isArray(route[field]) ? (route[field] as unknown[]).map(String) : []);
const hostsOf = (route: KongEntity): string[] => listOf(route, 'hosts');

const claimsOf = onceEach(readClaims);

function readClaims(route: KongEntity): string[] {
  const [methods, hosts] = [listOf(route, 'methods'), hostsOf(route).map((host) => host.toLowerCase())];
  const paths = listOf(route, 'paths').map(shapeOfPath);
  const shapes = (hosts.length === 0 ? [''] : hosts).flatMap((host) => paths.map((path) => host + path));
  return (methods.length === 0 ? everyMethod : methods).flatMap((method) => shapes.map((shape) => `${method} ${shape}`));
}
