import { type Field, foreign, type NamedField } from './field.ts';

const hashOn = ['none', 'consumer', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'];
const text: Field = { type: 'string' };
const flag = (value: boolean): Field => ({ type: 'boolean', required: true, default: value });
const count = (value: number, max = 255): Field => ({ type: 'integer', required: true, default: value, between: [0, max] });
const seconds = (value: number): Field => ({ type: 'number', required: true, default: value, between: [0, 65_535] });
const statuses = (value: number[]): Field => ({ type: 'array', required: true, default: value, elements: { type: 'integer', between: [100, 999] } });
const record = (...fields: NamedField[]): Field => ({ type: 'record', required: true, fields });
const probeType: Field = { type: 'string', required: true, default: 'http', one_of: ['tcp', 'http', 'https', 'grpc', 'grpcs'] };

const active = record(
  { type: probeType },
  { timeout: seconds(1) },
  { concurrency: { type: 'integer', required: true, default: 10, between: [1, 2 ** 31] } },
  { http_path: { type: 'string', required: true, default: '/' } },
  { https_sni: text },
  { https_verify_certificate: flag(true) },
  { headers: { type: 'map', values: { type: 'array', elements: text } } },
  { healthy: record({ interval: seconds(0) }, { http_statuses: statuses([200, 302]) }, { successes: count(0) }) },
  {
    unhealthy: record(
      { interval: seconds(0) },
      { http_statuses: statuses([429, 404, 500, 501, 502, 503, 504, 505]) },
      { tcp_failures: count(0) },
      { timeouts: count(0) },
      { http_failures: count(0) },
    ),
  },
);

const passiveHealthy = [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308];
const passive = record(
  { type: probeType },
  { healthy: record({ http_statuses: statuses(passiveHealthy) }, { successes: count(0) }) },
  {
    unhealthy: record({ http_statuses: statuses([429, 500, 503]) }, { tcp_failures: count(0) }, { timeouts: count(0) }, { http_failures: count(0) }),
  },
);

/** The fields of an upstream that are not its identity: stored and sent; the simulator's proxy only does round robin by weight. */
export const upstreamFields: readonly NamedField[] = [
  { algorithm: { type: 'string', default: 'round-robin', one_of: ['consistent-hashing', 'least-connections', 'round-robin', 'latency'] } },
  { hash_on: { type: 'string', default: 'none', one_of: hashOn } },
  { hash_fallback: { type: 'string', default: 'none', one_of: hashOn } },
  { hash_on_header: text },
  { hash_fallback_header: text },
  { hash_on_cookie: text },
  { hash_on_cookie_path: { type: 'string', default: '/' } },
  { hash_on_query_arg: text },
  { hash_fallback_query_arg: text },
  { hash_on_uri_capture: text },
  { hash_fallback_uri_capture: text },
  { slots: { type: 'integer', default: 10_000, between: [10, 2 ** 16] } },
  { healthchecks: record({ threshold: { type: 'number', default: 0, between: [0, 100] } }, { active }, { passive }) },
  { host_header: text },
  { client_certificate: foreign('certificates') },
  { use_srv_name: { type: 'boolean', default: false } },
];
