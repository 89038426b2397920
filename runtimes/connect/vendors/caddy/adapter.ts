import type { ObservedApi } from '@stoa/generated/schemas.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { isRecord } from '../../engine/compare.ts';
import type { GatewayAdapter, ManagedObject } from '../../engine/model.ts';
import { createCaddyAdmin } from './admin.ts';
import type { CaddyAdminOptions, CaddyWrite } from './admin.ts';
import { caddyWriter } from './apply.ts';
import { capabilitiesWith } from './capabilities.ts';
import { listOf } from './document.ts';
import { fetchCaddy, serversOf } from './fetch.ts';
import type { CaddyObserved } from './fetch.ts';
import { caddyHealth } from './health.ts';
import { caddyIncumbents } from './incumbents.ts';
import { inspectCaddy, planCaddy } from './plan.ts';
import { afterRestart } from './probe.ts';
import type { caddySettings } from './settings.ts';
import { caddyTransform } from './transform.ts';

/** Caddy 2 by its admin API: one sub-tree, known by its `@id`, in a server of the operator's. */
export function createCaddyAdapter(
  options: CaddyAdminOptions & { settings?: Partial<SettingsOf<typeof caddySettings>> },
): GatewayAdapter<CaddyObserved, CaddyWrite> {
  const { caddyServer, caddyLinkUrl: link, caddyRateLimitModule: rateLimits = false } = options.settings ?? {};
  const admin = createCaddyAdmin(options);
  // Its admin API tells no version.
  const target = { type: 'caddy', url: options.url };
  // Whose place it is, is of no matter to who looks only whether it is there.
  const look = (signal: AbortSignal) => fetchCaddy(admin, '', caddyServer, signal);
  return {
    type: 'caddy',
    capabilities: capabilitiesWith({ link: link !== undefined, rateLimits }),
    async reach(signal) {
      await look(signal);
      return target;
    },
    advise: async (signal) => afterRestart((await look(signal)).config),
    health: (signal) => caddyHealth(admin, signal),
    fetch: (gatewayId, signal) => fetchCaddy(admin, gatewayId, caddyServer, signal),
    transform: caddyTransform({ link }),
    incumbents: caddyIncumbents,
    plan: planCaddy,
    inspect: inspectCaddy,
    writer: () => caddyWriter(admin),
    describe: () => target,
    discovered: (_gatewayId, observed) => discovered(observed),
    close: () => admin.close(),
  };
}

/** Ours by name; of others every proxy, by the route that leads to it. */
function discovered({ config, objects }: CaddyObserved): ObservedApi[] {
  const ours = [...objects.values()]
    .filter(({ kind }) => kind === 'route')
    .map(
      ({ fields }): ObservedApi => ({
        name: String(fields['name']).slice(0, 256),
        ...leadOf(fields['proxy']),
        routes: listOf(fields, 'takes').length,
        managed: true,
      }),
    );
  const known = new Set([...objects.values()].map(({ fields }: ManagedObject) => JSON.stringify(fields['proxy'])));
  const others = Object.entries(serversOf(config)).flatMap(([server, value]) =>
    listOf(value, 'routes').flatMap((route, index) => {
      const name = isRecord(route) && typeof route['@id'] === 'string' ? route['@id'] : `${server}/routes/${index}`;
      const proxies = proxiesIn(route).filter((proxy) => !known.has(JSON.stringify(proxy)));
      return proxies.map((proxy): ObservedApi => ({ name: name.slice(0, 256), ...leadOf(proxy), routes: 1, managed: false }));
    }),
  );
  // The contract takes no more than this.
  return [...ours, ...others].slice(0, 10_000);
}

function leadOf(proxy: unknown): Pick<ObservedApi, 'upstream_url'> {
  const [upstream] = listOf(proxy, 'upstreams');
  const dial = isRecord(upstream) ? upstream['dial'] : undefined;
  const transport = isRecord(proxy) && isRecord(proxy['transport']) ? proxy['transport'] : {};
  return typeof dial === 'string' ? { upstream_url: `${'tls' in transport ? 'https' : 'http'}://${dial}`.slice(0, 2048) } : {};
}

function proxiesIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(proxiesIn);
  if (!isRecord(value)) return [];
  return value['handler'] === 'reverse_proxy' ? [value] : Object.values(value).flatMap(proxiesIn);
}
