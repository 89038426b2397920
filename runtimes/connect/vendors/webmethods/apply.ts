import { AdminError } from '../../engine/admin-error.ts';
import { within } from '../../engine/compare.ts';
import type { ManagedObject, Writer } from '../../engine/model.ts';
import { routing, stages } from './actions.ts';
import { entityOf, listOf, recordOf, textsOf } from './admin.ts';
import type { WebmethodsEntity, WebmethodsFields, WebmethodsAdmin } from './admin.ts';
import { apiIn, enforcementsOf, nameOf, readApi } from './fetch.ts';
import type { WebmethodsObserved } from './fetch.ts';
import { isOurAction, isTag } from './names.ts';
import type { WebmethodsPayload } from './plan.ts';

type Method = 'POST' | 'PUT' | 'DELETE';
/** Makes one request that changes something; asks for the lease before each but the first, which the engine has asked for. */
type Change = (method: Method, path: string, body?: unknown) => Promise<WebmethodsFields>;
type Context = { readonly admin: WebmethodsAdmin; readonly gatewayId: string; readonly ids: Map<string, string>; readonly change: Change };

/** Makes the writes of one plan. webMethods chooses ids: those of what is made on the way are kept for later writes. */
export function webmethodsWriter(admin: WebmethodsAdmin, { gatewayId, apis }: WebmethodsObserved): Writer<WebmethodsPayload> {
  const ids = new Map([...apis].map(([object, { entity }]) => [object, entity.id]));
  return {
    write({ payload }, permit) {
      let asked = false;
      const change: Change = (method, path, body) => {
        if (asked) permit();
        asked = true;
        return admin.call(method, path, body);
      };
      return perform({ admin, gatewayId, ids, change }, payload);
    },
  };
}

async function perform(context: Context, payload: WebmethodsPayload): Promise<void> {
  const { change } = context;
  switch (payload.step) {
    case 'deactivate':
      return setActive(context, payload.apiId, false);
    case 'remove':
      if (payload.isActive) await setActive(context, payload.apiId, false);
      return gone(change('DELETE', `/apis/${payload.apiId}?forceDelete=true`));
    case 'alias': {
      const { object, aliasId } = payload;
      await (aliasId === undefined ? change('POST', '/alias', object.fields) : change('PUT', `/alias/${aliasId}`, { id: aliasId, ...object.fields }));
      return;
    }
    case 'create':
      return createApi(context, payload.object);
    case 'policy':
      return putPolicy(context, payload.object, payload.api);
    case 'update':
      return updateApi(context, payload.object, payload.apiId);
    case 'activate':
      return setActive(context, known(context, payload.api), true);
    case 'orphan':
      return gone(change('DELETE', `/policyActions/${payload.id}`));
    case 'unalias':
      return gone(change('DELETE', `/alias/${payload.id}`));
  }
}

async function gone(call: Promise<WebmethodsFields>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'not_found') throw error;
  }
}

function known({ ids }: Context, object: string): string {
  const id = ids.get(object);
  if (id === undefined) throw new AdminError('unavailable', 'the API that it stands on could not be made.');
  return id;
}

/** It refuses to do what is so already. */
async function setActive({ admin, change }: Context, id: string, active: boolean): Promise<void> {
  try {
    await change('PUT', `/apis/${id}/${active ? 'activate' : 'deactivate'}`, {});
  } catch (error) {
    if (!(error instanceof AdminError) || !error.isRefusal) throw error;
    const api = await readApi(admin, id);
    if (api?.['isActive'] !== active) throw error;
  }
}

/** Inactive, with our tags from the first moment where the gateway takes them. */
async function createApi(context: Context, object: ManagedObject): Promise<void> {
  const { admin, change, ids } = context;
  const { name, version } = object.fields;
  const apiDefinition = definitionOf({}, object);
  const id = apiIn(await change('POST', '/apis', { apiName: name, apiVersion: version, type: 'REST', apiDefinition })).id;
  ids.set(object.id, id);
  const there = await readApi(admin, id);
  const tags = textsOf(recordOf(there?.['apiDefinition'])['apiTags']);
  if (there !== undefined && !tags.some(isTag))
    await change('PUT', `/apis/${id}`, { ...there, apiDefinition: definitionOf(recordOf(there['apiDefinition']), object) });
}

async function updateApi({ admin, change }: Context, object: ManagedObject, apiId: string): Promise<void> {
  const there = await readApi(admin, apiId);
  if (there === undefined) throw new AdminError('stale', 'The API has gone since it was read.');
  await change('PUT', `/apis/${apiId}`, { ...there, apiDefinition: definitionOf(recordOf(there['apiDefinition']), object) });
}

