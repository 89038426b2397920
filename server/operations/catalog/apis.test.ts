import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api, ApiList } from '@stoa/generated/schemas.ts';
import { expectGuarded, foreignTenant, revisionOf } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

const yaml = readFileSync(new URL('../../../examples/orders/openapi.yaml', import.meta.url), 'utf8');
const nowhere = '00000000-0000-4000-8000-000000000000';
const small = (operationId = 'list') => ({
  openapi: '3.1.0',
  info: { title: 'Small API', version: '1.0.0' },
  servers: [{ url: 'https://api.example.com' }],
  paths: { '/things': { get: { operationId, responses: { 204: { description: 'Done.' } } } } },
});

type Problem = { code?: string; detail: string; errors?: { pointer: string; message: string }[] };
let plane: TestControlPlane;
let names = 0;
const nextName = () => `api-${(names += 1)}`;
const create = (body: object) => plane.request<Api & Problem>('POST', '/v1/apis', { body });

beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

describe('createApi', () => {
  it('defines an API from YAML text and reports what it made of it', async () => {
    const before = await revisionOf(plane);
    const { status, body } = await create({ document: yaml });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'orders', title: 'Orders', revision: 1, has_upstream_auth: false, tools: 6, loss_report: [] });
    expect(body).not.toHaveProperty('document');
    expect(await revisionOf(plane)).toBe(before + 1n);
  });

  it('defines an API from an object and from JSON text, with an upstream of its own', async () => {
    for (const document of [small(), JSON.stringify(small())]) {
      const { status, body } = await create({ name: nextName(), document, upstream_url: 'http://127.0.0.1:8084/' });
      expect([status, body.upstream_url, body.tools]).toEqual([201, 'http://127.0.0.1:8084', 1]);
    }
  });

  it('defines an API from an upload', async () => {
    const form = new FormData();
    form.set('name', nextName());
    form.set('document', new Blob([yaml], { type: 'application/yaml' }), 'openapi.yaml');
    form.set('upstream_url', 'http://127.0.0.1:9999');
    const response = await fetch(`${plane.url}/v1/apis`, { method: 'POST', headers: { authorization: `Bearer ${plane.adminToken}` }, body: form });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ title: 'Orders', tools: 6, upstream_url: 'http://127.0.0.1:9999' });
  });

  it('takes the filter of operations and labels with an upload, and says what is wrong with them', async () => {
    const upload = async (fields: Record<string, string>) => {
      const form = new FormData();
      form.set('name', nextName());
      form.set('document', new Blob([yaml], { type: 'application/yaml' }), 'openapi.yaml');
      form.set('upstream_url', 'http://127.0.0.1:9999');
      for (const [name, text] of Object.entries(fields)) form.set(name, text);
      const response = await fetch(`${plane.url}/v1/apis`, { method: 'POST', headers: { authorization: `Bearer ${plane.adminToken}` }, body: form });
      return { status: response.status, body: (await response.json()) as unknown };
    };
    const operations = { exclude: [{ path: '*' }] };
    const labels = { team: 'payments' };
    expect(await upload({ operations: JSON.stringify(operations), labels: JSON.stringify(labels) })).toMatchObject({
      status: 201,
      body: { tools: 0, operations_filter: operations, labels },
    });
    const refusal = (pointer: string, message: string) => ({
      status: 400,
      body: { errors: [{ pointer, message: expect.stringContaining(message) as string }] },
    });
    expect(await upload({ operations: 'exclude' })).toMatchObject(refusal('/body/operations', 'is no JSON'));
    expect(await upload({ operations: '{"excluded":[]}' })).toMatchObject(refusal('/body/operations/excluded', 'did you mean exclude?'));
    expect(await upload({ labels: '{"team":1}' })).toMatchObject(refusal('/body/labels/team', 'must be'));
  });

  it('keeps the credential for the upstream sealed and never shows it', async () => {
    const secret = 'Bearer upstream-secret-word';
    const { body } = await create({ name: nextName(), document: small(), upstream_auth: { header: 'Authorization', value: secret } });
    expect(body.has_upstream_auth).toBe(true);
    const row = await plane.store.prisma.api.findUniqueOrThrow({ where: { id: body.api_id } });
    expect(Buffer.from(row.upstream_auth ?? []).includes('upstream-secret-word')).toBe(false);
    expect(JSON.parse(await plane.context.keys.open(row.upstream_auth ?? new Uint8Array(), `upstream_auth:${body.api_id}`, row.tenant_id))).toEqual([
      { in: 'header', name: 'Authorization', value: secret },
    ]);
    const shown = await plane.request('GET', `/v1/apis/${body.api_id}`);
    expect(JSON.stringify(shown.body)).not.toContain('upstream-secret-word');
  });

  it('answers 400 to a body that is not as described, naming every fault', async () => {
    const { status, body } = await create({ name: 'Not A Slug', extra: 1 });
    expect(status).toBe(400);
    expect(body.errors?.length).toBeGreaterThanOrEqual(3);
  });

  it('answers 409 to a name that is taken, and to the name of a tool that another API has', async () => {
    const name = nextName();
    await create({ name, document: small() });
    expect(await create({ name, document: small() })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    const long = `${'long-'.repeat(11)}a`;
    const { body } = await create({ name: `${long}a`, document: small() });
    const other = await plane.request<Api>('GET', `/v1/apis/${body.api_id}`);
    const operations = other.body.operations ?? [];
    // Two hashes of eight digits do not meet in a test: the other API is made to have the name that this one will want.
    const probe = await create({ name: `${long}b`, document: small() });
    const wanted = (await plane.request<Api>('GET', `/v1/apis/${probe.body.api_id}`)).body.operations?.[0]?.tool.name ?? '';
    await plane.request('DELETE', `/v1/apis/${probe.body.api_id}`);
    const taken = operations.map((operation) => ({ ...operation, tool: { ...operation.tool, name: wanted } }));
    await plane.store.prisma.api.update({ where: { id: body.api_id }, data: { operations: taken as never } });
    expect(await create({ name: `${long}b`, document: small() })).toMatchObject({ status: 409, body: { code: 'tool_name_taken' } });
  });

  it('lets one of two requests at once have a name', async () => {
    const name = nextName();
    const answers = await Promise.all([1, 2, 3].map(() => create({ name, document: small() })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
  });

  it('answers 413 to a document that is too large, and names the limit and the remedy', async () => {
    const document = `openapi: 3.1.0\nx: ${'x'.repeat(33 * 1024 * 1024)}`;
    const form = new FormData();
    form.set('document', new Blob([document]), 'openapi.yaml');
    const upload = await fetch(`${plane.url}/v1/apis`, { method: 'POST', headers: { authorization: `Bearer ${plane.adminToken}` }, body: form });
    for (const { status, body } of [await create({ document }), { status: upload.status, body: (await upload.json()) as Problem }]) {
      expect([status, body.code]).toEqual([413, 'document_too_large']);
      expect(body.detail).toMatch(/at most 33554432 \(32 MB\) are accepted: leave out what no tool needs/);
    }
  });

  it('lets several large documents wait for a thread', async () => {
    const large = { ...small(), 'x-notes': 'n'.repeat(300_000) };
    const answers = await Promise.all([1, 2, 3, 4].map(() => create({ name: nextName(), document: large })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await create({ document: `swagger: "1.2"\nx: ${'n'.repeat(300_000)}` })).toMatchObject({
      status: 422,
      body: { code: 'document_is_swagger' },
    });
  });

  it('reads a body that is compressed', async () => {
    const answer = await fetch(`${plane.url}/v1/apis`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.adminToken}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ name: nextName(), document: small() })),
    });
    expect(answer.status).toBe(201);
  });

  it('judges the role before it reads the body', async () => {
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'viewer', role: 'viewer' } });
    const headers = { authorization: `Bearer ${body.secret}`, 'content-type': 'application/json' };
    for (const [method, path] of [
      ['POST', ''],
      ['PUT', `/${nowhere}`],
    ] as const) {
      expect((await fetch(`${plane.url}/v1/apis${path}`, { method, headers, body: 'no json' })).status).toBe(403);
    }
  });

  it.each([
    ['an array', [1], 400],
    ['a number', 5, 400],
    ['a document that is a number', { document: 5 }, 400],
    ['a document that is null', { document: null }, 400],
    ['an empty document', { document: '' }, 400],
    ['no document', { name: 'x' }, 400],
    ['330,000 unknown keys', Object.fromEntries(Array.from({ length: 330_000 }, (_, n) => [`k${n}`, 0])), 400],
  ])('refuses a body that is, or holds, %s, in few words', async (_what, body, status) => {
    const answer = await create(body as object);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
  });

  it('answers 415 to a body of another type', async () => {
    const answer = await fetch(`${plane.url}/v1/apis`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.adminToken}`, 'content-type': 'application/yaml' },
      body: yaml,
    });
    expect(answer.status).toBe(415);
  });

  it.each([
    ['document_is_swagger', '/body/document', { document: 'swagger: "1.2"' }],
    ['document_version_unknown', '/body/document', { document: { openapi: '2.9' } }],
    ['document_not_parsable', '/body/document', { document: 'a: b: c' }],
    ['document_not_text', '/body/document', { document: 'openapi: 3.1.0\nx-a: "\\0"' }],
    ['upstream_unknown', '/body/upstream_url', { document: { ...small(), servers: [{ url: '/v1' }] } }],
    ['upstream_invalid', '/body/upstream_url', { document: small(), upstream_url: 'file:///etc/passwd' }],
    ['name_unknown', '/body/name', { document: { ...small(), info: { version: '1' } } }],
  ])('answers 422 with %s', async (code, pointer, body) => {
    expect(await create(body)).toMatchObject({ status: 422, body: { code, errors: [{ pointer }] } });
  });

  it('takes a credential alone that says its place, as a list of one', async () => {
    const { status, body } = await create({ name: nextName(), document: small(), upstream_auth: { in: 'query', name: 'key', value: 'k' } });
    expect([status, body.has_upstream_auth]).toEqual([201, true]);
  });

  it('answers 422 to a credential that cannot be sent', async () => {
    const { status, body } = await create({ name: nextName(), document: small(), upstream_auth: { header: 'Host', value: 'a\r\nb' } });
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.pointer)).toEqual(['/body/upstream_auth/header', '/body/upstream_auth/value']);
  });

  it('lesson 34: reports what is lost and defines the rest', async () => {
    const document = {
      ...small(),
      paths: { ...small().paths, '/upload': { post: { requestBody: { required: true, content: { 'multipart/form-data': {} } }, responses: {} } } },
    };
    const { status, body } = await create({ name: nextName(), document });
    expect([status, body.tools]).toEqual([201, 1]);
    expect(body.loss_report).toEqual([{ where: 'POST /upload', what: expect.any(String), dropped: true }]);
  });
});

describe('getApi', () => {
  it('shows operations, tools and document', async () => {
    const made = await create({ name: nextName(), document: small() });
    const { status, body } = await plane.request<Api>('GET', `/v1/apis/${made.body.api_id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...made.body, document: small(), operations: [{ operation_id: 'list', tool: { name: `${made.body.name}_list` } }] });
  });

  it('answers 404 to an id that is unknown or of another tenant, 400 to one that is none', async () => {
    const { prisma } = plane.store;
    const foreign = await prisma.api.create({
      data: {
        tenant_id: await foreignTenant(plane),
        name: 'x',
        title: 'x',
        version: '1',
        document: {},
        upstream_url: 'http://x',
        operations: [],
        loss_report: [],
      },
    });
    for (const id of [nowhere, foreign.id]) {
      for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/apis/${id}`)).status).toBe(404);
      expect((await plane.request('PUT', `/v1/apis/${id}`, { body: { document: small() } })).status).toBe(404);
    }
    expect((await plane.request('GET', '/v1/apis/none')).status).toBe(400);
  });
});

describe('what an import costs', () => {
  const many = (count: number) => ({
    ...small(),
    paths: Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `/${n % 2 === 0 ? 'orders' : 'customers'}/${n}`,
        {
          get: {
            operationId: `get${n}`,
            tags: [n % 2 === 0 ? 'orders' : 'customers'],
            description: 'd'.repeat(400),
            responses: { 204: { description: 'Done.' } },
          },
          delete: { operationId: `delete${n}`, responses: { 204: { description: 'Done.' } } },
        },
      ]),
    ),
  });

  it('is told by createApi, getApi and listApis alike', async () => {
    const { body } = await create({ name: nextName(), document: small() });
    const shown = await plane.request<Api>('GET', `/v1/apis/${body.api_id}`);
    const [operation] = shown.body.operations ?? [];
    const { input_schema: inputSchema, output_schema: outputSchema, ...tool } = operation?.tool ?? { input_schema: {}, output_schema: {} };
    const bytes = Buffer.byteLength(JSON.stringify({ ...tool, inputSchema, ...(outputSchema === undefined ? {} : { outputSchema }) }));
    const cost = { tools: 1, list_bytes: bytes, list_tokens: Math.ceil(bytes / 4), warnings: [] };
    expect(body).toMatchObject(cost);
    expect(shown.body).toMatchObject(cost);
    expect((await plane.request<ApiList>('GET', `/v1/apis?name=${body.name}`)).body.items).toMatchObject([cost]);
  });

  it('above 25,000 tokens is warned of, with the filter that lowers it', async () => {
    const { body } = await create({ name: nextName(), document: many(120) });
    expect(body.list_tokens).toBeGreaterThan(25_000);
    expect(body.warnings).toEqual([expect.stringMatching(/240 tools takes about \d+ tokens .* `operations: \{include, exclude\}`/)]);
  });

  it.each<[string, object, string[]]>([
    ['a tag', { include: [{ tag: 'orders' }] }, ['get0', 'get2']],
    ['a method', { include: [{ method: 'delete' }] }, ['delete0', 'delete1', 'delete2', 'delete3']],
    ['a path', { include: [{ path: '/orders/*' }] }, ['get0', 'delete0', 'get2', 'delete2']],
    ['an id', { include: [{ id: 'get?' }], exclude: [{ id: 'get3' }] }, ['get0', 'get1', 'get2']],
    ['all that one selector states', { include: [{ method: 'GET', path: '/customers/*' }] }, ['get1', 'get3']],
    ['what is left out', { exclude: [{ method: 'DELETE' }, { tag: 'orders' }] }, ['get1', 'get3']],
    ['nothing', {}, ['get0', 'delete0', 'get1', 'delete1', 'get2', 'delete2', 'get3', 'delete3']],
  ])('is lowered by a filter that states %s', async (_what, operations, ids) => {
    const { body } = await create({ name: nextName(), document: many(4), operations });
    const shown = await plane.request<Api>('GET', `/v1/apis/${body.api_id}`);
    expect([body.tools, shown.body.operations?.map(({ operation_id: id }) => id).sort()]).toEqual([ids.length, ids.toSorted()]);
    expect([body.warnings, shown.body.operations_filter]).toEqual([[], operations]);
  });

  it('comes with a warning when a selector fits nothing, or nothing is left', async () => {
    const { body } = await create({ name: nextName(), document: many(2), operations: { include: [{ tag: 'oders' }] } });
    expect(body.warnings).toEqual([
      'The selector {"tag":"oders"} of the filter fits no operation of the document.',
      expect.stringContaining('The API gives no tool'),
    ]);
  });

  it('keeps its filter when the document is replaced, until another filter is given', async () => {
    const { body } = await create({ name: nextName(), document: many(4), operations: { include: [{ tag: 'orders' }] } });
    const update = (more: object) => plane.request<Api>('PUT', `/v1/apis/${body.api_id}`, { body: { document: many(6), ...more } });
    expect((await update({})).body.tools).toBe(3);
    expect((await update({ operations: {} })).body.tools).toBe(12);
    const edit = (operations: object | null) => plane.request<Api>('PATCH', `/v1/apis/${body.api_id}`, { body: { operations } });
    expect((await edit({ include: [{ method: 'GET' }] })).body).toMatchObject({ tools: 6, operations_filter: { include: [{ method: 'GET' }] } });
    expect((await edit(null)).body.tools).toBe(12);
  });

  it('is told by a dry run, which answers as the call would and saves nothing', async () => {
    const name = nextName();
    const dry = (method: string, path: string, body: object) => plane.request<Api & Problem>(method, `/v1/apis${path}?dry_run=true`, { body });
    const before = await revisionOf(plane);
    const rehearsed = await dry('POST', '', { name, document: many(3) });
    expect(rehearsed.status).toBe(201);
    expect((await plane.request('GET', `/v1/apis/${rehearsed.body.api_id}`)).status).toBe(404);
    const made = await create({ name, document: many(3) });
    const { api_id: _id, created_at: _created, updated_at: _updated, operations, ...told } = rehearsed.body;
    expect(made.body).toMatchObject(told);
    expect(operations).toEqual((await plane.request<Api>('GET', `/v1/apis/${made.body.api_id}`)).body.operations);
    expect(await dry('POST', '', { name, document: many(3) })).toMatchObject({ status: 409, body: { code: 'name_taken' } });
    expect(await dry('POST', '', { document: 'swagger: "1.2"' })).toMatchObject({ status: 422 });
    expect(await dry('PUT', `/${made.body.api_id}`, { document: many(1) })).toMatchObject({
      status: 200,
      body: { tools: 2, revision: 2, operations: [{}, {}] },
    });
    expect((await plane.request('GET', `/v1/apis/${made.body.api_id}`)).body).toMatchObject({ tools: 6, revision: 1 });
    expect(await revisionOf(plane)).toBe(before + 1n);
    const left = await plane.store.prisma.document_upload.count();
    expect(left).toBe(0);
  });
});

describe('listApis', () => {
  it('pages through all, oldest first, without repeating any', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push((await create({ name: nextName(), document: small() })).body.api_id);
    const seen: Api[] = [];
    let cursor: string | null = null;
    do {
      const answer: { status: number; body: ApiList } = await plane.request<ApiList>(
        'GET',
        `/v1/apis?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      expect(answer.status).toBe(200);
      expect(answer.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...answer.body.items);
      cursor = answer.body.next_cursor;
    } while (cursor !== null && seen.length < 1000);
    const ids = seen.map((api) => api.api_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(-5)).toEqual(made);
    expect(seen.at(-1)).toMatchObject({ tools: 1 });
    expect(seen.at(-1)).not.toHaveProperty('document');
  });

  it('finds one by its name', async () => {
    const { body } = await create({ name: nextName(), document: small() });
    const found = await plane.request<ApiList>('GET', `/v1/apis?name=${body.name}`);
    expect(found.body.items.map((api) => api.api_id)).toEqual([body.api_id]);
  });

  it('answers 400 to a limit or a cursor that is none', async () => {
    expect((await plane.request('GET', '/v1/apis?limit=0')).status).toBe(400);
    expect((await plane.request('GET', '/v1/apis?cursor=nonsense')).status).toBe(400);
  });
});

