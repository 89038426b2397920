import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { actionsOf } from './state.ts';
import type { Api, Json, State } from './state.ts';

export type Counters = Map<string, { from: number; count: number }>;

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
function valueOf(parameters: unknown, key: string): string | undefined {
  for (const one of list(parameters)) {
    if (one['templateKey'] === key && Array.isArray(one['values'])) return String(one['values'][0]);
    const inner = valueOf(one['parameters'], key);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

const unitsMs: Readonly<Record<string, number>> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000, weeks: 604_800_000 };

/** What the gateway serves: `/gateway/NAME/VERSION/…` of active APIs, with their limits. CORS and changes of headers are kept, and not acted on. */
export function serve(state: State, counters: Counters, now: number, request: IncomingMessage, response: ServerResponse): void {
  const [, name = '', version = '', rest = ''] = /^\/gateway\/([^/]+)\/([^/]+)(\/[^?]*)/.exec(request.url ?? '') ?? [];
  const api = [...state.apis.values()].find((one) => one.apiName === name && one.apiVersion === version && one.isActive);
  if (api === undefined || !hasOperation(api, request.method ?? 'GET', rest)) return refuse(response, 404, 'API or resource not found');
  const actions = actionsOf(state, state.policies.get(api.policies[0] ?? ''));
  for (const { id, parameters } of actions.filter(({ templateKey }) => templateKey === 'throttle')) {
    const limit = Number(valueOf(parameters, 'value'));
    const lengthMs = Number(valueOf(parameters, 'alertInterval')) * (unitsMs[valueOf(parameters, 'alertIntervalUnit') ?? ''] ?? 60_000);
    const known = counters.get(id);
    const counter = known !== undefined && known.from + lengthMs > now ? known : { from: now, count: 0 };
    counters.set(id, counter);
    counter.count += 1;
    if (counter.count > limit) return refuse(response, 429, valueOf(parameters, 'alertMessage') ?? 'Too many calls');
  }
  const route = actions.find(({ templateKey }) => templateKey === 'straightThroughRouting');
  const uri = (valueOf(route?.parameters, 'endpointUri') ?? '').replace(/\$\{([^}:]+)\}/g, (_whole, alias: string) => endpointOf(state, alias));
  forward(request, response, uri.replace('/${sys:resource_path}', rest));
}

const endpointOf = ({ aliases }: State, name: string): string =>
  String([...aliases.values()].find((one) => one.name === name)?.['endPointURI'] ?? '');

function hasOperation({ apiDefinition }: Api, method: string, path: string): boolean {
  return Object.entries((apiDefinition['paths'] ?? {}) as Record<string, Json>).some(([template, item]) => {
    const [wanted, given] = [template, path].map((text) => text.split('/').filter(Boolean));
    const fits = wanted?.length === given?.length && wanted?.every((segment, index) => /^\{.*\}$/.test(segment) || segment === given?.[index]);
    return fits === true && (item[method.toLowerCase()] as Json | undefined)?.['enabled'] === true;
  });
}

function forward(request: IncomingMessage, response: ServerResponse, where: string): void {
  const target = URL.parse(where);
  if (target === null) return refuse(response, 500, 'The API leads nowhere');
  const outgoing = send(target, { method: request.method, headers: { ...request.headers, host: target.host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => refuse(response, 502, 'The upstream did not answer'));
  request.pipe(outgoing);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ Exception: text }));
}
