import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { managedObject } from '../../engine/managed.ts';
import type { ApiIntent, CallerIntent, Finding, ItemsOf, ManagedObject, Transform } from '../../engine/model.ts';
import type { EnvoyCaller, EnvoyGuard, EnvoyGuardKind, EnvoyRoute } from './model.ts';
import { pathOf } from './paths.ts';

type Policy = ItemsOf<'policy'>;

/** What a Link decides, where one stands beside this Envoy. */
const linked: ReadonlySet<Policy['policy']['kind']> = new Set(['api_key_auth', 'jwt_auth', 'rate_limit', 'quota', 'tool_access', 'time_window']);

/** Renders each API as what exposes it and a guard for each kind of its policies, and each consumer that may call something. With a Link the keys stay there. */
export const envoyTransform = (hasLink: boolean): Transform => ({
  claim(api, { method, path: template }) {
    const path = pathOf(api, template);
    return 'fault' in path ? path : { claim: `${method} ${path.shape}` };
  },
  api: (gatewayId, intent) => ({ objects: [route(gatewayId, intent), ...guards(gatewayId, intent, hasLink)], warnings: [] }),
  callers({ gatewayId, callers }, nowMs) {
    if (hasLink) return { objects: [], warnings: [] };
    const warnings: Finding[] = [];
    const taken = new Set<string>();
    return { objects: callers.map((caller) => callerOf(gatewayId, caller, { nowMs, taken, warnings })), warnings };
  },
});

function route(gatewayId: string, { api, operations }: ApiIntent): ManagedObject {
  const takes = operations.map(({ method, path: template, operation_id: id }) => {
    const path = pathOf(api, template);
    if ('fault' in path) throw new Error(`${id} was to be left out: ${path.fault}`);
    return { method, ...path };
  });
  const url = new URL(api.upstream.url);
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const upstream = { secure, host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) };
  const inOrder = takes.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  const fields: EnvoyRoute = { apiId: api.api_id, name: api.name, takes: inOrder, upstream };
  return managedObject(gatewayId, { kind: 'route', name: api.api_id, label: `routes of ${api.name}`, owner: api.id, fields });
}

function guards(gatewayId: string, { api, policies, operations, access }: ApiIntent, hasLink: boolean): ManagedObject[] {
  const methods = [...new Set(operations.map(({ method }) => method as string))].sort();
  const kindOf = ({ policy }: Policy): EnvoyGuardKind | Policy['policy']['kind'] => (hasLink && linked.has(policy.kind) ? 'link' : policy.kind);
  return [...Map.groupBy(policies, kindOf)].flatMap(([kind, carried]) => {
    const fields: EnvoyGuard | undefined =
      kind === 'link' ? { apiId: api.api_id, kind } : guardFields(api.api_id, carried, methods, access === 'subscribers');
    const alsoFor = carried.map(({ id }) => id);
    return fields === undefined
      ? []
      : [managedObject(gatewayId, { kind: 'guard', name: `${api.api_id}/${kind}`, label: `${kind} of ${api.name}`, owner: api.id, alsoFor, fields })];
  });
}

const configsOf = <K extends Policy['policy']['kind']>(carried: readonly Policy[], kind: K) =>
  carried.flatMap(({ policy }) => (policy.kind === kind ? [policy.config as Extract<Policy['policy'], { kind: K }>['config']] : []));

/** The policies of one kind, which go together as `capabilities.ts` says. */
function guardFields(apiId: string, carried: readonly Policy[], methods: readonly string[], closed: boolean): EnvoyGuard | undefined {
  const policy = carried[0]?.policy;
  switch (policy?.kind) {
    case 'api_key_auth':
      return { apiId, kind: policy.kind, header: policy.config.header, closed };
    case 'rate_limit':
      return { apiId, kind: policy.kind, limits: configsOf(carried, 'rate_limit').map(({ limit, window_s: seconds }) => ({ limit, seconds })) };
    case 'cors':
      return { apiId, kind: policy.kind, methods, config: policy.config };
    case 'ip_restriction':
      return { apiId, kind: policy.kind, configs: configsOf(carried, 'ip_restriction') };
    case 'headers':
      return { apiId, kind: policy.kind, config: policy.config };
    case 'request_size_limit':
      return { apiId, kind: policy.kind, maxBytes: Math.min(...configsOf(carried, 'request_size_limit').map(({ max_bytes: bytes }) => bytes)) };
    default:
      return undefined;
  }
}

type Draft = { readonly nowMs: number; readonly taken: Set<string>; readonly warnings: Finding[] };

function callerOf(gatewayId: string, { consumer, alsoOpen, subscriptions }: CallerIntent, { nowMs, taken, warnings }: Draft): ManagedObject {
  const keys: string[] = [];
  const warn = (reason: string): void => void warnings.push({ itemId: consumer.id, phase: 'render', reason });
  for (const { key_id: id, secret, expires_at: end } of consumer.keys) {
    if (end !== undefined && Date.parse(end) <= nowMs) continue;
    // Envoy takes no routes at all with a key that two have.
    const fault = secret === undefined ? 'came without its secret' : taken.has(secret) ? 'is that of another consumer as well' : undefined;
    if (secret === undefined || fault !== undefined) {
      warn(`The key ${id} ${fault}, so that Envoy does not accept it; mint a new one.`);
      continue;
    }
    if (end !== undefined) warn(`Envoy ends no key by itself: Connect takes the key ${id} out at its first look after ${end}.`);
    taken.add(secret);
    keys.push(secret);
  }
  const apis = subscriptions.map(({ apiId }) => apiId).sort();
  const fields: EnvoyCaller = { consumer: consumer.consumer_id, keys, open: alsoOpen, apis };
  const alsoFor = subscriptions.map(({ itemId }) => itemId);
  return managedObject(gatewayId, {
    kind: 'caller',
    name: consumer.consumer_id,
    label: `keys of ${consumer.name}`,
    owner: consumer.id,
    alsoFor,
    fields,
  });
}