describe('updateApi', () => {
  const update = (id: string, body: object) => plane.request<Api & Problem>('PUT', `/v1/apis/${id}`, { body });

  it('replaces the document, raises the revisions, and keeps name and credential unless told otherwise', async () => {
    const made = await create({ name: nextName(), document: small(), upstream_auth: { header: 'X-Key', value: 'k1' } });
    const before = await revisionOf(plane);
    const { status, body } = await update(made.body.api_id, { document: { ...small('changed'), info: { title: 'New', version: '2' } } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      api_id: made.body.api_id,
      name: made.body.name,
      title: 'New',
      version: '2',
      revision: 2,
      has_upstream_auth: true,
      created_at: made.body.created_at,
    });
    expect(await revisionOf(plane)).toBe(before + 1n);
    await update(made.body.api_id, { document: small(), upstream_auth: { header: 'X-Key', value: 'k2' } });
    const row = await plane.store.prisma.api.findUniqueOrThrow({ where: { id: made.body.api_id } });
    expect(await plane.context.keys.open(row.upstream_auth ?? new Uint8Array(), `upstream_auth:${row.id}`, row.tenant_id)).toContain('k2');
    expect(row.revision).toBe(3);
  });

  it('answers 409 to the name of another API and 422 to a bad document, changing nothing', async () => {
    const [one, two] = [await create({ name: nextName(), document: small() }), await create({ name: nextName(), document: small() })];
    expect((await update(two.body.api_id, { name: one.body.name, document: small() })).status).toBe(409);
    expect((await update(two.body.api_id, { document: 'swagger: "2.0"' })).status).toBe(422);
    expect((await update(two.body.api_id, {})).status).toBe(400);
    expect((await plane.request<Api>('GET', `/v1/apis/${two.body.api_id}`)).body).toMatchObject({ name: two.body.name, revision: 1 });
  });
});

