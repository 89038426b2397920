import type { ObservedApi } from '@stoa/generated/schemas.ts';
import type { GatewayAdapter } from '../model.ts';
import { createKongAdmin } from './admin.ts';
import type { KongAdminOptions } from './admin.ts';
import { applyChanges } from './apply.ts';
import { findDrift } from './drift.ts';
import { referenceOf, textOf } from './entities.ts';
import { fetchKong, requireSupported } from './fetch.ts';
import type { KongObserved } from './fetch.ts';
import { isOurs } from './names.ts';
import { planKong } from './plan.ts';
import { transform } from './transform.ts';

/** Kong Gateway 3.x in database mode. */
export function createKongAdapter(options: KongAdminOptions, nowMs: () => number = Date.now): GatewayAdapter<KongObserved> {
  const admin = createKongAdmin(options);
  return {
    type: 'kong',
    probe: async (signal) => ({ type: 'kong', version: (await requireSupported(admin, signal)).version, url: options.url }),
    fetch: (gatewayId, signal) => fetchKong(admin, gatewayId, signal),
    transform,
    plan: planKong,
    drift: findDrift,
    apply: (changes, shouldStop) => applyChanges(admin, changes, shouldStop, nowMs),
    describe: ({ node }) => ({ type: 'kong', version: node.version, url: options.url }),
    discovered,
    close: () => admin.close(),
  };
}

/** Every service is an API, ours or not. */
function discovered(gatewayId: string, { entities }: KongObserved): ObservedApi[] {
  const routes = new Map<string | null, number>();
  for (const route of entities.route) {
    const service = referenceOf(route, 'service');
    routes.set(service, (routes.get(service) ?? 0) + 1);
  }
  // The contract takes no more than this.
  return entities.service.slice(0, 10_000).map((service) => ({
    name: (textOf(service, 'name') ?? service.id).slice(0, 256),
    upstream_url: `${String(service['protocol'])}://${String(service['host'])}:${String(service['port'])}${textOf(service, 'path') ?? ''}`.slice(
      0,
      2048,
    ),
    routes: routes.get(service.id) ?? 0,
    managed: isOurs(service.tags, gatewayId),
  }));
}
