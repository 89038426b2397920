import { AdminError } from '../../engine/admin-error.ts';
import type { ManagedObject, Writer } from '../../engine/model.ts';
import { entitiesOf, entityOf } from './admin.ts';
import type { GraviteeAdmin, Json } from './admin.ts';
import { crossIdOf } from './fetch.ts';
import { descriptionOf, isMark, isOurFlow } from './names.ts';
import type { Mark } from './names.ts';
import type { GraviteeObserved } from './observed.ts';
import type { GraviteePayload } from './payload.ts';
import { isHttp, listOf, recordOf, textsOf } from './views.ts';

type Step<S extends GraviteePayload['step']> = Extract<GraviteePayload, { step: S }>;
/** The ids of Gravitee's own by ours. */
type Ids = { readonly apis: Map<string, string>; readonly plans: Map<string, string>; readonly applications: Map<string, string> };
type Context = { readonly admin: GraviteeAdmin; readonly gatewayId: string; readonly ids: Ids; readonly permit: () => void };

/** Makes the writes of one plan. What it makes on the way has ids of Gravitee's own, which later writes need. */
export function graviteeWriter(admin: GraviteeAdmin, { gatewayId, apis, applications }: GraviteeObserved): Writer<GraviteePayload> {
  const plans = [...apis.values()].flatMap((api) => api.plans.flatMap(({ entity, mark }) => (mark ? [[mark.object, entity.id] as const] : [])));
  const ids: Ids = {
    apis: new Map([...apis].map(([object, { entity }]) => [object, entity.id])),
    plans: new Map(plans),
    applications: new Map([...applications].map(([object, { entity }]) => [object, entity.id])),
  };
  return { write: ({ payload }, permit) => perform({ admin, gatewayId, ids, permit }, payload) };
}

async function perform(context: Context, payload: GraviteePayload): Promise<void> {
  const { admin, permit } = context;
  switch (payload.step) {
    case 'stop':
      return stop(admin, payload.apiId);
    case 'remove':
      if (payload.isStarted) {
        await stop(admin, payload.apiId);
        permit();
      }
      return gone(admin.call('DELETE', `/apis/${payload.apiId}?closePlans=true`));
    case 'unsubscribe':
      return gone(admin.call('POST', `/apis/${payload.apiId}/subscriptions/${payload.subscriptionId}/_close`));
    case 'application':
      return putApplication(context, payload);
    case 'update':
      return updateApi(context, payload);
    case 'create':
      return createApi(context, payload);
    case 'plan':
      return putPlan(context, payload);
    case 'close':
      return closePlan(context, payload);
    case 'subscribe':
      return subscribe(context, payload);
    case 'deploy':
      return deploy(context, payload);
    case 'archive':
      return gone(admin.callV1('DELETE', `/applications/${payload.applicationId}`));
  }
}

const done = async (call: Promise<Json>): Promise<void> => void (await call);

/** One that is stopped already is as it shall be. */
async function stop(admin: GraviteeAdmin, apiId: string): Promise<void> {
  try {
    await admin.call('POST', `/apis/${apiId}/_stop`);
  } catch (error) {
    if (!(error instanceof AdminError) || !/already stopped/.test(error.message)) throw error;
  }
}

/** What is not there any more is as it shall be. */
async function gone(call: Promise<Json>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'not_found') throw error;
  }
}

function known(ids: ReadonlyMap<string, string>, object: string, what: string): string {
  const id = ids.get(object);
  if (id === undefined) throw new AdminError('unavailable', `the ${what} that it stands on could not be made.`);
  return id;
}

async function putApplication({ admin, gatewayId, ids }: Context, { object, applicationId }: Step<'application'>): Promise<void> {
  const mark: Mark = { gatewayId, object: object.id, item: String(object.fields['item']) };
  const body = { name: object.fields['name'], description: descriptionOf(mark), settings: { app: {} } };
  if (applicationId !== undefined) return done(admin.callV1('PUT', `/applications/${applicationId}`, { body }));
  ids.applications.set(object.id, entityOf(await admin.callV1('POST', '/applications', { body }), 'POST of an application').id);
}

