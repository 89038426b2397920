import type { Api, Definition, Json, State } from '../state.ts';
import { admin, instant } from '../state.ts';
import { pathFault, readDefinition, readTemplates, recordOf, requireApi, sentFlows, textsOf } from './definition.ts';
import { bare, invalid, notFound, refused } from './errors.ts';
import { closePlan } from './plans.ts';
import { deployedView } from './views.ts';

const pathsOf = ({ listeners }: Definition): string[] => listeners.flatMap(({ paths }) => paths.map(({ path }) => path));
export const usedPaths = ({ apis }: State, except?: string): string[] =>
  [...apis.values()].filter(({ id }) => id !== except).flatMap(({ draft }) => pathsOf(draft));

export function apiOf({ apis }: State, id: string): Api {
  const api = apis.get(id);
  if (api === undefined) throw notFound('Api', id);
  return api;
}

/** Later than the last change, so that an ETag is never the same for two of them. */
const touch = (state: State, api: Api): number => (api.updatedAt = Math.max(state.now(), api.updatedAt + 1));

/** Labels are dropped, and so is everything that is not known. */
export function createApi(state: State, body: Json): Api {
  requireApi(body);
  const draft = readDefinition(body, state.newId);
  requirePaths(pathFault(pathsOf(draft), usedPaths(state)));
  return addApi(state, body, draft, { id: state.newId() });
}

export function addApi(state: State, body: Json, draft: Definition, more: Pick<Api, 'id'> & Partial<Api>): Api {
  const at = state.now();
  const api: Api = {
    ...(typeof body['description'] === 'string' && { description: body['description'] }),
    name: String(body['name']),
    apiVersion: String(body['apiVersion'] ?? body['version']),
    state: 'STOPPED',
    visibility: 'PRIVATE',
    lifecycleState: 'CREATED',
    labels: [],
    groups: [],
    categories: [],
    disableMembershipNotifications: false,
    origin: 'MANAGEMENT',
    createdAt: at,
    updatedAt: at,
    draft,
    sentFlows: sentFlows(body['flows']),
    plans: [],
    subscriptions: [],
    events: [],
    ...more,
  };
  state.apis.set(api.id, api);
  return api;
}

const requirePaths = (fault: string | undefined): void => {
  if (fault !== undefined) throw refused(400, fault, { parameters: {} });
};

/** Replaces the draft. Only `labels: null` keeps the labels: left out, they are cleared. */
export function updateApi(state: State, api: Api, body: Json): void {
  requireApi(body);
  const tags = textsOf(body['tags']);
  if (tags.length > 0) {
    const list = `[${tags.join(', ')}]`;
    throw refused(400, `You are not allowed to use deployment on the tag(s) ${list}.`, { code: 'tag.notAllowed', parameters: { tags: list } });
  }
  const draft = readDefinition(body, state.newId);
  requirePaths(pathFault(pathsOf(draft), usedPaths(state, api.id)));
  api.draft = { ...draft, resources: [], responseTemplates: readTemplates(body['responseTemplates']) };
  api.sentFlows = sentFlows(body['flows']);
  api.name = String(body['name']);
  api.apiVersion = String(body['apiVersion']);
  if (typeof body['description'] === 'string') api.description = body['description'];
  else delete api.description;
  if (body['labels'] !== null) api.labels = [...new Set(textsOf(body['labels']))];
  api.visibility = String(body['visibility'] ?? 'PRIVATE');
  api.lifecycleState = String(body['lifecycleState'] ?? api.lifecycleState);
  touch(state, api);
}

/** An ETag that cannot be read is no condition. */
export function requireMatch(api: Api, ifMatch: string | undefined): void {
  const wanted = /^(?:W\/)?"?(\d+)(?:-gzip)?"?$/.exec(ifMatch ?? '')?.[1];
  if (wanted !== undefined && Number(wanted) !== api.updatedAt) throw bare(412);
}

function requirePlan(api: Api, sentence: string): void {
  if (api.plans.some(({ status }) => status === 'PUBLISHED' || status === 'DEPRECATED')) return;
  throw refused(400, `${sentence} without at least one published plan`, { code: 'api.NotDeployable' });
}

