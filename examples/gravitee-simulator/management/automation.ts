import { createHash } from 'node:crypto';
import type { Api, Json, State } from '../state.ts';
import { addApi, apiOf, deployApi, startApi, stopApi, deleteApi, usedPaths } from './apis.ts';
import { listOf, pathFault, readDefinition, recordOf, textsOf } from './definition.ts';
import { invalid, refused } from './errors.ts';
import { createPlan, publishPlan } from './plans.ts';
import { planView } from './views.ts';

/** The Automation API, and the import of Kubernetes' resources: the other ways to make an API, which take it over whole. */

/** An id that follows from a name (RFC 9562, version 3). */
function named(text: string): string {
  const bytes = createHash('md5').update(text).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x30, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const always = {
  properties: [],
  resources: [],
  responseTemplates: {},
  groups: [],
  visibility: 'PUBLIC',
  lifecycleState: 'UNPUBLISHED',
  categories: [],
  members: [],
  notifyMembers: true,
  pages: [],
};

function idsOf(hrid: string): Json {
  return { id: named(`api:${hrid}`), crossId: named(`cross:${hrid}`), environmentId: 'DEFAULT', organizationId: 'DEFAULT' };
}

/** What is sent comes back with few of its defaults, and with the path as it was written. */
function answer(body: Json): Json {
  const hrid = String(body['hrid']);
  const { listeners, endpointGroups } = readDefinition(body, () => '');
  return {
    hrid,
    ...always,
    name: body['name'],
    version: body['version'],
    type: 'PROXY',
    state: body['state'],
    tags: [],
    labels: textsOf(body['labels']),
    metadata: [],
    flows: [],
    listeners: listeners.map(({ pathMappings: _none, paths, ...listener }) => ({
      ...listener,
      paths: paths.map((path) => ({ ...path, path: path.path.replace(/(.)\/$/, '$1') })),
    })),
    endpointGroups: endpointGroups.map(({ loadBalancer: _one, services: _two, endpoints, ...group }) => ({
      ...group,
      endpoints: endpoints.map(({ services: _none, ...endpoint }) => endpoint),
    })),
    plans: listOf(body['plans']).map(automationPlan),
    ...idsOf(hrid),
  };
}

const automationPlan = (plan: Json): Json => ({
  hrid: plan['hrid'],
  name: plan['name'],
  description: plan['description'],
  security: plan['security'],
  characteristics: [],
  excludedGroups: [],
  status: 'PUBLISHED',
  tags: [],
  type: 'API',
  validation: 'AUTO',
  flows: [],
  mode: 'STANDARD',
});

/** Creates, publishes, deploys and starts in one call, and does so again where nothing changed. */
export function putAutomation(state: State, body: Json, dryRun: boolean): Json {
  const said = answer(body);
  if (dryRun) return said;
  const id = String(said['id']);
  const known = state.apis.get(id);
  const draft = { ...readDefinition(body, state.newId), resources: [], responseTemplates: {} };
  const fault = pathFault(
    draft.listeners.flatMap(({ paths }) => paths.map(({ path }) => path)),
    usedPaths(state, id),
  );
  if (fault !== undefined) throw refused(400, fault, { parameters: {} });
  const marks = { crossId: String(said['crossId']), hrid: String(body['hrid']), labels: textsOf(body['labels']), visibility: 'PUBLIC' };
  const api = known ?? addApi(state, body, draft, { id, ...marks, lifecycleState: 'UNPUBLISHED', origin: 'KUBERNETES' });
  if (known === undefined) for (const plan of listOf(body['plans'])) publishPlan(state, api, createPlan(state, api, { validation: 'AUTO', ...plan }));
  Object.assign(api, { ...marks, draft });
  deployApi(state, api, {});
  if (api.state !== 'STARTED') startApi(state, api);
  return { ...said, errors: { severe: [], warning: [] } };
}

export function automatedApi({ apis }: State, hrid: string): Api {
  const api = [...apis.values()].find((one) => one.hrid === hrid);
  if (api === undefined) throw refused(404, `HRID [${hrid}] cannot be found.`, { code: 'hrid.notFound', parameters: {} });
  return api;
}

export function automationView(api: Api): Json {
  const { listeners, endpointGroups, analytics, flowExecution, flows } = api.draft;
  return {
    hrid: api.hrid,
    ...always,
    name: api.name,
    version: api.apiVersion,
    type: 'PROXY',
    state: api.state,
    tags: [],
    labels: api.labels,
    analytics,
    flowExecution,
    flows,
    listeners: listeners.map(({ pathMappings: _none, ...listener }) => listener),
    endpointGroups,
    plans: api.plans.map((plan) => automationPlan({ ...planView(api, plan), hrid: plan.name })),
    metadata: [
      {
        key: 'email-support',
        name: 'email-support',
        format: 'MAIL',
        value: "${(api.primaryOwner.email)!''}",
        defaultValue: 'someone@example.com',
        hidden: false,
      },
    ],
    ...idsOf(String(api.hrid)),
  };
}

/** Goes while it is started. */
export function deleteAutomation(state: State, api: Api): void {
  if (api.state === 'STARTED') stopApi(state, api);
  deleteApi(state, apiOf(state, api.id), true);
}

/** A dry run is answered. What is meant in earnest fails in this version, and leaves nothing behind. */
export function importCrd(body: Json, dryRun: boolean): Json {
  const plans = Object.entries(recordOf(body['plans'])).map(([key, plan]) => [key, recordOf(plan)] as const);
  for (const [key, plan] of plans) if (plan['type'] === undefined) throw invalid(`plans[${key}].type`, 'must not be null');
  if (!dryRun) throw refused(500, 'java.lang.NullPointerException: Name is null', { code: 'unexpected' });
  return {
    organizationId: 'DEFAULT',
    environmentId: 'DEFAULT',
    crossId: body['crossId'],
    id: body['id'],
    plans: Object.fromEntries(plans.map(([key, plan]) => [key, plan['id']])),
    state: body['state'],
  };
}