describe('deleteApi', () => {
  it('deletes it with its deployments and attachments', async () => {
    const { body } = await create({ name: nextName(), document: small() });
    await plane.request('POST', '/v1/deployments', { body: { api_id: body.api_id, targets: { modes: ['connect'] } } });
    await plane.request('POST', '/v1/policies', {
      body: { name: 'limit', policy: { kind: 'rate_limit', config: { limit: 1, window_s: 1 } }, attached_to: [{ api_id: body.api_id }] },
    });
    const before = await revisionOf(plane);
    expect((await plane.request('DELETE', `/v1/apis/${body.api_id}`)).status).toBe(204);
    expect((await plane.request('GET', `/v1/apis/${body.api_id}`)).status).toBe(404);
    expect((await plane.request<{ items: [] }>('GET', `/v1/deployments?api_id=${body.api_id}`)).body.items).toEqual([]);
    expect(await revisionOf(plane)).toBe(before + 1n);
    expect((await plane.request('DELETE', `/v1/apis/${body.api_id}`)).status).toBe(404);
    expect(await revisionOf(plane)).toBe(before + 1n);
  });
});

it('every operation on APIs is for operators, writing for administrators', async () => {
  await expectGuarded(plane, [
    { method: 'GET', path: '/v1/apis' },
    { method: 'POST', path: '/v1/apis', body: { document: small() } },
    { method: 'GET', path: `/v1/apis/${nowhere}` },
    { method: 'PUT', path: `/v1/apis/${nowhere}`, body: { document: small() } },
    { method: 'DELETE', path: `/v1/apis/${nowhere}` },
  ]);
});