const labelsOf = ({ fields }: ManagedObject): string[] => textsOf(fields['labels']);

/** Created by import: labels and cross-id are there from the first moment, and its plan is published. It is neither deployed nor started. */
async function createApi({ admin, gatewayId, ids }: Context, { object, plans }: Step<'create'>): Promise<void> {
  const api = { definitionVersion: 'V4', type: 'PROXY', ...merged({}, object), crossId: crossIdOf(gatewayId, object.id), labels: labelsOf(object) };
  const body = { api, plans: plans.map((plan) => ({ ...planBody(gatewayId, plan), mode: 'STANDARD', status: 'PUBLISHED', type: 'API' })) };
  const made = entityOf(await admin.call('POST', '/apis/_import/definition', { body }), 'the import of an API');
  ids.apis.set(object.id, made.id);
  // The answer shows no plans.
  const { data } = await admin.call('GET', `/apis/${made.id}/plans?statuses=STAGING,PUBLISHED&perPage=100`);
  for (const plan of entitiesOf(data)) {
    const own = plans.find(({ id }) => plan['crossId'] === crossIdOf(gatewayId, id));
    if (own !== undefined) ids.plans.set(own.id, plan.id);
  }
}

/** A PUT replaces everything, and takes away what it leaves out: what others set is read and sent back. */
async function updateApi({ admin }: Context, { object, apiId }: Step<'update'>): Promise<void> {
  const there = await admin.call('GET', `/apis/${apiId}`);
  const foreign = textsOf(there['labels']).filter((label) => !isMark(label));
  const body = { ...there, ...merged(there, object), labels: [...foreign, ...labelsOf(object)] };
  await admin.call('PUT', `/apis/${apiId}`, { body, ifMatch: etagOf(there) });
}

/** The ETag is the time of the last change in milliseconds. */
const etagOf = ({ updatedAt }: Json): string | undefined => (typeof updatedAt === 'string' ? `"${Date.parse(updatedAt)}"` : undefined);

/** What is there, with what we set in its place. Ids of flows are kept: without them an unchanged flow differs from what is deployed. */
function merged(there: Json, { fields }: ManagedObject): Json {
  const listeners = listOf(there['listeners']);
  const http = listeners.find(isHttp) ?? { type: 'HTTP', entrypoints: [{ type: 'http-proxy' }] };
  const [group = { name: 'stoa', type: 'http-proxy' }] = listOf(there['endpointGroups']);
  const [endpoint = { name: 'stoa', type: 'http-proxy' }] = listOf(group['endpoints']);
  const configuration = { ...recordOf(endpoint['configuration']), target: textsOf(fields['targets'])[0] };
  const flows = listOf(there['flows']);
  const ids = new Map(flows.map((flow) => [flow['name'], flow['id']]));
  const cors = fields['cors'] === null ? {} : { cors: { ...recordOf(http['cors']), ...recordOf(fields['cors']), enabled: true } };
  const { cors: _before, ...listener } = http;
  return {
    name: fields['name'],
    apiVersion: fields['apiVersion'],
    listeners: [{ ...listener, ...cors, paths: textsOf(fields['paths']).map((path) => ({ path })) }, ...listeners.filter((one) => !isHttp(one))],
    // A second endpoint would lead elsewhere.
    endpointGroups: [{ ...group, endpoints: [{ ...endpoint, configuration }] }],
    flowExecution: fields['flowExecution'],
    flows: [...flows.filter((flow) => !isOurFlow(flow)), ...listOf(fields['flows']).map((flow) => withId(flow, ids.get(flow['name'])))],
  };
}

const withId = (flow: Json, id: unknown): Json => (typeof id === 'string' ? { ...flow, id } : flow);

