import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from './json.ts';
import { compiledOperation } from './testing.ts';

const text = { type: 'string' };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const mapped = (propertyName: string, names: Record<string, string>) => ({
  propertyName,
  mapping: Object.fromEntries(Object.entries(names).map(([value, name]) => [value, `#/components/schemas/${name}`])),
});

/** The argument `body` of an operation that takes one of this schema. */
function bodyOf(schema: unknown, schemas: JsonObject = {}, openapi = '3.1.0') {
  const operation = {
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: { 200: { description: 'ok', content: { 'application/json': { schema } } } },
  };
  const { input, output, losses } = compiledOperation('/o', 'post', operation, { openapi, components: { schemas } });
  const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false });
  const validate = ajv.compile(input);
  const validateOutput = ajv.compile(output);
  return {
    body: (input['properties'] as JsonObject)['body'] as JsonObject,
    output,
    text: JSON.stringify(input),
    losses,
    accepts: (value: unknown) => validate({ body: value }),
    answers: (value: unknown) => validateOutput(value),
  };
}

describe('a discriminator', () => {
  const kinds = {
    Card: { type: 'object', required: ['kind', 'number'], properties: { kind: text, number: text } },
    Transfer: { type: 'object', required: ['kind', 'iban'], properties: { kind: text, iban: text } },
  };

  it.each(['oneOf', 'anyOf'])('tells the branches of %s apart by the values of its mapping', (keyword) => {
    const schema = {
      [keyword]: [ref('Card'), ref('Transfer')],
      discriminator: mapped('kind', { credit_card: 'Card', visa: 'Card', wire: 'Transfer' }),
    };
    const { body, accepts } = bodyOf(schema, kinds);
    expect(body).toMatchObject({ anyOf: [{ properties: { kind: { enum: ['credit_card', 'visa'] } } }, { properties: { kind: { const: 'wire' } } }] });
    expect(accepts({ kind: 'wire', iban: '1' })).toBe(true);
    expect(accepts({ kind: 'wire', number: '1' })).toBe(false);
    expect(accepts({ kind: 'nonsense', number: '1' })).toBe(false);
  });

  it('without a mapping tells them apart by the names of the schemas, and by names in a mapping', () => {
    const { accepts } = bodyOf({ oneOf: [ref('Card'), ref('Transfer')], discriminator: { propertyName: 'kind' } }, kinds);
    expect([accepts({ kind: 'Card', number: '1' }), accepts({ kind: 'card', number: '1' })]).toEqual([true, false]);
    const named = bodyOf({ oneOf: [ref('Card')], discriminator: { propertyName: 'kind', mapping: { c: 'Card' } } }, kinds);
    expect([named.accepts({ kind: 'c', number: '1' }), named.accepts({ kind: 'Card', number: '1' })]).toEqual([true, false]);
  });

  it('never contradicts what a branch says of its own value', () => {
    const schemas = {
      A: { type: 'object', properties: { kind: { const: 'a' } } },
      B: { type: 'object', properties: { kind: { enum: ['b1', 'b2'] } } },
    };
    const { accepts } = bodyOf({ oneOf: [ref('A'), ref('B')], discriminator: { propertyName: 'kind' } }, schemas);
    expect(['a', 'b1', 'b2', 'A', 'c'].map((kind) => accepts({ kind }))).toEqual([true, true, true, false, false]);
  });

  it('compares numbers and truth values as what they are', () => {
    const schemas = {
      A: { type: 'object', properties: { v: { type: 'integer' } } },
      B: { type: 'object', properties: { v: { type: 'boolean' } } },
    };
    const { accepts } = bodyOf({ oneOf: [ref('A'), ref('B')], discriminator: mapped('v', { 1: 'A', true: 'B' }) }, schemas);
    expect([1, true, 2, false, '1'].map((v) => accepts({ v }))).toEqual([true, true, false, false, false]);
  });

  it('brings the subtypes that its mapping or an allOf names, at any distance, in the place of the base', () => {
    const extending = (base: string, properties: JsonObject) => ({ allOf: [ref(base), { type: 'object', properties }] });
    const schemas = {
      Vehicle: { type: 'object', required: ['type'], properties: { type: text, owner: ref('Owner') }, discriminator: mapped('type', { car: 'Car' }) },
      Car: { allOf: [ref('Vehicle'), { type: 'object', required: ['doors'], properties: { doors: { type: 'integer' } } }] },
      Truck: extending('Vehicle', { load_kg: { type: 'integer' }, tows: ref('Vehicle') }),
      Sports: extending('Car', { hp: { type: 'integer' } }),
      Owner: { type: 'object', properties: { vehicles: { type: 'array', items: ref('Vehicle') } } },
    };
    const { accepts, text: whole, losses } = bodyOf(ref('Vehicle'), schemas);
    expect(losses).toEqual([]);
    for (const word of ['"doors"', '"load_kg"', '"hp"', '"car"', '"Truck"', '"Sports"']) expect(whole).toContain(word);
    expect(accepts({ type: 'car', doors: 3, owner: { vehicles: [{ type: 'Truck', load_kg: 1, tows: { type: 'Sports', doors: 2, hp: 3 } }] } })).toBe(
      true,
    );
    expect(accepts({ type: 'car' })).toBe(false);
    expect(accepts({ type: 'bike' })).toBe(false);
    expect(accepts({ type: 'Truck', tows: { type: 'car' } })).toBe(false);
    expect(accepts({ type: 'Truck', load_kg: 'much' })).toBe(false);
  });

  it('may stand within another one', () => {
    const schemas = {
      Pet: { type: 'object', properties: { pet: text }, discriminator: mapped('pet', { cat: 'Cat', dog: 'Dog' }) },
      Cat: { allOf: [ref('Pet'), { properties: { lives: { type: 'integer' } } }] },
      Dog: { allOf: [ref('Pet'), { properties: { breed: text } }], discriminator: mapped('breed', { lab: 'Lab', pug: 'Pug' }) },
      Lab: { allOf: [ref('Dog'), { properties: { swims: { type: 'boolean' } } }] },
      Pug: { allOf: [ref('Dog'), { properties: { snores: { type: 'boolean' } } }] },
    };
    const { accepts } = bodyOf({ type: 'object', properties: { pets: { type: 'array', items: ref('Pet') } } }, schemas);
    const takes = (pet: object) => accepts({ pets: [pet] });
    expect([
      takes({ pet: 'cat', lives: 9 }),
      takes({ pet: 'dog', breed: 'lab', swims: true }),
      takes({ pet: 'dog', breed: 'pug', snores: true }),
    ]).toEqual([true, true, true]);
    expect([takes({ pet: 'dog', breed: 'lab', swims: 1 }), takes({ pet: 'cow' })]).toEqual([false, false]);
  });

  describe('in a member of allOf', () => {
    const Animal = { type: 'object', required: ['id'], properties: { id: text } };
    const told = { type: 'object', required: ['pet'], properties: { pet: text }, discriminator: mapped('pet', { cat: 'Cat', dog: 'Dog' }) };

    it('is that of a component which others extend', () => {
      const schemas = {
        Animal,
        Pet: { allOf: [ref('Animal'), told] },
        Cat: { allOf: [ref('Pet'), { required: ['lives'], properties: { lives: { type: 'integer' } } }] },
        Dog: { allOf: [{ allOf: [ref('Pet')] }, { properties: { breed: text } }] },
      };
      const { accepts, losses } = bodyOf(ref('Pet'), schemas);
      expect(losses).toEqual([]);
      expect([accepts({ id: '1', pet: 'cat', lives: 9 }), accepts({ id: '1', pet: 'dog', breed: 'pug' })]).toEqual([true, true]);
      expect([{ id: '1', pet: 'cat' }, { pet: 'dog' }, { id: '1', pet: 'cow' }, { id: '1', pet: 'dog', breed: 1 }].map(accepts)).toEqual([
        false,
        false,
        false,
        false,
      ]);
    });

    it.each([
      ['of a component', { $ref: '#/components/schemas/Payment' }],
      ['of a schema without a name', undefined],
    ])('%s tells what stands beside it, where its kinds extend nothing', (_, reference) => {
      const Payment = {
        allOf: [
          { type: 'object', properties: { kind: text }, discriminator: mapped('kind', { card: 'Card', wire: 'Transfer' }) },
          { type: 'object', required: ['amount'], properties: { amount: { type: 'integer' } } },
        ],
      };
      const { accepts } = bodyOf(reference ?? Payment, { ...kinds, Payment });
      expect(accepts({ kind: 'card', number: '1', amount: 2 })).toBe(true);
      expect(
        [
          { kind: 'card', number: '1' },
          { kind: 'card', amount: 2 },
          { kind: 'cash', number: '1', amount: 2 },
        ].map(accepts),
      ).toEqual([false, false, false]);
    });

    it('brings the subtypes of a base that is only wrapped, and not those of one that is extended', () => {
      const schemas = {
        Vehicle: { type: 'object', required: ['type'], properties: { type: text }, discriminator: mapped('type', { car: 'Car', truck: 'Truck' }) },
        Car: { allOf: [ref('Vehicle'), { required: ['doors'], properties: { doors: { type: 'integer' } } }] },
        Truck: { allOf: [ref('Vehicle'), { properties: { tows: { description: 'What it tows.', nullable: true, allOf: [ref('Vehicle')] } } }] },
      };
      const { accepts, losses } = bodyOf({ type: 'object', properties: { mine: { description: 'Mine.', allOf: [ref('Vehicle')] } } }, schemas);
      const takes = (mine: object) => accepts({ mine });
      expect(losses).toEqual([]);
      expect([
        takes({ type: 'car', doors: 3 }),
        takes({ type: 'truck', tows: null }),
        takes({ type: 'truck', tows: { type: 'car', doors: 1 } }),
      ]).toEqual([true, true, true]);
      expect([takes({ type: 'car' }), takes({ type: 'bike' }), takes({ type: 'truck', tows: { type: 'car' } })]).toEqual([false, false, false]);
    });
  });

  it('of a choice whose branches extend it is that of a base', () => {
    const schemas = {
      Shape: {
        type: 'object',
        required: ['kind', 'id'],
        properties: { kind: text, id: text },
        oneOf: [ref('Circle'), ref('Square')],
        discriminator: mapped('kind', { circle: 'Circle', square: 'Square' }),
      },
      Circle: { allOf: [ref('Shape'), { required: ['r'], properties: { r: { type: 'number' } } }] },
      Square: { allOf: [ref('Shape'), { properties: { a: { type: 'number' } } }] },
    };
    const { accepts, losses } = bodyOf({ type: 'object', properties: { any: ref('Shape'), round: ref('Circle') } }, schemas);
    expect(losses).toEqual([]);
    expect([accepts({ any: { kind: 'circle', id: '1', r: 1 } }), accepts({ round: { kind: 'circle', id: '1', r: 1 } })]).toEqual([true, true]);
    expect([accepts({ any: { kind: 'circle', id: '1' } }), accepts({ any: { kind: 'line', id: '1' } }), accepts({ round: { r: 1 } })]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('of a choice takes of a branch with kinds of its own those that its mapping names', () => {
    const schemas = {
      Pet: { type: 'object', required: ['t'], properties: { t: text }, discriminator: mapped('t', { cat: 'Cat', dog: 'Dog' }) },
      Cat: { allOf: [ref('Pet'), { properties: { lives: { type: 'integer' } } }] },
      Dog: { allOf: [ref('Pet'), { properties: { breed: text } }] },
      Toy: { type: 'object', properties: { t: text } },
    };
    const { accepts } = bodyOf({ oneOf: [ref('Pet'), ref('Toy')], discriminator: mapped('t', { cat: 'Pet', toy: 'Toy' }) }, schemas);
    expect(['cat', 'toy', 'dog', 'cow'].map((t) => accepts({ t }))).toEqual([true, true, false, false]);
  });

  it('leads round in circles without end nowhere', () => {
    const schemas = {
      A: { discriminator: mapped('t', { b: 'B' }), properties: { t: text } },
      B: { oneOf: [ref('A')], discriminator: mapped('t', { a: 'A' }) },
      C: { anyOf: [{ properties: { d: { properties: { t: text }, discriminator: mapped('t', { c: 'C' }) } } }] },
    };
    const { accepts } = bodyOf({ type: 'object', properties: { a: ref('A'), c: ref('C') } }, schemas);
    expect(accepts({ a: { t: 'b' }, c: { d: { t: 'c' } } })).toBe(true);
  });

  it('that is Swagger’s or its generators’ is read by their values', () => {
    const schemas = {
      Base: { type: 'object', properties: { t: text }, discriminator: { propertyName: 't' } },
      One: { 'x-ms-discriminator-value': '#one', allOf: [ref('Base')] },
    };
    expect(bodyOf(ref('Base'), schemas).accepts({ t: '#one' })).toBe(true);
  });
});

describe('a choice', () => {
  it('of oneOf refuses nothing because it fits twice', () => {
    const { accepts, text: whole } = bodyOf({
      oneOf: [{ type: 'object' }, { type: 'object', properties: { a: text } }],
      anyOf: [{ minProperties: 0 }],
    });
    expect(accepts({ a: 'x' })).toBe(true);
    expect(whole).not.toContain('oneOf');
  });

  it.each(['#/components/schemas/Nowhere', '#anchor', 'https://example.com/other.json'])(
    'with a branch that cannot be followed (%s) refuses nothing',
    (reference) => {
      const { accepts } = bodyOf({ oneOf: [{ $ref: reference }, { type: 'object', required: ['a'] }] });
      expect([accepts({ a: 1 }), accepts({})]).toEqual([true, true]);
    },
  );

  it('that is a condition is left out when it cannot be kept exactly', () => {
    for (const what of [
      { $ref: '#/components/schemas/Nowhere' },
      { oneOf: [{ type: 'object' }] },
      { required: ['id'], properties: { id: { readOnly: true } } },
    ]) {
      const { accepts, losses } = bodyOf({ not: what, if: what, then: { required: ['never'] } });
      expect(accepts({ a: 1 })).toBe(true);
      expect(losses.filter((loss) => loss.includes('left out')).length).toBeGreaterThanOrEqual(2);
    }
    const exact = bodyOf({ not: { required: ['a'] }, if: { required: ['b'] }, then: { required: ['c'] } });
    expect([{ a: 1 }, { b: 1 }, { b: 1, c: 1 }].map((value) => exact.accepts(value))).toEqual([false, false, true]);
  });
});

describe('closed objects', () => {
  const closed = (properties: JsonObject, required: string[] = []) => ({ type: 'object', properties, required, additionalProperties: false });

  it('in allOf are closed as a whole', () => {
    const schemas = { Base: closed({ a: text }), Large: closed({ l: { ...text, description: 'x'.repeat(2000) }, again: ref('Large') }) };
    const { accepts } = bodyOf({ allOf: [ref('Base'), ref('Large'), closed({ b: text }, ['b'])] }, schemas);
    expect(accepts({ a: '1', b: '2', l: '3' })).toBe(true);
    expect([accepts({ a: '1' }), accepts({ b: '2', c: 1 }), accepts({ b: 2 }), accepts({ b: '2', again: { c: 1 } })]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['beside the base that they extend', { allOf: [{ properties: { a: text } }], ...closed({ b: text }) }],
    ['that close what only allOf describes', { allOf: [{ properties: { a: text, b: text } }], additionalProperties: false }],
    ['as branches of a choice beside properties', { properties: { a: text }, oneOf: [closed({ b: text }), closed({ c: text })] }],
    ['deep in allOf', { allOf: [{ allOf: [closed({ a: text })] }, { properties: { b: text } }] }],
  ])('%s are so too', (_, schema) => {
    const { accepts } = bodyOf(schema);
    expect([accepts({ a: '1', b: '2' }), accepts({ a: '1', d: '2' })]).toEqual([true, false]);
  });

  it('stay closed by themselves where nothing is combined', () => {
    const { body } = bodyOf({ oneOf: [closed({ a: text }), closed({ b: text })] });
    expect(body).toEqual({
      anyOf: [
        { type: 'object', properties: { a: text }, additionalProperties: false },
        { type: 'object', properties: { b: text }, additionalProperties: false },
      ],
    });
  });

  it('are open where a part cannot be followed', () => {
    expect(bodyOf({ allOf: [closed({ a: text }), ref('Nowhere')] }).accepts({ a: '1', b: 2 })).toBe(true);
    expect(bodyOf({ properties: { a: true }, allOf: [ref('Nowhere')], unevaluatedProperties: false }).accepts({ b: 2 })).toBe(true);
  });
});

describe('nullable', () => {
  const User = { type: 'object', required: ['name'], properties: { name: text } };

  it.each(['3.0.3', '3.1.0'])('beside a reference of %s allows null, both ways, and keeps the description', (openapi) => {
    const schema = { type: 'object', properties: { assignee: { ...ref('User'), nullable: true, description: 'Null for nobody.' } } };
    const { body, accepts, answers } = bodyOf(schema, { User }, openapi);
    expect(body['properties']).toEqual({ assignee: { description: 'Null for nobody.', anyOf: [User, { type: 'null' }] } });
    expect([null, { name: 'x' }, {}, 1].map((assignee) => accepts({ assignee }))).toEqual([true, true, false, false]);
    expect([null, { name: 'x' }, {}].map((assignee) => answers({ assignee }))).toEqual([true, true, true]);
  });

  it('reads the same in the schema of a result', () => {
    const { output } = bodyOf({ type: 'object', properties: { assignee: { ...ref('User'), nullable: true } } }, { User });
    expect(output).toMatchObject({ properties: { assignee: { anyOf: [{ properties: { name: {} } }, { type: 'null' }] } } });
  });

  it('holds for large and circular definitions, and as Swagger spells it', () => {
    const Node = { type: 'object', description: 'x'.repeat(2000), properties: { next: { ...ref('Node'), 'x-nullable': true } } };
    const { accepts } = bodyOf(ref('Node'), { Node }, '3.0.0');
    expect([accepts({ next: null }), accepts({ next: { next: null } }), accepts({ next: 1 })]).toEqual([true, true, false]);
  });

  it('says in the report what else beside a reference of 3.0 is ignored', () => {
    const { losses } = bodyOf({ type: 'object', properties: { a: { ...ref('User'), maxProperties: 1 } } }, { User }, '3.0.3');
    expect(new Set(losses)).toEqual(new Set([expect.stringContaining('maxProperties')]));
  });
});

describe('properties that do not travel', () => {
  const id = { type: 'string', readOnly: true };

  it.each([
    ['in allOf', { allOf: [{ properties: { id } }, { required: ['id', 'a'], properties: { a: text } }] }],
    ['in a branch', { required: ['id', 'a'], anyOf: [{ properties: { id, a: text } }] }],
    ['around a branch', { properties: { id }, oneOf: [{ required: ['id', 'a'] }, { required: ['id', 'b'] }] }],
    ['in a definition of a branch', { properties: { id }, anyOf: [ref('Demanding')] }],
    ['by a reference', { required: ['id', 'a'], properties: { id: ref('Id') } }],
    ['by a combination', { required: ['id', 'a'], properties: { id: { allOf: [ref('Id')], description: 'x' } } }],
    ['counted', { minProperties: 2, required: ['id', 'a'], properties: { id, a: text } }],
    ['depended on', { properties: { id, a: text }, dependentRequired: { a: ['id'] } }],
  ])('are demanded nowhere: %s', (_, schema) => {
    const Demanding = { type: 'object', description: 'x'.repeat(2000), required: ['id', 'a'], properties: { a: text } };
    const { accepts } = bodyOf({ type: 'object', ...schema }, { Demanding, Id: id });
    expect(accepts({ a: 'x' })).toBe(true);
  });
});

describe('what clients and model hosts refuse', () => {
  it('is mended: lists of nothing and repeated values', () => {
    const { body } = bodyOf({ type: 'object', properties: { list: { type: 'array' }, value: { enum: ['a', 'b', 'a', { x: 1 }, { x: 1 }] } } });
    expect(body['properties']).toEqual({ list: { type: 'array', items: {} }, value: { enum: ['a', 'b', { x: 1 }] } });
  });
});

describe('size', () => {
  const long = 'A sentence for people that no machine needs. '.repeat(40);
  const wide = (kind: string) => ({
    type: 'object',
    required: ['kind'],
    properties: {
      kind: { const: kind },
      ...Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`p${i}`, { type: 'string', description: long, examples: ['x'] }])),
    },
  });

  it('costs descriptions and examples before structure', () => {
    const {
      text: whole,
      losses,
      accepts,
    } = bodyOf({ type: 'object', properties: { method: { oneOf: [ref('Card'), ref('Cash')] } } }, { Card: wide('card'), Cash: wide('cash') });
    expect(accepts({ method: { kind: 'card' } })).toBe(true);
    expect([accepts({ method: { kind: 'gold' } }), accepts({ method: { kind: 'card', p1: 1 } })]).toEqual([false, false]);
    expect(whole).toContain('A sentence for people');
    expect(losses).toEqual(expect.arrayContaining([expect.stringContaining('long descriptions cut')]));
  });

  it('costs the deepest parts of a schema without definitions, never the tool', () => {
    const nested = (depth: number): JsonObject =>
      depth === 0
        ? { type: 'integer' }
        : {
            type: 'object',
            properties: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`a_property_with_a_long_name_${i}`, nested(depth - 1)])),
          };
    const { losses, accepts } = bodyOf(nested(5));
    expect(losses).toEqual(expect.arrayContaining([expect.stringContaining('deepest parts')]));
    expect([accepts({}), accepts(1)]).toEqual([true, false]);
  });

  it('has a bound however often definitions are copied into each other', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `L${i}`,
        { allOf: [ref(`L${i + 1}`), ref(`L${i + 1}`), { properties: { [`p${i}`]: text }, additionalProperties: false }] },
      ]),
    );
    const { losses, accepts } = bodyOf(ref('L0'), { ...schemas, L40: { properties: { z: text } } });
    expect(losses.join()).toContain('any value is accepted');
    expect(accepts({ z: 'x' })).toBe(true);
  });
});

