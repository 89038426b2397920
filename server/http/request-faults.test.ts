import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import { faultWords, wordsFor } from '@stoa/lib/fault-words.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { requestChecks } from '@stoa/generated/requests.ts';
import { bodyFaults, parameterFaults } from './request-faults.ts';

const contract = new URL('../../openapi/', import.meta.url);
const documents = ['paths', 'schemas'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, contract)).map((name) => load(readFileSync(new URL(`${folder}/${name}`, contract), 'utf8'))),
);

/** Words of JSON Schema that demand something, told from those that say something. */
const demanding =
  /^(type|enum|const|multipleOf|maximum|minimum|exclusiveMaximum|exclusiveMinimum|maxLength|minLength|pattern|format|maxItems|minItems|uniqueItems|contains|maxContains|minContains|maxProperties|minProperties|required|dependentRequired|propertyNames|additionalProperties|unevaluatedProperties|unevaluatedItems|oneOf|anyOf|allOf|not|if|nullable)$/;

/** Every keyword of every schema in the contract with its value; names of members that read like keywords are none. */
function keywordsIn(value: unknown, found: [string, unknown][] = [], areNames = false): [string, unknown][] {
  if (Array.isArray(value)) for (const inner of value) keywordsIn(inner, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'example' || key === 'security') continue;
      if (!areNames && demanding.test(key)) found.push([key, inner]);
      keywordsIn(inner, found, !areNames && (key === 'properties' || key === 'mapping'));
    }
  }
  return found;
}

const rawWords = /must match|must NOT|allowed values|must be (?:string|integer|object|array|boolean|number)\b|schema in oneOf|\^|\\d/;
const nowhere = '0b0c5d0e-1111-4222-8333-444455556666';
const told = (operation: { method: string; path: string }, body: unknown) => bodyFaults(operation, 'application/json', body, []);
const createApi = { method: 'post', path: '/v1/apis' };
const api = (upstream_auth: unknown) => told(createApi, { document: {}, upstream_auth });

