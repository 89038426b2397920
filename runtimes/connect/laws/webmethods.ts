import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { startWebmethodsSimulator } from '@stoa/examples/webmethods-simulator/main.ts';
import type { WebmethodsSimulator } from '@stoa/examples/webmethods-simulator/main.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { createWebmethodsAdapter } from '../vendors/webmethods/adapter.ts';
import { nthWrite } from './nth-write.ts';
import type { Exposed, FaultKind, LawBench, LawSubject } from './subject.ts';

type State = WebmethodsSimulator['state'];
type Row<K extends keyof State> = State[K] extends Map<string, infer One> ? One : never;

const answers: Readonly<Record<FaultKind, { status?: number; body?: unknown; applied?: boolean }>> = {
  refused: { status: 400, body: { errorDetails: ' Validation failed' } },
  error: { status: 500 },
  cut: {},
  error_after: { status: 500, applied: true },
  cut_after: { applied: true },
  lied: { status: 200, body: { apiResponse: { api: { id: 'none' }, responseStatus: 'SUCCESS' }, policyAction: { id: 'none' }, id: 'none' } },
};

export const webmethods: LawSubject = {
  on: 'a simulator that was made from documents of webMethods API Gateway 10.15, and never held against the real one',
  faults: Object.keys(answers) as FaultKind[],
  async start(): Promise<LawBench> {
    let look: (() => void) | undefined;
    const simulator = await startWebmethodsSimulator({ port: 0, onChange: () => look?.() });
    const credential = { header: 'Authorization', value: Secret.of('Administrator:manage') };
    const { state } = simulator;
    return {
      adapter: () => createWebmethodsAdapter({ url: simulator.url, credential, timeoutMs: 5000 }),
      reset: async () => simulator.clear(),
      plantForeign: (seed) => plantForeign(simulator, seed),
      foreign: async (gatewayIds) => contentOf(state, (text) => !gatewayIds.some((id) => isOf(text, id))),
      ours: async (gatewayId) => withoutIds(contentOf(state, (text) => isOf(text, gatewayId))),
      exposed: (gatewayId) => exposed(state, gatewayId),
      watch: (given) => void (look = given),
      fail: (nth, kind) => simulator.failNext({ method: 'write', path: nthWrite(nth), ...answers[kind] }),
      heal: () => simulator.forgetFaults(),
      writes() {
        const made = simulator.exchanges.filter(({ method }) => method !== 'GET').length;
        simulator.exchanges.length = 0;
        return made;
      },
      close: () => simulator.close(),
    };
  },
};

const isOf = (text: string, gatewayId: string): boolean => text.includes(gatewayId) || text.includes(gatewayId.replaceAll('-', ''));
const textOf = (row: object): string => JSON.stringify(row, (key, value: unknown) => (/^(creationDate|lastModified)$/.test(key) ? undefined : value));

/** Each API with its policy, the actions that belong to none, and aliases. */
function contentOf(state: State, wanted: (text: string) => boolean): string {
  const apis = [...state.apis.values()].map((api) => textOf({ ...api, policies: api.policies.map((id) => policyOf(state, id)) }));
  const used = new Set(apis.flatMap((text) => [...state.actions.keys()].filter((id) => text.includes(id))));
  const actions = [...state.actions.values()].filter(({ id }) => !used.has(id)).map(textOf);
  return [...apis, ...actions, ...[...state.aliases.values(), ...state.applications.values()].map(textOf)].filter(wanted).sort().join('\n');
}

/** webMethods chooses ids: two of ours are the same without them. */
const withoutIds = (text: string): string =>
  text
    .replace(/"(id|enforcementObjectId)":"[^"]*"/g, '"$1":""')
    .split('\n')
    .sort()
    .join('\n');

function policyOf({ policies, actions }: State, id: string): unknown {
  const policy = policies.get(id);
  return {
    ...policy,
    actions: policy?.policyEnforcements.flatMap(({ enforcements }) =>
      enforcements.map(({ enforcementObjectId }) => actions.get(enforcementObjectId)),
    ),
  };
}

const kindOf = ({ templateKey, names }: Row<'actions'>): PolicySpec['kind'] | undefined => {
  const isQuota = JSON.stringify(names).includes(':quota-');
  const kinds: Readonly<Record<string, PolicySpec['kind']>> = {
    throttle: isQuota ? 'quota' : 'rate_limit',
    cors: 'cors',
    requestTransformation: 'headers',
  };
  return kinds[templateKey];
};

function exposed({ apis, policies, actions }: State, gatewayId: string): Exposed[] {
  return [...apis.values()]
    .filter((api) => api.isActive && JSON.stringify(api.apiDefinition).includes(gatewayId))
    .map((api): Exposed => {
      const enforced = policies.get(api.policies[0] ?? '')?.policyEnforcements.flatMap(({ enforcements }) => enforcements) ?? [];
      const kinds = enforced.flatMap(({ enforcementObjectId }) => {
        const action = actions.get(enforcementObjectId);
        return (action && kindOf(action)) ?? [];
      });
      return { api: api.apiName.replace(/^stoa-/, ''), guards: kinds };
    });
}

async function plantForeign({ url }: WebmethodsSimulator, seed: number): Promise<void> {
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/json', authorization: `Basic ${Buffer.from('Administrator:manage').toString('base64')}` };
    const response = await fetch(`${url}/rest/apigateway${path}`, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  };
  if (seed === 0) return;
  const paths = { '/theirs': { enabled: true, get: { enabled: true } } };
  await call('POST', '/apis', {
    apiName: 'theirs',
    apiVersion: String(seed),
    type: 'REST',
    apiDefinition: { type: 'rest', paths, apiTags: ['team-a'] },
  });
  if (seed === 1) return;
  await call('POST', '/alias', { name: 'theirs', type: 'endpoint', endPointURI: 'http://theirs.example.com' });
  await call('POST', '/applications', { name: 'alice' });
  if (seed === 3)
    await call('POST', '/policyActions', { policyAction: { names: [{ value: 'theirs', locale: 'en' }], templateKey: 'throttle', parameters: [] } });
}
