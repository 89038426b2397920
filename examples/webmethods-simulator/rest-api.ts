import { newId, newKey, newPolicy, actionsOf, stamp } from './state.ts';
import type { Action, Alias, Api, Json, Policy, State } from './state.ts';

export type Answer = { readonly status: number; readonly body?: unknown };
export class RestError extends Error {
  readonly answer: Answer;
  constructor(status: number, body: unknown) {
    super(String(status));
    this.answer = { status, body };
  }
}
export type Call = {
  readonly state: State;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly now: number;
  readonly version: string;
};

const recordOf = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});
/** The space at the beginning is theirs. */
const missing = (id: string, status = 404): RestError => new RestError(status, { errorDetails: ` Unable to find the resource: ${id}` });
const refused = (reason: string): RestError => new RestError(400, { apiResponse: { responseStatus: 'BAD_REQUEST', errorReason: reason } });
const ofApi = (api: Api): Answer => ({ status: 200, body: { apiResponse: { api, responseStatus: 'SUCCESS' } } });

function get<T>(table: Map<string, T>, id: string | undefined, status?: number): T {
  const found = table.get(id ?? '');
  if (found === undefined) throw missing(id ?? '', status);
  return found;
}

function apiOf({ state, params }: Call): Api {
  const api = state.apis.get(params[0] ?? '');
  if (api === undefined) throw new RestError(404, { apiResponse: { responseStatus: 'NOT_FOUND', errorReason: 'API not found' } });
  return api;
}

function setActive(call: Call, active: boolean): Answer {
  const api = apiOf(call);
  if (api.isActive === active) throw refused(`The API is already ${active ? 'active' : 'inactive'}`);
  const policy = call.state.policies.get(api.policies[0] ?? '');
  const identify = actionsOf(call.state, policy).filter(({ templateKey }) => templateKey === 'evaluatePolicy');
  if (active && identify.length > 1) throw refused('The action Identify & Authorize may be there once');
  if (active && !hasOperations(api)) throw refused('The API has no enabled operation');
  api.isActive = active;
  return ofApi(api);
}

const hasOperations = ({ apiDefinition }: Api): boolean =>
  Object.values(recordOf(apiDefinition['paths'])).some((item) => Object.values(recordOf(item)).some((one) => recordOf(one)['enabled'] === true));

