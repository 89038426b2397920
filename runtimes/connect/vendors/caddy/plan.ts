import type { Finding, Inspected, ManagedObject, Marked, PlanInput, WritePlan } from '../../engine/model.ts';
import { mismatch } from '../../engine/compare.ts';
import type { ComparisonRules } from '../../engine/compare.ts';
import { planDocument } from '../../engine/plan-document.ts';
import type { CaddyWrite } from './admin.ts';
import { compose, listOf, treeId } from './document.ts';
import { closesWith, serversOf, takesAll } from './fetch.ts';
import type { CaddyObserved } from './fetch.ts';
import { partsOf } from './transform.ts';

// What a guard says may hold a secret that a header is set to.
const rules: ComparisonRules = { unordered: new Set(), confidential: new Set(['routes']) };

/** All that is ours is one sub-tree: one write, guarded by the tag of the configuration that it was planned on. Pure. */
export function planCaddy(input: PlanInput<CaddyObserved>): WritePlan<CaddyWrite> {
  const { gatewayId, observed } = input;
  const plan = planDocument(input, {
    gateway: inspectCaddy(gatewayId, observed),
    roleOf: ({ kind }) => (kind === 'route' ? 'exposure' : 'guard'),
    payloadOf: (target) => writeOf(gatewayId, target, observed),
  });
  return { ...plan, rejections: hidden(plan.target, observed) };
}

/** What is there and nobody reaches, because a route of somebody else takes every request before. */
function hidden(target: readonly ManagedObject[], { before, server }: CaddyObserved): Finding[] {
  const index = before.findIndex(takesAll);
  if (index < 0) return [];
  const reason = `Route ${index} of Caddy's server ${server} takes every request before it: move that route behind those of STOA.`;
  const items = new Set(target.flatMap(({ owner, alsoFor }) => [owner, ...alsoFor]));
  return [...items].map((itemId): Finding => ({ itemId, phase: 'verify', reason }));
}

function writeOf(gatewayId: string, target: readonly ManagedObject[], { tree, server, config, before, after, etag }: CaddyObserved): CaddyWrite {
  const id = treeId(gatewayId);
  if (target.length === 0) return { method: 'DELETE', path: `/id/${id}`, etag };
  const body = compose(gatewayId, partsOf(target), closesWith(after));
  if (tree !== undefined) return { method: 'PATCH', path: `/id/${id}`, body, etag };
  const routes = `/config/apps/http/servers/${server}/routes`;
  const own = serversOf(config)[server];
  if (listOf(own, 'routes').length === 0) return { method: hasRoutes(own) ? 'PATCH' : 'PUT', path: routes, body: [body], etag };
  // A PUT to an index puts it before what is there, and a POST behind all.
  return after.length === 0 ? { method: 'POST', path: routes, body, etag } : { method: 'PUT', path: `${routes}/${before.length}`, body, etag };
}

const hasRoutes = (server: unknown): boolean => Array.isArray((server as { routes?: unknown } | undefined)?.routes);

export function inspectCaddy(gatewayId: string, { objects, isAltered }: CaddyObserved): Inspected<ManagedObject> {
  const altered: Marked = {
    id: treeId(gatewayId),
    itemId: undefined,
    label: `something in ${treeId(gatewayId)} that STOA Connect did not put there`,
  };
  return {
    find: (_kind, id) => objects.get(id),
    mismatch: ({ fields }, found) => mismatch(fields, found.fields, 'drift', rules),
    marked: [...[...objects.values()].map(({ id, owner, label }) => ({ id, itemId: owner, label })), ...(isAltered ? [altered] : [])],
  };
}
