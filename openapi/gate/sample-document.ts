import type { Change } from './change.ts';
import { compareContracts } from './compare-contracts.ts';
import type { OpenApiDocument } from './document.ts';

/** A deep JSON value that a test may edit in place: the tests' edits are checked by what the gate says of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- paths into a sample document are shorter and clearer without a type per level
export type Editable = any;

/** A released revision in small: the ADR's two calls, a listing with a mode filter, shared and cyclic schemas, a union. */
export const sampleDocument = (): OpenApiDocument => structuredClone(sample);

/** What the gate says when the released sample is edited; the edit gets the document to change in place. */
export function changesAfter(edit: (document: Editable) => void, prepare: (document: Editable) => void = () => undefined): Change[] {
  const baseline = sampleDocument();
  prepare(baseline);
  const current = structuredClone(baseline);
  edit(current);
  return compareContracts(baseline, current);
}

export const breaksAfter = (...args: Parameters<typeof changesAfter>): string[] =>
  changesAfter(...args)
    .filter((change) => change.severity === 'breaking')
    .map((change) => `${change.code} ${change.where}`);

export const registerPath = '/v1/internal/gateways/register';

const json = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });
const problem = { description: 'A problem.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };

const sample: OpenApiDocument = {
  openapi: '3.1.0',
  info: { title: 'Sample', version: '1' },
  servers: [{ url: '/' }],
  paths: {
    [registerPath]: {
      post: {
        operationId: 'registerGateway',
        security: [{ gatewayKey: [] }],
        requestBody: { required: true, content: json('RegisterRequest') },
        responses: { 200: { description: 'Registered.', content: json('RegisterReply') }, 400: problem },
      },
    },
    '/v1/internal/gateways/{gateway_id}/heartbeat': {
      parameters: [{ name: 'gateway_id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
      post: {
        operationId: 'heartbeat',
        security: [{ gatewayKey: [] }],
        requestBody: { required: true, content: json('HeartbeatRequest') },
        responses: { 200: { description: 'Stored.' }, 404: problem },
      },
    },
    '/v1/gateways': {
      get: {
        operationId: 'listGateways',
        security: [{ operatorToken: ['read'] }],
        parameters: [
          { name: 'mode', in: 'query', schema: { $ref: '#/components/schemas/GatewayMode' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
        ],
        responses: {
          200: {
            description: 'A page.',
            headers: { ETag: { required: true, schema: { type: 'string' } } },
            content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Gateway' } } } },
          },
          400: problem,
        },
      },
    },
  },
  components: {
    securitySchemes: { gatewayKey: { type: 'http', scheme: 'bearer' }, operatorToken: { type: 'http', scheme: 'bearer' } },
    schemas: {
      GatewayMode: { type: 'string', enum: ['edge_mcp', 'sidecar', 'connect'] },
      RegisterRequest: {
        type: 'object',
        required: ['instance_name', 'gateway_mode', 'version', 'features', 'environment'],
        properties: {
          instance_name: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[a-z0-9-]+$' },
          gateway_mode: { $ref: '#/components/schemas/GatewayMode' },
          version: { type: 'string' },
          features: { type: 'array', items: { type: 'string', maxLength: 64 } },
          environment: { type: 'string' },
          boot_id: { type: ['string', 'null'], format: 'uuid' },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      RegisterReply: {
        allOf: [
          { $ref: '#/components/schemas/Interval' },
          {
            type: 'object',
            required: ['gateway_id'],
            properties: { gateway_id: { type: 'string', format: 'uuid' }, lease_epoch: { type: 'integer' } },
          },
        ],
      },
      Interval: {
        type: 'object',
        required: ['heartbeat_interval_s'],
        properties: { heartbeat_interval_s: { type: 'integer', minimum: 5, maximum: 3600 } },
      },
      HeartbeatRequest: {
        type: 'object',
        required: ['status', 'uptime_s', 'metrics'],
        properties: {
          status: { type: 'string', enum: ['healthy', 'degraded', 'unhealthy'] },
          uptime_s: { type: 'number', minimum: 0 },
          metrics: { type: 'object', additionalProperties: { type: 'number' } },
        },
      },
      Gateway: {
        type: 'object',
        required: ['id', 'mode', 'liveness'],
        properties: {
          id: { type: 'string' },
          mode: { $ref: '#/components/schemas/GatewayMode' },
          liveness: { type: 'string', enum: ['online', 'late', 'offline'] },
          target: { oneOf: [{ $ref: '#/components/schemas/Kong' }, { $ref: '#/components/schemas/Caddy' }] },
          replaces: { oneOf: [{ $ref: '#/components/schemas/Gateway' }, { type: 'null' }] },
          siblings: { type: 'array', items: { $ref: '#/components/schemas/Gateway' } },
        },
      },
      Kong: { type: 'object', required: ['type'], properties: { type: { const: 'kong' }, admin_url: { type: 'string' } } },
      Caddy: { type: 'object', required: ['type'], properties: { type: { const: 'caddy' } } },
      Problem: { type: 'object', required: ['title', 'status'], properties: { title: { type: 'string' }, status: { type: 'integer' } } },
    },
  },
};
