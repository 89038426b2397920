import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { PlatformManifest } from './manifest.ts';

/** A member that is one thing there and is wanted to be another. */
export type FieldChange = { field: string; from: unknown; to: unknown };

/** What differs between what is there and what is wanted, member by member. The order of what is attached says nothing. */
export function differences(present: PlatformManifest, wanted: PlatformManifest): FieldChange[] {
  return compare('', compared(present), compared(wanted));
}

/** A manifest without what says nothing: a default that is spelt out, an empty list, the name of a subscription. */
function compared(manifest: PlatformManifest): Record<string, unknown> {
  const { labels } = (manifest.metadata ?? {}) as { labels?: object };
  const spec: Record<string, unknown> = { ...manifest.spec };
  // Of these the server tells whether they change something: it alone knows the secrets, and what a document comes to.
  delete spec['document'];
  delete spec['upstream_auth'];
  const { client_secret: _, ...asked } = (spec['introspection'] ?? {}) as { client_secret?: unknown };
  if ('introspection' in spec) spec['introspection'] = asked;
  const { credentials: _credentials, ...reached } = (spec['http'] ?? {}) as { credentials?: unknown };
  if ('http' in spec) spec['http'] = reached;
  const { name } = manifest.metadata ?? {};
  if (spec['prefix'] === `${name}_`) delete spec['prefix'];
  if (spec['pinning'] === 'manual') delete spec['pinning'];
  if (spec['subscription_required'] === true) delete spec['subscription_required'];
  if (spec['open_to_all_consumers'] === false) delete spec['open_to_all_consumers'];
  if (spec['revision'] === 'newest') delete spec['revision'];
  if (spec['drift'] === 'repair') delete spec['drift'];
  const exposed = spec['public_path'] as { strip?: boolean } | undefined;
  if (exposed?.strip === true) spec['public_path'] = { ...exposed, strip: undefined };
  const { include = [], exclude = [] } = (spec['operations'] ?? {}) as { include?: unknown[]; exclude?: unknown[] };
  if (include.length === 0 && exclude.length === 0) delete spec['operations'];
  for (const key of ['environments', 'modes', 'attached_to', 'apis', 'policies'])
    if (Array.isArray(spec[key]) && spec[key].length === 0) delete spec[key];
  for (const key of ['attached_to', 'apis', 'policies']) if (Array.isArray(spec[key])) spec[key] = asSet(spec[key]);
  if (isRecord(spec['lifecycle'])) spec['lifecycle'] = withPlainTimes(spec['lifecycle']);
  if (typeof spec['expires_at'] === 'string') spec['expires_at'] = new Date(spec['expires_at']).toISOString();
  return { ...(labels !== undefined && Object.keys(labels).length > 0 && { labels }), spec };
}

/** A moment is the same in whichever zone it is written. */
const withPlainTimes = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, name.endsWith('_at') && typeof value === 'string' ? new Date(value).toISOString() : value]),
  );

/** In one order, each once. */
const asSet = (list: readonly unknown[]): unknown[] =>
  [...new Set(list.map((each) => (typeof each === 'string' ? each : canonicalJson(each))))].sort();

function compare(path: string, from: unknown, to: unknown): FieldChange[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => compare(path === '' ? key : `${path}.${key}`, from[key], to[key]));
  }
  return canonicalJson(from ?? null) === canonicalJson(to ?? null) ? [] : [{ field: path, from, to }];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
