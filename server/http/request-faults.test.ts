import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { faultWords, wordsFor } from '@stoa/lib/fault-words.ts';
import { requestFaults } from './request-faults.ts';

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
const told = (operation: { method: string; path: string }, body: unknown) =>
  requestFaults([{ path: '/body', errorCode: 'type.openapi.validation' }], { operation, body, isUpload: false });
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
    ).toEqual([{ pointer: '/body/upstream_auth/1/value', message: 'must be text' }]);
    expect(api({ header: 'X Key', value: 'x' })).toEqual([
      { pointer: '/body/upstream_auth/header', message: expect.stringContaining('name of a header') as string },
    ]);
    expect(api({ scheme: 'key' })).toEqual([{ pointer: '/body/upstream_auth/value', message: 'is required' }]);
    expect(api('secret')).toEqual([{ pointer: '/body/upstream_auth', message: 'must be an object, or a list' }]);
    expect(api([])).toEqual([{ pointer: '/body/upstream_auth', message: expect.stringContaining('not be an empty list') as string }]);
  });

  it('in a query, a path or a header is told by the schema of the parameter', () => {
    const fault = (path: string, keyword: string, message = 'must match pattern "x"') => ({
      path,
      errorCode: `${keyword}.openapi.validation`,
      message,
    });
    const errors = [
      fault('/query/limit', 'maximum'),
      fault('/query/label/0', 'pattern'),
      fault('/query/liveness', 'enum'),
      fault('/query/search', 'minLength'),
    ];
    const faults = requestFaults(errors, { operation: { method: 'get', path: '/v1/gateways' }, body: undefined, isUpload: false });
    expect(faults.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/query/limit must be a whole number from 1 to 500',
      '/query/label/0 must be a label as key=value, such as region=eu, the key of 63 characters at most',
      '/query/liveness must be one of online, late, offline, left, revoked, conflict',
      '/query/search must not be empty',
    ]);
    const [id] = requestFaults([fault('/params/api_id', 'format')], {
      operation: { method: 'get', path: '/v1/apis/{api_id}' },
      body: undefined,
      isUpload: false,
    });
    expect(id).toEqual({ pointer: '/path/api_id', message: expect.stringContaining('must be an id such as') as string });
  });
});
