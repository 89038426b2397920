import { createHash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { managedObject } from '../../engine/managed.ts';
import type { ManagedObject } from '../../engine/model.ts';
import { tagsOf } from './names.ts';

const name = 'stoa-generation';

/** Where a Kong says which state it serves. Nothing of it reaches an upstream. */
export const markerPath = (gatewayId: string): string => `/stoa-generation/${gatewayId}`;

/**
 * A route that leads to no service, and answers which state this is. It is written last: Kong's workers take over what was written before it with it, or before. None where nothing is
 * served.
 */
export function markerOf(gatewayId: string, target: readonly ManagedObject[]): ManagedObject[] {
  if (target.length === 0) return [];
  const tags = tagsOf(gatewayId, []);
  // It belongs to no item: what fails of it is told of the gateway.
  const owner = '';
  const route = managedObject(gatewayId, {
    kind: 'route',
    name,
    owner,
    fields: {
      name: `${name}.${gatewayId}`,
      service: null,
      protocols: ['http', 'https'],
      methods: ['GET'],
      hosts: null,
      headers: null,
      paths: [`~${markerPath(gatewayId)}$`],
      regex_priority: 0,
      strip_path: false,
      preserve_host: false,
      tags,
    },
  });
  const config = { status_code: 200, content_type: 'text/plain', body: generationOf(target), message: null, echo: false, trigger: null };
  const plugin = managedObject(gatewayId, {
    kind: 'plugin',
    name,
    owner,
    fields: { name: 'request-termination', route: { id: route.id }, service: null, consumer: null, enabled: true, config, tags },
  });
  return [route, plugin];
}

/** What is answered: another text for another state. Whoever asks the proxy may read it, so that nothing secret goes into it. */
function generationOf(target: readonly ManagedObject[]): string {
  const told = [...target]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, fields }) => [id, Object.fromEntries(Object.entries(fields).filter(([field]) => field !== 'key'))]);
  return createHash('sha256').update(canonicalJson(told)).digest('hex').slice(0, 32);
}

/** The answer that a state is known by; undefined where it has none. */
export function generationIn(target: readonly ManagedObject[]): string | undefined {
  const plugin = target.find(({ kind, fields }) => kind === 'plugin' && fields['name'] === 'request-termination');
  const body = (plugin?.fields['config'] as { body?: unknown } | undefined)?.body;
  return typeof body === 'string' ? body : undefined;
}
