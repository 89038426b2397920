import { describe, expect, it } from 'vitest';
import { compiled, compiledOperation } from './testing.ts';

const text = { type: 'string' };
const responses = { 204: { description: 'Done.' } };

describe('parameters', () => {
  it('merge those of the path with those of the operation, path parameters first', () => {
    const { operations } = compiled({
      paths: {
        '/o/{id}': {
          parameters: [{ name: 'trace', in: 'query', schema: text }, { $ref: '#/components/parameters/Id' }],
          get: { responses, parameters: [{ name: 'trace', in: 'query', required: true, description: 'Mine.', schema: { type: 'integer' } }] },
        },
      },
      components: { parameters: { Id: { name: 'id', in: 'path', required: true, schema: text } } },
    });
    expect(operations[0]?.tool.input_schema).toEqual({
      type: 'object',
      properties: { id: text, trace: { type: 'integer', description: 'Mine.' } },
      required: ['id', 'trace'],
      additionalProperties: false,
    });
  });

  it("carry OpenAPI's defaults of style and explode", () => {
    const parameters = [
      { name: 'p', in: 'path', required: true, schema: text },
      { name: 'q', in: 'query', schema: text, allowReserved: true },
      { name: 'd', in: 'query', style: 'deepObject', explode: true, schema: { type: 'object' } },
      { name: 's', in: 'query', style: 'pipeDelimited', schema: { type: 'array', items: text } },
      { name: 'h', in: 'header', schema: text },
      { name: 'c', in: 'cookie', schema: text },
    ];
    expect(compiledOperation('/o/{p}', 'get', { responses, parameters }).operation.bindings).toEqual([
      { argument: 'p', in: 'path', name: 'p', required: true, style: 'simple', explode: false },
      { argument: 'q', in: 'query', name: 'q', required: false, style: 'form', explode: true, allow_reserved: true },
      { argument: 'd', in: 'query', name: 'd', required: false, style: 'deepObject', explode: true },
      { argument: 's', in: 'query', name: 's', required: false, style: 'pipeDelimited', explode: false },
      { argument: 'h', in: 'header', name: 'h', required: false, style: 'simple', explode: false },
      { argument: 'c', in: 'cookie', name: 'c', required: false, style: 'form', explode: true },
    ]);
  });

  it('lesson 34: keep their wire name where the argument needs another', () => {
    const parameters = [
      { name: 'id', in: 'path', schema: text },
      { name: 'id', in: 'query', schema: text },
      { name: 'uids[]', in: 'query', schema: { type: 'array', items: text } },
    ];
    const { operation, input } = compiledOperation('/o/{id}', 'get', { responses, parameters });
    expect(operation.bindings.map(({ argument, in: place, name }) => [argument, place, name])).toEqual([
      ['id', 'path', 'id'],
      ['id_query', 'query', 'id'],
      ['uids', 'query', 'uids[]'],
    ]);
    expect(Object.keys(input['properties'] as object)).toEqual(['id', 'id_query', 'uids']);
  });

  it('are no arguments when they are credentials or described elsewhere', () => {
    const headers = ['Accept', 'content-type', 'Authorization', 'X-API-Key', 'X-Other'].map((name) => ({ name, in: 'header', schema: text }));
    const parameters = [...headers, { name: 'api_key', in: 'query', schema: text }, { name: 'X-API-Key', in: 'query', schema: text }];
    const securitySchemes = { a: { type: 'apiKey', in: 'header', name: 'x-api-key' }, b: { type: 'apiKey', in: 'query', name: 'api_key' } };
    const { operation, losses } = compiledOperation('/o', 'get', { responses, parameters }, { components: { securitySchemes } });
    expect(operation.bindings.map((binding) => `${binding.in} ${binding.name}`)).toEqual(['query X-API-Key', 'header X-Other']);
    expect(losses).toEqual([]);
  });

  it('never let an agent set headers of the connection', () => {
    const { operation, losses } = compiledOperation('/o', 'get', {
      responses,
      parameters: ['Host', 'Content-Length', 'Cookie', 'bad name'].map((name) => ({ name, in: 'header', schema: text })),
    });
    expect(operation.bindings).toEqual([]);
    expect(losses).toHaveLength(4);
  });

  it('may be described by a media type', () => {
    const { operation, input } = compiledOperation('/o', 'get', {
      responses,
      parameters: [{ name: 'filter', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } }],
    });
    expect(operation.bindings).toEqual([{ argument: 'filter', in: 'query', name: 'filter', required: false, content_type: 'application/json' }]);
    expect(input['properties']).toEqual({ filter: { type: 'object' } });
  });

  it('are taken for text when the path names them and the document does not', () => {
    const { operation, losses } = compiledOperation('/o/{id}', 'get', { responses });
    expect(operation.bindings).toMatchObject([{ argument: 'id', in: 'path', required: true }]);
    expect(losses[0]).toContain('is not described');
  });

  it('cost the operation when one that is required cannot be sent', () => {
    const { operations, losses } = compiled({
      paths: { '/o': { get: { responses, parameters: [{ name: 'x', in: 'query', required: true, content: { 'application/pdf': {} } }] } } },
    });
    expect(operations).toEqual([]);
    expect(losses.at(-1)).toMatchObject({ where: 'GET /o', dropped: true });
  });
});