/** What is there, with our operations and tags in their place. */
function definitionOf(there: WebmethodsFields, { fields }: ManagedObject): WebmethodsFields {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of textsOf(fields['operations'])) {
    const [method = '', path = ''] = operation.split(' ');
    const parameters = [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
    paths[path] = {
      enabled: true,
      ...paths[path],
      [method.toLowerCase()]: { operationId: operation, enabled: true, parameters, responses: { default: { description: 'Any' } } },
    };
  }
  const foreign = textsOf(there['apiTags']).filter((tag) => !isTag(tag));
  return {
    type: 'rest',
    info: { title: fields['name'], version: fields['version'] },
    ...there,
    paths,
    apiTags: [...foreign, ...textsOf(fields['tags'])],
  };
}

/** Actions are changed where they are, so that a policy loses none of them on the way; then the policy names them, and what it names no more goes. */
async function putPolicy(context: Context, object: ManagedObject, api: string): Promise<void> {
  const { admin, change, gatewayId } = context;
  const policyId = textsOf((await readApi(admin, known(context, api)))?.['policies'])[0];
  if (policyId === undefined) throw new AdminError('unavailable', 'the API that it belongs to has no policy.');
  const [{ policy }, { policyAction }] = await Promise.all([admin.call('GET', `/policies/${policyId}`), admin.call('GET', '/policyActions')]);
  const there = recordOf(policy);
  const actions = new Map(listOf(policyAction).map((one) => [String(one['id']), entityOf(one, 'GET of actions')]));
  const enforced = enforcementsOf(there).flatMap(({ stage, id }) => {
    const action = actions.get(id);
    return action === undefined ? [] : [{ stage, action }];
  });
  await route(
    change,
    enforced.map(({ action }) => action),
    String(object.fields['routing']),
  );
  const wanted: { stage: string; id: string }[] = [];
  for (const one of listOf(object.fields['actions'])) {
    const known = [...actions.values()].find((action) => nameOf(action) === one['name'] && action['templateKey'] === one['templateKey']);
    wanted.push({ stage: String(one['stage']), id: await putAction(change, one, known) });
  }
  const foreign = enforced.filter(({ action }) => !isOurAction(nameOf(action), gatewayId)).map(({ stage, action }) => ({ stage, id: action.id }));
  const all = [...foreign, ...wanted].sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage));
  if (JSON.stringify(all) !== JSON.stringify(enforced.map(({ stage, action }) => ({ stage, id: action.id })))) {
    await change('PUT', `/policies/${policyId}`, { policy: { ...there, policyEnforcements: inStages(all) } });
  }
  const kept = new Set(all.map(({ id }) => id));
  const ended = enforced.filter(({ action }) => !kept.has(action.id));
  if (ended.length > 0) await requireNamed(context, policyId, kept);
  for (const { action } of ended) await gone(change('DELETE', `/policyActions/${action.id}`));
}

/** A policy that still names an action loses it with the action, and the API its guard: what was confirmed is read before anything goes. */
async function requireNamed({ admin }: Context, policyId: string, wanted: ReadonlySet<string>): Promise<void> {
  const { policy } = await admin.call('GET', `/policies/${policyId}`);
  const named = new Set(enforcementsOf(recordOf(policy)).map(({ id }) => id));
  if ([...wanted].some((id) => !named.has(id)))
    throw new AdminError('unavailable', 'the gateway confirmed which actions its policy names, and it names others.');
}

/** Where an API leads is an action that is there from the start. */
async function route(change: Change, actions: readonly WebmethodsEntity[], uri: string): Promise<void> {
  const action = actions.find(({ templateKey }) => templateKey === 'straightThroughRouting');
  if (action === undefined) throw new AdminError('unavailable', 'its policy has no action straightThroughRouting, which says where it leads.');
  const parameters = routing(uri);
  if (isAlike(parameters, action['parameters'])) return;
  await change('PUT', `/policyActions/${action.id}`, { policyAction: { ...action, parameters } });
}

async function putAction(change: Change, wanted: WebmethodsFields, there: WebmethodsEntity | undefined): Promise<string> {
  const { templateKey, parameters } = wanted;
  if (there !== undefined && isAlike(parameters, there['parameters'])) return there.id;
  const names = [{ value: wanted['name'], locale: 'en' }];
  if (there !== undefined) {
    await change('PUT', `/policyActions/${there.id}`, { policyAction: { ...there, parameters } });
    return there.id;
  }
  const { policyAction } = await change('POST', '/policyActions', { policyAction: { names, templateKey, parameters, active: false } });
  return entityOf(policyAction, 'POST of an action').id;
}

const isAlike = (expected: unknown, found: unknown): boolean => JSON.stringify(within(expected, found)) === JSON.stringify(expected);

/** A stage is there once. */
function inStages(all: readonly { stage: string; id: string }[]): WebmethodsFields[] {
  return [...Map.groupBy(all, ({ stage }) => stage)].map(([stageKey, list]) => ({
    stageKey,
    enforcements: list.map(({ id }, index) => ({ enforcementObjectId: id, order: String(index) })),
  }));
}
