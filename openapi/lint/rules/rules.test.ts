import { BaseResolver, Source } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { configOf, lintDocumentFile } from '../lint.ts';
import type { StoaRuleId } from '../plugin.ts';
import { kebabCase } from './operation-has-one-file.ts';

/** Serves files from memory, so that a bad sample stands whole in its test. */
class SampleResolver extends BaseResolver {
  readonly #files: Readonly<Record<string, unknown>>;

  constructor(files: Readonly<Record<string, unknown>>) {
    super();
    this.#files = files;
  }

  override loadExternalRef(absoluteRef: string): Promise<Source> {
    const name = absoluteRef.replace('/contract/', '');
    if (!(name in this.#files)) return Promise.reject(new Error(`${name} is not part of the sample`));
    return Promise.resolve(new Source(absoluteRef, JSON.stringify(this.#files[name]), 'application/json'));
  }
}

/** The messages of one rule about a sample whose entry document is `registration.yaml`. */
async function messages(rule: StoaRuleId, entry: object, files: Record<string, unknown> = {}): Promise<string[]> {
  const document = { openapi: '3.1.0', info: { title: 'Sample', version: '1' }, paths: {}, ...entry };
  const resolver = new SampleResolver({ 'registration.yaml': document, ...files });
  const problems = await lintDocumentFile('/contract/registration.yaml', await configOf(rule), resolver);
  expect(problems.filter((problem) => problem.rule !== `stoa/${rule}`)).toEqual([]);
  return problems.map((problem) => problem.message);
}

const operation = (fields: object) => ({ paths: { '/v1/things': { get: { operationId: 'listThings', responses: {}, ...fields } } } });
const component = (schema: object) => ({ components: { schemas: { Thing: schema } } });
const modes = ['edge_mcp', 'sidecar', 'connect'];

describe('gateway-mode-is-closed', () => {
  const rule = 'gateway-mode-is-closed';
  const field = (schema: object, name = 'gateway_mode') => component({ type: 'object', properties: { [name]: schema } });

  it('accepts the three modes, in any order, behind a reference, or one of them as a constant', async () => {
    expect(await messages(rule, field({ enum: ['connect', 'edge_mcp', 'sidecar'] }))).toEqual([]);
    expect(
      await messages(rule, field({ $ref: './schemas/common.yaml#/GatewayMode' }), { 'schemas/common.yaml': { GatewayMode: { enum: modes } } }),
    ).toEqual([]);
    expect(await messages(rule, field({ const: 'connect' }))).toEqual([]);
  });

  it('lesson 5: refuses a fourth mode, a missing one and an open string', async () => {
    // A wrong enum is told twice: of the field, and of the enum itself.
    expect(await messages(rule, field({ enum: [...modes, 'proxy'] }))).not.toEqual([]);
    expect(await messages(rule, field({ enum: modes.slice(0, 2) }))).not.toEqual([]);
    expect(await messages(rule, field({ type: 'string' }))).toEqual([
      expect.stringContaining('gateway_mode must have the enum [edge_mcp, sidecar, connect]'),
    ]);
  });

  it('refuses a default, because a mode is always said', async () => {
    expect(await messages(rule, field({ enum: modes, default: 'edge_mcp' }))).toEqual([expect.stringContaining('has a default')]);
  });

  it('looks into lists and query filters', async () => {
    expect(await messages(rule, field({ type: 'array', items: { type: 'string' } }, 'modes'))).toHaveLength(1);
    expect(await messages(rule, operation({ parameters: [{ name: 'mode', in: 'query', schema: { type: 'string' } }] }))).toHaveLength(1);
  });

  it('finds the enum under another name', async () => {
    expect(await messages(rule, field({ enum: ['sidecar', 'connect', 'edge-mcp'] }, 'kind'))).toHaveLength(1);
  });

  it('leaves a list of objects called modes alone', async () => {
    expect(await messages(rule, field({ type: 'array', items: { type: 'object' } }, 'modes'))).toEqual([]);
  });
});

describe('adr-calls-are-stable', () => {
  const rule = 'adr-calls-are-stable';
  const body = (required: string[]) => ({ content: { 'application/json': { schema: { type: 'object', required } } } });
  const call = (required: string[], replies: object) => ({ requestBody: body(required), responses: replies });
  const registerFields = ['instance_name', 'gateway_mode', 'version', 'features', 'environment'];
  const register = call(registerFields, { 200: body(['gateway_id', 'heartbeat_interval_s']) });
  const heartbeat = call(['status', 'uptime_s', 'metrics'], { 200: { description: 'Stored.' } });
  const paths = (first: object, second: object = heartbeat) => ({
    paths: { '/v1/internal/gateways/register': { post: first }, '/v1/internal/gateways/{gateway_id}/heartbeat': { post: second } },
  });

  it('accepts the two calls of the ADR, also behind references and with allOf', async () => {
    expect(await messages(rule, paths(register))).toEqual([]);
    const files = {
      'paths/register-gateway.yaml': call(registerFields, {
        200: { content: { 'application/json': { schema: { $ref: '../schemas/reply.yaml#/Reply' } } } },
      }),
      'schemas/reply.yaml': { Reply: { allOf: [{ $ref: '#/Id' }, { required: ['heartbeat_interval_s'] }] }, Id: { required: ['gateway_id'] } },
    };
    expect(await messages(rule, paths({ $ref: './paths/register-gateway.yaml' }), files)).toEqual([]);
  });

  it('refuses a missing call', async () => {
    expect(await messages(rule, { paths: { '/v1/internal/gateways/register': { post: register } } })).toEqual([
      expect.stringContaining('{gateway_id}/heartbeat; the document does not have it'),
    ]);
  });

  it('refuses the names, the extra field and the 201 that broke the first implementation', async () => {
    const wrong = call(['hostname', 'mode', 'version', 'capabilities', 'environment'], { 201: body(['gateway_id']) });
    expect(await messages(rule, paths(wrong))).toEqual([
      expect.stringContaining('requires instance_name, gateway_mode, features'),
      expect.stringContaining('does not know hostname, mode, capabilities'),
      expect.stringContaining('answers 200, not 201'),
      expect.stringContaining('answers 200; the document does not'),
    ]);
  });

  it('refuses a reply that does not promise the interval', async () => {
    expect(await messages(rule, paths(call(registerFields, { 200: body(['gateway_id']) })))).toEqual([
      expect.stringContaining('always returns heartbeat_interval_s'),
    ]);
  });
});

describe('operation-has-one-file', () => {
  const rule = 'operation-has-one-file';
  const file = { operationId: 'listThings', responses: {} };

  it('accepts a reference to the file that bears the name of the operation', async () => {
    expect(
      await messages(rule, { paths: { '/v1/things': { get: { $ref: './paths/list-things.yaml' } } } }, { 'paths/list-things.yaml': file }),
    ).toEqual([]);
  });

  it('refuses an operation written inline, and one in a file of another name', async () => {
    expect(await messages(rule, operation({}))).toEqual([expect.stringContaining('./paths/list-things.yaml }, not written inline')]);
    expect(await messages(rule, { paths: { '/v1/things': { get: { $ref: './paths/things.yaml' } } } }, { 'paths/things.yaml': file })).toEqual([
      expect.stringContaining('not things.yaml'),
    ]);
  });

  it('writes operationIds in kebab-case as a reader would', () => {
    expect(['registerGateway', 'heartbeat', 'listAPIKeys', 'getV2Thing'].map(kebabCase)).toEqual([
      'register-gateway',
      'heartbeat',
      'list-api-keys',
      'get-v2-thing',
    ]);
  });
});

describe('schema-has-example', () => {
  const rule = 'schema-has-example';

  it('refuses a named schema without an example, in components and in schema files', async () => {
    expect(await messages(rule, component({ type: 'string' }))).toEqual(['Thing has no example; add example or examples.']);
    const files = { 'schemas/thing.yaml': { Thing: { type: 'object', properties: { name: { type: 'string' } } } } };
    expect(await messages(rule, component({ examples: [{}], properties: { it: { $ref: './schemas/thing.yaml#/Thing' } } }), files)).toEqual([
      'Thing has no example; add example or examples.',
    ]);
  });

  it('accepts example and examples, and asks nothing of schemas without a name', async () => {
    expect(await messages(rule, component({ type: 'object', example: { name: 'a' }, properties: { name: { type: 'string' } } }))).toEqual([]);
    expect(await messages(rule, component({ type: 'string', examples: ['a'] }))).toEqual([]);
  });
});

describe('errors-are-problems', () => {
  const rule = 'errors-are-problems';
  const problem = { type: 'object' };
  const answer = (type: string, schema: object) => ({
    ...operation({ responses: { 400: { description: 'x', content: { [type]: { schema } } } } }),
    components: { schemas: { Problem: problem } },
  });

  it('accepts problem+json with the shared schema', async () => {
    expect(await messages(rule, answer('application/problem+json', { $ref: '#/components/schemas/Problem' }))).toEqual([]);
  });

  it('refuses another media type, an empty body and a schema of its own', async () => {
    expect(await messages(rule, answer('application/json', { $ref: '#/components/schemas/Problem' }))).toEqual([
      expect.stringContaining('not application/json'),
    ]);
    expect(await messages(rule, operation({ responses: { 503: { description: 'x' } } }))).toEqual([expect.stringContaining('an empty body')]);
    expect(await messages(rule, answer('application/problem+json', problem))).toEqual([expect.stringContaining('shared Problem schema')]);
  });
});

describe('security-is-explicit', () => {
  const rule = 'security-is-explicit';

  it('lesson 9: refuses an operation that does not say its security, even when the document has a default', async () => {
    expect(await messages(rule, { ...operation({}), security: [{ operator: [] }] })).toEqual([expect.stringContaining('must say its security')]);
  });

  it('refuses an open operation without a reason, also when a credential is merely optional', async () => {
    expect(await messages(rule, operation({ security: [] }))).toHaveLength(1);
    expect(await messages(rule, operation({ security: [{ operator: [] }, {}] }))).toHaveLength(1);
    expect(await messages(rule, operation({ security: [], 'x-stoa-public': 'Probes carry no credential.' }))).toEqual([]);
  });

  it('refuses a reason where a credential is asked for', async () => {
    expect(await messages(rule, operation({ security: [{ operator: [] }], 'x-stoa-public': 'Probes carry no credential.' }))).toEqual([
      expect.stringContaining('says that it does not'),
    ]);
  });
});

describe('permission-is-known', () => {
  const rule = 'permission-is-known';
  const asks = (permission: unknown, ...schemes: string[]) =>
    operation({ 'x-stoa-permission': permission, security: schemes.map((scheme) => ({ [scheme]: [] })) });

  it('refuses an operation that does not say who may call it, and one that asks for what no role has', async () => {
    expect(await messages(rule, operation({ security: [{ operator: [] }] }))).toEqual([expect.stringContaining('add x-stoa-permission with one of')]);
    for (const permission of ['apis.rite', 'apis', '*', '', 7, ['apis.read']])
      expect(await messages(rule, asks(permission, 'operator'))).toEqual([expect.stringMatching(/^x-stoa-permission is .+; known are .*apis\.read/)]);
  });

  it('accepts a permission of the table, and a kind of caller', async () => {
    expect(await messages(rule, asks('apis.write', 'operator', 'session'))).toEqual([]);
    expect(await messages(rule, asks('self', 'operator'))).toEqual([]);
    expect(await messages(rule, asks('runtime', 'gatewayKey'))).toEqual([]);
    expect(await messages(rule, asks('public'))).toEqual([]);
  });

  it('refuses what contradicts the security of the operation', async () => {
    expect(await messages(rule, asks('apis.write', 'gatewayKey'))).toEqual([expect.stringContaining('must name operator')]);
    expect(await messages(rule, asks('runtime', 'operator'))).toEqual([expect.stringContaining('must name gatewayKey')]);
    expect(await messages(rule, asks('public', 'operator'))).toEqual([expect.stringContaining('must name nothing')]);
    expect(await messages(rule, asks('apis.read'))).toEqual([expect.stringContaining('must name operator')]);
  });
});

describe('descriptions-are-sentences', () => {
  const rule = 'descriptions-are-sentences';

  it('refuses a summary with a period and an operation without a description', async () => {
    expect(await messages(rule, operation({ summary: 'List things.' }))).toEqual([
      'The operation has no description.',
      'A summary is a title: end it without a period.',
    ]);
  });

  it('refuses parameters, answers and fields without a sentence', async () => {
    const parameters = [{ name: 'q', in: 'query' }];
    expect(await messages(rule, operation({ description: 'Lists things.', parameters, responses: { 200: { description: 'things' } } }))).toEqual([
      'The response: the description begins in lower case; write a sentence.',
      'The parameter q has no description.',
    ]);
    expect(await messages(rule, component({ properties: { name: { type: 'string', description: 'Its name' } } }))).toEqual([
      'The field name: the description does not end like a sentence.',
    ]);
  });

  it('takes the description of a shared schema for the field that refers to it', async () => {
    const schemas = {
      Name: { type: 'string', description: 'A name, such as `orders`.' },
      Thing: { properties: { name: { $ref: '#/components/schemas/Name' } } },
    };
    expect(await messages(rule, { components: { schemas } })).toEqual([]);
  });
});

describe('lists-have-pages', () => {
  const rule = 'lists-have-pages';
  const page = { type: 'object', properties: { items: { type: 'array' }, next_cursor: { type: 'string' } } };
  const shared = (...names: string[]) => names.map((name) => ({ $ref: `./schemas/parameters.yaml#/${name}` }));
  const parameter = (name: string) => ({ name: name.toLowerCase(), in: 'query', schema: { type: 'string' } });
  const files = { 'schemas/parameters.yaml': { Limit: parameter('Limit'), Cursor: parameter('Cursor') } };
  const list = (schema: object, parameters: object[], operationId = 'listThings') =>
    operation({ operationId, parameters, responses: { 200: { description: 'Things.', content: { 'application/json': { schema } } } } });

  it('accepts a page with the shared limit and cursor, and what is no list', async () => {
    expect(await messages(rule, list(page, shared('Limit', 'Cursor')), files)).toEqual([]);
    expect(await messages(rule, list({ type: 'object' }, [], 'getThing'))).toEqual([]);
  });

  it('refuses a page without either of them, one with its own, and a list without pages', async () => {
    const [limit, cursor] = ['Limit', 'Cursor'].map((name) => `A list must take the shared parameter ${name}, by reference.`);
    expect(await messages(rule, list(page, [], 'getThings'))).toEqual([limit, cursor]);
    expect(await messages(rule, list(page, [...shared('Cursor'), parameter('Limit')]), files)).toEqual([limit]);
    expect(await messages(rule, list({ type: 'object' }, shared('Limit', 'Cursor')), files)).toEqual(['A list must answer next_cursor.']);
  });
});
