import type { Adoptable } from '../../engine/model.ts';
import { labelOf, referenceOf, textOf } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';
import type { KongObserved } from './fetch.ts';
import { managedTag } from './names.ts';

/** What Kong itself decides, or tells of the past. */
const notSet: ReadonlySet<string> = new Set(['id', 'created_at', 'updated_at']);
/** More than a person can look through. */
const maxRoutes = 200;

/**
 * A service of somebody else's, as it is to be kept when it is ours: itself and its routes with every field that they have, so that taking it over writes our tags and nothing else. Its plugins stay
 * whoever's they are, and in force. Pure.
 */
export function adoptKong({ entities, find }: KongObserved, serviceId: string): Adoptable | { readonly refusal: string } {
  const service = find('service', serviceId) ?? entities.service.find((entity) => textOf(entity, 'name') === serviceId);
  if (service === undefined) return { refusal: 'There is no such service any more.' };
  const routes = entities.route.filter((route) => referenceOf(route, 'service') === service.id);
  const refusal = refusalOf(service, routes);
  if (refusal !== undefined) return { refusal };
  const ids = new Set([service.id, ...routes.map(({ id }) => id)]);
  const stays = entities.plugin.filter((plugin) => ids.has(referenceOf(plugin, 'service') ?? '') || ids.has(referenceOf(plugin, 'route') ?? ''));
  return {
    name: textOf(service, 'name') ?? service.id,
    upstreamUrl: `${String(service['protocol'])}://${String(service['host'])}:${String(service['port'])}${textOf(service, 'path') ?? ''}`,
    operations: routes.flatMap(operationsOf),
    objects: [asFound('service', service), ...routes.map((route) => asFound('route', route))],
    stays: stays.map((plugin) => `${labelOf('plugin', plugin)}${plugin['enabled'] === false ? ' (switched off)' : ''}`),
  };
}

function refusalOf(service: KongEntity, routes: readonly KongEntity[]): string | undefined {
  const ours = [service, ...routes].find(({ tags }) => tags.includes(managedTag));
  if (ours !== undefined) return 'It is managed by a STOA Connect already.';
  if (routes.length === 0) return 'No route leads to it.';
  if (routes.length > maxRoutes) return `It has ${routes.length} routes, and no more than ${maxRoutes} are taken over at once.`;
  if (service['protocol'] !== 'http' && service['protocol'] !== 'https')
    return `It speaks ${String(service['protocol'])}, and APIs speak http or https.`;
  if (service['enabled'] === false) return 'It is switched off.';
  return undefined;
}

const asFound = (kind: KongKind, entity: KongEntity) => ({
  kind,
  id: entity.id,
  label: labelOf(kind, entity),
  fields: Object.fromEntries(Object.entries(entity).filter(([name]) => !notSet.has(name))),
});

const usualMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What the route takes, as far as an OpenAPI document can say it: what it takes besides, it goes on to take. */
function operationsOf(route: KongEntity): { method: string; path: string }[] {
  const list = (field: string): string[] => (Array.isArray(route[field]) ? (route[field] as unknown[]).map(String) : []);
  const methods = list('methods').filter((method) => /^[A-Z]+$/.test(method));
  const paths = list('paths').flatMap((path) => templateOf(path) ?? []);
  return (methods.length === 0 ? usualMethods : methods).flatMap((method) => (paths.length === 0 ? ['/'] : paths).map((path) => ({ method, path })));
}

/** `~/orders/(?<id>[^/]+)$` is `/orders/{id}`; a prefix is itself; any other expression is no template. */
function templateOf(path: string): string | undefined {
  const template = path
    .replace(/^~/, '')
    .replace(/\$$/, '')
    .replace(/\(\?<(\w+)>\[\^\/#?\]\+\)/g, '{$1}')
    .replace(/\\([.\-~])/g, '$1');
  return /^\/[A-Za-z0-9/_.~{}-]*$/.test(template) ? template : undefined;
}