function planBody(gatewayId: string, { id, fields }: ManagedObject): Json {
  const security = fields['security'] === 'API_KEY' ? { type: 'API_KEY', configuration: {} } : { type: 'KEY_LESS' };
  const { name, flows, characteristics } = fields;
  const described = { name, description: 'Made by STOA Connect; do not edit.', validation: 'AUTO' };
  return { definitionVersion: 'V4', ...described, security, flows, characteristics, crossId: crossIdOf(gatewayId, id) };
}

async function putPlan({ admin, gatewayId, ids, permit }: Context, { object, api, planId, isPublished }: Step<'plan'>): Promise<void> {
  const path = `/apis/${known(ids.apis, api, 'API')}/plans`;
  const body = planBody(gatewayId, object);
  let id = planId;
  if (id === undefined) {
    id = entityOf(await admin.call('POST', path, { body }), 'POST of a plan').id;
    ids.plans.set(object.id, id);
  } else {
    const there = await admin.call('GET', `${path}/${id}`);
    const flows = new Map(listOf(there['flows']).map((flow) => [flow['name'], flow['id']]));
    // Characteristics that it leaves out are taken away.
    const foreign = textsOf(there['characteristics']).filter((text) => !isMark(text));
    const own = listOf(body['flows']).map((flow) => withId(flow, flows.get(flow['name'])));
    const whole = { ...there, ...body, flows: own, characteristics: [...foreign, ...textsOf(body['characteristics'])] };
    await admin.call('PUT', `${path}/${id}`, { body: whole });
  }
  if (isPublished) return;
  permit();
  await admin.call('POST', `${path}/${id}/_publish`);
}

/** What was never published is deleted: nobody can have subscribed to it. */
function closePlan({ admin }: Context, { apiId, planId, isStaging }: Step<'close'>): Promise<void> {
  const path = `/apis/${apiId}/plans/${planId}`;
  return isStaging ? gone(admin.call('DELETE', path)) : gone(admin.call('POST', `${path}/_close`));
}

/** Metadata is dropped by the POST, and kept by a PUT. */
async function subscribe({ admin, ids, permit }: Context, { object, api, subscriptionId, hasKey }: Step<'subscribe'>): Promise<void> {
  const path = `/apis/${known(ids.apis, api, 'API')}/subscriptions`;
  const { key, item, expires } = object.fields;
  let id = subscriptionId;
  if (id === undefined) {
    const applicationId = known(ids.applications, String(object.fields['application']), 'application');
    const planId = known(ids.plans, String(object.fields['plan']), 'plan');
    const made = await admin.call('POST', path, { body: { applicationId, planId, customApiKey: key } }).catch((error: unknown) => {
      throw redacted(error);
    });
    id = entityOf(made, 'POST of a subscription').id;
    permit();
  } else if (!hasKey) {
    await admin.call('POST', `${path}/${id}/api-keys/_renew`, { body: { customApiKey: key } });
    permit();
  }
  const metadata = { stoaObject: object.id, stoaItem: item, ...(typeof expires === 'string' && { stoaExpires: expires }) };
  await admin.call('PUT', `${path}/${id}`, { body: { metadata, ...(typeof expires === 'string' && { endingAt: expires }) } });
}

function redacted(error: unknown): unknown {
  if (!(error instanceof AdminError) || !/API Key already exists/.test(error.message)) return error;
  return new AdminError('conflict', 'Gravitee has this key already, for another application or from before: mint the consumer a new one.', {
    cause: error,
  });
}

/** A start puts the draft live as well: what is started here has been deployed just before. */
async function deploy({ admin, ids, permit }: Context, { api, isStarted }: Step<'deploy'>): Promise<void> {
  const path = `/apis/${known(ids.apis, api, 'API')}`;
  await admin.call('POST', `${path}/deployments`, { body: { deploymentLabel: 'STOA Connect' } });
  if (isStarted) return;
  permit();
  await admin.call('POST', `${path}/_start`);
}
