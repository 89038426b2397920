import { type Field, foreign, type NamedField, type RecordSchema } from './field.ts';
import { hostProblem, methodProblem, nameProblem, routePathProblem, servicePathProblem, tagProblem } from './text-rules.ts';
import { upstreamFields } from './upstream.ts';

const protocols = ['grpc', 'grpcs', 'http', 'https', 'tcp', 'tls', 'tls_passthrough', 'udp'];
const timeout: Field = { type: 'integer', default: 60_000, between: [1, 2 ** 31 - 2] };
const strings: Field = { type: 'array', elements: { type: 'string' } };
const endpoints: Field = {
  type: 'set',
  elements: { type: 'record', fields: [{ ip: { type: 'string' } }, { port: { type: 'integer', between: [0, 65_535] } }] },
};

export const uniqueName: Field = { type: 'string', check: nameProblem };
export const tags: Field = { type: 'set', elements: { type: 'string', required: true, check: tagProblem } };
export const identity: readonly NamedField[] = [{ id: { type: 'string', required: true } }, { created_at: { type: 'number' } }];
export const updatedAt: NamedField = { updated_at: { type: 'number' } };

export const serviceSchema: RecordSchema = {
  fields: [
    ...identity,
    updatedAt,
    { name: uniqueName },
    { retries: { type: 'integer', default: 5, between: [0, 32_767] } },
    { protocol: { type: 'string', required: true, default: 'http', one_of: protocols } },
    { host: { type: 'string', required: true, check: hostProblem } },
    { port: { type: 'integer', required: true, default: 80, between: [0, 65_535] } },
    { path: { type: 'string', check: servicePathProblem } },
    { connect_timeout: timeout },
    { write_timeout: timeout },
    { read_timeout: timeout },
    { tags },
    { client_certificate: foreign('certificates') },
    { tls_verify: { type: 'boolean' } },
    { tls_verify_depth: { type: 'integer', between: [0, 64] } },
    { ca_certificates: strings },
    { enabled: { type: 'boolean', required: true, default: true } },
  ],
};

export const routeSchema: RecordSchema = {
  fields: [
    ...identity,
    updatedAt,
    { name: uniqueName },
    { protocols: { type: 'set', required: true, default: ['http', 'https'], len_min: 1, elements: { type: 'string', one_of: protocols } } },
    { https_redirect_status_code: { type: 'integer', required: true, default: 426, one_of: [426, 301, 302, 307, 308] } },
    { strip_path: { type: 'boolean', required: true, default: true } },
    { preserve_host: { type: 'boolean', required: true, default: false } },
    { request_buffering: { type: 'boolean', required: true, default: true } },
    { response_buffering: { type: 'boolean', required: true, default: true } },
    { tags },
    { service: foreign('services') },
    { snis: { type: 'set', elements: { type: 'string' } } },
    { sources: endpoints },
    { destinations: endpoints },
    { methods: { type: 'set', elements: { type: 'string', check: methodProblem } } },
    { hosts: strings },
    { paths: { type: 'array', elements: { type: 'string', check: routePathProblem } } },
    { headers: { type: 'map', values: strings } },
    { regex_priority: { type: 'integer', default: 0 } },
    { path_handling: { type: 'string', default: 'v0', one_of: ['v0', 'v1'] } },
  ],
  checkEntity: (route) => {
    const spoken = Array.isArray(route['protocols']) ? (route['protocols'] as unknown[]) : [];
    const protocol = ['https', 'grpcs', 'http', 'grpc'].find((name) => spoken.includes(name));
    if (protocol === undefined) return [];
    const criteria = protocol.startsWith('grpc') ? ['hosts', 'headers', 'paths'] : ['methods', 'hosts', 'headers', 'paths'];
    if (protocol.endsWith('s')) criteria.push('snis');
    if (criteria.some((name) => Object.keys(route[name] ?? {}).length > 0)) return [];
    return [`must set one of ${criteria.map((name) => `'${name}'`).join(', ')} when 'protocols' is '${protocol}'`];
  },
};

export const consumerSchema: RecordSchema = {
  fields: [...identity, updatedAt, { username: { type: 'string' } }, { custom_id: { type: 'string' } }, { tags }],
  entity_checks: [{ at_least_one_of: ['custom_id', 'username'] }],
};

export const keyAuthSchema: RecordSchema = {
  fields: [
    ...identity,
    { consumer: foreign('consumers', true) },
    { key: { type: 'string', required: true } },
    { ttl: { type: 'integer', between: [0, 100_000_000] } },
    { tags },
  ],
};

export const aclSchema: RecordSchema = {
  fields: [...identity, { consumer: foreign('consumers', true) }, { group: { type: 'string', required: true } }, { tags }],
};

export const upstreamSchema: RecordSchema = {
  fields: [...identity, updatedAt, { name: { ...uniqueName, required: true } }, { tags }, ...upstreamFields],
};

export const targetSchema: RecordSchema = {
  fields: [
    ...identity,
    updatedAt,
    { upstream: foreign('upstreams', true) },
    { target: { type: 'string', required: true } },
    { weight: { type: 'integer', default: 100, between: [0, 65_535] } },
    { tags },
  ],
};
