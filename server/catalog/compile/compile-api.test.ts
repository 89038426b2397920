import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileApi } from './compile-api.ts';
import { DocumentError } from './document-error.ts';
import { parseDocument } from './parse-document.ts';
import { compiled } from './testing.ts';

const ok = { responses: { 204: { description: 'Done.' } } };

describe('compileApi', () => {
  it('turns every operation of the example API into a tool without loss', () => {
    const text = readFileSync(new URL('../../../examples/orders/openapi.yaml', import.meta.url), 'utf8');
    const api = compileApi({ name: 'orders', document: parseDocument(text) });
    expect(api.losses).toEqual([]);
    expect(api.operations.map((operation) => operation.tool.name)).toContain('orders_getOrder');
  });

  it('compiles our own documents with every operation as a tool', () => {
    for (const name of ['control-plane', 'registration', 'runtime']) {
      const document = parseDocument(readFileSync(new URL(`../../../generated/${name}.openapi.json`, import.meta.url), 'utf8'));
      const api = compileApi({ name: 'stoa', document, sourceUrl: 'http://127.0.0.1:8080/openapi.json' });
      expect(api.losses.filter((loss) => loss.dropped)).toEqual([]);
      expect(api.upstreamUrl).toBe('http://127.0.0.1:8080');
      const methods = Object.values(document['paths'] as Record<string, object>).flatMap((item) =>
        Object.keys(item).filter((key) => key !== 'parameters'),
      );
      expect(api.operations).toHaveLength(methods.length);
      for (const { tool } of api.operations) expect(tool.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    }
  });

  it('compiles the same document to the same bytes', () => {
    const document = parseDocument(readFileSync(new URL('../../../generated/control-plane.openapi.json', import.meta.url), 'utf8'));
    const once = () => JSON.stringify(compileApi({ name: 'stoa', document, upstreamUrl: 'http://127.0.0.1:1' }));
    expect(once()).toBe(once());
  });

  it('lesson 34: one bad operation costs itself and never the document', () => {
    const api = compiled({
      paths: {
        '/good': { get: ok },
        '/bad-schema': {
          post: { ...ok, requestBody: { required: true, content: { 'application/json': { schema: { type: 'string', minLength: 'ten' } } } } },
        },
        '/upload': { post: { ...ok, requestBody: { required: true, content: { 'multipart/form-data': { schema: { type: 'array' } } } } } },
        '/no-object': { get: 7 },
        '/missing': { $ref: '#/components/pathItems/nowhere' },
        'no-slash': { get: ok },
        '/a/../b': { get: ok },
      },
    });
    expect(api.operations.map((operation) => operation.path)).toEqual(['/good']);
    expect(api.losses.filter((loss) => loss.dropped).map((loss) => loss.where)).toEqual([
      'GET /no-object',
      '/missing',
      'no-slash',
      '/a/../b',
      'POST /bad-schema',
      'POST /upload',
    ]);
  });

  it('lesson 34: a missing operationId is derived from method and path', () => {
    const api = compiled({
      paths: { '/orders/{id}/items': { get: { ...ok, parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] } } },
    });
    expect(api.operations[0]?.operation_id).toBe('get_orders_id_items');
    expect(api.operations[0]?.tool.name).toBe('shop_get_orders_id_items');
  });

  it('lesson 35: one operation is one tool with arguments of its own', () => {
    const api = compiled({ paths: { '/orders': { get: { operationId: 'list', ...ok }, post: { operationId: 'create', ...ok } } } });
    expect(api.operations.map((operation) => operation.tool.name)).toEqual(['shop_list', 'shop_create']);
    for (const { tool } of api.operations) expect(tool.input_schema).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  });

  it('describes tools by summary and description and hints by method', () => {
    const paths = {
      '/o': Object.fromEntries(
        ['get', 'head', 'options', 'put', 'post', 'patch', 'delete'].map((method) => [
          method,
          { ...ok, operationId: method, summary: 'Short', description: 'Long.' },
        ]),
      ),
    };
    const tools = compiled({ paths }).operations.map(({ tool }) => tool);
    expect(tools[0]).toMatchObject({ title: 'Short', description: 'Long.' });
    const hints = Object.fromEntries(
      tools.map((tool) => [tool.name.slice(5), [tool.annotations.readOnlyHint, tool.annotations.destructiveHint, tool.annotations.idempotentHint]]),
    );
    expect(hints).toEqual({
      get: [true, false, true],
      head: [true, false, true],
      options: [true, false, true],
      put: [false, true, true],
      post: [false, false, false],
      patch: [false, true, false],
      delete: [false, true, true],
    });
  });

  it('lists once for the document what no tool can express, and the credential that the upstream needs', () => {
    const event = { callbacks: { done: {} }, responses: { 200: { description: 'ok', links: { next: {} } } } };
    const members = {
      paths: { '/a': { get: event, put: event } },
      webhooks: { changed: {} },
      security: [{ key: [] }],
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
    };
    const { losses } = compiled(members);
    expect(losses.map((loss) => loss.where)).toEqual(['security', 'webhooks', 'callbacks', 'links']);
    expect(losses[0]).toMatchObject({ dropped: false, what: expect.stringContaining('needs upstream credential: set upstream_auth') });
    expect(compiled(members, { credentials: [{ scheme: 'key' }] }).losses[0]?.what).not.toContain('set upstream_auth');
    expect(compiled({ ...members, security: [{}, { key: [] }] }).losses.map((loss) => loss.where)).not.toContain('security');
  });

  it('keeps the servers that operations and paths name, unless all is served at the address given', () => {
    const members = {
      paths: {
        '/a': { servers: [{ url: 'https://other.example.com/x/' }], get: ok, post: { ...ok, servers: [{ url: '/relative' }] } },
        '/b': { get: ok, put: { ...ok, servers: [{ url: 'https://api.example.com/base' }] }, delete: { ...ok, servers: [{ url: 'ftp://x' }] } },
      },
    };
    const { operations, losses } = compiled(members);
    expect(operations.map(({ method, path, server }) => [`${method} ${path}`, server])).toEqual([
      ['GET /a', 'https://other.example.com/x'],
      ['POST /a', 'https://api.example.com/relative'],
      ['GET /b', undefined],
      ['PUT /b', undefined],
    ]);
    expect(losses.filter((loss) => loss.dropped)).toEqual([{ where: 'DELETE /b', what: expect.stringContaining('ftp:'), dropped: true }]);
    const given = compiled(members, { upstreamUrl: 'http://127.0.0.1:1' }).operations;
    expect(given.map((operation) => operation.server)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it.each([
    ['/v1/chats?beta=true', '/v1/chats', 'beta=true', []],
    ['/{bucket}?acl', '/{bucket}', 'acl', ['path bucket']],
    ['/#Target=List', '/', undefined, []],
    ['/find?q={words}&kind=a b', '/find', 'kind=a%20b', ['query q']],
    ['/list{?page,size}', '/list', undefined, []],
    ['/a?x={n}&y={n}', '/a', undefined, ['query x', 'query y']],
  ])('takes the path key %s apart', (key, path, query, bindings) => {
    const { operations, losses } = compiled({
      paths: {
        [key]: {
          get: { ...ok, parameters: [{ name: 'kind', in: 'query', schema: { type: 'string' } }].slice(query?.startsWith('kind') === true ? 0 : 1) },
        },
      },
    });
    expect(operations[0]).toMatchObject({ path, ...(query === undefined ? {} : { query }) });
    expect(operations[0]?.bindings.map((binding) => `${binding.in} ${binding.name}`)).toEqual(bindings);
    expect(losses.every((loss) => loss.dropped === false)).toBe(true);
    expect(losses.length).toBeGreaterThan(0);
  });

  it('calls the argument of a path parameter that the key has in its query by its own name, and sends it by that of the key', () => {
    const parameters = [{ name: 'ver', in: 'path', required: true, description: 'Which one.', schema: { type: 'integer' } }];
    const bindingsOf = (key: string) => compiled({ paths: { [key]: { get: { ...ok, parameters } } } }).operations[0];
    expect(bindingsOf('/files?api-version={ver}')).toMatchObject({
      bindings: [{ argument: 'ver', in: 'query', name: 'api-version', required: true }],
      tool: {
        input_schema: { properties: { ver: { type: 'integer', description: 'Which one. (query parameter api-version)' } }, required: ['ver'] },
      },
    });
    expect(bindingsOf('/v{ver}/files?api-version={ver}')?.bindings).toMatchObject([
      { argument: 'ver', in: 'path', name: 'ver' },
      { argument: 'ver_query', in: 'query', name: 'api-version' },
    ]);
  });

  it.each(['/a?x=v{n}', '/a?{n}', '/a?{n}=1'])('drops %s, whose query no argument can fill', (key) => {
    const { operations, losses } = compiled({ paths: { [key]: { get: ok } } });
    expect([operations, losses]).toEqual([[], [{ where: key, what: expect.stringContaining('The query of the path key has '), dropped: true }]]);
  });

  it('says of operations whose requests are alike that only their tools tell them apart', () => {
    const { operations, losses } = compiled({
      paths: {
        '/#List': { post: ok, get: ok },
        '/#Get': { post: ok },
        '/a/{x}?b=1&c': { get: ok },
        '/a/{y}?c&b=1': { get: ok },
        '/a/{x}': { get: ok },
      },
    });
    expect(operations).toHaveLength(6);
    expect(losses.filter(({ what }) => what.includes('/authz'))).toEqual([
      { where: 'POST /#Get', what: expect.stringContaining('of POST /#List:'), dropped: false },
      { where: 'GET /a/{y}?c&b=1', what: expect.stringContaining('of GET /a/{x}?b=1&c:'), dropped: false },
    ]);
  });

  it('says in Accept what an operation answers, JSON first', () => {
    const accept = (responses: object) => compiled({ paths: { '/a': { get: { responses } } } }).operations[0]?.accept;
    const content = (...types: string[]) => ({ description: 'ok', content: Object.fromEntries(types.map((type) => [type, {}])) });
    expect(accept({ 200: content('application/pdf') })).toBe('application/pdf, */*;q=0.1');
    expect(accept({ 200: content('text/csv', 'application/hal+json'), 404: content('text/html') })).toBe(
      'application/hal+json, text/csv;q=0.9, */*;q=0.1',
    );
    expect(accept({ 204: { description: 'none' } })).toBeUndefined();
  });

  it('keeps x-mcp-header where MCP allows it, and only there', () => {
    const header = (name: string, type = 'string') => ({ type, 'x-mcp-header': name });
    const parameters = [
      { name: 'a', in: 'query', schema: header('Region') },
      { name: 'b', in: 'query', 'x-mcp-header': 'Tenant', schema: { type: 'integer' } },
      { name: 'c', in: 'query', schema: header('region') },
      { name: 'd', in: 'query', schema: header('D', 'number') },
      { name: 'e', in: 'query', schema: { type: 'array', items: header('E') } },
    ];
    const { operations, losses } = compiled({ paths: { '/a': { get: { ...ok, parameters } } } });
    expect(operations[0]?.tool.input_schema).toMatchObject({ properties: { a: header('Region'), b: header('Tenant', 'integer') } });
    expect(JSON.stringify(operations).match(/x-mcp-header/g)).toHaveLength(2);
    expect(losses).toHaveLength(3);
  });

  it('takes the name of the API for a missing title', () => {
    const api = compiled({ info: {} });
    expect([api.title, api.version]).toEqual(['shop', '0']);
    expect(api.losses).toHaveLength(2);
  });

  it('keeps a large API within its bound by abridging schemas, and says so', () => {
    const wide = (name: string) => ({
      type: 'object',
      properties: { next: { $ref: '#/components/schemas/N0' }, [name]: { type: 'string', description: 'x'.repeat(3000) } },
    });
    const schemas = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [
        `N${i}`,
        { allOf: [wide(`p${i}`)], properties: { child: { $ref: `#/components/schemas/N${(i + 1) % 60}` } } },
      ]),
    );
    const paths = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [
        `/n${i}`,
        { post: { ...ok, requestBody: { content: { 'application/json': { schema: { $ref: `#/components/schemas/N${i}` } } } } } },
      ]),
    );
    const { operations, losses } = compiled({ paths, components: { schemas } });
    expect(operations).toHaveLength(30);
    for (const operation of operations) expect(JSON.stringify(operation.tool.input_schema).length).toBeLessThan(80 * 1024);
    expect(losses.filter((loss) => loss.what.includes('long descriptions cut'))).toHaveLength(30);
  });
});