describe('request bodies', () => {
  const body = (content: object, required = true) => ({ responses, requestBody: { required, description: 'What to send.', content } });

  it.each(['application/json', 'application/merge-patch+json', 'application/json; charset=utf-8'])('of %s are the argument body', (mediaType) => {
    const { operation, input } = compiledOperation('/o', 'post', body({ 'text/plain': {}, [mediaType]: { schema: { type: 'object' } } }));
    expect(operation.bindings).toEqual([{ argument: 'body', in: 'body', name: '', required: true, content_type: mediaType }]);
    expect(input).toMatchObject({ properties: { body: { type: 'object', description: 'What to send.' } }, required: ['body'] });
  });

  it('are called body even beside a parameter of that name', () => {
    const { operation } = compiledOperation('/o', 'post', {
      ...body({ 'application/json': {} }),
      parameters: [{ name: 'body', in: 'query', schema: text }],
    });
    expect(operation.bindings.map((binding) => [binding.argument, binding.in])).toEqual([
      ['body_query', 'query'],
      ['body', 'body'],
    ]);
  });

  it('may be forms that are objects, and plain text', () => {
    const form = compiledOperation('/o', 'post', body({ 'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/F' } } }), {
      components: { schemas: { F: { type: 'object', properties: { a: text } } } },
    });
    expect(form.operation.bindings[0]).toMatchObject({ content_type: 'application/x-www-form-urlencoded' });
    const plain = compiledOperation('/o', 'post', body({ 'text/plain': { schema: text } }));
    expect(plain.input['properties']).toEqual({ body: { type: 'string', description: 'What to send.' } });
  });

  it('that cannot be sent cost the operation only when required', () => {
    const list = { 'multipart/form-data': { schema: { type: 'array' } } };
    expect(compiled({ paths: { '/o': { post: body(list) } } }).losses).toEqual([
      { where: 'POST /o', what: 'The multipart is not described as an object.', dropped: true },
    ]);
    const optional = compiledOperation('/o', 'post', body(list, false));
    expect(optional.operation.bindings).toEqual([]);
    expect(optional.losses[0]).toContain('called without a body');
  });

  it('are files as base64, alone and in forms, with their bound in words', () => {
    const raw = compiledOperation('/o', 'put', body({ 'image/png': {} }));
    expect(raw.operation.bindings).toMatchObject([{ content_type: 'image/png', base64: true }]);
    expect(raw.input['properties']).toMatchObject({
      body: { type: 'string', description: expect.stringMatching(/base64.*data URL.*3 MB.*image\/png/s) },
    });
    const File = { type: 'string', format: 'binary', description: 'A picture.' };
    const schema = {
      allOf: [{ type: 'object', properties: { note: text, files: { type: 'array', items: { $ref: '#/components/schemas/File' } } } }],
      properties: { modern: { contentMediaType: 'image/gif' }, any: {}, json: { type: 'string' } },
    };
    const encoding = { any: { contentType: 'audio/mpeg' }, json: { contentType: 'application/json' } };
    const form = compiledOperation(
      '/o',
      'post',
      body({ 'application/x-www-form-urlencoded': { schema }, 'multipart/form-data': { schema, encoding } }),
      {
        components: { schemas: { File } },
      },
    );
    expect(form.operation.bindings[0]).toMatchObject({
      content_type: 'multipart/form-data',
      fields: [
        { name: 'any', content_type: 'audio/mpeg', base64: true },
        { name: 'json', content_type: 'application/json' },
        { name: 'modern', base64: true },
        { name: 'files', base64: true },
      ],
    });
    expect(JSON.stringify(form.input)).toContain('A picture. A file as base64 text');
  });

  it('are on GET what the document demands, and left out where it does not', () => {
    expect(compiledOperation('/o', 'get', body({ 'application/json': {} })).operation.bindings).toMatchObject([{ in: 'body', required: true }]);
    const { operation, losses } = compiledOperation('/o', 'get', body({ 'application/json': {} }, false));
    expect(operation.bindings).toEqual([]);
    expect(losses[0]).toContain('called without a body');
  });
});
