import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiOperation } from '@stoa/generated/schemas.ts';
import { lazyValidator } from '@stoa/mcp/snapshot/arguments/arguments.ts';
import { compileRequest } from '@stoa/mcp/snapshot/request/build.ts';
import { compileApi } from '@stoa/server/catalog/compile/compile-api.ts';
import { parseDocument } from '@stoa/server/catalog/compile/parse-document.ts';

/** A parameter of a document with a value that its schema describes. */
type Given = { place: 'path' | 'query' | 'header' | 'cookie'; name: string; style: string; explode: boolean; schema: object; value: unknown };
type Body = { type: 'application/json' | 'application/x-www-form-urlencoded'; schema: object; value: unknown };

const schemaOf = (value: unknown): object => {
  if (Array.isArray(value)) return { type: 'array', items: { type: ['string', 'integer', 'boolean'] } };
  if (typeof value === 'object' && value !== null)
    return {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, schemaOf(member)])),
    };
  return { type: Number.isInteger(value) ? 'integer' : typeof value };
};

// What would make a path segment `.` or `..` for somebody is refused, which has tests of its own.
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((each) => !/[.%\\/\0]/.test(each));
const scalar = fc.oneof(text, fc.integer(), fc.boolean());
const list = fc.array(scalar, { minLength: 1, maxLength: 4 });
/** Members of an exploded object stand in the query by their own names. */
const object = fc.dictionary(fc.constantFrom('m1', 'm 2', 'm[3]', 'm,4'), scalar, { minKeys: 1, noNullPrototype: true });
const names = fc.uniqueArray(fc.constantFrom('id', 'top', '$top', 'uids[]', '名称', 'a b', 'x-y', 'body', '__proto_'), {
  minLength: 1,
  maxLength: 5,
});

const valueFor: Record<string, fc.Arbitrary<unknown>> = {
  form: fc.oneof(scalar, list, object),
  spaceDelimited: list,
  pipeDelimited: list,
  deepObject: object,
  simple: fc.oneof(scalar, list),
};
const inQuery = fc.constantFrom('form', 'spaceDelimited', 'pipeDelimited', 'deepObject');
const query = (name: string) =>
  fc
    .tuple(inQuery, fc.boolean())
    .chain(([style, explode]) => (valueFor[style] as fc.Arbitrary<unknown>).map((value): Given => given('query', name, style, explode, value)));
const path = (name: string) =>
  fc.tuple(valueFor['simple'] as fc.Arbitrary<unknown>, fc.boolean()).map(([value, explode]): Given => given('path', name, 'simple', explode, value));
const printable = fc.stringMatching(/^[\x21-\x2b\x2d-\x7e]{1,12}$/);
const header = (name: string) => printable.map((value): Given => given('header', `X-${name}`, 'simple', false, value));
const cookie = (name: string) => fc.oneof(text, fc.integer()).map((value): Given => given('cookie', name, 'form', true, value));

function given(place: Given['place'], name: string, style: string, explode: boolean, value: unknown): Given {
  return { place, name, style, explode, value, schema: schemaOf(value) };
}

const each = (make: (name: string) => fc.Arbitrary<Given>, from: fc.Arbitrary<string[]>) => from.chain((list) => fc.tuple(...list.map(make)));
const parameters = fc
  .tuple(
    each(path, fc.uniqueArray(fc.constantFrom('id', 'top', 'a-b'), { maxLength: 2 })),
    each(query, names),
    each(header, fc.uniqueArray(fc.constantFrom('id', 'Trace'), { maxLength: 2 })),
    each(cookie, fc.uniqueArray(fc.constantFrom('id', 'sid'), { maxLength: 2 })),
  )
  .map((places): Given[] => places.flat());
const json = fc.oneof(object, list, fc.record({ deep: fc.record({ list, object }) }));
const body: fc.Arbitrary<Body | undefined> = fc.option(
  fc.oneof(
    json.map((value): Body => ({ type: 'application/json', schema: schemaOf(value), value })),
    object.map((value): Body => ({ type: 'application/x-www-form-urlencoded', schema: schemaOf(value), value })),
  ),
  { nil: undefined },
);

function operationOf(list: readonly Given[], content: Body | undefined): ApiOperation {
  const key = `/a${list
    .filter(({ place }) => place === 'path')
    .map(({ name }) => `/{${name}}`)
    .join('')}`;
  const operation = {
    parameters: list.map(({ place, name, style, explode, schema }) => ({ in: place, name, style, explode, schema, required: true })),
    ...(content === undefined ? {} : { requestBody: { required: true, content: { [content.type]: { schema: content.schema } } } }),
    responses: { 204: { description: 'Done.' } },
  };
  const document = parseDocument({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths: { [key]: { post: operation } } });
  const { operations, losses } = compileApi({ name: 'api', document, upstreamUrl: 'https://api.example.com' });
  expect(losses).toEqual([]);
  return operations[0] as ApiOperation;
}

