import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { compileApi } from './compile-api.ts';
import type { JsonObject } from './json.ts';
import { parseDocument } from './parse-document.ts';
import { compiled, compiledOperation } from './testing.ts';

const responses = { 204: { description: 'Done.' } };
const bodyOf = (schema: unknown) => ({ responses, requestBody: { required: true, content: { 'application/json': { schema } } } });

function inputBody(schema: unknown, schemas: JsonObject = {}, openapi = '3.1.0') {
  const { input, losses } = compiledOperation('/o', 'post', bodyOf(schema), { openapi, components: { schemas } });
  const body = (input['properties'] as JsonObject)['body'];
  const validate = new Ajv2020({ strict: false, logger: false }).compile(input);
  return { body, losses, defs: input['$defs'] as JsonObject | undefined, accepts: (value: unknown) => validate({ body: value }) };
}

describe('schemas of OpenAPI 3.0', () => {
  const v30 = (schema: unknown, schemas: JsonObject = {}) => inputBody(schema, schemas, '3.0.3');

  it('may be null by nullable, also in enumerations and combinations', () => {
    expect(v30({ type: 'string', nullable: true, enum: ['a'] }).body).toEqual({ type: ['string', 'null'], enum: ['a', null] });
    const combined = v30(
      { nullable: true, description: 'Maybe.', allOf: [{ $ref: '#/components/schemas/A' }] },
      { A: { type: 'object', required: ['x'] } },
    );
    expect(combined.accepts(null)).toBe(true);
    expect(combined.accepts({})).toBe(false);
    expect(combined.body).toMatchObject({ description: 'Maybe.' });
    expect(v30({ type: 'string' }).accepts(null)).toBe(false);
  });

  it('have exclusive bounds, examples and discriminators in the words of 2020-12', () => {
    expect(v30({ type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false, example: 3 }).body).toEqual({
      type: 'number',
      exclusiveMinimum: 1,
      maximum: 9,
      examples: [3],
    });
    expect(
      v30({ type: 'object', 'x-internal': 1, xml: {}, discriminator: { propertyName: 'kind', mapping: { a: '#/components/schemas/A' } } }).body,
    ).toEqual({ type: 'object' });
  });

  it('ignore what stands beside a reference, which 3.1 does not', () => {
    const schemas = { A: { type: 'string' } };
    const schema = { $ref: '#/components/schemas/A', maxLength: 1 };
    expect(v30(schema, schemas).accepts('long')).toBe(true);
    expect(inputBody(schema, schemas).accepts('long')).toBe(false);
    expect(inputBody(schema, schemas).accepts('s')).toBe(true);
  });
});

describe('references', () => {
  it('to small schemas are replaced by them, to large ones kept as $defs', () => {
    const schemas = { Small: { type: 'string' }, Large: { type: 'string', description: 'x'.repeat(2000) } };
    expect(inputBody({ $ref: '#/components/schemas/Small', description: 'Mine.' }, schemas).body).toEqual({ type: 'string', description: 'Mine.' });
    const large = inputBody({ $ref: '#/components/schemas/Large' }, schemas);
    expect(large.body).toEqual({ $ref: '#/$defs/Large' });
    expect(Object.keys(large.defs ?? {})).toEqual(['Large']);
  });

  it('lesson 34: that form a circle are kept as $defs and validate', () => {
    const Node = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/components/schemas/Node' } } },
    };
    const { defs, accepts, losses } = inputBody({ $ref: '#/components/schemas/Node' }, { Node });
    expect(defs).toMatchObject({ Node: { properties: { children: { items: { $ref: '#/$defs/Node' } } } } });
    expect(accepts({ name: 'a', children: [{ name: 'b', children: [] }] })).toBe(true);
    expect(accepts({ name: 'a', children: [{}] })).toBe(false);
    expect(losses).toEqual([]);
  });

  it('lesson 34: that never end are cut, so that no validator runs for ever', () => {
    const schemas = {
      A: { $ref: '#/components/schemas/B' },
      B: { allOf: [{ $ref: '#/components/schemas/A' }, { type: 'object' }] },
      Self: { anyOf: [{ $ref: '#/components/schemas/Self' }] },
    };
    const { accepts, losses } = inputBody(
      { type: 'object', properties: { a: { $ref: '#/components/schemas/A' }, s: { $ref: '#/components/schemas/Self' } } },
      schemas,
    );
    expect(accepts({ a: {}, s: 1 })).toBe(true);
    expect(losses.filter((loss) => loss.includes('without end'))).toHaveLength(2);
  });

  it('lesson 34: that form a chain of ten thousand exhaust no stack', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`C${i}`, { type: 'object', properties: { next: { $ref: `#/components/schemas/C${i + 1}` } } }]),
    );
    const { operations, losses } = compiled({
      paths: { '/o': { post: bodyOf({ $ref: '#/components/schemas/C0' }), get: { responses } } },
      components: { schemas },
    });
    expect(operations.map((operation) => operation.method)).toEqual(['GET', 'POST']);
    expect(losses).toEqual([{ where: 'POST /o', what: expect.stringContaining('accept any value'), dropped: false }]);
    expect(() => new Ajv2020({ strict: false }).compile(operations[1]?.tool.input_schema ?? false)).not.toThrow();
  });

  it('are found by pointers into any part of the document, escapes included', () => {
    const paths = {
      '/a/{b}': { get: { responses, parameters: [{ name: 'b', in: 'path', schema: { type: 'string', maxLength: 1 } }] } },
      '/o': { post: bodyOf({ $ref: '#/paths/~1a~1%7Bb%7D/get/parameters/0/schema' }) },
    };
    const { operations } = compiled({ paths });
    expect(operations[1]?.tool.input_schema).toMatchObject({ properties: { body: { type: 'string', maxLength: 1 } } });
  });

  it.each([
    'https://example.com/schemas.json#/A',
    'file:///etc/passwd',
    'other.yaml#/A',
    '#/components/schemas/Nowhere',
    '#anchor',
    '#/__proto__/polluted',
  ])('to %s are not followed; anything is accepted and the loss reported', (reference) => {
    const { accepts, losses } = inputBody({ type: 'object', properties: { a: { $ref: reference } } });
    expect(accepts({ a: 1 })).toBe(true);
    expect(losses).toHaveLength(1);
    expect(losses[0]).toContain(reference);
  });

  it('are not seen in a property that is named $ref', () => {
    expect(inputBody({ type: 'object', properties: { $ref: { type: 'string' } } }).accepts({ $ref: 1 })).toBe(false);
  });
});

