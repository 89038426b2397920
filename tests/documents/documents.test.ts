import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eras, headerOf, startDocumentsSystem } from './system.ts';
import type { ImportedApi, Received } from './system.ts';

type System = Awaited<ReturnType<typeof startDocumentsSystem>>;

let system: System;
let chat: ImportedApi;
beforeAll(async () => {
  system = await startDocumentsSystem();
  // One after the other: a busy machine does not take thirteen at once.
  await system.importDocument('abridged', 'abridged-oneof.yaml');
  await system.importDocument('garage', 'discriminator.yaml');
  await system.importDocument('billing', 'form-encoding.yaml');
  await system.importDocument('books', 'key-in-query.yaml', { upstream_auth: [{ scheme: 'key', value: 'S ECRET&' }] });
  await system.importDocument('poly', 'oneof-overlap.yaml');
  await system.importDocument('bodies', 'other-bodies.yaml');
  await system.importDocument('items', 'output-schema-broken.yaml');
  await system.importDocument('notes', 'parameter-annotations.yaml');
  chat = await system.importDocument('chat', 'query-in-path-key.yaml');
  await system.importDocument('desk', 'ref-nullable.yaml');
  await system.importDocument('big', 'result-big-number.yaml');
  await system.importDocument('given', 'own-servers.yaml');
  await system.importDocument(
    'store',
    'own-servers.yaml',
    {},
    { 'https://api.example.com': system.upstream.url, 'https://upload.example.com': system.elsewhere.url },
  );
  await system.serves(['abridged_pay', 'big_big', 'given_upload', 'store_upload']);
}, 240_000);
afterAll(() => system.close());
beforeEach(() => {
  Object.assign(system.upstream.answer, { type: 'application/json', text: '{}' });
});

const body = (received: Received | undefined) => received?.body.toString('utf8');

