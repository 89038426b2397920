import type { ObservedApi } from '@stoa/generated/schemas.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import type { AdapterOptions, GatewayAdapter } from '../../engine/model.ts';
import { envoyWriter } from './apply.ts';
import { envoyCapabilitiesWith } from './capabilities.ts';
import type { EnvoyFrame } from './document.ts';
import { fetchEnvoy } from './fetch.ts';
import type { EnvoyObserved } from './fetch.ts';
import { envoyHealth } from './health.ts';
import { filterKinds, filters } from './model.ts';
import type { EnvoyRoute } from './model.ts';
import { inspectEnvoy, planEnvoy } from './plan.ts';
import type { EnvoyWrite } from './plan.ts';
import { filtersIn } from './probe.ts';
import type { envoySettings } from './settings.ts';
import { envoyTools } from './tools.ts';
import type { EnvoyTools } from './tools.ts';
import { envoyTransform } from './transform.ts';

type Options = AdapterOptions & {
  readonly settings?: Partial<SettingsOf<typeof envoySettings>>;
  readonly tools?: EnvoyTools;
  readonly patienceMs?: number;
};

/** An Envoy on this machine, by two files that it watches. The target's URL is that of its admin API, which only reads. */
export function createEnvoyAdapter({ settings = {}, tools: given, patienceMs, ...options }: Options): GatewayAdapter<EnvoyObserved, EnvoyWrite> {
  const { envoyDir: dir = '', envoyListener: listener = '', envoyCaFile: caFile, envoyLinkAddress: link } = settings;
  const tools = given ?? envoyTools({ ...options, dir, listener });
  const frameOf = (gatewayId: string): EnvoyFrame => ({ gatewayId, caFile, link });
  const describe = (version: string) => ({ type: 'envoy', version, url: options.url });
  return {
    type: 'envoy',
    capabilities: envoyCapabilitiesWith({ authorities: caFile !== undefined, link: link !== undefined }),
    async reach(signal) {
      const [{ version }, listeners] = await Promise.all([tools.server(signal), tools.listeners(signal)]);
      filtersIn(listeners);
      return describe(version);
    },
    async advise(signal) {
      const [{ refusesUnknown }, listeners] = await Promise.all([tools.server(signal), tools.listeners(signal)]);
      const there = filtersIn(listeners);
      const missing = filterKinds.filter((kind) => !there.has(kind) && (kind !== 'link' || link !== undefined)).map((kind) => filters[kind].name);
      const advice = [
        ...(missing.length === 0 ? [] : [`Its listener has ${missing.join(', ')} not as the guide says: an API with such a policy is rejected`]),
        ...(refusesUnknown
          ? []
          : ['Start it with --reject-unknown-dynamic-fields: without, it takes what it does not know, and Connect has to take it back']),
      ];
      return advice.length === 0 ? 'Its listener has every filter of the guide' : advice.join('. ');
    },
    health: (signal) => envoyHealth(tools, signal),
    fetch: (gatewayId, signal) => fetchEnvoy(tools, frameOf(gatewayId), signal),
    transform: envoyTransform(link !== undefined),
    plan: (input) => planEnvoy(input, frameOf(input.gatewayId)),
    inspect: (_gatewayId, observed) => inspectEnvoy(observed),
    writer: (observed) => envoyWriter(tools, observed, patienceMs),
    describe: ({ version }) => describe(version),
    discovered: (_gatewayId, observed) => discovered(observed),
    close: tools.close,
  };
}

/** Ours alone: what the operator's own listeners serve is his. */
function discovered({ objects }: EnvoyObserved): ObservedApi[] {
  return [...objects.values()]
    .filter(({ kind }) => kind === 'route')
    .map(({ fields }) => {
      const { name, takes, upstream } = fields as unknown as EnvoyRoute;
      const { secure, host, port } = upstream;
      const url = `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
      return { name: name.slice(0, 256), upstream_url: url.slice(0, 2048), routes: takes.length, managed: true };
    });
}
