import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { startGraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import type { GraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { createGraviteeAdapter } from '../vendors/gravitee/adapter.ts';
import { graviteeWith } from '../vendors/gravitee/capabilities.ts';
import { nthWrite } from './nth-write.ts';
import type { Exposed, FaultKind, LawBench, LawSubject } from './subject.ts';

type State = GraviteeSimulator['state'];
type Api = State['apis'] extends Map<string, infer One> ? One : never;
type Plan = Api['plans'][number];

const keyHeader = 'X-API-Key';
/** What each policy of Gravitee enforces. */
const kindOf: Readonly<Record<string, PolicySpec['kind']>> = {
  'rate-limit': 'rate_limit',
  quota: 'quota',
  'ip-filtering': 'ip_restriction',
  'transform-headers': 'headers',
  'request-content-limit': 'request_size_limit',
};

const answers: Readonly<Record<FaultKind, { status?: number; body?: unknown; applied?: boolean }>> = {
  refused: { status: 400, body: { httpStatus: 400, message: 'Validation error', details: [] } },
  error: { status: 500 },
  cut: {},
  error_after: { status: 500, applied: true },
  cut_after: { applied: true },
  lied: { status: 200, body: { id: '00000000-0000-4000-8000-000000000000' } },
};

export const gravitee: LawSubject = {
  on: 'the simulator of Gravitee APIM 4.10.9, which replays its recordings',
  faults: Object.keys(answers) as FaultKind[],
  capabilities: graviteeWith(keyHeader),
  async start(): Promise<LawBench> {
    let look: (() => void) | undefined;
    const ports = { managementPort: 0, gatewayPort: 0 };
    const simulator = await startGraviteeSimulator({
      ...ports,
      tokens: ['law'],
      apiKeyHeader: keyHeader,
      customApiKeys: true,
      onChange: () => look?.(),
    });
    const credential = { header: 'Authorization', value: Secret.of('law') };
    const { state } = simulator;
    return {
      adapter: () =>
        createGraviteeAdapter({ url: simulator.managementUrl, credential, timeoutMs: 5000, settings: { graviteeApiKeyHeader: keyHeader } }),
      reset: async () => simulator.clear(),
      plantForeign: (seed) => plantForeign(simulator, seed),
      foreign: async (gatewayIds) => contentOf(state, (marks) => !gatewayIds.some((id) => marks.includes(id)), false),
      ours: async (gatewayId) => contentOf(state, (marks) => marks.includes(gatewayId), true),
      exposed: (gatewayId) => exposed(state, gatewayId),
      watch: (given) => void (look = given),
      fail: (nth, kind) => simulator.failNext({ method: 'write', path: nthWrite(nth, (path) => !isQuestion(path)), ...answers[kind] }),
      heal: () => simulator.forgetFaults(),
      writes() {
        const made = simulator.exchanges.filter(({ method, path }) => method !== 'GET' && !isQuestion(path)).length;
        simulator.exchanges.length = 0;
        return made;
      },
      close: () => simulator.close(),
    };
  },
};

const isQuestion = (path: string): boolean => path.endsWith('/_verify');
const marksOf = ({ labels, crossId }: Api): string => [...labels, crossId].join(' ');

/** Gravitee chooses ids: what is ours is told apart without them. */
function contentOf({ apis, applications }: State, wanted: (marks: string) => boolean, withoutIds: boolean): string {
  const names = new Map([...applications.values()].map(({ id, name, description }) => [id, `${name} ${description}`]));
  const volatile = withoutIds ? ['id', 'planId', 'applicationId'] : [];
  const times = ['createdAt', 'updatedAt', 'deployedAt', 'publishedAt', 'changedAt', 'processedAt', 'startingAt', 'live', 'events', 'order'];
  const drop = new Set([...times, ...volatile]);
  const text = (value: unknown): string => JSON.stringify(value, (key, one: unknown) => (drop.has(key) ? undefined : one));
  const ours = [...apis.values()]
    .filter((api) => wanted(marksOf(api)))
    .map((api) => text({ ...api, plans: plansOf(api), subscriptions: subscriptionsOf(api, names) }));
  const theirs = [...applications.values()].filter(({ description, status }) => status === 'ACTIVE' && wanted(description)).map(text);
  return [...ours, ...theirs].sort().join('\n');
}

const plansOf = ({ plans }: Api): Plan[] => plans.filter(({ status }) => status !== 'CLOSED').sort((a, b) => (a.name < b.name ? -1 : 1));

const subscriptionsOf = ({ subscriptions }: Api, names: ReadonlyMap<string, string>): unknown[] =>
  subscriptions
    .filter(({ status }) => status === 'ACCEPTED')
    .map(({ applicationId, metadata, keys }) => ({
      application: names.get(applicationId),
      metadata,
      keys: keys.map(({ key, revoked }) => ({ key, revoked })),
    }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** What is live of an API that is started: a policy is in force where no plan lets anybody in without it. */
function exposed({ apis }: State, gatewayId: string): Exposed[] {
  return [...apis.values()].flatMap((api): Exposed[] => {
    const { live } = api;
    if (!marksOf(api).includes(gatewayId) || api.state !== 'STARTED' || live === undefined) return [];
    const open = live.plans.filter(({ status }) => status === 'PUBLISHED' || status === 'DEPRECATED').map(guardsOf);
    const common = (open[0] ?? []).filter((kind) => open.every((guards) => guards.includes(kind)));
    const cors = live.definition.listeners.some((listener) => listener.cors?.enabled === true);
    return [{ api: api.name.replace(/^stoa-/, ''), guards: cors ? [...common, 'cors'] : common }];
  });
}

function guardsOf({ security, flows }: Plan): PolicySpec['kind'][] {
  const policies = flows.flatMap(({ enabled, request, response }) => (enabled ? [...request, ...response] : []));
  const kinds = policies.flatMap(({ enabled, policy }) => (enabled ? (kindOf[policy] ?? []) : []));
  return security.type === 'API_KEY' ? ['api_key_auth', ...kinds] : kinds;
}

async function plantForeign({ managementUrl }: GraviteeSimulator, seed: number): Promise<void> {
  const post = async (path: string, body: unknown): Promise<{ id: string }> => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer law' };
    const response = await fetch(`${managementUrl}/management/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
    return text === '' ? { id: '' } : (JSON.parse(text) as { id: string });
  };
  if (seed === 0) return;
  const v2 = 'v2/environments/DEFAULT';
  const endpoints = [{ name: 'e', type: 'http-proxy', configuration: { target: 'http://theirs.example.com' } }];
  const theirs = await post(`${v2}/apis`, {
    definitionVersion: 'V4',
    type: 'PROXY',
    name: 'theirs',
    apiVersion: String(seed),
    listeners: [{ type: 'HTTP', paths: [{ path: '/theirs' }], entrypoints: [{ type: 'http-proxy' }] }],
    endpointGroups: [{ name: 'g', type: 'http-proxy', endpoints }],
  });
  if (seed === 1) return;
  const plan = await post(`${v2}/apis/${theirs.id}/plans`, {
    definitionVersion: 'V4',
    name: 'keys',
    security: { type: 'API_KEY' },
    validation: 'AUTO',
  });
  await post(`${v2}/apis/${theirs.id}/plans/${plan.id}/_publish`, {});
  const application = await post('organizations/DEFAULT/environments/DEFAULT/applications', { name: 'alice', description: 'of alice' });
  await post(`${v2}/apis/${theirs.id}/subscriptions`, { applicationId: application.id, planId: plan.id, customApiKey: 'alices-own-key' });
  if (seed === 3) await post(`${v2}/apis/${theirs.id}/_start`, {});
}
