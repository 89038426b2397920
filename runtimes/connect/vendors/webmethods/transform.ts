import type { ApiIntent, ManagedObject, Transform } from '../../engine/model.ts';
import { actionsOf, routeTo, stages } from './actions.ts';
import { actionName, aliasName, apiName, apiObject, partObject, tagsOf } from './names.ts';

const shapeOf = (path: string): string => path.replace(/\{[^{}]*\}/g, '{}').replace(/(.)\/$/, '$1');

/** Renders what shall be as objects of webMethods. `version`: what every API gets. */
export const webmethodsTransform = (version: string): Transform => ({
  claim(api, { method, path }) {
    if (!/^\/[A-Za-z0-9._~/{}-]*$/.test(path)) return { fault: 'its path has characters that no document says how webMethods routes' };
    return { claim: `${method} /gateway/${apiName(api.name)}/${version}${shapeOf(path)}` };
  },
  api: (gatewayId, intent) => ({ objects: renderApi(gatewayId, intent, version), warnings: [] }),
  // Keys are made by the gateway: nobody can be written into it.
  callers: () => ({ objects: [], warnings: [] }),
});

function renderApi(gatewayId: string, { api, policies, operations }: ApiIntent, version: string): ManagedObject[] {
  const id = apiObject(gatewayId, api.name);
  const name = apiName(api.name);
  const alias = aliasName(gatewayId, id);
  const actions = actionsOf(policies, operations).sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage));
  const common = { owner: api.id, alsoFor: [] };
  return [
    {
      ...common,
      kind: 'alias',
      id: alias,
      label: `alias ${alias}`,
      fields: { name: alias, type: 'endpoint', endPointURI: api.upstream.url.replace(/\/+$/, '') },
    },
    {
      ...common,
      kind: 'policy',
      id: partObject(gatewayId, 'policy', id),
      label: `policy of ${name}`,
      alsoFor: policies.map((policy) => policy.id),
      fields: {
        api: id,
        routing: routeTo(alias),
        actions: actions.map(({ part, ...action }) => ({ ...action, name: actionName(gatewayId, id, part) })),
      },
    },
    {
      ...common,
      kind: 'api',
      id,
      label: `API ${name}`,
      fields: { name, version, operations: operations.map(({ method, path }) => `${method} ${path}`).sort(), tags: tagsOf(gatewayId, id, api.id) },
    },
    {
      ...common,
      kind: 'activation',
      id: partObject(gatewayId, 'activation', id),
      label: `activation of ${name}`,
      alsoFor: policies.map((policy) => policy.id),
      fields: { api: id, isActive: true },
    },
  ];
}
