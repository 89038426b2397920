import { AdminError } from '../../engine/admin-error.ts';
import { entityOf, listOf, recordOf, textsOf } from './admin.ts';
import type { WebmethodsEntity, WebmethodsFields, WebmethodsAdmin } from './admin.ts';
import { parameterOf } from './actions.ts';
import { isOurAction, isOurAlias, isTag, markIn, partObject } from './names.ts';
import { probeWebmethods } from './probe.ts';

export type WebmethodsApi = {
  readonly entity: WebmethodsEntity;
  readonly object: string;
  readonly item: string;
  readonly isActive: boolean;
  readonly policyId: string;
  /** The actions of its policy in their order, with their stages. */
  readonly actions: readonly { readonly stage: string; readonly action: WebmethodsEntity }[];
};
export type WebmethodsFound = {
  readonly view: WebmethodsFields;
  readonly id: string;
  readonly api: WebmethodsApi | undefined;
  readonly label: string;
};
export type WebmethodsObserved = {
  readonly gatewayId: string;
  readonly version: string | undefined;
  readonly apis: ReadonlyMap<string, WebmethodsApi>;
  /** APIs that are not ours, as they are listed. */
  readonly others: readonly WebmethodsEntity[];
  readonly aliases: readonly WebmethodsEntity[];
  /** Actions of ours that no policy has. */
  readonly orphans: readonly WebmethodsEntity[];
  find(kind: string, id: string): WebmethodsFound | undefined;
};

const pageSize = 500;
const maxPages = 40;
/** Requests that are under way at once. */
const parallel = 8;

