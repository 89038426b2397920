import { isRecord } from '../../engine/compare.ts';
import type { Json } from './admin.ts';
import { isMark, isOurFlow } from './names.ts';

/** What we set of each object, read from what Gravitee holds: the fields of our objects are compared with these. What it fills in and we do not set, is not there. */

export const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
export const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});

export const isHttp = (listener: Json): boolean => String(listener['type']).toUpperCase() === 'HTTP';

export function apiView(entity: Json): Json {
  const listeners = listOf(entity['listeners']).filter(isHttp);
  const endpoints = listOf(entity['endpointGroups']).flatMap((group) => listOf(group['endpoints']));
  const { mode, matchRequired } = recordOf(entity['flowExecution']);
  return {
    name: entity['name'],
    apiVersion: entity['apiVersion'],
    paths: listeners.flatMap((listener) =>
      listOf(listener['paths']).map(({ host, path }) => (typeof host === 'string' ? `${host}${String(path)}` : String(path))),
    ),
    targets: endpoints.map((endpoint) => recordOf(endpoint['configuration'])['target'] ?? null),
    cors: listeners.map((listener) => corsView(listener['cors'])).find((cors) => cors !== null) ?? null,
    flowExecution: { mode: String(mode).toUpperCase(), matchRequired },
    flows: listOf(entity['flows']).filter(isOurFlow).map(flowView),
    labels: textsOf(entity['labels']).filter(isMark),
  };
}

function corsView(value: unknown): Json | null {
  if (!isRecord(value) || value['enabled'] !== true) return null;
  const { allowOrigin, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge, runPolicies } = value;
  return { allowOrigin, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge, runPolicies };
}

/** Without its id, which Gravitee gives it. */
export const flowView = (flow: Json): Json => ({
  name: flow['name'],
  enabled: flow['enabled'] !== false,
  selectors: listOf(flow['selectors']).map(selectorView),
  request: listOf(flow['request']).map(stepView),
  response: listOf(flow['response']).map(stepView),
});

function selectorView({ type, path, pathOperator, methods, condition }: Json): Json {
  const kind = String(type).toUpperCase();
  return kind === 'CONDITION' ? { type: kind, condition } : { type: kind, path, pathOperator, methods };
}

const stepView = ({ name, enabled, policy, configuration, condition }: Json): Json => ({
  name,
  enabled: enabled !== false,
  policy,
  configuration: recordOf(configuration),
  ...(typeof condition === 'string' && condition !== '' && { condition }),
});

export const planView = (entity: Json): Json => ({
  name: entity['name'],
  security: String(recordOf(entity['security'])['type']).toUpperCase().replaceAll('-', '_'),
  status: String(entity['status']).toUpperCase(),
  flows: listOf(entity['flows']).map(flowView),
  characteristics: textsOf(entity['characteristics']).filter(isMark),
});
