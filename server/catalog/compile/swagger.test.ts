import type { ApiOperation } from '@stoa/generated/schemas.ts';
import { describe, expect, it } from 'vitest';
import { compileSource } from './compile-source.ts';
import type { JsonObject } from './json.ts';

const pets = {
  swagger: '2.0',
  info: { title: 'Old', version: '1' },
  host: 'api.example.com',
  basePath: '/v2',
  schemes: ['https', 'http'],
  consumes: ['application/json', 'application/xml'],
  produces: ['application/json'],
  securityDefinitions: { k: { type: 'apiKey', in: 'query', name: 'api_key' }, b: { type: 'basic' } },
  security: [{ k: [] }],
  parameters: {
    PetBody: { name: 'pet', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } },
    FormName: { name: 'nm', in: 'formData', type: 'string' },
  },
  responses: { Ok: { description: 'fine', schema: { $ref: '#/definitions/Pet' } } },
  paths: {
    '/pets': {
      get: {
        operationId: 'list',
        parameters: [
          { name: 'multi', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'multi' },
          { name: 'csv', in: 'query', type: 'array', items: { type: 'string' } },
          { name: 'pipes', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'pipes' },
          { name: 'tsv', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'tsv' },
        ],
        responses: { 200: { $ref: '#/responses/Ok' } },
      },
      post: { operationId: 'add', parameters: [{ $ref: '#/parameters/PetBody' }], responses: { 201: { description: 'made' } } },
    },
    '/upload': {
      post: {
        operationId: 'upload',
        consumes: ['multipart/form-data'],
        produces: ['application/xml'],
        parameters: [{ name: 'file', in: 'formData', type: 'file', required: true }],
        responses: { 200: { description: 'ok', schema: { type: 'string' } } },
      },
    },
    '/form': {
      post: {
        operationId: 'form',
        consumes: ['application/x-www-form-urlencoded'],
        parameters: [
          { $ref: '#/parameters/FormName' },
          { name: 'codes', in: 'formData', type: 'array', items: { type: 'integer' } },
          { name: 'many', in: 'formData', type: 'array', items: { type: 'integer' }, collectionFormat: 'multi' },
        ],
        responses: { 200: { description: 'ok' } },
      },
    },
  },
  definitions: {
    Pet: {
      type: 'object',
      discriminator: 'kind',
      required: ['kind', 'name'],
      properties: {
        kind: { type: 'string' },
        name: { type: 'string', 'x-nullable': true },
        owner: { $ref: '#/definitions/Owner', 'x-nullable': true },
        weight: { type: 'number', minimum: 0, exclusiveMinimum: true },
      },
    },
    Cat: { allOf: [{ $ref: '#/definitions/Pet' }, { type: 'object', properties: { meow: { type: 'boolean' } } }] },
    Owner: { type: 'object', properties: { name: { type: 'string' } } },
  },
};

async function imported(source: JsonObject) {
  const bytes = new TextEncoder().encode(JSON.stringify(source));
  const compiled = await compileSource({
    document: bytes,
    name: undefined,
    upstreamUrl: undefined,
    credentials: [{ scheme: 'k' }],
    filter: undefined,
  });
  const parsed = (json: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(json));
  return { compiled: { ...compiled, operations: parsed(compiled.operations) as ApiOperation[] }, document: parsed(compiled.document) };
}

describe('a Swagger 2.0 document', () => {
  it('is read as OpenAPI 3.0, with a line in the report, and kept as it is', async () => {
    const { compiled, document } = await imported(pets);
    expect(document).toEqual(pets);
    expect(compiled.upstreamUrl).toBe('https://api.example.com/v2');
    expect(compiled.losses.filter((loss) => loss.where === 'swagger')).toEqual([
      { where: 'swagger', what: expect.stringContaining('swagger2openapi'), dropped: false },
    ]);
    expect(compiled.losses.map((loss) => loss.what).join()).toContain('tsv is separated by tabs');
    expect(compiled.losses.filter((loss) => loss.dropped)).toEqual([]);
    expect(compiled.operations.map((operation) => operation.tool.name)).toEqual(['old_list', 'old_add', 'old_upload', 'old_form']);
  });

  it('keeps how lists are separated, what bodies are, what may be null, subtypes and credentials', async () => {
    const { compiled } = await imported(pets);
    const [list, add, upload, form] = compiled.operations;
    expect(list?.bindings.map(({ name, style, explode }) => [name, style, explode])).toEqual([
      ['multi', 'form', true],
      ['csv', 'form', false],
      ['pipes', 'pipeDelimited', false],
      ['tsv', 'form', true],
    ]);
    expect(list?.accept).toMatch(/^application\/json/);
    expect(add?.bindings).toMatchObject([{ in: 'body', required: true, content_type: 'application/json' }]);
    const shown = JSON.stringify(add?.tool.input_schema);
    for (const part of ['"const":"Cat"', '"meow"', '{"type":["string","null"]}', '{"type":"null"}', '"exclusiveMinimum":0'])
      expect(shown).toContain(part);
    expect(upload?.bindings).toMatchObject([{ content_type: 'multipart/form-data', fields: [{ name: 'file', base64: true }] }]);
    expect(upload?.accept).toMatch(/^application\/xml/);
    expect(form?.bindings).toMatchObject([
      {
        content_type: 'application/x-www-form-urlencoded',
        fields: [
          { name: 'codes', style: 'form', explode: false },
          { name: 'many', style: 'form', explode: true },
        ],
      },
    ]);
    expect(compiled.credentialPlaces).toEqual([{ scheme: 'k', in: 'query', name: 'api_key' }]);
  });

  it('that is none says so', async () => {
    await expect(imported({ swagger: '2.0', info: { title: 'x', version: '1' }, paths: 7 })).rejects.toThrow(
      /Swagger 2\.0 and cannot be converted|names no server/,
    );
    await expect(imported({ swagger: '1.2', apis: [] })).rejects.toThrow('Swagger 1.2');
  });
});