/** Publishes the draft, with the plans as they are now. */
export function deployApi(state: State, api: Api, body: Json): void {
  if (String(body['deploymentLabel'] ?? '').length > 32) throw invalid('deploymentLabel', 'size must be between 0 and 32');
  requirePlan(api, `The api {${api.id}} can not be deployed`);
  api.deployedAt = touch(state, api);
  publish(state, api);
}

function publish(state: State, api: Api): void {
  api.live = structuredClone({ definition: api.draft, plans: api.plans });
  const described = {
    id: api.id,
    environmentId: 'DEFAULT',
    name: api.name,
    version: api.apiVersion,
    origin: 'management',
    syncFrom: 'MANAGEMENT',
    definitionVersion: '4.0.0',
    definition: JSON.stringify(deployedView(api, api.draft, api.plans)),
    type: 'proxy',
    deployedAt: api.deployedAt,
    createdAt: api.createdAt,
    updatedAt: api.updatedAt,
    visibility: api.visibility,
    lifecycleState: api.state,
    groups: api.groups,
    categories: api.categories,
    labels: [...api.labels].sort(),
    disableMembershipNotifications: api.disableMembershipNotifications,
    apiLifecycleState: api.lifecycleState,
  };
  api.events.push({ id: state.newId(), at: state.now(), number: api.events.length + 1, definition: JSON.stringify(api.draft), api: described });
}

/** Puts the draft live, deployed or not: who stops and starts again publishes what somebody has not finished. */
export function startApi(state: State, api: Api): void {
  if (api.state === 'STARTED') throw refused(400, 'API is already started');
  requirePlan(api, `The API {${api.id}} can not be started`);
  api.state = 'STARTED';
  touch(state, api);
  if (api.events.length > 0) {
    api.live = structuredClone({ definition: api.draft, plans: api.plans });
    return;
  }
  api.deployedAt = api.updatedAt;
  publish(state, api);
}

export function stopApi(state: State, api: Api): void {
  if (api.state === 'STOPPED') throw refused(400, 'API is already stopped');
  api.state = 'STOPPED';
  touch(state, api);
}

export function deleteApi(state: State, api: Api, closePlans: boolean): void {
  if (api.state === 'STARTED') {
    const said = `API [${api.id}] is still running and must be stopped before being deleted !`;
    throw refused(400, said, { code: 'api.running', parameters: { api: api.id } });
  }
  const open = api.plans.filter(({ status }) => status === 'PUBLISHED');
  const names = open.map(({ name }) => name).join(', ');
  if (open.length > 0 && !closePlans) {
    const said = `Plan(s) [${names}] must be closed before being able to delete the API !`;
    throw refused(400, said, { code: 'api.notDeletable', parameters: { plans: names } });
  }
  for (const plan of open) closePlan(state, api, plan);
  state.apis.delete(api.id);
}

export function verifyPaths(state: State, body: Json): Json {
  const paths = Array.isArray(body['paths']) ? body['paths'].map((entry) => String(recordOf(entry)['path'])) : [];
  const reason = pathFault(paths, usedPaths(state, typeof body['apiId'] === 'string' ? body['apiId'] : undefined));
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

export const eventViews = (api: Api): Json[] =>
  [...api.events].reverse().map(({ id, at, number, api: described }) => ({
    id,
    createdAt: instant(at),
    environmentIds: ['DEFAULT'],
    initiator: { id: admin, displayName: 'admin' },
    type: 'PUBLISH_API',
    payload: JSON.stringify(described),
    properties: { API_ID: api.id, ORIGIN: '127.0.0.1', USER: admin, DEPLOYMENT_NUMBER: String(number) },
  }));

/** The index of texts: labels, and the words of a name. */
export function search({ apis }: State, query: string): Api[] {
  const wanted = query.replace(/^labels:"(.*)"$/, '$1').toLowerCase();
  return [...apis.values()].filter(({ labels, name }) => [...labels, name].some((text) => text.toLowerCase().includes(wanted)));
}