describe.each(eras)('in %s', (era) => {
  it('a choice whose branches are long is sent', async () => {
    for (const kind of ['card', 'wire', 'cash']) {
      const { received } = await system.call(era, 'abridged_pay', { body: { method: { kind } } });
      expect(received.map(body)).toEqual([`{"method":{"kind":"${kind}"}}`]);
    }
  });

  it('discriminators tell subtypes and values, and refuse others', async () => {
    const shown = JSON.stringify((await system.tool('garage_inherit', era)).inputSchema);
    for (const word of ['"const":"car"', '"const":"truck"', '"doors"', '"load_kg"']) expect(shown).toContain(word);
    const sent = await system.call(era, 'garage_inherit', { body: { type: 'car', doors: 3 } });
    expect(sent.received.map(body)).toEqual(['{"type":"car","doors":3}']);
    const union = (await system.tool('garage_union', era)).inputSchema;
    expect(union).toMatchObject({
      properties: {
        body: { anyOf: [{ properties: { kind: { const: 'credit_card' }, number: {} } }, { properties: { kind: { const: 'wire' }, iban: {} } }] },
      },
    });
    expect((await system.call(era, 'garage_union', { body: { kind: 'nonsense', number: '1' } })).received).toEqual([]);
    expect((await system.call(era, 'garage_union', { body: { kind: 'wire', iban: '1' } })).received).toHaveLength(1);
    expect((await system.call(era, 'poly_poly', { body: { type: 'A', a: 'x' } })).received.map(body)).toEqual(['{"type":"A","a":"x"}']);
  });

  it('forms follow their Encoding Objects', async () => {
    const args = { address: { city: 'Oslo', zip: '1' }, tags: ['a', 'b'], codes: [1, 2], piped: ['p', 'q'] };
    const { received } = await system.call(era, 'billing_addCustomer', { body: args });
    expect(received.map(body)).toEqual(['address%5Bcity%5D=Oslo&address%5Bzip%5D=1&tags%5B%5D=a&tags%5B%5D=b&codes=1%2C2&piped=p%7Cq']);
    expect(headerOf(received[0] as Received, 'content-type')).toBe('application/x-www-form-urlencoded');
  });

  it('a key goes where its security scheme has it', async () => {
    const { received } = await system.call(era, 'books_lists', { q: 'x' });
    expect(received.map(({ target }) => target)).toEqual(['/lists?q=x&api-key=S%20ECRET%26']);
    expect(received[0]?.headers.join()).not.toContain('ECRET');
  });

  it('bodies of every media type are sent as they are', async () => {
    const multi = await system.call(era, 'bodies_multi', { body: { a: 'é"', b: 7 } });
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(headerOf(multi.received[0] as Received, 'content-type') ?? '')?.[1];
    expect(body(multi.received[0])).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\né"\r\n--${boundary}\r\nContent-Disposition: form-data; name="b"\r\n\r\n7\r\n--${boundary}--\r\n`,
    );
    const bytes = Buffer.from([0, 255, 128, 13, 10, 45, 45]);
    for (const [file, type, name] of [
      [bytes.toString('base64'), 'application/octet-stream', 'file'],
      [`data:image/png;name=a%22.png;base64,${bytes.toString('base64')}`, 'image/png', 'a%22.png'],
    ]) {
      const { received } = await system.call(era, 'bodies_upload', { body: { note: 'n', file } });
      expect(
        received[0]?.body.includes(
          Buffer.concat([Buffer.from(`name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`), bytes, Buffer.from('\r\n--')]),
        ),
      ).toBe(true);
    }
    const raw = await system.call(era, 'bodies_raw', { body: bytes.toString('base64url') });
    expect(raw.received[0]?.body.equals(bytes)).toBe(true);
    expect(headerOf(raw.received[0] as Received, 'content-length')).toBe('7');
    expect((await system.call(era, 'bodies_raw', { body: '*no base64*' })).received).toEqual([]);
    const xml = await system.call(era, 'bodies_xml', { body: '<a>é</a>' });
    expect([body(xml.received[0]), headerOf(xml.received[0] as Received, 'content-type')]).toEqual(['<a>é</a>', 'application/xml']);
    const bulk = await system.call(era, 'bodies_bulk', { body: '{"a":1}\n{"a":2}\n' });
    expect(body(bulk.received[0])).toBe('{"a":1}\n{"a":2}\n');
    const get = await system.call(era, 'bodies_getbody', { body: { q: 1 } });
    expect(get.received.map((each) => [each.method, body(each)])).toEqual([['GET', '{"q":1}']]);
    expect((await system.tool('bodies_raw', era)).inputSchema['properties']).toMatchObject({
      body: { description: expect.stringContaining('3 MB') },
    });
  });

  it.each(['{"b":1}', '{"a":null}'])('the schema listed for a result fits %s, which the document does not describe', async (answer) => {
    const { outputSchema = {} } = await system.tool('items_item', era);
    system.upstream.answer.text = answer;
    const { result } = await system.call(era, 'items_item', {});
    expect(result?.isError ?? false).toBe(false);
    expect(result?.structuredContent).toEqual(JSON.parse(answer));
    expect(new Ajv2020({ strict: false }).validate(outputSchema, result?.structuredContent)).toBe(true);
  });

  it('an answer of another type is told as a success that does not fit, without structure', async () => {
    system.upstream.answer.text = '{"a":7}';
    const { result } = await system.call(era, 'items_item', {});
    expect([result?.isError, result?.structuredContent]).toEqual([true, undefined]);
    expect(result?.content[0]?.text).toMatch(/^The call succeeded, its answer does not fit at \/a.*\{"a":7\}$/s);
  });

  it('operations are called at their own servers, and at the address given where one is', async () => {
    const own = await system.call(era, 'store_upload', {});
    expect([system.elsewhere.received.length, own.received.map(({ target }) => target)]).toEqual([1, ['/api/upload']]);
    expect((await system.call(era, 'store_files', {})).received.map(({ target }) => target)).toEqual(['/v1/files']);
    const given = await system.call(era, 'given_upload', {});
    expect([system.upstream.received.length, given.received.map(({ target }) => target)]).toEqual([1, ['/upload']]);
  });

  it('what the document says of parameters reaches the model', async () => {
    const { properties } = (await system.tool('notes_notes', era)).inputSchema as { properties: Record<string, Record<string, unknown>> };
    expect(properties).toMatchObject({ old: { deprecated: true, examples: [5] }, ex: { examples: ['seven'] }, body: { examples: [{ q: 'hello' }] } });
    const told = Object.values(properties).map(({ description }) => description);
    expect(told).toEqual(expect.arrayContaining([expect.stringContaining('query parameter 名称'), expect.stringContaining('query parameter $top')]));
    const renamed = Object.keys(properties).find((name) => String(properties[name]?.['description']).includes('名称')) ?? '';
    expect((await system.call(era, 'notes_notes', { [renamed]: 'v' })).received[0]?.target).toBe('/notes?%E5%90%8D%E7%A7%B0=v');
  });

  it('the query of a path key is always sent', async () => {
    expect((await system.call(era, 'chat_betaChats', { limit: 3 })).received[0]?.target).toBe('/v1/chats?beta=true&limit=3');
    expect((await system.call(era, 'chat_chats', {})).received[0]?.target).toBe('/v1/chats');
    expect(chat.loss_report).toContainEqual({
      where: 'GET /v1/chats?beta=true',
      what: 'The path key has a query: beta=true is always sent.',
      dropped: false,
    });
  });

  it('numbers beyond 2^53 go both ways as they were written', async () => {
    system.upstream.answer.text = '{"id":9007199254740993}';
    // What a client of Python or Go writes; TypeScript does not know of it yet.
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
    const { received, text } = await system.call(era, 'big_bigOne', { id: rawJSON('9007199254740993') });
    expect(received.map(({ target }) => target)).toEqual(['/big/9007199254740993']);
    expect(text).toContain('9007199254740993');
    expect((await system.call(era, 'big_bigOne', { id: rawJSON('9223372036854775808') })).received).toEqual([]);
    const big = await system.call(era, 'big_big', {});
    expect(big.text).toContain('"structuredContent":{"id":9007199254740993}');
    expect(big.result?.content[0]?.text).toBe('{"id":9007199254740993}');
  });

  it('null is sent and answered where a reference may be null', async () => {
    system.upstream.answer.text = '{"id":"1","assignee":null}';
    const { result, received } = await system.call(era, 'desk_saveTicket', { body: { assignee: null } });
    expect(received.map(body)).toEqual(['{"assignee":null}']);
    expect(result?.structuredContent).toEqual({ id: '1', assignee: null });
    const { inputSchema, outputSchema = {} } = await system.tool('desk_saveTicket', era);
    const { body: sent } = inputSchema['properties'] as { body: object };
    for (const schema of [sent, outputSchema])
      expect(schema).toMatchObject({ properties: { assignee: { anyOf: [{ properties: { name: {} } }, { type: 'null' }] } } });
    expect(sent).toMatchObject({ properties: { assignee: { description: 'Who works on it; null for nobody' } } });
    expect(new Ajv2020({ strict: false }).validate(outputSchema, result?.structuredContent)).toBe(true);
  });
});

