import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { settings } from '@stoa/gateway/config.ts';
import { startGateway } from '@stoa/gateway/start.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine, Ended } from './command-line.ts';

let plane: TestControlPlane;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let cli: CommandLine;
let upstream: Server;
let site: string;
let file: string;
let key: string;
let nobodysKey: string;
const run = (line: string, given = {}): Promise<Ended> => cli.run(line.split(' '), given);
const asAgent = () => ({ env: { STOA_CONSUMER_KEY: key } });

/** An API with an operation that only reads, one that wants an argument, one that fails, and one that no tool can express. */
const document = (more = {}) => ({
  openapi: '3.1.0',
  info: { title: 'Shelf', version: '1' },
  servers: [{ url: site }],
  paths: {
    '/books': { get: { operationId: 'listBooks', description: 'Tells\nall books.', responses: { '200': { description: 'Books.' } } } },
    '/books/{id}': {
      get: {
        operationId: 'getBook',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { '200': { description: 'A book.' } },
      },
    },
    '/broken': { get: { operationId: 'breakIt', responses: { '200': { description: 'Never.' } } } },
    '/pictures': {
      post: {
        operationId: 'addPicture',
        requestBody: { required: true, content: { 'multipart/form-data': { schema: { type: 'string' } } } },
        responses: { '200': { description: 'Kept.' } },
      },
    },
    ...more,
  },
});

beforeAll(async () => {
  cli = commandLine();
  plane = await startTestControlPlane();
  upstream = createServer((request, response) => {
    if (request.url === '/shelf.json') return response.end(JSON.stringify(document()));
    if (request.url === '/endless') return response.writeHead(200).write('x'.repeat(1024)) && request.socket.destroySoon();
    if (request.url === '/missing.json') return response.writeHead(404).end();
    if (request.url === '/broken') return response.writeHead(500, { 'content-type': 'application/json' }).end('{"why":"broken"}');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ asked: request.url }));
  });
  site = await listen(upstream, { host: '127.0.0.1', port: 0 });
  file = join(cli.dir, 'shelf.json');
  writeFileSync(file, JSON.stringify(document()));
  gateway = await startGateway(
    settings.load({
      argv: [],
      env: {
        STOA_CONTROL_PLANE_URL: plane.url,
        STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
        STOA_LISTEN: '127.0.0.1:0',
        STOA_STATE_DIR: join(cli.dir, 'gateway'),
        STOA_INSTANCE_NAME: 'edge',
      },
    }),
    createLogger({ program: 'test', level: 'silent' }),
  );
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
  for (const name of ['agent', 'nobody']) await plane.request('POST', '/v1/consumers', { body: { name } });
  key = (await run('consumers keys create agent')).out.trim();
  nobodysKey = (await run('consumers keys create nobody')).out.trim();
});
afterAll(async () => {
  await gateway?.stop();
  cli.remove();
  await Promise.all([plane?.close(), upstream && closeGracefully(upstream, 0)]);
});

describe('api import', () => {
  type Report = {
    action: string;
    list_tokens: number;
    tools: { name: string; tokens: number; method: string; path: string }[];
    removed_tools: string[];
    losses: { where: string; what: string; dropped: boolean }[];
  };
  const names = ({ tools }: Report) => tools.map(({ name }) => name);

  it('shows tools, what they cost, and what is lost and why, before it saves anything and after', async () => {
    const dry = await run(`api import ${file} --dry-run`);
    expect(dry).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^api\/shelf created \(dry run\), served at http:/) });
    expect(dry.out).toMatch(/\n3 tools, which take about \d+ tokens of a model's context/);
    expect(dry.out).toMatch(/shelf_listBooks +\d+ +GET \/books +Tells all books\.\n/);
    expect(dry.out).toMatch(/POST \/pictures +all +The multipart/);
    expect((await run('get apis -o name')).out).toBe('');
    expect(await run(`api import ${file} --team nobody --dry-run`)).toMatchObject({ code: 2, err: expect.stringContaining('team') });
    const saved = JSON.parse((await run(`api import ${file} -o json`)).out) as Report;
    expect([saved.action, names(saved)]).toEqual(['created', ['shelf_listBooks', 'shelf_getBook', 'shelf_breakIt']]);
    expect(saved.losses).toEqual([expect.objectContaining({ where: 'POST /pictures', dropped: true })]);
    expect(Math.abs(saved.tools.reduce((sum, { tokens }) => sum + tokens, 0) - saved.list_tokens)).toBeLessThanOrEqual(saved.tools.length);
  });

  it('makes a new revision only of the API that is named, and tells what is gone', async () => {
    expect(await run(`api import ${file}`)).toMatchObject({
      code: 6,
      err: expect.stringContaining('--replace NAME makes the document a new revision'),
    });
    expect(JSON.parse((await run(`api import ${file} --replace shelf -o json`)).out)).toMatchObject({ action: 'unchanged' });
    const shorter = JSON.stringify(
      document({ '/broken': {}, '/pictures': {}, '/pens': { get: { operationId: 'listPens', responses: { '200': { description: 'Pens.' } } } } }),
    );
    const dry = await cli.run(['api', 'import', '-', '--replace', 'shelf', '--dry-run', '-o', 'json'], { stdin: shorter });
    expect(JSON.parse(dry.out)).toMatchObject({ action: 'updated', dry_run: true, removed_tools: ['shelf_breakIt'], losses: [] });
    expect((await run('api import - --replace nobody', { stdin: shorter })).code).toBe(5);
  });

  it('takes a URL, and says why one gives no document', async () => {
    expect(await run(`api import ${site}/shelf.json --name other --dry-run`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('api/other created'),
    });
    expect(await run(`api import ${site}/missing.json`)).toMatchObject({ code: 1, err: expect.stringContaining('answers with status 404') });
    expect(await run(`api import ${site}/endless`)).toMatchObject({ code: 7, err: expect.stringContaining('broke off after') });
    expect(await run('api import http://127.0.0.1:9/a.json')).toMatchObject({ code: 7, err: expect.stringContaining('cannot be reached') });
    const withPassword = await run('api import http://ada:secret@127.0.0.1:9/a.json');
    expect([withPassword.code, withPassword.err.includes('secret')]).toEqual([2, false]);
  });

  it('says what is wrong with a document', async () => {
    expect(await run('api import nowhere.json')).toMatchObject({ code: 1, err: expect.stringContaining('nowhere.json') });
    expect((await run('api import -', { stdin: '' })).code).toBe(1);
    expect((await run('api import -', { stdin: 'no: document' })).code).toBe(1);
    expect((await run(`api import ${file} --label team`)).code).toBe(2);
  });
});

