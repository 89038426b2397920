import type { ObservedApi } from '@stoa/generated/schemas.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import type { GatewayAdapter, Inspected, Marked } from '../../engine/model.ts';
import { onceEach } from '../../engine/once-each.ts';
import { createKongAdmin } from './admin.ts';
import { adoptKong } from './adopt.ts';
import { kongWriter } from './apply.ts';
import { kongCapabilities, kongWithRedis } from './capabilities.ts';
import type { KongAdminOptions } from './admin.ts';
import type { Document } from './dbless/document.ts';
import { planKongDocument } from './dbless/plan.ts';
import { documentWriter } from './dbless/write.ts';
import { kongKinds, labelOf, referenceOf, textOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import { fetchKong, narrowKong, refreshKong, scoutKong } from './fetch.ts';
import type { KongObserved } from './fetch.ts';
import { kongHealth } from './health.ts';
import { kongIncumbents } from './incumbents.ts';
import { kongMeddling } from './meddling.ts';
import { kongMismatch } from './mismatch.ts';
import { isOurs, itemOf } from './names.ts';
import { planKong } from './plan.ts';
import { requireSupported } from './probe.ts';
import { kongProbe } from './served.ts';
import type { ServedOptions } from './served.ts';
import { redisOf } from './settings.ts';
import type { kongSettings } from './settings.ts';
import { kongTransform } from './transform.ts';

/** Kong Gateway 3.x, with a database, as the control plane of a hybrid cluster, or without a database. */
export function createKongAdapter(
  options: KongAdminOptions & { settings?: Partial<SettingsOf<typeof kongSettings>>; served?: Pick<ServedOptions, 'tries' | 'everyMs'> },
): GatewayAdapter<KongObserved, Document | undefined> {
  const { nowMs = createForwardClock() } = options;
  const redis = options.settings?.kongRedisUrl && redisOf(options.settings.kongRedisUrl);
  const admin = createKongAdmin(options);
  const proxyUrl = options.settings?.kongProxyUrl;
  const served =
    proxyUrl === undefined ? undefined : kongProbe({ proxyUrl, ...(options.proxies && { proxies: options.proxies }), ...options.served });
  return {
    type: 'kong',
    capabilities: redis === undefined ? kongCapabilities : kongWithRedis,
    reach: async (signal) => ({ type: 'kong', version: (await requireSupported(admin, signal)).version, url: options.url }),
    health: (signal) => kongHealth(admin, signal),
    fetch: (gatewayId, signal) => fetchKong(admin, gatewayId, signal),
    refresh: (observed, objects, signal) => refreshKong(admin, observed, objects, signal),
    // What the proxy is to say it serves is a digest of everything.
    ...(served === undefined && { narrow: narrowKong }),
    scout: (observed, desired, signal) => scoutKong(admin, observed, desired, signal),
    transform: kongTransform(redis),
    incumbents: kongIncumbents,
    plan(input) {
      const { document } = input.observed;
      return document === undefined
        ? planKong(input, served !== undefined)
        : planKongDocument(input, document, marked(input.gatewayId, input.observed), served !== undefined);
    },
    inspect: (gatewayId, observed): Inspected<KongEntity> => ({
      find: observed.find,
      mismatch: (object, entity) => kongMismatch(object, entity, 'drift'),
      marked: marked(gatewayId, observed),
      meddling: kongMeddling(gatewayId, observed),
    }),
    writer: (observed) => (observed.document === undefined ? kongWriter(admin, nowMs) : documentWriter(admin, observed, nowMs)),
    describe: ({ node }) => ({ type: 'kong', version: node.version, url: options.url }),
    discovered,
    adopt: adoptKong,
    ...(served && { probe: served.probe }),
    close() {
      admin.close();
      served?.close();
    },
  };
}

function marked(gatewayId: string, { entities }: KongObserved): Marked[] {
  return markOf.flatMap(([kind, mark]) => entities[kind].filter(({ tags }) => isOurs(tags, gatewayId)).map(mark));
}

const markOf = (Object.keys(kongKinds) as KongKind[]).map(
  (kind) => [kind, onceEach((entity: KongEntity): Marked => ({ id: entity.id, itemId: itemOf(entity.tags), label: labelOf(kind, entity) }))] as const,
);

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
    object_id: service.id,
  }));
}
