import type { ApiIntent, Finding, Intent, ItemsOf, ManagedObject, Transform } from '../../engine/model.ts';
import { basePathOf } from '../../engine/traits.ts';
import {
  apiName,
  apiObject,
  applicationName,
  applicationObject,
  deploymentObject,
  flowName,
  marksOf,
  planObject,
  subscriptionObject,
} from './names.ts';
import type { Security } from './names.ts';
import { contextOf, isPlainPath, operationPath, selectorOf, shapeOf } from './paths.ts';
import type { OperationPath } from './paths.ts';
import { corsOf, flowsOf } from './policies.ts';

type Consumer = ItemsOf<'consumer'>;
type Key = Consumer['keys'][number];

/** Renders what shall be as objects of Gravitee. */
export const graviteeTransform: Transform = {
  claim(api, { method, path: template }) {
    const path = operationPath(basePathOf(api), template);
    return 'fault' in path ? path : { claim: `${method} ${shapeOf(path)}` };
  },
  api: renderApi,
  callers: renderCallers,
};

const noContext =
  'Its operations have no first segment of their paths in common, made of letters, digits, ".", "_" or "-", by which Gravitee tells APIs apart. Split it into APIs that have one.';

function renderApi(gatewayId: string, intent: ApiIntent): ReturnType<Transform['api']> {
  const { api, policies, operations, access } = intent;
  const security: Security = access === 'anybody' ? 'KEY_LESS' : 'API_KEY';
  const id = apiObject(gatewayId, api.name);
  const plan = planOf(gatewayId, intent, id, security);
  const paths = operations.map((operation) => ({ operation, path: operationPath(basePathOf(api), operation.path) }));
  const expressed = paths.flatMap(({ operation, path }) => ('fault' in path ? [] : [{ operation, path }]));
  const context = contextOf(expressed.map(({ path }) => path));
  // One that is held keeps its operations, and follows its policies.
  if (context === undefined) return { objects: [plan], warnings: [], ...(operations.length > 0 && { fault: noContext }) };
  const cors = policies.filter(({ policy }) => policy.kind === 'cors');
  const object: ManagedObject = {
    kind: 'api',
    id,
    label: `API ${apiName(api.name)}`,
    owner: api.id,
    alsoFor: cors.map((policy) => policy.id),
    fields: {
      name: apiName(api.name),
      apiVersion: api.version,
      paths: [context],
      targets: [new URL(api.upstream.url).origin + context.slice(0, -1)],
      cors: corsOf(cors, operations),
      // A request that no operation takes is answered by the gateway.
      flowExecution: { mode: 'BEST_MATCH', matchRequired: true },
      flows: expressed.map(({ operation, path }) => operationFlow(operation, context, path)),
      labels: marksOf({ gatewayId, object: id, item: api.id }),
    },
  };
  return { objects: [plan, object, deploymentOf(gatewayId, intent, id)], warnings: [] };
}

function operationFlow(operation: ApiIntent['operations'][number], context: string, path: OperationPath): Record<string, unknown> {
  const selectors = [
    { type: 'HTTP', path: selectorOf(context, path), pathOperator: 'EQUALS', methods: [operation.method] },
    { type: 'CONDITION', condition: isPlainPath },
  ];
  return { name: flowName(operation.operation_id), enabled: true, selectors, request: [], response: [] };
}

/** Policies stand in the plan: whoever comes in, comes in by it. */
function planOf(gatewayId: string, { api, policies, access }: ApiIntent, apiId: string, security: Security): ManagedObject {
  const id = planObject(gatewayId, apiId, security);
  const carried = policies.filter(({ policy }) => policy.kind !== 'cors');
  return {
    kind: 'plan',
    id,
    label: `plan ${security} of ${apiName(api.name)}`,
    owner: api.id,
    alsoFor: carried.map((policy) => policy.id),
    fields: {
      api: apiId,
      name: access === 'anybody' ? 'stoa-open' : 'stoa-keys',
      security,
      status: 'PUBLISHED',
      flows: flowsOf(policies),
      characteristics: marksOf({ gatewayId, object: id, item: api.id }),
    },
  };
}

/** That what we set is live. All policies hang on it: nothing is enforced before. */
function deploymentOf(gatewayId: string, { api, policies }: ApiIntent, apiId: string): ManagedObject {
  return {
    kind: 'deployment',
    id: deploymentObject(gatewayId, apiId),
    label: `deployment of ${apiName(api.name)}`,
    owner: api.id,
    alsoFor: policies.map((policy) => policy.id),
    fields: { api: apiId, state: 'STARTED', deployed: true },
  };
}

/** Each key is an application: a subscription has one key, and a further one would end it. */
function renderCallers({ gatewayId, apis, callers }: Intent, nowMs: number): { objects: ManagedObject[]; warnings: Finding[] } {
  const warnings: Finding[] = [];
  const open = apis.filter(({ access }) => access === 'consumers').map(({ api }) => api);
  const byId = new Map(apis.map(({ api }) => [api.api_id, api]));
  const objects = callers.flatMap(({ consumer, alsoOpen, subscriptions }) => {
    const entitled = [
      ...(alsoOpen ? open.map((api) => ({ api, owner: consumer.id })) : []),
      ...subscriptions.flatMap(({ apiId, itemId }) => {
        const api = byId.get(apiId);
        return api === undefined ? [] : [{ api, owner: itemId }];
      }),
    ];
    return consumer.keys.flatMap((key): ManagedObject[] => {
      if (key.expires_at !== undefined && Date.parse(key.expires_at) <= nowMs) return [];
      if (key.secret === undefined) {
        const reason = `The key ${key.key_id} came without its secret, so that Gravitee does not accept it; mint a new one.`;
        warnings.push({ itemId: consumer.id, phase: 'render', reason });
        return [];
      }
      const application = applicationOf(gatewayId, consumer, key);
      return [application, ...entitled.map((to) => subscriptionOf(gatewayId, application, { ...key, secret: key.secret ?? '' }, to))];
    });
  });
  return { objects, warnings };
}

function applicationOf(gatewayId: string, consumer: Consumer, key: Key): ManagedObject {
  return {
    kind: 'application',
    id: applicationObject(gatewayId, key.key_id),
    label: `application ${applicationName(consumer.name)} of the key ${key.key_id}`,
    owner: consumer.id,
    alsoFor: [],
    fields: { name: applicationName(consumer.name), item: consumer.id },
  };
}

function subscriptionOf(
  gatewayId: string,
  application: ManagedObject,
  key: Key & { secret: string },
  { api, owner }: { api: ItemsOf<'api'>; owner: string },
): ManagedObject {
  const apiId = apiObject(gatewayId, api.name);
  return {
    kind: 'subscription',
    id: subscriptionObject(gatewayId, application.id, apiId),
    label: `subscription of ${String(application.fields['name'])} to ${apiName(api.name)} with the key ${key.key_id}`,
    owner,
    alsoFor: [],
    fields: {
      api: apiId,
      application: application.id,
      plan: planObject(gatewayId, apiId, 'API_KEY'),
      item: owner,
      expires: key.expires_at ?? null,
      status: 'ACCEPTED',
      key: key.secret,
    },
  };
}
