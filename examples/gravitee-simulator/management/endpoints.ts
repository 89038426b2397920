import type { Json, State } from '../state.ts';
import { recordedAnswer } from '../recorded.ts';
import { apiOf, createApi, deleteApi, deployApi, eventViews, requireMatch, search, startApi, stopApi, updateApi, verifyPaths } from './apis.ts';
import { applicationOf, applicationPage, archiveApplication, createApplication, updateApplication } from './applications.ts';
import { automatedApi, automationView, deleteAutomation, importCrd, putAutomation } from './automation.ts';
import { recordOf } from './definition.ts';
import { bare } from './errors.ts';
import { page } from './pages.ts';
import { closePlan, closeSubscription, createPlan, deletePlan, deprecatePlan, planOf, publishPlan, updatePlan } from './plans.ts';
import { policyIds } from './policies.ts';
import { keyOf, renewKey, revokeKey, subscribe, subscriptionOf, updateSubscription } from './subscriptions.ts';
import { exportApi, importApi } from './transfer.ts';
import { apiView, applicationView, deployedView, keyView, planView, subscriptionView } from './views.ts';

export type Call = {
  readonly state: State;
  readonly url: URL;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly ifMatch: string | undefined;
  /** Where it was called, without a path. */
  readonly base: string;
  /** Whether a gateway is connected. */
  readonly hasGateway: boolean;
};
export type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
type Handler = (call: Call) => Answer;

const ok = (body: unknown, headers?: Answer['headers']): Answer => ({ status: 200, body, ...(headers && { headers }) });
const none: Answer = { status: 204 };
const created = (body: unknown, location: string): Answer => ({ status: 201, body, headers: { location } });
const isTrue = (query: URLSearchParams, name: string): boolean => query.get(name) === 'true';
const stamp = ({ updatedAt }: { updatedAt: number }): Record<string, string> => ({
  etag: `"${updatedAt}"`,
  'last-modified': new Date(updatedAt).toUTCString(),
});

const api = ({ state, params }: Call) => apiOf(state, params[0] ?? '');
const plan = (call: Call) => planOf(api(call), call.params[1] ?? '');
const subscription = (call: Call) => subscriptionOf(api(call), call.params[1] ?? '');
const application = ({ state, params }: Call) => applicationOf(state, params[0] ?? '');
const here = ({ url }: Call, id: string): string => `${url.origin}${url.pathname}/${id}`;
const listed = (query: URLSearchParams, fallback: string): string[] => (query.get('statuses') ?? fallback).split(',');

const onPlan =
  (change: (call: Call) => void): Handler =>
  (call) => {
    change(call);
    return ok(planView(api(call), plan(call)));
  };
const onSubscription =
  (change: (call: Call) => void): Handler =>
  (call) => {
    change(call);
    return ok(subscriptionView(api(call), subscription(call)));
  };
const onState =
  (change: typeof startApi): Handler =>
  (call) => {
    const one = api(call);
    requireMatch(one, call.ifMatch);
    change(call.state, one);
    return { status: 204, headers: stamp(one) };
  };

