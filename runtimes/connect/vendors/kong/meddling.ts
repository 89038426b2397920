import type { Meddling } from '../../engine/model.ts';
import { isRecord } from '../../engine/compare.ts';
import { onceEach } from '../../engine/once-each.ts';
import { labelOf, referenceOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { adoptedTag, isOurs, itemOf } from './names.ts';

/** What others did to what is ours, and what lets others in. It is theirs, so that it is told and left. */
export function kongMeddling(gatewayId: string, observed: KongObserved): Meddling[] {
  return [...waysIn(gatewayId, observed), ...settings(gatewayId, observed)];
}

/** A key that opens our APIs in the name of our consumer, and somebody else's consumer among those that we let in. */
function waysIn(gatewayId: string, { entities, find }: KongObserved): Meddling[] {
  const ownerOf = (entity: KongEntity): string | undefined => {
    const consumer = find('consumer', referenceOf(entity, 'consumer') ?? '');
    return consumer !== undefined && isOurs(consumer.tags, gatewayId) ? itemOf(consumer.tags) : undefined;
  };
  const foreign = (entity: KongEntity): boolean => !isOurs(entity.tags, gatewayId);
  const keys = entities.credential.filter(foreign).map((entity): Meddling => {
    const detail =
      'A key of our consumer that STOA Connect did not make: it opens what the consumer may call. Remove it, or mint the consumer a key of its own.';
    return { itemId: ownerOf(entity), label: labelOf('credential', entity), kind: 'extra', detail };
  });
  const memberships = entities.membership.filter(foreign).map((entity): Meddling => {
    const detail = `It lets the consumer ${String(referenceOf(entity, 'consumer'))} into the group ${String(entity['group'])}, and STOA Connect did not make it. Remove it, or subscribe the consumer.`;
    return { itemId: ownerOf(entity), label: labelOf('membership', entity), kind: 'extra', detail };
  });
  return [...keys, ...memberships];
}

/** What Kong gives a field that nobody set. What differs was set by somebody, on an object of ours, and is kept. */
const defaults: Partial<Readonly<Record<KongKind, Readonly<Record<string, unknown>>>>> = {
  service: {
    connect_timeout: 60_000,
    read_timeout: 60_000,
    write_timeout: 60_000,
    retries: 5,
    tls_verify: null,
    tls_verify_depth: null,
    ca_certificates: null,
    client_certificate: null,
  },
  route: {
    path_handling: 'v0',
    https_redirect_status_code: 426,
    request_buffering: true,
    response_buffering: true,
    snis: null,
    sources: null,
    destinations: null,
  },
  plugin: { instance_name: null, ordering: null },
};
/** The same for the configuration of a plugin, by the names of the fields. */
const pluginDefaults: Readonly<Record<string, unknown>> = {
  error_code: 429,
  error_message: 'API rate limit exceeded',
  fault_tolerant: true,
  hide_client_headers: false,
  header_name: null,
  path: null,
  limit_by_path: null,
  realm: null,
  always_use_authenticated_groups: false,
  allow_origin_absent: true,
  private_network: false,
};

function settings(gatewayId: string, { entities }: KongObserved): Meddling[] {
  return settingsOf.flatMap(([kind, changedIn]) => entities[kind].filter(({ tags }) => isOurs(tags, gatewayId)).flatMap(changedIn));
}

const settingsOf = (Object.entries(defaults) as [KongKind, Readonly<Record<string, unknown>>][]).map(
  ([kind, usual]) => [kind, onceEach((entity: KongEntity) => settingsIn(kind, usual, entity))] as const,
);

function settingsIn(kind: KongKind, usual: Readonly<Record<string, unknown>>, entity: KongEntity): Meddling[] {
  if (entity.tags.includes(adoptedTag)) return [];
  const config = kind === 'plugin' && isRecord(entity['config']) ? entity['config'] : {};
  const changed = [...unusual(entity, usual), ...unusual(config, pluginDefaults, 'config.')];
  if (changed.length === 0) return [];
  const detail = `${changed.join('; ')}. STOA Connect does not set this, and keeps it.`;
  return [{ itemId: itemOf(entity.tags), label: labelOf(kind, entity), kind: 'changed', detail }];
}

function unusual(fields: Readonly<Record<string, unknown>>, usual: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(usual).flatMap(([name, value]) => {
    const found = fields[name];
    return found === undefined || JSON.stringify(found) === JSON.stringify(value)
      ? []
      : [`${prefix}${name}: ${JSON.stringify(value)} → ${JSON.stringify(found)}`];
  });
}
