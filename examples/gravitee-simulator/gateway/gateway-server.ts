import { randomUUID } from 'node:crypto';
import { createServer, request as send, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Api, ApiKey, Cors, Flow, Plan, Snapshot, State, Step, Subscription } from '../state.ts';
import { createCounters, limited, type Counters } from './limits.ts';

export interface GatewayOptions {
  state: State;
  /** The header that carries keys: one for the whole gateway, as gravitee.yml says. */
  apiKeyHeader: string;
  /** Where a target is, for tests whose target is no address. */
  resolve: (target: URL) => URL;
}

/** A request on its way through an API. */
type Passage = {
  readonly request: IncomingMessage;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly api: Api;
  readonly plan: Plan;
  readonly caller: string;
  readonly state: State;
  readonly counters: Counters;
  /** What is said to the caller besides. */
  readonly told: Record<string, string>;
};
type Refusal = { readonly status: number; readonly text: string };

/** The gateway: it serves what was deployed of the APIs that are started. */
export function createGatewayServer(options: GatewayOptions): Server {
  const counters = createCounters();
  return createServer((request, response) => serve(options, counters, request, response));
}

function serve(options: GatewayOptions, counters: Counters, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('x-stoa-simulator', 'gravitee');
  const [path = '/', query] = (request.url ?? '/').split('?', 2);
  const found = apiAt(options.state, path);
  if (found === undefined) return refuse(response, { status: 404, text: 'No context-path matches the request URI.' });
  const { api, live, context } = found;
  const cors = live.definition.listeners[0]?.cors;
  if (cors?.enabled === true && preflight(cors, request, response)) return;
  const admitted = admit(options, api, live, request);
  if (admitted === undefined) return refuse(response, { status: 401, text: 'Unauthorized' });
  const inner = `/${path.slice(context.length)}`;
  const passage: Passage = { request, headers: { ...request.headers }, path: inner, api, state: options.state, counters, told: {}, ...admitted };
  const asked = { method: request.method ?? 'GET', whole: path, path: inner };
  const own = flowsOf(live.definition.flows, asked);
  const { matchRequired, mode } = live.definition.flowExecution;
  const flows = [...flowsOf(admitted.plan.flows, asked), ...(mode === 'BEST_MATCH' ? own.slice(-1) : own)];
  for (const step of flows.flatMap((flow) => flow.request)) {
    const refusal = step.enabled ? perform(step, passage) : undefined;
    if (refusal !== undefined) return refuse(response, refusal, passage.told);
  }
  if (matchRequired && own.length === 0) return refuse(response, { status: 404, text: 'No operation matches the incoming request.' }, passage.told);
  if (cors?.enabled === true) Object.assign(passage.told, originHeaders(cors, request));
  const target = new URL(live.definition.endpointGroups[0]?.endpoints[0]?.configuration['target'] as string);
  // The context path is taken off, and the rest is put to the target.
  const rest = path.slice(context.length - 1);
  forward(options, passage, { target, path: `${target.pathname.replace(/\/$/, '')}${rest}` || '/', query }, response, flows);
}

function apiAt({ apis }: State, path: string): { api: Api; live: Snapshot; context: string } | undefined {
  for (const api of apis.values()) {
    const { live } = api;
    if (api.state !== 'STARTED' || live === undefined) continue;
    const contexts = live.definition.listeners.flatMap(({ paths }) => paths.map((one) => one.path));
    const context = contexts.find((one) => path.startsWith(one) || `${path}/` === one);
    if (context !== undefined) return { api, live, context };
  }
  return undefined;
}

/** The plan that lets a request in: one that asks for keys comes first where there is a key. */
function admit(
  { state, apiKeyHeader }: GatewayOptions,
  api: Api,
  { plans }: Snapshot,
  request: IncomingMessage,
): { plan: Plan; caller: string } | undefined {
  const open = plans.filter(({ status }) => status === 'PUBLISHED' || status === 'DEPRECATED');
  const given = request.headers[apiKeyHeader.toLowerCase()];
  const subscription = typeof given === 'string' ? subscriptionOf(state, api, given) : undefined;
  const plan = open.find(({ id, security }) => security.type === 'API_KEY' && id === subscription?.planId);
  if (plan !== undefined && subscription !== undefined) {
    delete request.headers[apiKeyHeader.toLowerCase()];
    return { plan, caller: subscription.id };
  }
  const free = open.find(({ security }) => security.type === 'KEY_LESS');
  return free && { plan: free, caller: request.socket.remoteAddress ?? '' };
}

function subscriptionOf({ now }: State, { subscriptions }: Api, text: string): Subscription | undefined {
  const isGood = ({ key, revoked, expireAt }: ApiKey): boolean => key === text && !revoked && (expireAt === undefined || expireAt > now());
  const isOpen = ({ status, endingAt }: Subscription): boolean => status === 'ACCEPTED' && (endingAt === undefined || Date.parse(endingAt) > now());
  return subscriptions.find((one) => isOpen(one) && one.keys.some(isGood));
}

/** `whole` is the path as it came; `path` what is left of it below the context path. */
type Asked = { readonly method: string; readonly whole: string; readonly path: string };

/** The flows that a request takes, the best match last. */
function flowsOf(flows: readonly Flow[], asked: Asked): Flow[] {
  const literal = ({ selectors }: Flow): number => String(selectors[0]?.['path'] ?? '').replace(/:[^/]*/g, '').length;
  return flows
    .filter(({ enabled, selectors }) => enabled && selectors.every((selector) => selects(selector, asked)))
    .sort((a, b) => literal(a) - literal(b));
}