/** The arguments by their names in the tool. */
function argumentsOf(operation: ApiOperation, list: readonly Given[], content: Body | undefined): Record<string, unknown> {
  return Object.fromEntries(
    operation.bindings.map(({ argument, in: place, name }) => [
      argument,
      place === 'body' ? content?.value : list.find((each) => each.place === place && each.name === name)?.value,
    ]),
  );
}

type Pair = readonly [string, string];
const decode = decodeURIComponent;
const shown = (value: unknown): unknown => (Array.isArray(value) ? value.map(String) : typeof value === 'object' ? entriesOf(value) : String(value));
const entriesOf = (value: unknown): Pair[] => Object.entries(value as object).map(([key, member]) => [key, String(member)]);

/** Reads a parameter out of the raw pairs of a query as the table of styles in OpenAPI has it, and takes its pairs away. */
function readQuery({ name, style, explode, value }: Given, pairs: Pair[]): unknown {
  const take = (fits: (key: string) => boolean): Pair[] => {
    const found = pairs.filter(([key]) => fits(decode(key)));
    for (const pair of found) pairs.splice(pairs.indexOf(pair), 1);
    return found;
  };
  if (style === 'deepObject')
    return take((key) => key.startsWith(`${name}[`) && key.endsWith(']')).map(([key, text]) => [
      decode(key).slice(name.length + 1, -1),
      decode(text),
    ]);
  if (typeof value === 'object' && !Array.isArray(value) && explode)
    return take((key) => Object.hasOwn(value as object, key)).map(([key, text]) => [decode(key), decode(text)]);
  const own = take((key) => key === name).map(([, text]) => text);
  if (Array.isArray(value)) {
    const delimiter = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
    return (explode ? own : (own[0] ?? '').split(delimiter)).map(decode);
  }
  if (typeof value !== 'object') return decode(own[0] ?? '');
  const flat = (own[0] ?? '').split(',').map(decode);
  return flat.flatMap((key, index) => (index % 2 === 0 ? [[key, flat[index + 1] ?? '']] : []));
}

describe('whatever a document describes', () => {
  it('is taken by the schema of its tool, and each argument ends where the document says', () => {
    const property = fc.property(parameters, body, (list, content) => {
      // Two objects whose members stand in the query by themselves would meet there, as the document has it.
      const isFlat = ({ place, style, explode, value }: Given) => place === 'query' && style === 'form' && explode && isObject(value);
      fc.pre(list.filter(isFlat).length < 2);
      // A delimiter within an element cannot be told from one between two.
      fc.pre(!list.some(({ style, explode, value }) => !explode && Array.isArray(value) && value.some((item) => clashes(style, String(item)))));
      const operation = operationOf(list, content);
      const args = argumentsOf(operation, list, content);
      expect(lazyValidator(operation.tool.input_schema)(args)).toEqual([]);
      const { build, warnings } = compileRequest(operation, { basePath: '', credentials: [], headers: { set: [], remove: new Set() } });
      const built = build(args);
      expect([warnings, built]).toMatchObject([[], { ok: true }]);
      if (!built.ok) return;
      const [target = '', search = ''] = built.request.path.split('?');
      const segments = target.split('/').slice(2);
      const pairs = search.split('&').map((pair): Pair => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]);
      const headers = new Map(
        built.request.headers.flatMap((line, at, lines) => (at % 2 === 0 ? [[line.toLowerCase(), lines[at + 1] ?? ''] as const] : [])),
      );
      const cookies = new Map(
        (headers.get('cookie') ?? '').split('; ').map((pair) => [decode(pair.split('=')[0] ?? ''), decode(pair.split('=')[1] ?? '')]),
      );
      const inPath = list.filter(({ place }) => place === 'path');
      expect(segments.map((segment, at) => (Array.isArray(inPath[at]?.value) ? segment.split(',').map(decode) : decode(segment)))).toEqual(
        inPath.map(({ value }) => shown(value)),
      );
      for (const each of list.filter(({ place }) => place === 'query'))
        expect([each.name, readQuery(each, pairs)]).toEqual([each.name, shown(each.value)]);
      expect(pairs).toEqual([]);
      for (const { name, value } of list.filter(({ place }) => place === 'header')) expect(headers.get(name.toLowerCase())).toBe(value);
      for (const { name, value } of list.filter(({ place }) => place === 'cookie')) expect(cookies.get(name)).toBe(String(value));
      expect(built.request.body === undefined).toBe(content === undefined);
      if (content === undefined) return;
      const sent = String(built.request.body);
      expect(headers.get('content-type')).toBe(content.type);
      if (content.type === 'application/json') expect(JSON.parse(sent)).toEqual(content.value);
      else expect([...new URLSearchParams(sent)]).toEqual(entriesOf(content.value));
    });
    fc.assert(property, { seed: 20261129, numRuns: 30 });
  });
});

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const clashes = (style: string, item: string): boolean => item.includes(style === 'spaceDelimited' ? ' ' : style === 'pipeDelimited' ? '|' : '\0');
