import type { ObservedApi } from '@stoa/generated/schemas.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import type { AdapterOptions, GatewayAdapter, Inspected, Marked } from '../../engine/model.ts';
import { createGraviteeAdmin } from './admin.ts';
import { graviteeWriter } from './apply.ts';
import { graviteeWith } from './capabilities.ts';
import { fetchGravitee, refreshGravitee, scoutGravitee } from './fetch.ts';
import { graviteeHealth } from './health.ts';
import { graviteeIncumbents } from './incumbents.ts';
import { graviteeMeddling } from './meddling.ts';
import { graviteeMismatch } from './mismatch.ts';
import type { Found, GraviteeObserved } from './observed.ts';
import type { GraviteePayload } from './payload.ts';
import { planGravitee } from './plan.ts';
import { probeGravitee } from './probe.ts';
import { usualKeyHeader } from './settings.ts';
import type { graviteeSettings } from './settings.ts';
import { graviteeTransform } from './transform.ts';
import { apiView, listOf, textsOf } from './views.ts';

type Options = AdapterOptions & { readonly timeoutMs?: number; readonly settings?: Partial<SettingsOf<typeof graviteeSettings>> };

/** Gravitee APIM 4, by version 2 of its Management API. */
export function createGraviteeAdapter(options: Options): GatewayAdapter<GraviteeObserved, GraviteePayload> {
  const { graviteeOrganization = 'DEFAULT', graviteeEnvironment = 'DEFAULT', graviteeApiKeyHeader = usualKeyHeader } = options.settings ?? {};
  const admin = createGraviteeAdmin({ ...options, organization: graviteeOrganization, environment: graviteeEnvironment });
  let before: string | undefined;
  /** One of ours, by the id that Gravitee gave it: who may see nothing any more, is shown an empty list. */
  const remembering = async (reading: Promise<GraviteeObserved>): Promise<GraviteeObserved> => {
    const observed = await reading;
    before = [...observed.apis.values()][0]?.entity.id;
    return observed;
  };
  const target = (version: string | undefined) => ({ type: 'gravitee', url: options.url, ...(version !== undefined && { version }) });
  return {
    type: 'gravitee',
    capabilities: graviteeWith(graviteeApiKeyHeader),
    async reach(signal) {
      const [{ version }] = await Promise.all([probeGravitee(admin, signal), admin.call('GET', '/apis?perPage=1', { signal })]);
      return target(version);
    },
    health: (signal) => graviteeHealth(admin, signal),
    fetch: (gatewayId, signal) => remembering(fetchGravitee(admin, gatewayId, before, signal)),
    refresh: (observed, objects, signal) => remembering(refreshGravitee(admin, observed, objects, signal)),
    scout: (observed, desired, signal) => scoutGravitee(admin, observed, desired, signal),
    transform: graviteeTransform,
    incumbents: (_gatewayId, observed) => graviteeIncumbents(observed),
    plan: planGravitee,
    inspect: (_gatewayId, observed): Inspected<Found> => ({
      find: observed.find,
      mismatch: (object, found) => graviteeMismatch(object, found, 'drift'),
      marked: marked(observed),
      meddling: graviteeMeddling(observed),
    }),
    writer: (observed) => graviteeWriter(admin, observed),
    describe: ({ node }) => target(node.version),
    discovered: (_gatewayId, observed) => discovered(observed),
    close: () => admin.close(),
  };
}

function marked({ apis, applications, find }: GraviteeObserved): Marked[] {
  const own = (kind: string, id: string, itemId: string): Marked[] => {
    const found = find(kind, id);
    return found === undefined
      ? []
      : [{ id, itemId: itemId === '' ? undefined : itemId, label: `${kind} ${String(found.entity['name'] ?? found.entity.id)}` }];
  };
  return [
    ...[...applications.values()].flatMap(({ mark }) => own('application', mark.object, mark.item)),
    ...[...apis.values()].flatMap(({ mark, plans, subscriptions }) => [
      ...own('api', mark.object, mark.item),
      ...plans.flatMap(({ mark: plan }) => (plan === undefined ? [] : own('plan', plan.object, plan.item))),
      ...subscriptions.flatMap(({ object }) => own('subscription', object, '')),
    ]),
  ];
}

/** Every API, ours or not. */
function discovered({ apis, others }: GraviteeObserved): ObservedApi[] {
  const ours = new Set([...apis.values()].map(({ entity }) => entity));
  // The contract takes no more than this.
  return [...ours, ...others].slice(0, 10_000).map((entity) => {
    const { targets, paths } = apiView(entity);
    const upstream = textsOf(targets)[0]?.slice(0, 2048);
    const flows = listOf(entity['flows']).length;
    return {
      name: String(entity['name']).slice(0, 256),
      ...(upstream !== undefined && { upstream_url: upstream }),
      routes: flows > 0 ? flows : textsOf(paths).length,
      managed: ours.has(entity),
    };
  });
}