describe('what is wrong with a request', () => {
  it('is told in plain words for every keyword, pattern and format that the contract uses', () => {
    const used = documents.flatMap((document) => keywordsIn(document));
    expect(new Set(used.map(([keyword]) => keyword)).size).toBeGreaterThan(12);
    for (const [keyword, value] of used) {
      expect(Object.keys(faultWords), `a sentence for ${keyword}`).toContain(keyword);
      if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'additionalProperties') continue;
      const words = wordsFor(keyword, { value, schema: { type: 'string', [keyword]: value }, member: 'x' });
      expect(words, keyword).toMatch(/^(must|is) /);
      expect(words, keyword).not.toMatch(rawWords);
      if (keyword === 'pattern') expect(words, String(value)).not.toContain('API reference');
      if (keyword === 'format') expect(words, String(value)).not.toBe(`must be a ${String(value)}`);
    }
  });

  it.each<[string, { method: string; path: string }, unknown, [string, string][]]>([
    ['a name', { method: 'post', path: '/v1/consumers' }, { name: 'No Slug' }, [['/body/name', 'lower-case letters']]],
    ['an id', { method: 'post', path: '/v1/subscriptions' }, { api_id: 'x', consumer_name: 'a' }, [['/body/api_id', 'an id such as']]],
    ['a member that is spelt otherwise', createApi, { document: {}, upstreamurl: 'x' }, [['/body/upstreamurl', 'did you mean upstream_url?']]],
    ['an empty selector', createApi, { document: {}, operations: { include: [{}] } }, [['/body/operations/include/0', '1 of tag, method, path, id']]],
    [
      'targets without any',
      { method: 'post', path: '/v1/deployments' },
      { api_id: nowhere, targets: {} },
      [['/body/targets', 'at least 1 of instance_names']],
    ],
    [
      'an empty list',
      { method: 'post', path: '/v1/deployments' },
      { api_id: nowhere, targets: { modes: [] } },
      [['/body/targets/modes', 'not be an empty list']],
    ],
    ['a label', { method: 'post', path: '/v1/consumers' }, { name: 'a', labels: { 'a b': 'x' } }, [['/body/labels/a b', 'letters, digits']]],
    ['an instant', { method: 'post', path: '/v1/gateway-keys' }, { name: 'a', expires_at: 'soon' }, [['/body/expires_at', 'an instant']]],
    ['a flag', createApi, { document: {}, open_to_all_consumers: 'yes' }, [['/body/open_to_all_consumers', 'true or false']]],
    ['a document that is neither', createApi, { document: 5 }, [['/body/document', 'text, or an object']]],
    ['an empty document', createApi, { document: '' }, [['/body/document', 'must not be empty']]],
  ])('names the member and what is right: %s', (_what, operation, body, expected) => {
    const faults = told(operation, body);
    expect(faults).toEqual(expected.map(([pointer, words]) => ({ pointer, message: expect.stringContaining(words) as string })));
    expect(JSON.stringify(faults.map(({ message }) => message))).not.toMatch(rawWords);
  });

  it('of several forms names the faults of the one that was meant alone, and the forms where none was', () => {
    expect(api([{ in: 'body' }]).toSorted((a, b) => a.pointer.localeCompare(b.pointer))).toEqual([
      { pointer: '/body/upstream_auth/0/in', message: 'must be one of header, query, cookie' },
      { pointer: '/body/upstream_auth/0/value', message: 'is required' },
    ]);
    expect(
      api([
        { header: 'X-Key', value: 'x' },
        { scheme: 'key', value: 5 },
      ]),
    ).toEqual([{ pointer: '/body/upstream_auth/1/value', message: 'must be text, or an object' }]);
    expect(api({ header: 'X Key', value: 'x' })).toEqual([
      { pointer: '/body/upstream_auth/header', message: expect.stringContaining('name of a header') as string },
    ]);
    expect(api({ scheme: 'key' })).toEqual([{ pointer: '/body/upstream_auth/value', message: 'is required' }]);
    expect(api([{ kind: 'magic', value: 'x' }])).toEqual([
      {
        pointer: '/body/upstream_auth/0/kind',
        message: 'must be one of basic, client_credentials, token_exchange, client_certificate, assertion, or left out',
      },
    ]);
    expect(api([{ kind: 'basic', username: 'a' }])).toEqual([{ pointer: '/body/upstream_auth/0/password', message: 'is required' }]);
    expect(api('secret')).toEqual([{ pointer: '/body/upstream_auth', message: 'must be an object, or a list' }]);
    expect(api([])).toEqual([{ pointer: '/body/upstream_auth', message: expect.stringContaining('not be an empty list') as string }]);
  });

  it('in a query, a path or a header is told by the schema of the parameter', () => {
    const toldOf = (id: OperationId, operation: { method: string; path: string }, input: object) => {
      const check = requestChecks[id].parameters;
      expect(check?.({ path: {}, query: {}, headers: {}, ...input })).toBe(false);
      return parameterFaults(operation, check?.errors ?? []).map(({ pointer, message }) => `${pointer} ${message}`);
    };
    const query = { limit: '501', label: 'x', liveness: 'well', search: '' };
    expect(toldOf('listGateways', { method: 'get', path: '/v1/gateways' }, { query }).sort()).toEqual([
      '/query/label/0 must be a label as key=value, such as region=eu, the key of 63 characters at most',
      '/query/limit must be a whole number from 1 to 500',
      '/query/liveness must be one of online, late, offline, left, revoked, conflict',
      '/query/search must not be empty',
    ]);
    expect(toldOf('getApi', { method: 'get', path: '/v1/apis/{api_id}' }, { path: { api_id: 'x' } })).toEqual([
      expect.stringMatching(/^\/path\/api_id must be an id such as/),
    ]);
    const headers = { 'last-event-id': 'x' };
    expect(toldOf('streamGatewayEvents', { method: 'get', path: '/v1/gateways/events' }, { headers })).toEqual([
      '/headers/last-event-id must be a number of 18 digits at most, as an event gives it',
    ]);
  });
});

describe('the checks that are compiled ahead', () => {
  it('take text for what the contract says it is, one value for a list of one, and give what is left out its default', () => {
    const input = { path: {}, query: { limit: '7', label: 'a=b', include_left: 'false' } as Record<string, unknown>, headers: {} };
    expect(requestChecks.listGateways.parameters?.(input)).toBe(true);
    expect(input.query).toEqual({ limit: 7, label: ['a=b'], include_left: false, sort: 'registered' });
    const revision = { path: { api_id: nowhere, revision: '3' }, query: {}, headers: {} };
    expect(requestChecks.getApiRevision.parameters?.(revision)).toBe(true);
    expect(revision.path.revision).toBe(3);
  });

  it('are there for every operation with parameters or a body', () => {
    const contractOperations = Object.values(controlPlaneDocument.paths).flatMap((item) => Object.values(item)) as {
      operationId: OperationId;
      parameters?: unknown[];
      requestBody?: { content: object };
    }[];
    for (const { operationId, parameters = [], requestBody } of contractOperations) {
      const { parameters: check, bodies } = requestChecks[operationId];
      expect([operationId, check !== undefined]).toEqual([operationId, parameters.length > 0]);
      expect(Object.keys(bodies)).toEqual(Object.keys(requestBody?.content ?? {}));
    }
  });
});