function selects(selector: Flow['selectors'][number], { method, whole, path }: Asked): boolean {
  if (selector['type'] === 'CONDITION') return holds(String(selector['condition']), whole);
  const methods = (selector['methods'] ?? []) as string[];
  if (methods.length > 0 && !methods.includes(method)) return false;
  const wanted = String(selector['path']).split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (selector['pathOperator'] === 'EQUALS' && wanted.length !== given.length) return false;
  return wanted.length <= given.length && wanted.every((segment, index) => segment.startsWith(':') || segment === given[index]);
}

/** The one kind of expression that is copied. What cannot be worked out selects nothing. */
function holds(condition: string, path: string): boolean {
  const pattern = /^\{#request\.path matches '([^']*)'\}$/.exec(condition)?.[1];
  if (pattern === undefined) return false;
  // Java's way to say it of a whole pattern; as a flag it is the same, and is as old as regular expressions are here.
  const anyCase = /^\(\?i:(.*)\)$/s.exec(pattern)?.[1];
  return new RegExp(`^(?:${anyCase ?? pattern})$`, anyCase === undefined ? '' : 'i').test(path);
}

type HeaderChanges = { addHeaders?: { name: string; value: string }[]; removeHeaders?: string[] };

const steps: Readonly<Record<string, (step: Step, passage: Passage) => Refusal | undefined>> = {
  'rate-limit': (step, passage) => limited(step, 'rate', passage),
  quota: (step, passage) => limited(step, 'quota', passage),
  'transform-headers': ({ configuration }, { headers }) => {
    const { addHeaders = [], removeHeaders = [] } = (configuration ?? {}) as HeaderChanges;
    for (const name of removeHeaders) delete headers[name.toLowerCase()];
    for (const { name, value } of addHeaders) headers[name.toLowerCase()] = value;
    return undefined;
  },
  'ip-filtering': ({ configuration = {} }, { request }) => {
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const [allowed, denied] = [configuration['whitelistIps'], configuration['blacklistIps']].map((list) =>
      Array.isArray(list) ? list.map(String) : [],
    );
    const isIn = (list: readonly string[] | undefined): boolean => list?.includes(address) === true;
    if (!isIn(denied) && (allowed === undefined || allowed.length === 0 || isIn(allowed))) return undefined;
    return { status: 403, text: `Your IP (${address}) or some proxies whereby your request pass through are not allowed to reach this resource.` };
  },
  /** A request without a length is refused, and so is a plain GET. */
  'request-content-limit': ({ configuration = {} }, { request }) => {
    const length = request.headers['content-length'];
    if (length === undefined && request.headers['transfer-encoding'] === undefined) {
      return { status: 411, text: 'The request did not specify the length of its content, which is required by the requested resource.' };
    }
    return Number(length ?? 0) > Number(configuration['limit'])
      ? { status: 413, text: 'The request is larger than the server is willing or able to process.' }
      : undefined;
  },
};

const perform = (step: Step, passage: Passage): Refusal | undefined => steps[step.policy]?.(step, passage);

function forward(
  { resolve }: GatewayOptions,
  { request, headers, told }: Passage,
  { target, path, query }: { target: URL; path: string; query: string | undefined },
  response: ServerResponse,
  flows: readonly Flow[],
): void {
  const id = randomUUID();
  const { connection: _connection, ...kept } = headers;
  const where = resolve(target);
  const outgoing = send(
    {
      host: where.hostname,
      port: where.port,
      method: request.method,
      path: query === undefined ? path : `${path}?${query}`,
      headers: { ...kept, host: target.host, 'x-gravitee-transaction-id': id, 'x-gravitee-request-id': id },
    },
    (answer) => {
      const changed: IncomingHttpHeaders = { ...answer.headers, ...told };
      for (const { policy, configuration } of flows.flatMap((flow) => flow.response)) {
        if (policy !== 'transform-headers') continue;
        const { addHeaders = [], removeHeaders = [] } = (configuration ?? {}) as HeaderChanges;
        for (const name of removeHeaders) delete changed[name.toLowerCase()];
        for (const { name, value } of addHeaders) changed[name.toLowerCase()] = value;
      }
      response.writeHead(answer.statusCode ?? 502, changed);
      answer.pipe(response);
    },
  );
  outgoing.on('error', () => refuse(response, { status: 502, text: 'Bad Gateway' }));
  request.pipe(outgoing);
}

function preflight(cors: Cors, request: IncomingMessage, response: ServerResponse): boolean {
  const { origin, 'access-control-request-method': method } = request.headers;
  if (request.method !== 'OPTIONS' || origin === undefined || method === undefined) return false;
  const allowed = originHeaders(cors, request);
  const isAllowed = 'access-control-allow-origin' in allowed && cors.allowMethods.includes(method);
  response
    .writeHead(isAllowed ? 200 : 403, {
      ...(isAllowed && allowed),
      ...(isAllowed && { 'access-control-allow-methods': cors.allowMethods.join(','), 'access-control-allow-headers': cors.allowHeaders.join(',') }),
      ...(isAllowed && cors.maxAge >= 0 && { 'access-control-max-age': String(cors.maxAge) }),
      'content-length': 0,
    })
    .end();
  return true;
}

function originHeaders(cors: Cors, { headers: { origin } }: IncomingMessage): Record<string, string> {
  if (origin === undefined || !cors.allowOrigin.some((one) => one === '*' || one === origin)) return {};
  return {
    'access-control-allow-origin': origin,
    ...(cors.exposeHeaders.length > 0 && { 'access-control-expose-headers': cors.exposeHeaders.join(',') }),
    ...(cors.allowCredentials && { 'access-control-allow-credentials': 'true' }),
  };
}

function refuse(response: ServerResponse, { status, text }: Refusal, told: Record<string, string> = {}): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { ...told, 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) }).end(text);
}