describe('api test', () => {
  const test = async (line: string, given = asAgent()) => {
    const { code, out } = await run(['api test shelf -o json', line].join(' ').trim(), given);
    const { items, result } = JSON.parse(out) as { items: { check: string; status: string; found: string }[]; result?: unknown };
    return { code, statuses: items.map(({ check, status }) => `${check} ${status}`), items, result };
  };

  it('says which step fails, from the deployment to the call, and ends with 1', async () => {
    expect(await run('api test shelf')).toMatchObject({ code: 2, err: expect.stringContaining('STOA_CONSUMER_KEY') });
    expect((await run('api test nobody', asAgent())).code).toBe(5);
    expect(await test('')).toMatchObject({
      code: 1,
      statuses: ['deployed failed', ...['gateway', 'reachable', 'key', 'listed', 'called'].map((step) => `${step} skipped`)],
    });
    const [api] = (await plane.request<{ items: { api_id: string }[] }>('GET', '/v1/apis')).body.items;
    await plane.request('POST', '/v1/deployments', { body: { api_id: api?.api_id, targets: { environments: ['default'] } } });
    await vi.waitFor(async () => expect((await run('get api shelf -o json')).out).toContain('"state": "applied"'), {
      timeout: 20_000,
      interval: 300,
    });
    expect(await test('--consumer agent')).toMatchObject({
      code: 1,
      statuses: expect.arrayContaining(['deployed ok', 'subscribed failed', 'called skipped']),
    });
    await vi.waitFor(
      async () =>
        expect((await test('')).statuses).toEqual(['deployed ok', 'gateway ok', 'reachable ok', 'key ok', 'listed failed', 'called skipped']),
      { timeout: 20_000, interval: 300 },
    );
    await plane.request('POST', '/v1/subscriptions', { body: { api_id: api?.api_id, consumer_name: 'agent' } });
    await vi.waitFor(async () => expect((await test('')).code).toBe(0), { timeout: 20_000, interval: 300 });
    expect(await test('--consumer agent')).toMatchObject({
      code: 0,
      statuses: ['deployed', 'subscribed', 'gateway', 'reachable', 'key', 'listed', 'called'].map((step) => `${step} ok`),
      result: { content: [{ text: '{"asked":"/books"}' }] },
    });
    const refused = await test('', { env: { STOA_CONSUMER_KEY: 'stoa_ck_unknown' } });
    expect([refused.code, refused.statuses.slice(1, 4)]).toEqual([1, ['gateway ok', 'reachable ok', 'key failed']]);
    expect((await test('--gateway http://127.0.0.1:9')).statuses).toContain('reachable failed');
  });

  it('calls the tool that is named with the arguments that are given, and tells what it answered', async () => {
    const { code, items } = await test('--tool getBook --args {"id":"b1"}');
    expect([code, items.at(-1)?.found]).toEqual([0, expect.stringContaining('/books/b1')]);
    expect(await test('--tool shelf_breakIt')).toMatchObject({ code: 1, statuses: expect.arrayContaining(['listed ok', 'called failed']) });
    expect((await test('--tool nothing')).statuses).toContain('listed failed');
    expect((await run('api test shelf --args 3', asAgent())).code).toBe(2);
    const { out } = await run('api test shelf', asAgent());
    expect(out).toMatch(/^STEP +STATUS +FOUND +REMEDY\ndeployed +ok/);
    expect(out).not.toContain(key);
  });
});