describe('servers of operations', () => {
  it('are judged as that of the API is', async () => {
    const paths = { '/a': { servers: [{ url: 'http://169.254.169.254/latest' }], get: { responses: {} } } };
    const document = { openapi: '3.1.0', info: { title: 'Inside', version: '1' }, servers: [{ url: system.upstream.url }], paths };
    const { status, body: answer } = await system.plane.request<{ code: string }>('POST', '/v1/apis', { body: { name: 'inside', document } });
    expect([status, answer.code]).toEqual([422, 'upstream_refused']);
  });
});

describe('credentials for the upstream', () => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Guarded', version: '1' },
    security: [{ basic: [] }, { key: [], session: [] }],
    paths: {
      '/both': { get: { operationId: 'both', responses: {} } },
      '/bearer': { get: { operationId: 'bearer', security: [{ oauth: [] }], responses: {} } },
      '/open': { get: { operationId: 'open', security: [], responses: {} } },
    },
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        session: { type: 'apiKey', in: 'cookie', name: 'sid' },
        oauth: { type: 'oauth2', flows: {} },
        tls: { type: 'mutualTLS' },
      },
    },
  };
  const create = (name: string, upstream_auth: unknown) =>
    system.plane.request<{ api_id: string; loss_report: { where: string; what: string }[]; errors?: { pointer: string }[] }>('POST', '/v1/apis', {
      body: { name, document, upstream_url: system.upstream.url, upstream_auth, open_to_all_consumers: true },
    });
  const secrets = ['key-secret', 'cookie-secret', 'token-secret'];
  const list = [
    { scheme: 'key', value: secrets[0] },
    { scheme: 'session', value: secrets[1] },
    { scheme: 'oauth', value: secrets[2] },
  ];

  it('are sent as each operation demands, several at once, and never read back', async () => {
    const made = await create('guarded', list);
    expect(made.status).toBe(201);
    await system.deploy(made.body.api_id);
    await system.serves(['guarded_open']);
    const [both, bearer, open] = [
      await system.call(eras[0], 'guarded_both', {}),
      await system.call(eras[1], 'guarded_bearer', {}),
      await system.call(eras[1], 'guarded_open', {}),
    ].map(({ received }) => ['x-key', 'cookie', 'authorization'].map((name) => headerOf(received[0] as Received, name)));
    expect(both).toEqual(['key-secret', 'sid=cookie-secret', undefined]);
    expect(bearer).toEqual([undefined, undefined, 'Bearer token-secret']);
    expect(open).toEqual([undefined, undefined, undefined]);
    const shown = await system.plane.request('GET', `/v1/apis/${made.body.api_id}`);
    for (const secret of secrets) expect(JSON.stringify([made.body, shown.body])).not.toContain(secret);
    // A new document keeps them.
    const updated = await system.plane.request<{ loss_report: { what: string }[] }>('PUT', `/v1/apis/${made.body.api_id}`, {
      body: { document, upstream_url: system.upstream.url },
    });
    expect([updated.status, updated.body.loss_report.map(({ what }) => what).join()]).toEqual([
      200,
      expect.not.stringContaining('set upstream_auth'),
    ]);
  });

  it('are written as HTTP Basic where the document wants it', async () => {
    const made = await create('basic', [{ scheme: 'basic', value: 'user:pass word' }]);
    await system.deploy(made.body.api_id);
    await system.serves(['basic_both']);
    const { received } = await system.call(eras[1], 'basic_both', {});
    expect(headerOf(received[0] as Received, 'authorization')).toBe(`Basic ${Buffer.from('user:pass word').toString('base64')}`);
  });

  it('say what is missing, and where it goes', async () => {
    const { body: answer } = await create('missing', [{ scheme: 'key', value: 'x' }]);
    expect(answer.loss_report.find(({ where }) => where === 'security')?.what).toMatch(/basic \(HTTP Basic\).*oauth \(HTTP Bearer\)/);
  });

  it.each([
    ['a scheme that is not there', [{ scheme: 'nothing', value: 'x' }], '/body/upstream_auth'],
    ['a scheme that no request carries', [{ scheme: 'tls', value: 'x' }], '/body/upstream_auth'],
    ['no place', [{ value: 'x' }], '/body/upstream_auth'],
    ['a value that ends the cookie', [{ in: 'cookie', name: 'sid', value: 'a; b=c' }], '/body/upstream_auth/0/value'],
    ['a header of the connection', { header: 'Host', value: 'x' }, '/body/upstream_auth/header'],
  ])('are refused with %s', async (name, upstreamAuth, pointer) => {
    const { status, body: answer } = await create(`refused-${name.length}`, upstreamAuth);
    expect([status, answer.errors?.map((error) => error.pointer)]).toEqual([422, [pointer]]);
  });
});