/** Endpoints below /rest/apigateway. A star stands for an id. */
export const endpoints: Readonly<Record<string, Readonly<Record<string, (call: Call) => Answer>>>> = {
  '/is/serverinfo': {
    GET: ({ version }) => ({
      status: 200,
      body: { systemInfo: { os: 'Linux' }, LicenseDetails: [{ 'Integration Server': { 'Product Version': version, 'Product Code': 'YAI' } }] },
    }),
  },
  '/health/engine': { GET: () => ({ status: 200, body: { status: 'green', is: { status: 'green', response_time_ms: 2 } } }) },
  '/apis': {
    GET: ({ state, query }) => {
      const [from, size] = [Number(query.get('from') ?? 0), Number(query.get('size') ?? 1000)];
      const page = [...state.apis.values()].slice(from, from + size);
      const listed = page.map(({ id, apiName, apiVersion, isActive, type }) => ({
        api: { id, apiName, apiVersion, isActive, type },
        responseStatus: 'SUCCESS',
      }));
      // A gateway without APIs says so in an element.
      return { status: 200, body: { apiResponse: listed.length > 0 ? listed : [{ responseStatus: 'NOT_FOUND' }] } };
    },
    POST: ({ state, body, now }) => {
      const [apiName, apiVersion] = [String(body['apiName']), String(body['apiVersion'] ?? '1.0')];
      if ([...state.apis.values()].some((one) => one.apiName === apiName && one.apiVersion === apiVersion))
        throw refused('An API of this name and version exists');
      const at = stamp(now);
      const api: Api = {
        id: newId(),
        apiName,
        apiVersion,
        type: 'REST',
        isActive: false,
        maturityState: 'Beta',
        policies: [newPolicy(state, apiName).id],
        apiDefinition: recordOf(body['apiDefinition']),
        creationDate: at,
        lastModified: at,
      };
      state.apis.set(api.id, api);
      return ofApi(api);
    },
  },
  '/apis/*': {
    GET: (call) => ofApi(apiOf(call)),
    PUT: (call) => {
      const api = apiOf(call);
      const { apiName, apiVersion } = { ...api, ...call.body };
      if (api.isActive && (apiName !== api.apiName || apiVersion !== api.apiVersion))
        throw refused('Name and version of an active API cannot be changed');
      api.apiDefinition = recordOf(call.body['apiDefinition']);
      Object.assign(api, { apiName, apiVersion, lastModified: stamp(call.now) });
      return ofApi(api);
    },
    DELETE: (call) => {
      const api = apiOf(call);
      if (api.isActive) throw refused('An active API cannot be deleted');
      const isUsed = [...call.state.applications.values()].some(({ consumingAPIs }) => consumingAPIs.includes(api.id));
      if (isUsed && call.query.get('forceDelete') !== 'true') throw refused('Applications are associated with the API');
      for (const id of api.policies) deletePolicy(call.state, id);
      call.state.apis.delete(api.id);
      return { status: 204 };
    },
  },
  '/apis/*/activate': { PUT: (call) => setActive(call, true) },
  '/apis/*/deactivate': { PUT: (call) => setActive(call, false) },
  '/policies': { GET: ({ state }) => ({ status: 200, body: { policy: [...state.policies.values()] } }) },
  '/policies/*': {
    GET: ({ state, params }) => ({ status: 200, body: { policy: get(state.policies, params[0]) } }),
    PUT: ({ state, params, body }) => {
      const policy = get(state.policies, params[0]);
      const { policyEnforcements } = recordOf(body['policy']) as Pick<Policy, 'policyEnforcements'>;
      const stages = policyEnforcements.map(({ stageKey }) => stageKey);
      if (new Set(stages).size !== stages.length) throw new RestError(400, { errorDetails: ' A stage may be there once' });
      for (const { enforcements } of policyEnforcements)
        for (const { enforcementObjectId } of enforcements) get(state.actions, enforcementObjectId, 400);
      policy.policyEnforcements = policyEnforcements;
      return { status: 200, body: { policy } };
    },
  },
  '/policyActions': {
    GET: ({ state }) => ({ status: 200, body: { policyAction: [...state.actions.values()] } }),
    POST: ({ state, body }) => {
      const { names = [], templateKey, parameters = [] } = recordOf(body['policyAction']) as Partial<Action>;
      if (typeof templateKey !== 'string') throw new RestError(400, { errorDetails: ' templateKey is missing' });
      const action: Action = { id: newId(), names, templateKey, parameters, active: false };
      state.actions.set(action.id, action);
      return { status: 201, body: { policyAction: action } };
    },
  },
  '/policyActions/*': {
    GET: ({ state, params }) => ({ status: 200, body: { policyAction: get(state.actions, params[0]) } }),
    // What is not there is told with status 500 here.
    PUT: ({ state, params, body }) => {
      const action = get(state.actions, params[0], 500);
      const { parameters = action.parameters, names = action.names } = recordOf(body['policyAction']) as Partial<Action>;
      Object.assign(action, { parameters, names });
      return { status: 200, body: { policyAction: action } };
    },
    DELETE: ({ state, params }) => {
      state.actions.delete(get(state.actions, params[0]).id);
      return { status: 204 };
    },
  },
  '/alias': {
    GET: ({ state }) => ({ status: 200, body: { alias: [...state.aliases.values()] } }),
    POST: ({ state, body }) => {
      const alias = { ...body, id: newId() } as Alias;
      state.aliases.set(alias.id, alias);
      return { status: 201, body: alias };
    },
  },
  '/alias/*': {
    PUT: ({ state, params, body }) => {
      const alias = Object.assign(get(state.aliases, params[0]), body, { id: params[0] });
      return { status: 200, body: alias };
    },
    DELETE: ({ state, params }) => {
      state.aliases.delete(get(state.aliases, params[0]).id);
      return { status: 204 };
    },
  },
  '/applications': {
    GET: ({ state }) => ({ status: 200, body: { applications: [...state.applications.values()] } }),
    POST: ({ state, body }) => {
      const id = newId();
      const accessTokens = { apiAccessKey_credentials: { apiAccessKey: newKey(), expired: false } };
      state.applications.set(id, { id, name: String(body['name']), consumingAPIs: [], isSuspended: false, accessTokens });
      return { status: 200, body: state.applications.get(id) };
    },
  },
  '/applications/*/apis': {
    PUT: ({ state, params, body }) => {
      const application = get(state.applications, params[0]);
      application.consumingAPIs = (body['apiIDs'] as string[] | undefined) ?? [];
      return { status: 200, body: { apiIDs: application.consumingAPIs } };
    },
  },
};

function deletePolicy(state: State, id: string): void {
  for (const { id: action } of actionsOf(state, state.policies.get(id))) state.actions.delete(action);
  state.policies.delete(id);
}