export async function fetchWebmethods(admin: WebmethodsAdmin, gatewayId: string, signal: AbortSignal): Promise<WebmethodsObserved> {
  const [version, list, { policy }, { policyAction }, { alias }] = await Promise.all([
    probeWebmethods(admin, signal),
    listApis(admin, signal),
    admin.call('GET', '/policies', undefined, signal),
    admin.call('GET', '/policyActions', undefined, signal),
    admin.call('GET', '/alias', undefined, signal),
  ]);
  const policies = new Map(listOf(policy).map((one) => [String(one['id']), one]));
  const actions = new Map(listOf(policyAction).map((one) => [String(one['id']), entityOf(one, 'GET of actions')]));
  const apis = new Map<string, WebmethodsApi>();
  const others: WebmethodsEntity[] = [];
  const waiting = list.values();
  const worker = async (): Promise<void> => {
    for (const listed of waiting) {
      // Only the API itself has its tags.
      const entity = String(listed['apiName']).startsWith('stoa-') ? await readApi(admin, listed.id, signal) : undefined;
      const mark = entity && markIn(textsOf(recordOf(entity['apiDefinition'])['apiTags']), gatewayId);
      if (entity === undefined || mark === undefined) others.push(listed);
      else apis.set(mark.object, ourApi(entity, mark, policies, actions));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const used = new Set([...policies.values()].flatMap((one) => enforcementsOf(one).map(({ id }) => id)));
  const orphans = [...actions.values()].filter((action) => !used.has(action.id) && isOurAction(nameOf(action), gatewayId));
  const aliases = listOf(alias)
    .map((one) => entityOf(one, 'GET of aliases'))
    .filter((one) => isOurAlias(String(one['name']), gatewayId));
  return findable({ gatewayId, version, apis, others, aliases, orphans });
}

/** An empty gateway answers with one element that says so. */
async function listApis(admin: WebmethodsAdmin, signal: AbortSignal): Promise<WebmethodsEntity[]> {
  const all: WebmethodsEntity[] = [];
  for (let page = 0; page < maxPages; page += 1) {
    const { apiResponse } = await admin.call('GET', `/apis?from=${page * pageSize}&size=${pageSize}`, undefined, signal);
    const found = listOf(apiResponse).filter(({ responseStatus }) => responseStatus === 'SUCCESS');
    all.push(...found.map(({ api }) => entityOf(api, 'GET of APIs')));
    if (found.length < pageSize) return all;
  }
  throw new AdminError('too_many', `webMethods has more than ${maxPages * pageSize} APIs; STOA Connect reads no further.`);
}

export async function readApi(admin: WebmethodsAdmin, id: string, signal?: AbortSignal): Promise<WebmethodsEntity | undefined> {
  try {
    return apiIn(await admin.call('GET', `/apis/${id}`, undefined, signal));
  } catch (error) {
    if (error instanceof AdminError && error.code === 'not_found') return undefined;
    throw error;
  }
}
export const apiIn = ({ apiResponse }: WebmethodsFields): WebmethodsEntity => entityOf(recordOf(apiResponse)['api'], 'a call of an API');

export const nameOf = ({ names }: WebmethodsFields): string => String(listOf(names)[0]?.['value'] ?? '');

export const enforcementsOf = (policy: WebmethodsFields): { stage: string; id: string }[] =>
  listOf(policy['policyEnforcements']).flatMap(({ stageKey, enforcements }) =>
    listOf(enforcements).map(({ enforcementObjectId }) => ({ stage: String(stageKey), id: String(enforcementObjectId) })),
  );

function ourApi(
  entity: WebmethodsEntity,
  mark: { object: string; item: string },
  policies: ReadonlyMap<string, WebmethodsFields>,
  actions: ReadonlyMap<string, WebmethodsEntity>,
): WebmethodsApi {
  const policyId = textsOf(entity['policies'])[0] ?? '';
  const own = enforcementsOf(policies.get(policyId) ?? {}).flatMap(({ stage, id }) => {
    const action = actions.get(id);
    return action === undefined ? [] : [{ stage, action }];
  });
  return { entity, ...mark, isActive: entity['isActive'] === true, policyId, actions: own };
}

function findable(parts: Omit<WebmethodsObserved, 'find'>): WebmethodsObserved {
  const { gatewayId, apis, aliases } = parts;
  const index = new Map<string, WebmethodsFound>();
  for (const [object, api] of apis) {
    const label = String(api.entity['apiName']);
    const add = (kind: string, id: string, own: string, view: WebmethodsFields): void =>
      void index.set(`${kind} ${id}`, { view, id: own, api, label: `${kind} ${label}` });
    add('api', object, api.entity.id, apiView(api.entity));
    add('policy', partObject(gatewayId, 'policy', object), api.policyId, policyView(api, gatewayId));
    add('activation', partObject(gatewayId, 'activation', object), api.entity.id, { api: object, isActive: api.isActive });
  }
  for (const alias of aliases)
    index.set(`alias ${String(alias['name'])}`, { view: alias, id: alias.id, api: undefined, label: `alias ${String(alias['name'])}` });
  return { ...parts, find: (kind, id) => index.get(`${kind} ${id}`) };
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

function apiView(entity: WebmethodsFields): WebmethodsFields {
  const { paths, apiTags } = recordOf(entity['apiDefinition']);
  const operations = Object.entries(recordOf(paths)).flatMap(([path, item]) =>
    methods
      .filter((method) => recordOf(recordOf(item)[method])['enabled'] === true && recordOf(item)['enabled'] !== false)
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  return { name: entity['apiName'], version: entity['apiVersion'], operations: operations.sort(), tags: textsOf(apiTags).filter(isTag) };
}

function policyView({ object, actions }: WebmethodsApi, gatewayId: string): WebmethodsFields {
  const own = actions.filter(({ action }) => isOurAction(nameOf(action), gatewayId));
  const route = actions.find(({ action }) => action['templateKey'] === 'straightThroughRouting')?.action;
  return {
    api: object,
    routing: parameterOf(route?.['parameters'], 'endpointUri') ?? null,
    actions: own.map(({ stage, action }) => ({
      stage,
      name: nameOf(action),
      templateKey: action['templateKey'],
      parameters: action['parameters'],
    })),
  };
}