/** Below `/management/v2/environments/DEFAULT`. A star stands for an id. */
const environment: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/apis': {
    GET: ({ state, query, url, base }) => {
      const deployment = (query.get('expands') ?? '').split(',').includes('deploymentState');
      const all = [...state.apis.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      return ok(
        page(
          all.map((one) => apiView(one, { base, owner: false, deployment, listed: true })),
          url,
        ),
      );
    },
    POST: (call) => {
      const made = createApi(call.state, call.body);
      const view = { ...apiView(made, { base: call.base, owner: false }), responseTemplates: {}, resources: [] };
      return created(view, here(call, made.id));
    },
  },
  '/apis/_verify/paths': { POST: ({ state, body }) => ({ status: 202, body: verifyPaths(state, body) }) },
  '/apis/_search': {
    POST: ({ state, body, url, base }) =>
      ok(
        page(
          search(state, String(body['query'] ?? '')).map((one) => apiView(one, { base, deployment: false, listed: true })),
          url,
        ),
      ),
  },
  '/apis/_import/definition': {
    POST: (call) => {
      const { api: made, view } = importApi(call.state, call.body, call.base);
      return created(view, here(call, made.id));
    },
  },
  '/apis/_import/crd': { PUT: ({ body, query }) => ok(importCrd(body, isTrue(query, 'dryRun'))) },
  '/apis/*': {
    GET: (call) => ok(apiView(api(call), { base: call.base }), stamp(api(call))),
    PUT: (call) => {
      const one = api(call);
      requireMatch(one, call.ifMatch);
      updateApi(call.state, one, call.body);
      return ok(apiView(one, { base: call.base }), stamp(one));
    },
    DELETE: (call) => {
      deleteApi(call.state, api(call), isTrue(call.query, 'closePlans'));
      return none;
    },
  },
  '/apis/*/_start': { POST: onState(startApi) },
  '/apis/*/_stop': { POST: onState(stopApi) },
  '/apis/*/deployments': {
    POST: (call) => {
      const one = api(call);
      deployApi(call.state, one, call.body);
      return { status: 202, headers: stamp(one) };
    },
  },
  '/apis/*/deployments/current': { GET: (call) => ok(deployedView(api(call), api(call).draft, api(call).plans)) },
  '/apis/*/deployments/_verify': { GET: (call) => ok({ ok: api(call) !== undefined }) },
  '/apis/*/events': { GET: (call) => ok(page(eventViews(api(call)), call.url)) },
  '/apis/*/_export/definition': {
    GET: (call) => {
      const one = api(call);
      return ok(exportApi(call.state, one, call.base), { 'content-disposition': `attachment;filename=${one.name}-${one.apiVersion}.json` });
    },
  },
  '/apis/*/plans': {
    GET: (call) => {
      const wanted = listed(call.query, 'PUBLISHED');
      const plans = api(call).plans.filter(({ status }) => wanted.includes(status));
      return ok(
        page(
          plans.sort((a, b) => a.order - b.order).map((one) => planView(api(call), one)),
          call.url,
        ),
      );
    },
    POST: (call) => {
      const made = createPlan(call.state, api(call), call.body);
      return created(planView(api(call), made), here(call, made.id));
    },
  },
  '/apis/*/plans/*': {
    GET: (call) => ok(planView(api(call), plan(call))),
    PUT: onPlan((call) => updatePlan(call.state, plan(call), call.body)),
    DELETE: (call) => {
      deletePlan(api(call), plan(call));
      return none;
    },
  },
  '/apis/*/plans/*/_publish': { POST: onPlan((call) => publishPlan(call.state, api(call), plan(call))) },
  '/apis/*/plans/*/_deprecate': { POST: onPlan((call) => deprecatePlan(call.state, plan(call))) },
  '/apis/*/plans/*/_close': { POST: onPlan((call) => closePlan(call.state, api(call), plan(call))) },
  '/apis/*/subscriptions': {
    GET: (call) => {
      const wanted = listed(call.query, 'ACCEPTED');
      const found = api(call).subscriptions.filter(({ status }) => wanted.includes(status));
      return ok(
        page(
          found.map((one) => subscriptionView(api(call), one)),
          call.url,
        ),
      );
    },
    POST: (call) => {
      const made = subscribe(call.state, api(call), call.body);
      return created(subscriptionView(api(call), made), here(call, made.id));
    },
  },
  '/apis/*/subscriptions/_verify': { POST: () => ok({ ok: true }) },
  '/apis/*/subscriptions/*': {
    GET: (call) => ok(subscriptionView(api(call), subscription(call))),
    PUT: onSubscription((call) => updateSubscription(call.state, subscription(call), call.body)),
  },
  '/apis/*/subscriptions/*/_close': { POST: onSubscription((call) => closeSubscription(call.state, subscription(call))) },
  '/apis/*/subscriptions/*/api-keys': {
    GET: (call) =>
      ok(
        page(
          subscription(call).keys.map((key) => keyView(call.state, subscription(call), key)),
          call.url,
        ),
      ),
  },
  '/apis/*/subscriptions/*/api-keys/_renew': {
    POST: (call) => ok(keyView(call.state, subscription(call), renewKey(call.state, api(call), subscription(call), call.body))),
  },
  '/apis/*/subscriptions/*/api-keys/*/_revoke': {
    POST: (call) => {
      const key = keyOf(subscription(call), call.params[2] ?? '');
      revokeKey(call.state, key);
      return ok(keyView(call.state, subscription(call), key, false));
    },
  },
};

