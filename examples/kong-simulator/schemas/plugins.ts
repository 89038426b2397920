import { recordedAnswer } from '../recorded.ts';
import { identity, tags, uniqueName, updatedAt } from './entities.ts';
import { type EntityCheck, type Field, foreign, type Input, type NamedField, namedFields, type RecordSchema } from './field.ts';
import { cidrProblem } from './text-rules.ts';

const text: Field = { type: 'string' };
const flag = (value: boolean): Field => ({ type: 'boolean', required: true, default: value });
const number = (value?: number): Field => (value === undefined ? { type: 'number' } : { type: 'number', default: value });
const texts = (value?: string[]): Field => ({ type: 'array', elements: text, ...(value && { default: value }) });
const record = (...fields: NamedField[]): Field => ({ type: 'record', required: true, fields });
const httpProtocols = ['grpc', 'grpcs', 'http', 'https'];

const addresses: Field = { type: 'array', elements: { type: 'string', check: cidrProblem } };
const edits = (...extra: NamedField[]): Field => record({ headers: texts([]) }, ...extra);
const requestEdits = edits({ body: texts([]) }, { querystring: texts([]) });
const responseEdits = edits({ json: texts([]) }, { json_types: texts([]) });

interface PluginSchema {
  config: Field;
  protocols?: string[];
  checks?: readonly EntityCheck[];
  /** Kong refuses a consumer on plugins that find out who the consumer is. */
  withoutConsumer?: boolean;
}

interface RecordedPluginSchema {
  entity_checks: EntityCheck[];
  fields: NamedField[];
}

function rateLimiting(): PluginSchema {
  const schema = recordedAnswer('/schemas/plugins/rate-limiting') as unknown as RecordedPluginSchema;
  const config = namedFields(schema.fields).find(([name]) => name === 'config')?.[1];
  if (!config) throw new Error('The recorded rate-limiting schema has no config.');
  return { config: { ...config, check: limitsProblem }, checks: schema.entity_checks };
}

/** A longer period cannot allow less than a shorter one. Kong prints the numbers as Lua floats. */
function limitsProblem(config: Input): string | undefined {
  const periods = ['second', 'minute', 'hour', 'day', 'month', 'year'].filter((name) => typeof config[name] === 'number');
  for (const [index, longer] of periods.entries()) {
    const shorter = periods.slice(0, index).find((name) => (config[name] as number) > (config[longer] as number));
    if (shorter) {
      const [low, high] = [config[longer] as number, config[shorter] as number].map((limit) => limit.toFixed(1));
      return `The limit for ${longer}(${low}) cannot be lower than the limit for ${shorter}(${high})`;
    }
  }
  return undefined;
}

const queue = record(
  { max_batch_size: number(1) },
  { max_coalescing_delay: number(1) },
  { max_entries: number(10_000) },
  { max_bytes: number() },
  { max_retry_time: number(60) },
  { initial_retry_delay: number(0.01) },
  { max_retry_delay: number(60) },
  { concurrency_limit: number(1) },
);

