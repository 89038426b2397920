import { createHash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { managedObject } from '../../engine/managed.ts';
import type { ApiIntent, CallerIntent, Finding, ItemsOf, ManagedObject, Transform } from '../../engine/model.ts';
import { indexLength } from './model.ts';
import type { CallerFields, GuardFields, RouteFields } from './model.ts';
import { pathOf, rewriteOf } from './paths.ts';
import { rateOf } from './rate.ts';

type Policy = ItemsOf<'policy'>;

/** What a Link decides, where one stands beside this nginx. */
const linked: ReadonlySet<Policy['policy']['kind']> = new Set(['api_key_auth', 'jwt_auth', 'rate_limit', 'quota', 'tool_access', 'time_window']);

/** Renders each API as what exposes it and a guard for each kind of its policies, and each consumer that may call something. With a Link the keys stay there. */
export const nginxTransform = (hasLink: boolean): Transform => ({
  claim(api, { method, path: template }) {
    const path = pathOf(api, template);
    return 'fault' in path ? path : { claim: `${method} ${api.public_path?.host ?? ''}${path.shape}` };
  },
  api(gatewayId, intent) {
    const host = URL.parse(intent.api.upstream.url)?.hostname ?? '';
    const guarding = guards(gatewayId, intent, hasLink);
    if (!isHost(host)) return { objects: guarding, warnings: [], fault: `Its upstream has the host ${host}, which no file of nginx can hold.` };
    return { objects: [route(gatewayId, intent), ...guarding], warnings: [] };
  },
  callers({ gatewayId, callers }, nowMs) {
    if (hasLink) return { objects: [], warnings: [] };
    const warnings: Finding[] = [];
    const taken = new Set<string>();
    const objects = callers.map((caller) => callerOf(gatewayId, caller, { nowMs, taken, warnings }));
    return { objects, warnings };
  },
});

/** A URL may have more characters in its host than any name has. */
const isHost = (host: string): boolean => /^[A-Za-z0-9._-]+$|^\[[0-9a-f:.]+\]$/i.test(host);

function route(gatewayId: string, { api, operations }: ApiIntent): ManagedObject {
  const takes = operations.map(({ method, path: template, operation_id: id }) => {
    const path = pathOf(api, template);
    if ('fault' in path) throw new Error(`${id} was to be left out: ${path.fault}`);
    return { method, ...path };
  });
  const url = new URL(api.upstream.url);
  const secure = url.protocol === 'https:';
  const upstream = { secure, host: url.hostname, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) };
  const inOrder = takes.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  const rewrite = rewriteOf(api);
  const host = api.public_path?.host;
  const fields: RouteFields = {
    apiId: api.api_id,
    name: api.name,
    takes: inOrder,
    ...(host !== undefined && { host }),
    ...(rewrite && { rewrite }),
    upstream,
  };
  return managedObject(gatewayId, { kind: 'route', name: api.api_id, label: `location of ${api.name}`, owner: api.id, fields });
}

function guards(gatewayId: string, { api, policies, operations, access }: ApiIntent, hasLink: boolean): ManagedObject[] {
  const methods = [...new Set(operations.map(({ method }) => method as string))].sort();
  const kindOf = ({ policy }: Policy): GuardFields['kind'] | Policy['policy']['kind'] => (hasLink && linked.has(policy.kind) ? 'link' : policy.kind);
  return [...Map.groupBy(policies, kindOf)].flatMap(([kind, carried]) => {
    const fields = kind === 'link' ? linkFields(api.api_id, carried) : guardFields(api.api_id, carried, methods, access === 'subscribers');
    const alsoFor = carried.map(({ id }) => id);
    return fields === undefined
      ? []
      : [managedObject(gatewayId, { kind: 'guard', name: `${api.api_id}/${kind}`, label: `${kind} of ${api.name}`, owner: api.id, alsoFor, fields })];
  });
}

function linkFields(apiId: string, carried: readonly Policy[]): GuardFields {
  const [header] = carried.flatMap(({ policy }) => (policy.kind === 'api_key_auth' ? [policy.config.header] : []));
  return { apiId, kind: 'link', ...(header !== undefined && { header }) };
}

/** The policies of one kind, which go together as `capabilities.ts` says. */
function guardFields(apiId: string, carried: readonly Policy[], methods: readonly string[], closed: boolean): GuardFields | undefined {
  const [first] = carried;
  const policy = first?.policy;
  switch (policy?.kind) {
    case 'api_key_auth':
      return { apiId, kind: policy.kind, header: policy.config.header, closed };
    case 'rate_limit': {
      const limits = carried.flatMap(({ policy: one }) => (one.kind === 'rate_limit' ? (rateOf(one.config) ?? []) : []));
      return { apiId, kind: policy.kind, limits };
    }
    case 'cors':
      return { apiId, kind: policy.kind, methods, config: policy.config };
    case 'ip_restriction':
      return { apiId, kind: policy.kind, config: policy.config };
    case 'headers':
      return { apiId, kind: policy.kind, config: policy.config };
    case 'request_size_limit': {
      const sizes = carried.flatMap(({ policy: one }) => (one.kind === 'request_size_limit' ? one.config.max_bytes : []));
      return { apiId, kind: policy.kind, maxBytes: Math.min(...sizes) };
    }
    default:
      return undefined;
  }
}

type Draft = { readonly nowMs: number; readonly taken: Set<string>; readonly warnings: Finding[] };

function callerOf(gatewayId: string, { consumer, alsoOpen, subscriptions }: CallerIntent, { nowMs, taken, warnings }: Draft): ManagedObject {
  const keys: CallerFields['keys'][number][] = [];
  for (const { key_id: id, secret, expires_at: end } of consumer.keys) {
    if (end !== undefined && Date.parse(end) <= nowMs) continue;
    // nginx compares what it looks up without regard to case.
    const index = secret?.slice(0, indexLength).toLowerCase();
    const fault = keyFault(secret, index, taken);
    if (secret === undefined || index === undefined || fault !== undefined) {
      warnings.push({ itemId: consumer.id, phase: 'render', reason: `The key ${id} ${fault}, so that nginx does not accept it; mint a new one.` });
      continue;
    }
    taken.add(index);
    const hash = createHash('md5').update(secret).digest('base64url');
    keys.push({ index, hash, ...(end !== undefined && { expires: Math.ceil(Date.parse(end) / 1000) }) });
  }
  const apis = subscriptions.map(({ apiId }) => apiId).sort();
  const fields: CallerFields = { consumer: consumer.consumer_id, keys, open: alsoOpen, apis };
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

function keyFault(secret: string | undefined, index: string | undefined, taken: ReadonlySet<string>): string | undefined {
  if (secret === undefined || index === undefined) return 'came without its secret';
  if (secret.length < 2 * indexLength) return `has fewer than ${2 * indexLength} characters`;
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(index)) return 'begins with characters that nginx cannot look up';
  return taken.has(index) ? `begins as another key does` : undefined;
}