describe('whole schemas', () => {
  it('are taken by a validator when their parts are: our own documents as the sample', () => {
    const document = parseDocument(readFileSync(new URL('../../../generated/control-plane.openapi.json', import.meta.url), 'utf8'));
    const tools = compileApi({ name: 'stoa', document, upstreamUrl: 'http://127.0.0.1:1' }).operations.map((operation) => operation.tool);
    for (const schema of tools.flatMap((tool) => [tool.input_schema, tool.output_schema ?? {}])) {
      expect(() => new Ajv2020({ strict: false, logger: false }).compile(schema)).not.toThrow();
    }
  });
});

describe('directions', () => {
  const Order = {
    type: 'object',
    required: ['id', 'item', 'secret'],
    properties: { id: { type: 'string', readOnly: true }, item: { type: 'string' }, secret: { $ref: '#/components/schemas/Secret' } },
  };
  const schemas = {
    Order,
    Secret: { type: 'string', writeOnly: true },
    New: { allOf: [{ $ref: '#/components/schemas/Order' }, { required: ['id', 'item'] }] },
  };

  it('leave readOnly properties out of inputs and writeOnly ones out of results', () => {
    const operation = {
      ...bodyOf({ $ref: '#/components/schemas/Order' }),
      responses: { 201: { description: 'ok', content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } } },
    };
    const { input, output } = compiledOperation('/o', 'post', operation, { components: { schemas } });
    const body = (input['properties'] as JsonObject)['body'] as JsonObject;
    expect([body['required'], Object.keys(body['properties'] as object)]).toEqual([
      ['item', 'secret'],
      ['item', 'secret'],
    ]);
    expect(Object.keys(output['properties'] as object)).toEqual(['id', 'item']);
  });

  it('do not require beside allOf what allOf has hidden', () => {
    expect(inputBody({ $ref: '#/components/schemas/New' }, schemas).accepts({ item: 'x', secret: 's' })).toBe(true);
  });
});