describe('properties beside a reference', () => {
  it('to a closed object are taken with its own, and no others', () => {
    const C = { type: 'object', additionalProperties: false, properties: { a: text } };
    const { accepts } = bodyOf({ ...ref('C'), properties: { more: text }, required: ['more'] }, { C });
    const values = [{ a: 'x', more: 'm' }, { more: 'm' }, { a: 'x' }, { more: 'm', other: 1 }, { a: 1, more: 'm' }];
    expect(values.map(accepts)).toEqual([true, true, false, false, false]);
  });
});

describe('numbers beyond 2^53, which a document rounds', () => {
  const parsed = (text: string) => JSON.parse(text) as JsonObject;

  it.each(['{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}', '{"type":"integer","maximum":9223372036854775807}'])(
    'as the bounds of int64 in %s are its name',
    (schema) => {
      const { body, losses } = bodyOf(parsed(schema));
      expect([body, losses]).toEqual([{ type: 'integer', format: 'int64' }, []]);
    },
  );

  it.each(['"maximum":18446744073709551615', '"minimum":9007199254740993', '"enum":[1,9007199254740993]', '"const":9007199254740993'])(
    'are left to the API and reported: %s',
    (member) => {
      const { body, losses } = bodyOf(parsed(`{"type":"integer",${member}}`));
      expect(body).toEqual({ type: 'integer' });
      expect(losses.join()).toContain('beyond 2^53');
    },
  );

  it('name no other one as an example, and stay where they are exact', () => {
    expect(bodyOf(parsed('{"type":"integer","example":9007199254740993,"default":9007199254740995}')).body).toEqual({ type: 'integer' });
    const exact = { type: 'number', minimum: -9007199254740991, maximum: Number.MAX_VALUE };
    expect(bodyOf(exact).body).toEqual(exact);
  });
});
