import type { Cors, Definition, Endpoint, EndpointGroup, Flow, Json, Listener, Step } from '../state.ts';
import { invalid, refused } from './errors.ts';
import { withDefaults } from './policies.ts';

/** Reads a definition as the Management API does: it fills in defaults, and drops what it does not know without a word. */

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
export const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
export const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as unknown[]).filter(isRecord) : []);
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const textOr = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback);
const given = (object: Json, ...names: string[]): Json => Object.fromEntries(names.flatMap((name) => (name in object ? [[name, object[name]]] : [])));

/** What every API that is written has to have. */
export function requireApi(body: Json): void {
  if (body['definitionVersion'] !== 'V4') throw invalid('createApi.api', 'must not be null');
  if (body['type'] !== 'PROXY') {
    const problem = `problem: Unexpected value '${String(body['type'])}'`;
    throw refused(400, `Cannot construct instance of \`io.gravitee.rest.api.management.v2.rest.model.ApiType\`, ${problem}`, { parameters: {} });
  }
  for (const name of ['name', 'apiVersion']) if (typeof body[name] !== 'string') throw invalid(name, 'must not be null');
  for (const name of ['listeners', 'endpointGroups']) {
    if (listOf(body[name]).length === 0) throw invalid(name, 'size must be between 1 and 2147483647');
  }
}

export function readDefinition(body: Json, newId: () => string): Definition {
  return {
    listeners: listOf(body['listeners']).map(readListener),
    endpointGroups: listOf(body['endpointGroups']).map(readGroup),
    analytics: isRecord(body['analytics']) ? given(body['analytics'], 'enabled') : { enabled: true },
    flowExecution: {
      mode: textOr(recordOf(body['flowExecution'])['mode'], 'DEFAULT'),
      matchRequired: recordOf(body['flowExecution'])['matchRequired'] === true,
    },
    flows: readFlows(body['flows'], newId),
    tags: textsOf(body['tags']),
    properties: listOf(body['properties']).map((property) => ({
      encrypted: false,
      dynamic: false,
      ...given(property, 'key', 'value', 'encrypted', 'dynamic'),
    })),
  };
}

/** The key of a status is `statusCode`: another is dropped, and 0 is kept. */
export function readTemplates(value: unknown): Json {
  const templates = Object.entries(recordOf(value)).map(([key, byType]) => {
    const read = Object.entries(recordOf(byType)).map(([type, template]) => {
      const { statusCode = 0, headers = {}, body, propagateErrorKeyToLogs = false } = recordOf(template);
      return [type, { statusCode, headers, body, propagateErrorKeyToLogs }] as const;
    });
    return [key, Object.fromEntries(read)] as const;
  });
  return Object.fromEntries(templates);
}

function readListener(listener: Json): Listener {
  const cors = isRecord(listener['cors']) ? readCors(listener['cors']) : undefined;
  return {
    type: 'HTTP',
    paths: listOf(listener['paths']).map(({ host, path, overrideAccess }) => ({
      ...(typeof host === 'string' && { host }),
      path: sanitized(String(path)),
      overrideAccess: overrideAccess === true,
    })),
    pathMappings: textsOf(listener['pathMappings']),
    ...(cors && { cors }),
    entrypoints: listOf(listener['entrypoints']).map((entrypoint) => ({ qos: 'AUTO', ...given(entrypoint, 'type', 'qos', 'configuration') })),
    servers: textsOf(listener['servers']),
  };
}

function readCors(cors: Json): Cors {
  const origins = textsOf(cors['allowOrigin']);
  const odd = origins.find((origin) => !/^(\*|null|[a-z][a-z0-9+.-]*:\/\/[^/ ]+)$/i.test(origin) && !/[{[(*]/.test(origin));
  if (odd !== undefined) {
    throw refused(400, `${odd} is not valid as an 'allow origin' value`, { code: 'allowOrigin.notAllowed', parameters: { allowOrigin: odd } });
  }
  return {
    allowCredentials: cors['allowCredentials'] === true,
    allowHeaders: textsOf(cors['allowHeaders']),
    allowMethods: textsOf(cors['allowMethods']),
    allowOrigin: origins,
    enabled: cors['enabled'] === true,
    exposeHeaders: textsOf(cors['exposeHeaders']),
    maxAge: typeof cors['maxAge'] === 'number' ? cors['maxAge'] : -1,
    runPolicies: cors['runPolicies'] === true,
  };
}

function readGroup(group: Json): EndpointGroup {
  return {
    name: String(group['name']),
    type: String(group['type']),
    loadBalancer: isRecord(group['loadBalancer']) ? given(group['loadBalancer'], 'type') : { type: 'ROUND_ROBIN' },
    endpoints: listOf(group['endpoints']).map(readEndpoint),
    services: recordOf(group['services']),
  };
}

function readEndpoint(endpoint: Json): Endpoint {
  const configuration = recordOf(endpoint['configuration']);
  if (typeof configuration['target'] !== 'string') throw refused(400, '#: required key [target] not found', { code: 'data.invalid' });
  return {
    name: String(endpoint['name']),
    type: String(endpoint['type']),
    weight: typeof endpoint['weight'] === 'number' ? endpoint['weight'] : 1,
    inheritConfiguration: endpoint['inheritConfiguration'] === true,
    configuration,
    services: recordOf(endpoint['services']),
    secondary: endpoint['secondary'] === true,
    tenants: textsOf(endpoint['tenants']),
  };
}

/** Flows without an id get one, and with it they differ from what was deployed. */
export function readFlows(value: unknown, newId: () => string): Flow[] {
  return listOf(value).map((flow) => ({ id: typeof flow['id'] === 'string' ? flow['id'] : newId(), ...readFlow(flow) }));
}

/** The same as they were sent. */
export const sentFlows = (value: unknown): Flow[] =>
  listOf(value).map((flow) => ({ ...(typeof flow['id'] === 'string' && { id: flow['id'] }), ...readFlow(flow) }));

function readFlow(flow: Json): Omit<Flow, 'id'> {
  const selectors = listOf(flow['selectors']).map((selector) => {
    if (selector['type'] === 'HTTP' && selector['pathOperator'] === undefined) throw invalid('selectors', 'pathOperator must not be null');
    return given(selector, 'type', 'path', 'pathOperator', 'methods', 'condition');
  });
  return {
    ...(typeof flow['name'] === 'string' && { name: flow['name'] }),
    enabled: flow['enabled'] !== false,
    selectors,
    request: listOf(flow['request']).map(readStep),
    response: listOf(flow['response']).map(readStep),
    subscribe: [],
    publish: [],
    connect: [],
    interact: [],
    tags: textsOf(flow['tags']),
  };
}

function readStep(step: Json): Step {
  const policy = String(step['policy']);
  return {
    ...(given(step, 'name', 'description', 'condition') as Pick<Step, 'name'>),
    enabled: step['enabled'] !== false,
    policy,
    configuration: withDefaults(policy, recordOf(step['configuration'])),
  };
}

/** Leading and trailing slash are added, and double ones taken away. */
export const sanitized = (path: string): string => `/${path}/`.replace(/\/{2,}/g, '/');

/** The reason why paths cannot be used; undefined when they can. Nested paths collide. */
export function pathFault(paths: readonly string[], used: readonly string[]): string | undefined {
  for (const path of paths) {
    if (!/^[/.a-zA-Z0-9\-_]+$/.test(path)) return `Path [${path}] is invalid`;
    const own = sanitized(path);
    const other = used.find((one) => own.startsWith(one) || one.startsWith(own));
    if (other !== undefined) return `Path [${other}] already exists`;
  }
  return undefined;
}