let settings: Json | undefined;
/** Below `/management/organizations/DEFAULT/environments/DEFAULT`: version 1. */
const versionOne: typeof environment = {
  '/instances/': { GET: ({ hasGateway }) => ok(recordedAnswer(hasGateway ? 201 : 11)) },
  '/settings': {
    GET: ({ state }) => {
      settings ??= recordOf(recordedAnswer(114));
      const security = recordOf(recordOf(settings['plan'])['security']);
      return ok({ ...settings, plan: { security: { ...security, customApiKey: { enabled: state.customApiKeys } } } });
    },
    POST: ({ state, body }) => {
      const { enabled } = recordOf(recordOf(recordOf(body['plan'])['security'])['customApiKey']);
      if (typeof enabled === 'boolean') state.customApiKeys = enabled;
      return ok({ ...recordOf(recordedAnswer(115)), plan: { security: { customApiKey: { enabled: state.customApiKeys } } } });
    },
  },
  '/applications': {
    POST: (call) => {
      const made = createApplication(call.state, call.body);
      return created(applicationView(made), here(call, made.id));
    },
  },
  '/applications/_paged': { GET: ({ state, url }) => ok(applicationPage(state, url)) },
  '/applications/*': {
    GET: (call) => ok(applicationView(application(call))),
    PUT: (call) => {
      updateApplication(call.state, application(call), call.body);
      return ok(applicationView(application(call)));
    },
    DELETE: (call) => {
      archiveApplication(call.state, application(call));
      return none;
    },
  },
};

const automation: typeof environment = {
  '/apis': { PUT: ({ state, body, query }) => ok(putAutomation(state, body, isTrue(query, 'dryRun'))) },
  '/apis/*': {
    GET: ({ state, params }) => ok(automationView(automatedApi(state, params[0] ?? ''))),
    DELETE: ({ state, params }) => {
      deleteAutomation(state, automatedApi(state, params[0] ?? ''));
      return none;
    },
  },
};

const broken: Handler = () => {
  throw bare(500);
};
/** What is there without credentials. */
const open: typeof environment = {
  '/management/v2/openapi-apis.yaml': {
    GET: () => ({
      status: 200,
      body: 'openapi: 3.0.3\ninfo: { title: "a simulator of the Management API", version: 2.0.0 }\npaths: {}\n',
      headers: { 'content-type': 'application/yaml' },
    }),
  },
  '/management/v2/ui/bootstrap': { GET: ({ base }) => ok({ baseURL: `${base}/management`, organizationId: 'DEFAULT' }) },
};
const organization: typeof environment = {
  '/plugins/policies': { GET: () => ok(policyIds.map((id) => ({ id, name: id, deployed: true }))) },
  '/plugins/policies/rate-limit/schema': { GET: () => ok(recordedAnswer(92)) },
};
/** Asked for without an organization, this version fails. */
const anywhere: typeof environment = {
  '/management/v2/plugins/policies': { GET: broken },
  '/management/v2/plugins/policies/*/schema': { GET: broken },
};

type Table = { readonly prefix: RegExp; readonly endpoints: typeof environment; readonly isOpen?: boolean };
const tables: readonly Table[] = [
  { prefix: /^/, endpoints: open, isOpen: true },
  { prefix: /^/, endpoints: anywhere },
  { prefix: /^\/management\/v2(?:\/organizations\/DEFAULT)?\/environments\/DEFAULT(?=\/)/, endpoints: environment },
  { prefix: /^\/management\/v2\/organizations\/DEFAULT(?=\/)/, endpoints: organization },
  { prefix: /^\/management\/organizations\/DEFAULT\/environments\/DEFAULT(?=\/)/, endpoints: versionOne },
  { prefix: /^\/automation\/organizations\/DEFAULT\/environments\/DEFAULT(?=\/)/, endpoints: automation },
];

export type Found = { readonly methods: Readonly<Record<string, Handler>>; readonly params: readonly string[]; readonly isOpen: boolean };

/** What answers at a path: the one that says most of it literally. */
export function endpointAt(path: string): Found | undefined {
  for (const { prefix, endpoints, isOpen = false } of tables) {
    const [match] = prefix.exec(path) ?? [];
    if (match === undefined) continue;
    const rest = path.slice(match.length);
    const fits = Object.entries(endpoints).flatMap(([template, methods]) => {
      const found = new RegExp(`^${template.replace(/\*/g, '([^/]+)')}$`).exec(rest);
      return found ? [{ template, methods, params: found.slice(1).map(decodeURIComponent), isOpen }] : [];
    });
    const [best] = fits.sort((a, b) => a.params.length - b.params.length);
    if (best !== undefined) return best;
  }
  return undefined;
}