describe('the upstream of an API', () => {
  const upstream = (servers: unknown, options = {}) => compiled({ servers }, options).upstreamUrl;
  const refused = (servers: unknown, options = {}) => {
    try {
      return upstream(servers, options);
    } catch (error) {
      return error instanceof DocumentError ? `${error.code} ${error.member}: ${error.message}` : error;
    }
  };

  it('has each variable of its server replaced once, however they name each other', () => {
    const variables = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`v${n}`, { default: `{v${n + 1}}`.repeat(2) }]));
    expect(refused([{ url: 'https://{v0}.example.com', variables }])).toMatch(/no absolute URL|variable without a default/);
    const long = { a: { default: 'a'.repeat(2000) } };
    expect(refused([{ url: `https://example.com/${'{a}'.repeat(500)}`, variables: long }])).toMatch(/longer than 2048 characters/);
  });

  it('is the first server without its trailing slash, variables at their defaults', () => {
    expect(upstream([{ url: 'https://{region}.example.com/{v}/', variables: { region: { default: 'eu' }, v: { default: 1 } } }])).toBe(
      'https://eu.example.com/1',
    );
  });

  it('is resolved against the address of the document when relative', () => {
    expect(upstream([{ url: '/v2' }], { sourceUrl: 'https://docs.example.com/a/openapi.yaml' })).toBe('https://docs.example.com/v2');
    expect(upstream(undefined, { sourceUrl: 'https://docs.example.com/a/openapi.yaml' })).toBe('https://docs.example.com');
  });

  it('is what the operator says, whatever the document says', () => {
    expect(upstream([{ url: '/v2' }], { upstreamUrl: 'http://127.0.0.1:8084/' })).toBe('http://127.0.0.1:8084');
  });

  it('is asked for when the document does not tell', () => {
    expect(refused([{ url: '/v2' }])).toMatch(/^upstream_unknown upstream_url: .*"\/v2".*give the address as upstream_url\.$/);
    expect(refused([])).toMatch(/names no server; give the address as upstream_url/);
  });

  it('is an address of http or https without credentials, query or fragment', () => {
    expect(refused([], { upstreamUrl: 'ftp://example.com' })).toMatch(/^upstream_invalid upstream_url: .*ftp:/);
    expect(refused([], { upstreamUrl: 'https://user:secret-word@example.com' })).toMatch(/credentials.*upstream_auth/);
    expect(refused([], { upstreamUrl: 'https://user:secret-word@example.com' })).not.toMatch(/secret-word/);
    expect(refused([], { upstreamUrl: 'https://example.com/?a=1' })).toMatch(/query/);
    expect(refused([], { upstreamUrl: 'nonsense' })).toMatch(/absolute/);
    expect(refused([{ url: 'https://{host}/' }])).toMatch(/variable without a default/);
  });
});