const pluginSchemas: Record<string, PluginSchema> = {
  acl: {
    config: record({ allow: texts() }, { deny: texts() }, { hide_groups_header: flag(false) }, { always_use_authenticated_groups: flag(false) }),
    withoutConsumer: true,
  },
  'bot-detection': { config: record({ allow: texts([]) }, { deny: texts([]) }), withoutConsumer: true },
  'correlation-id': {
    config: record(
      { header_name: { ...text, default: 'Kong-Request-ID' } },
      { generator: { ...text, required: true, default: 'uuid#counter', one_of: ['uuid', 'uuid#counter', 'tracker'] } },
      { echo_downstream: flag(false) },
    ),
  },
  cors: {
    config: record(
      { origins: texts() },
      { headers: texts() },
      { exposed_headers: texts() },
      {
        methods: {
          type: 'array',
          elements: { ...text, one_of: ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] },
          default: ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'],
        },
      },
      { max_age: number() },
      { credentials: flag(false) },
      { private_network: flag(false) },
      { preflight_continue: flag(false) },
    ),
    withoutConsumer: true,
  },
  'http-log': {
    config: record(
      { http_endpoint: { ...text, required: true } },
      { method: { ...text, default: 'POST', one_of: ['POST', 'PUT', 'PATCH'] } },
      { content_type: { ...text, default: 'application/json' } },
      { timeout: number(10_000) },
      { keepalive: number(60_000) },
      { retry_count: { type: 'integer' } },
      { queue_size: { type: 'integer' } },
      { flush_timeout: number() },
      { headers: { type: 'map', values: text } },
      { custom_fields_by_lua: { type: 'map', values: text } },
      { queue },
    ),
  },
  'ip-restriction': {
    config: record({ allow: addresses }, { deny: addresses }, { status: number() }, { message: text }),
    protocols: ['http', 'https', 'tcp', 'tls', 'grpc', 'grpcs'],
  },
  jwt: {
    config: record(
      { uri_param_names: texts(['jwt']) },
      { cookie_names: texts([]) },
      { header_names: texts(['authorization']) },
      { key_claim_name: { ...text, default: 'iss' } },
      { secret_is_base64: flag(false) },
      { claims_to_verify: { type: 'set', elements: { ...text, one_of: ['exp', 'nbf'] } } },
      { anonymous: text },
      { realm: text },
      { run_on_preflight: flag(true) },
      { maximum_expiration: { type: 'number', default: 0, between: [0, 31_536_000] } },
    ),
    withoutConsumer: true,
  },
  'key-auth': {
    config: record(
      { key_names: { ...texts(['apikey']), required: true } },
      { hide_credentials: flag(false) },
      { anonymous: text },
      { key_in_header: flag(true) },
      { key_in_query: flag(true) },
      { key_in_body: flag(false) },
      { run_on_preflight: flag(true) },
      { realm: text },
    ),
    withoutConsumer: true,
  },
  prometheus: {
    config: record(
      { per_consumer: { type: 'boolean', default: false } },
      { status_code_metrics: { type: 'boolean', default: false } },
      { ai_metrics: { type: 'boolean', default: false } },
      { latency_metrics: { type: 'boolean', default: false } },
      { bandwidth_metrics: { type: 'boolean', default: false } },
      { upstream_health_metrics: { type: 'boolean', default: false } },
    ),
    withoutConsumer: true,
  },
  'proxy-cache': {
    config: record(
      { response_code: { type: 'array', required: true, default: [200, 301, 404], elements: { type: 'integer', between: [100, 900] } } },
      { request_method: { ...texts(['GET', 'HEAD']), required: true } },
      { content_type: { ...texts(['text/plain', 'application/json']), required: true } },
      { cache_ttl: { type: 'integer', default: 300, gt: 0 } },
      { strategy: { ...text, required: true, one_of: ['memory'] } },
      { cache_control: flag(false) },
      { ignore_uri_case: { type: 'boolean', default: false } },
      { storage_ttl: { type: 'integer' } },
      { memory: record({ dictionary_name: { ...text, required: true, default: 'kong_db_cache' } }) },
      { vary_query_params: texts() },
      { vary_headers: texts() },
      { response_headers: record({ age: flag(true) }, { 'X-Cache-Status': flag(true) }, { 'X-Cache-Key': flag(true) }) },
    ),
  },
  'rate-limiting': rateLimiting(),
  'request-size-limiting': {
    config: record(
      { allowed_payload_size: { type: 'integer', default: 128 } },
      { size_unit: { ...text, required: true, default: 'megabytes', one_of: ['megabytes', 'kilobytes', 'bytes'] } },
      { require_content_length: flag(false) },
    ),
  },
  'request-termination': {
    config: record(
      { status_code: { type: 'integer', required: true, default: 503, between: [100, 599] } },
      { message: text },
      { content_type: text },
      { body: text },
      { echo: flag(false) },
      { trigger: text },
    ),
  },
  'request-transformer': {
    config: record(
      { http_method: text },
      { remove: requestEdits },
      { rename: requestEdits },
      { replace: edits({ body: texts([]) }, { querystring: texts([]) }, { uri: text }) },
      { add: requestEdits },
      { append: requestEdits },
    ),
  },
  'response-transformer': {
    config: record(
      { remove: edits({ json: texts([]) }) },
      { rename: edits({ json: texts([]) }) },
      { replace: responseEdits },
      { add: responseEdits },
      { append: responseEdits },
    ),
  },
};

/** The plugins this simulated Kong is configured with; any other name is "not enabled", as on a real node with this `plugins` setting. */
export const enabledPlugins: readonly string[] = Object.keys(pluginSchemas);

const pluginNameProblem = (name: string): string | undefined =>
  enabledPlugins.includes(name) ? undefined : `plugin '${name}' not enabled; add it to the 'plugins' configuration property`;

/** The schema of one plugin entity. For an unknown plugin only its name is judged, since no config can be right or wrong. */
export function pluginSchema(name: unknown): RecordSchema {
  const known = typeof name === 'string' && Object.hasOwn(pluginSchemas, name) ? pluginSchemas[name] : undefined;
  const allowed = known?.protocols ?? httpProtocols;
  const consumer: Field = known?.withoutConsumer
    ? { type: 'foreign', reference: 'consumers', check: (value: unknown) => (value === null ? undefined : 'value must be null') }
    : foreign('consumers');
  return {
    fields: [
      ...identity,
      updatedAt,
      { name: { type: 'string', required: true, check: pluginNameProblem } },
      { instance_name: uniqueName },
      { route: foreign('routes') },
      { service: foreign('services') },
      { consumer },
      { config: known?.config ?? { type: 'map' } },
      { protocols: { type: 'set', required: true, default: allowed, elements: { type: 'string', len_min: 1, one_of: allowed } } },
      { enabled: flag(true) },
      { tags },
    ],
    ...(known?.checks && { entity_checks: known.checks }),
  };
}

/** What `GET /schemas/plugins/{name}` answers: the recorded schema, or for the others the part the simulator checks. */
export function pluginSchemaAnswer(name: string): Record<string, unknown> | undefined {
  if (name === 'rate-limiting') return recordedAnswer('/schemas/plugins/rate-limiting');
  const known = Object.hasOwn(pluginSchemas, name) ? pluginSchemas[name] : undefined;
  return known && { fields: [{ config: known.config }] };
}