describe('result schemas', () => {
  const json = (schema: unknown) => ({ description: 'ok', content: { 'application/json': { schema } } });
  const result = (list: JsonObject, schemas: JsonObject = {}) => compiledOperation('/o', 'get', { responses: list }, { components: { schemas } });

  it('have type object at their root, references resolved', () => {
    const Node = { allOf: [{ type: 'object' }], properties: { next: { $ref: '#/components/schemas/Node' } } };
    const { output } = result(
      { 200: json({ $ref: '#/components/schemas/Alias' }), 404: json({}) },
      { Node, Alias: { $ref: '#/components/schemas/Node' } },
    );
    expect(output).toMatchObject({ type: 'object', properties: { next: { $ref: '#/$defs/Node' } }, $defs: { Node: {} } });
    expect(output).not.toHaveProperty('$ref');
  });

  it('are absent, with a loss, where the result may be an object or not, or is not always the same', () => {
    for (const list of [
      { 200: json({ type: ['object', 'array'] }) },
      { 200: json({ description: 'Anything.' }) },
      { 200: json({ type: 'object' }), 204: { description: 'none' } },
    ]) {
      const { operation, losses } = result(list);
      expect(operation.tool.output_schema).toBeUndefined();
      expect(losses).toHaveLength(1);
    }
  });

  it('hold what is no object in "result", as results are structured', () => {
    for (const [schema, value] of [
      [
        { type: 'array', items: { type: 'string' } },
        { type: ['array', 'null'], items: { type: ['string', 'null'] } },
      ],
      [{ type: 'integer', minimum: 1 }, { type: ['integer', 'null'] }],
      [{ $ref: '#/components/schemas/Names' }, { type: ['array', 'null'], items: { type: ['string', 'null'] } }],
    ]) {
      expect(result({ 200: json(schema) }, { Names: { type: 'array', items: { type: 'string' } } }).output).toEqual({
        type: 'object',
        properties: { result: value },
      });
    }
  });

  it('demand and forbid nothing, at any depth and in definitions, so that real answers fit', () => {
    const strict = (more: JsonObject) => ({
      type: 'object',
      required: ['a', 'b'],
      additionalProperties: false,
      minProperties: 2,
      properties: {
        a: { type: 'string', format: 'date-time', pattern: '^2', minLength: 3 },
        b: { type: 'string', enum: ['on', 'off', null], description: 'x'.repeat(2000) },
        c: { const: 7 },
        never: false,
        ...more,
      },
      patternProperties: { '^x-': { type: 'integer' } },
      not: { required: ['d'] },
      if: { required: ['e'] },
      then: { required: ['f'] },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
      dependentRequired: { a: ['b'] },
    });
    const schemas = { Deep: strict({ self: { $ref: '#/components/schemas/Deep' } }) };
    const { output, losses } = result(
      { 200: json(strict({ list: { type: 'array', minItems: 1, uniqueItems: true, items: { $ref: '#/components/schemas/Deep' } } })) },
      schemas,
    );
    expect(losses).toEqual([]);
    const accepts = new Ajv2020({ strict: false, logger: false }).compile(output);
    const answer = { a: '', b: null, c: 8, d: 1, e: 2, never: 1, 'x-y': 'z', more: true };
    expect(accepts({ ...answer, list: [{ ...answer, self: answer }, {}, {}] })).toBe(true);
    expect(accepts({})).toBe(true);
    expect(accepts({ list: [{ self: { a: 1 } }] })).toBe(false);
    expect(JSON.stringify(output)).not.toMatch(/"(required|enum|const|format|pattern|oneOf|not|if|minLength|additionalProperties)":/);
    expect(output).toMatchObject({ properties: { b: { type: ['string', 'null'], examples: ['on', 'off', null] }, c: { examples: [7] } } });
  });

  it('of an object that may be null are those of the object', () => {
    expect(result({ 200: json({ type: ['object', 'null'], properties: { a: { type: 'string' } } }) }).output).toEqual({
      type: 'object',
      properties: { a: { type: ['string', 'null'] } },
    });
  });

  it('take null wherever a value may stand, but not in the place of the whole answer', () => {
    const schemas = {
      Owner: {
        allOf: [
          { type: 'object', properties: { name: { type: 'string' } } },
          { type: 'object', required: ['name'] },
        ],
      },
      Tree: { type: 'object', description: 'x'.repeat(2000), properties: { left: { $ref: '#/components/schemas/Tree' } } },
      Either: { oneOf: [{ type: 'string', enum: ['a'] }, { type: 'integer' }] },
    };
    const properties = {
      ...Object.fromEntries(Object.keys(schemas).map((name) => [name, { $ref: `#/components/schemas/${name}` }])),
      list: { type: 'array', items: { type: 'boolean' } },
      pair: { type: 'array', prefixItems: [{ type: 'number' }] },
      map: { type: 'object', additionalProperties: { type: 'string', format: 'date' } },
      known: { const: 1, type: 'integer' },
    };
    const accepts = new Ajv2020({ strict: false, logger: false }).compile(result({ 200: json({ type: 'object', properties }) }, schemas).output);
    for (const name of Object.keys(properties)) expect([name, accepts({ [name]: null })]).toEqual([name, true]);
    expect(accepts({ list: [true, null], pair: [null], map: { a: null }, Tree: { left: { left: null } }, Owner: { name: null } })).toBe(true);
    expect([accepts(null), accepts({ list: [1] }), accepts({ Tree: { left: { left: 1 } } })]).toEqual([false, false, false]);
  });

  it('lesson 34: a bad one costs the tool nothing but its output schema', () => {
    const { operation, losses } = result({
      200: json({
        type: 'object',
        properties: { a: { type: 'array', prefixItems: [{ type: 7 }], $ref: 1, items: { title: 'x', deprecated: true } } },
      }),
    });
    expect(operation.tool.name).toBe('shop_get_o');
    expect(losses).toHaveLength(1);
  });
});

describe('what validators would refuse', () => {
  it('is mended, with a loss, where that only widens the schema', () => {
    for (const schema of [
      { type: 'file' },
      { type: 'string', pattern: '(?i)abc(' },
      { type: 'string', enum: [] },
      { type: 'object', required: true },
    ]) {
      const { losses } = inputBody(schema);
      expect(losses).toHaveLength(1);
    }
    expect(inputBody({ type: 'object', id: 'x', properties: { a: true }, allOf: [] }).losses).toEqual([]);
  });
});