describe('tools', () => {
  it('of the tenant are listed with their API and where they are served', async () => {
    expect((await run('tools list')).out).toMatch(/^NAME +API +SERVED +DESCRIPTION\nshelf_listBooks +shelf +default +Tells all books\.\n/);
    expect((await run('tools list --api shelf -o name')).out).toBe('tool/shelf_listBooks\ntool/shelf_getBook\ntool/shelf_breakIt\n');
    expect(JSON.parse((await run('tools list -o json')).out)).toMatchObject({
      items: [{ name: 'shelf_listBooks', api: 'shelf', method: 'GET', path: '/books', served_in: ['default'] }, {}, {}],
    });
    expect((await run('tools list --api nobody')).code).toBe(5);
  });

  it('of a consumer are those that a Gateway shows it', async () => {
    expect((await run(`tools list --gateway ${gateway.url} -o name`, asAgent())).out).toContain('tool/shelf_getBook\n');
    const keyFile = join(cli.dir, 'nobody.key');
    writeFileSync(keyFile, `${nobodysKey}\n`);
    expect(await run(`tools list --gateway ${gateway.url}/mcp --key-file ${keyFile} -o name`)).toEqual({ code: 0, out: '', err: '' });
    expect(await run(`tools list --gateway ${gateway.url}`)).toMatchObject({ code: 3, err: expect.stringContaining('--key-file') });
    for (const option of ['--key-file', '--ca-file'])
      expect(await run(`tools list ${option} x`)).toMatchObject({ code: 2, err: expect.stringContaining(option) });
    expect((await run(`tools list --gateway ${gateway.url} --key-file /dev/zero`)).err).toContain('holds more than');
  });

  it('are called with arguments from the line, a file or stdin', async () => {
    const call = (more: string[], given = {}) =>
      cli.run(['tools', 'call', 'shelf_getBook', '--gateway', gateway.url, ...more], { ...asAgent(), ...given });
    const args = join(cli.dir, 'args.json');
    writeFileSync(args, '{"id":"b2"}');
    expect(JSON.parse((await call(['--args', '{"id":"b 1"}'])).out)).toEqual({ asked: '/books/b%201' });
    expect((await call(['--args', `@${args}`])).out).toContain('/books/b2');
    expect(JSON.parse((await call(['--args', '-', '-o', 'json'], { stdin: '{"id":"b3"}' })).out)).toMatchObject({
      content: [{ text: '{"asked":"/books/b3"}' }],
    });
    expect(
      (await cli.run(['tools', 'call', 'shelf_getBook', '--gateway', gateway.url, '--key-file', '-', '--args', '{"id":"b4"}'], { stdin: key })).code,
    ).toBe(0);
  });

  it('say what went wrong by their exit codes', async () => {
    const call = (line: string, given = asAgent()) => run(`tools call ${line}`, given);
    expect(await call(`shelf_breakIt --gateway ${gateway.url}`)).toMatchObject({ code: 1, out: '', err: expect.stringContaining('broken') });
    expect((await call(`shelf_nothing --gateway ${gateway.url}`)).code).toBe(5);
    expect((await call(`shelf_listBooks --gateway ${gateway.url}`, { env: { STOA_CONSUMER_KEY: 'stoa_ck_unknown' } })).code).toBe(3);
    expect((await call('shelf_listBooks --gateway http://127.0.0.1:9')).code).toBe(7);
    expect((await call(`shelf_listBooks --gateway ${site}`)).code).toBe(1);
    for (const line of [
      'shelf_listBooks',
      'shelf_listBooks --gateway ftp://x',
      `shelf_listBooks --gateway ${gateway.url} --args {`,
      `shelf_listBooks --gateway ${gateway.url} --args - --key-file -`,
    ])
      expect([line, (await call(line)).code]).toEqual([line, 2]);
  });
});

describe('api lint', () => {
  it('says of a document, which nobody keeps, what a model would stumble over, and ends with 1 where a tool is no good', async () => {
    const { code, out, err } = await run('api lint -', { stdin: JSON.stringify(document()) });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/to be mended/) as string });
    expect(out).toMatch(/^3 tools, \d+ tokens: 2 errors, \d+ warnings?\n/);
    expect(out).toMatch(/error description getBook: It has no description\.\n/);
    expect(out).toMatch(/warning parameters getBook: Without a description: id\.\n/);
  });

  it('says it of an API that there is, as JSON too, and of a file beside one of the same name', async () => {
    await run(`api import ${file} --name linted`);
    const json = await run('api lint linted -o json --budget 1');
    expect(JSON.parse(json.out)).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ rule: 'budget' })]) as unknown });
    expect((await run(`api lint ${file}`)).out).toContain('tokens');
    expect((await run('api lint no-such-api')).code).toBe(5);
    expect((await run('api lint linted --budget many')).code).toBe(2);
  });
});
