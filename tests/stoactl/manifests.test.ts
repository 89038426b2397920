import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import schema from '@stoa/generated/manifests.schema.json' with { type: 'json' };
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine, Ended } from './command-line.ts';

let plane: TestControlPlane;
let empty: TestControlPlane;
let cli: CommandLine;
let dir = '';
const example = join(import.meta.dirname, '../../examples/platform');
const run = (line: string, given = {}): Promise<Ended> => cli.run(line.split(' '), given);
const applied = (text: string, given = {}): Promise<Ended> => run('apply -f -', { stdin: text, ...given });
const consumer = (name: string, labels = '') =>
  `apiVersion: stoa.dev/v1\nkind: Consumer\nmetadata: { name: ${name}${labels === '' ? '' : `, labels: { ${labels} }`} }\n`;
const secretApi = (name: string, source: string) => `apiVersion: stoa.dev/v1
kind: Api
metadata: { name: ${name} }
spec:
  document: { openapi: 3.1.0, info: { title: S, version: '1' }, servers: [{ url: 'https://s.example' }], paths: { /${name}: { get: { operationId: read, responses: { '200': { description: It. } } } } } }
  upstream_auth: [{ in: header, name: X-Key, valueFrom: { ${source} } }]
`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stoactl-manifests-'));
  cpSync(example, join(dir, 'platform'), { recursive: true });
  cli = commandLine();
  plane = await startTestControlPlane();
  empty = await startTestControlPlane();
  for (const [name, { url, adminToken }] of [
    ['empty', empty],
    ['full', plane],
  ] as const)
    await cli.run(['context', 'set', name, '--server', url, '--token-file', '-'], { stdin: adminToken });
});
afterAll(async () => {
  cli.remove();
  rmSync(dir, { recursive: true, force: true });
  await Promise.all([plane?.close(), empty?.close()]);
});

describe('apply', () => {
  it('takes the example platform, a second time changes nothing, and then there is no difference', async () => {
    expect(await run(`diff -f ${example}`)).toMatchObject({ code: 1, out: expect.stringContaining('+ Api/shop\n') });
    expect(await run(`apply -f ${example} --dry-run=server`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Api/shop created (dry run)\n'),
    });
    const first = await run(`apply -f ${example}`);
    expect(first).toEqual({
      code: 0,
      out: [
        'Consumer/shop-assistant',
        'Consumer/shop-partner',
        'Api/shop',
        'Policy/shop-gold-limit',
        'Policy/shop-limit',
        'Policy/shop-key',
        'Plan/shop-gold',
        'Subscription/shop-assistant/shop',
        'Subscription/shop-partner/plan/shop-gold',
        'Deployment/shop-demo',
      ]
        .map((id) => `${id} created\n`)
        .join(''),
      err: expect.stringMatching(/^Deployment\/shop-demo: No gateway fits the targets at present\..*\n$/),
    });
    const revision = async () => (await plane.request<{ items: { revision: number }[] }>('GET', '/v1/apis')).body.items.map((api) => api.revision);
    expect(await revision()).toEqual([1]);
    expect((await run(`apply -f ${example}`)).out).toBe(first.out.replaceAll(' created', ' unchanged'));
    expect(await revision()).toEqual([1]);
    expect(await run(`diff -f ${example}`)).toEqual({ code: 0, out: '', err: '' });
  });

  it('changes what is other than it shall be, and diff names the member', async () => {
    const file = join(dir, 'platform/shop.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('limit: 100', 'limit: 7')
        .replace('labels: { app: shop }\nspec:\n  document', 'labels: { app: shop, tier: x }\nspec:\n  document'),
    );
    const document = join(dir, 'platform/shop.openapi.yaml');
    writeFileSync(document, readFileSync(document, 'utf8').replace('Read one order', 'Read an order'));
    const { code, out } = await run(`diff -f ${join(dir, 'platform')}`);
    expect(code).toBe(1);
    expect(out).toContain('~ Policy/shop-limit\n    spec.policy.config.limit: 100 → 7\n');
    expect(out).toContain('~ Api/shop\n    labels.tier: (none) → "x"\n');
    expect((await run(`apply -f ${join(dir, 'platform')}`)).out).toMatch(
      /Api\/shop updated\nPolicy\/shop-gold-limit unchanged\nPolicy\/shop-limit updated\nPolicy\/shop-key unchanged/,
    );
    expect((await run(`diff -f ${join(dir, 'platform')}`)).code).toBe(0);
    expect((await run(`diff -f ${example}`)).out).toContain('~ Api/shop');
    await run(`apply -f ${example}`);
    expect((await run(`diff -f ${example}`)).code).toBe(0);
  });

  it('asks the server in a dry run about every kind, with its place, and nothing is saved', async () => {
    const manifests = `${consumer('tried')}spec: { team: no-such-team }
---
apiVersion: stoa.dev/v1
kind: Policy
metadata: { name: tried-limit }
spec:
  policy:
    kind: tool_access
    config: { cedar: permit( }
---
apiVersion: stoa.dev/v1
kind: Team
metadata: { name: tried }
spec: { members: [{ user: nobody@example.com, roles: [viewer] }] }
---
apiVersion: stoa.dev/v1
kind: GatewayKey
metadata: { name: tried }
spec: { team: no-such-team }
---
apiVersion: stoa.dev/v1
kind: Deployment
metadata: { name: tried }
spec: { api: shop, targets: { environments: [demo] }, revision: 99 }
`;
    const { code, out, err } = await run('apply -f - --dry-run=server', { stdin: manifests });
    expect([code, out]).toEqual([1, '']);
    for (const line of [
      /^stdin:4: Consumer\/tried spec\.team /m,
      /^stdin:12: Policy\/tried-limit spec\.policy/m,
      /^stdin:17: Team\/tried /m,
      /GatewayKey\/tried /,
      /Deployment\/tried /,
    ])
      expect(err).toMatch(line);
    const sound = `${consumer('tried')}---\napiVersion: stoa.dev/v1\nkind: Team\nmetadata: { name: tried }\n---\napiVersion: stoa.dev/v1\nkind: GatewayKey\nmetadata: { name: tried }\nspec: { team: tried }\n---\napiVersion: stoa.dev/v1\nkind: Subscription\nspec: { consumer: shop-partner, api: shop }\n`;
    const tried = await run('apply -f - --dry-run=server', { stdin: sound });
    expect([tried.code, tried.out.match(/ created \(dry run\)\n/g)?.length]).toEqual([0, 4]);
    expect((await run('get consumers -o name')).out).not.toContain('consumer/tried\n');
    expect((await run('get teams -o name')).out + (await run('get keys -o name')).out).not.toContain('tried');
  });

  it('tells every fault of every document, each with file and line, and applies nothing', async () => {
    const file = join(dir, 'faults.yaml');
    writeFileSync(
      file,
      `${consumer('fine')}---\napiVersion: stoa.dev/v1\nkind: Policy\nmetadata:\n  nmae: x\nspec:\n  policy: { kind: rate_limit, config: { limit: none, window_s: 60 } }\n---\nkind: Poem\n---\n${consumer('fine')}---\na: [\n`,
    );
    const { code, out, err } = await run(`apply -f ${file}`);
    expect([code, out]).toEqual([1, '']);
    for (const [line, words] of [
      [8, 'metadata.nmae is not known here'],
      [8, 'metadata.name is required'],
      [10, 'spec.policy.config.limit must be a whole number'],
      [12, 'kind must be one of Team, Consumer, Api'],
      [14, 'Consumer/fine stands in'],
      [19, ''],
    ])
      expect(err).toContain(`${file}:${line}: ${words}`);
    expect((await run('get consumer fine')).code).toBe(5);
    const references = `${consumer('fine')}---\napiVersion: stoa.dev/v1\nkind: Subscription\nspec: { consumer: fine, api: nowhere }\n`;
    expect(await applied(references)).toMatchObject({
      code: 1,
      err: expect.stringContaining('stdin:7: Subscription/fine/nowhere refers to Api/nowhere'),
    });
    // What only the server can judge is judged before anything is written, too.
    const bad = `${consumer('fine')}---\napiVersion: stoa.dev/v1\nkind: Api\nmetadata: { name: bad }\nspec: { document: { openapi: 3.1.0 } }\n`;
    expect(await applied(bad)).toMatchObject({ code: 1, err: expect.stringMatching(/stdin:8: Api\/bad /) });
    expect((await run('get consumer fine')).code).toBe(5);
  });

  it('tells what the server refuses by the member, with file and line', async () => {
    const policy = `apiVersion: stoa.dev/v1
kind: Policy
metadata: { name: placed }
spec:
  policy:
    kind: tool_access
    config:
      cedar: 'permit('
`;
    expect(await applied(policy)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^stdin:8: Policy\/placed spec\.policy\.config\.cedar .*\nNothing was applied\.\n$/s),
    });
  });

  it('takes JSON, several documents one after the other, and a folder with what is in it', async () => {
    const json = (name: string) => JSON.stringify({ apiVersion: 'stoa.dev/v1', kind: 'Consumer', metadata: { name } }, null, 2);
    mkdirSync(join(dir, 'json/deep'), { recursive: true });
    writeFileSync(join(dir, 'json/deep/two.json'), `${json('j-one')}\n${json('j-two')}\n`);
    expect((await run(`apply -f ${join(dir, 'json')}`)).out).toBe('Consumer/j-one created\nConsumer/j-two created\n');
    for (const name of ['j-one', 'j-two']) await run(`delete consumer ${name}`);
  });

  it('prunes what has the label and is in no manifest any more, after it has said so', async () => {
    await applied(`${consumer('p-one', 'set: p')}---\n${consumer('p-two', 'set: p')}---\n${consumer('other', 'set: q')}`);
    expect((await applied(consumer('p-one', 'set: p'), {})).code).toBe(0);
    expect((await cli.run(['apply', '-f', '-', '--prune'], { stdin: consumer('p-one') })).code).toBe(2);
    const preview = await cli.run(['apply', '-f', '-', '--prune', '-l', 'set=p', '--dry-run=server'], { stdin: consumer('p-one', 'set: p') });
    expect(preview).toMatchObject({
      out: 'Consumer/p-one unchanged\nConsumer/p-two deleted (dry run)\n',
      err: expect.stringContaining('  Consumer/p-two\n'),
    });
    const line = ['apply', '-f', '-', '--prune', '-l', 'set=p'];
    const refused = await cli.run(line, { stdin: consumer('p-one', 'set: p'), person: true });
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('Delete them?') });
    expect((await run('get consumer p-two')).code).toBe(0);
    expect((await cli.run(line, { stdin: consumer('p-one', 'set: p') })).out).toBe('Consumer/p-one unchanged\nConsumer/p-two deleted\n');
    expect((await run('get consumers -o name')).out).toBe('consumer/shop-assistant\nconsumer/shop-partner\nconsumer/p-one\nconsumer/other\n');
    for (const name of ['p-one', 'other']) await run(`delete consumer ${name}`);
  });

  it('makes and changes plans and subscriptions to them by the names of what they hold', async () => {
    const plan = (spec: string) => `apiVersion: stoa.dev/v1\nkind: Plan\nmetadata: { name: silver }\nspec: ${spec}\n`;
    const subscription = (spec: string) => `apiVersion: stoa.dev/v1\nkind: Subscription\nspec: ${spec}\n`;
    const both = `${plan('{ apis: [shop], policies: [shop-limit] }')}---\n${subscription('{ consumer: shop-assistant, plan: silver }')}`;
    expect((await applied(both)).out).toBe('Plan/silver created\nSubscription/shop-assistant/plan/silver created\n');
    expect((await applied(both)).out).toBe('Plan/silver unchanged\nSubscription/shop-assistant/plan/silver unchanged\n');
    const other = plan('{ apis: [shop], policies: [shop-gold-limit, shop-limit], description: More }');
    expect(await run('diff -f -', { stdin: other })).toMatchObject({
      code: 1,
      out: '~ Plan/silver\n    spec.policies: shop-limit → shop-gold-limit,shop-limit\n    spec.description: (none) → "More"\n',
    });
    expect((await applied(other)).out).toBe('Plan/silver updated\n');
    expect((await run('get plans -o csv')).out).toContain('silver,1,2,');
    expect((await run('describe plan silver')).out).toContain('More');
    expect((await run('get subscriptions -o name')).out).toContain('subscription/shop-assistant/plan/silver\n');
    expect((await run('delete subscription shop-assistant/plan/silver')).code).toBe(0);
    expect((await run('delete plan silver')).code).toBe(0);
    for (const [text, fault] of [
      [plan('{ apis: [nowhere], policies: [shop-limit] }'), 'stdin:4: Plan/silver refers to Api/nowhere'],
      [plan('{ policies: [shop-key] }'), 'stdin:4: Plan/silver'],
      [subscription('{ consumer: shop-assistant }'), 'stdin:3: spec must name an api, a plan, an mcp_server or a tool_set, and one alone'],
      [
        subscription('{ consumer: shop-assistant, api: shop, plan: shop-gold }'),
        'stdin:3: spec must name an api, a plan, an mcp_server or a tool_set, and one alone',
      ],
      [subscription('{ consumer: shop-assistant, plan: none }'), 'Subscription/shop-assistant/plan/none refers to Plan/none'],
    ] as const)
      expect(await applied(text), text).toMatchObject({ code: 1, err: expect.stringContaining(fault) });
  });

  it('is refused when somebody else was faster, and names the member that he changed', async () => {
    const proxy = createServer(async (request, response) => {
      if (request.method === 'PATCH') await plane.request('PATCH', request.url ?? '', { body: { labels: { by: 'another' } } });
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { authorization = '', 'if-match': match } = request.headers as Record<string, string>;
      const answer = await fetch(`${plane.url}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { authorization, 'content-type': 'application/json', ...(match === undefined ? {} : { 'if-match': match }) },
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const headers = Object.fromEntries(
        ['content-type', 'etag'].flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name) ?? '']] : [])),
      );
      response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    await cli.run(['context', 'set', 'raced', '--server', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, '--token-file', '-'], {
      stdin: plane.adminToken,
    });
    await applied(consumer('raced', 'by: me'));
    const lost = await applied(consumer('raced', 'by: me, more: x'));
    expect(lost).toMatchObject({
      code: 6,
      err: expect.stringMatching(/^stdin:\d+: Consumer\/raced somebody else changed labels\.by: "me" → "another" meanwhile/),
    });
    proxy.close();
    await run('context use full');
    await run('delete consumer raced');
  });

  it('says which version of what an API is and when it is given up, exports it, and takes it away where it is said no more', async () => {
    const api = (lifecycle: string) => `apiVersion: stoa.dev/v1
kind: Api
metadata: { name: versioned-v1 }
spec:
  document: { openapi: 3.1.0, info: { title: S, version: '1' }, servers: [{ url: 'https://s.example' }], paths: {} }
${lifecycle}`;
    const given = api("  lifecycle: { version_of: versioned, version: v1, deprecated_at: '2026-11-01T01:00:00+01:00', successor: versioned-v2 }\n");
    expect(await applied(given)).toMatchObject({ code: 0, out: 'Api/versioned-v1 created\n' });
    expect((await applied(given)).out).toBe('Api/versioned-v1 unchanged\n');
    const exported = (await run('export apis')).out.split('---\n').find((each) => each.includes('name: versioned-v1\n'));
    expect(exported).toMatch(
      /lifecycle:\n\s+version: v1\n\s+successor: versioned-v2\n\s+version_of: versioned\n\s+deprecated_at: 2026-11-01T00:00:00.000Z/,
    );
    expect((await run('get apis')).out).toMatch(/versioned-v1.*2026-11-01T00:00:00.000Z/);
    expect((await applied(api(''))).out).toBe('Api/versioned-v1 updated\n');
    expect((await run('get api versioned-v1 -o json')).out).not.toContain('lifecycle');
  });
});

describe('secrets', () => {
  it('come from the environment or a file, are never printed, and one that is missing is a fault with its place', async () => {
    expect(await applied(secretApi('s-env', 'env: S_KEY'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/stdin:\d+: Api\/s-env names the variable S_KEY, which is not set/),
    });
    const env = { S_KEY: 'hunter2' };
    expect((await applied(secretApi('s-env', 'env: S_KEY'), { env })).out).toBe('Api/s-env created\n');
    expect((await applied(secretApi('s-env', 'env: S_KEY'), { env })).out).toBe('Api/s-env unchanged\n');
    const other = await run('diff -f -', { stdin: secretApi('s-env', 'env: S_KEY'), env: { S_KEY: 'hunter3' } });
    expect(other).toMatchObject({ code: 1, out: '~ Api/s-env\n    spec.upstream_auth: "one" → "another"\n' });
    writeFileSync(join(dir, 'key'), 'hunter2\n');
    expect((await applied(secretApi('s-env', `file: '${join(dir, 'key')}'`))).out).toBe('Api/s-env unchanged\n');
  });

  it('are references in what is exported: the server that has them keeps them, another is told by name which are missing', async () => {
    const { out } = await run('export apis');
    expect(out).toContain('name: s-env/X-Key');
    expect(out).not.toContain('hunter2');
    expect((await run('diff -f -', { stdin: out })).code).toBe(0);
    const elsewhere = await cli.run(['--context', 'empty', 'apply', '-f', '-', '--dry-run=server'], { stdin: out });
    expect(elsewhere).toMatchObject({ code: 0, err: expect.stringContaining('the server has no secret s-env/X-Key') });
  });

  it('that runtimes have are written as references, whatever the kind of credential, and no server is asked for them', async () => {
    const credentials = `[{ in: header, name: X-Key, valueFrom: { runtime: orders-key } },
      { kind: client_credentials, token_endpoint: 'https://id.example/token', client_id: g, client_secret: { valueFrom: { env: S_CLIENT } } },
      { kind: client_certificate, certificate: { valueFrom: { runtime: c } }, key: { valueFrom: { runtime: k } } }, { kind: assertion }]`;
    const manifest = secretApi('s-kinds', 'runtime: x').replace(/upstream_auth: .*/, `upstream_auth: ${credentials}`);
    const env = { S_CLIENT: 'hunter5' };
    expect((await applied(manifest, { env })).out).toBe('Api/s-kinds created\n');
    expect((await applied(manifest, { env })).out).toBe('Api/s-kinds unchanged\n');
    const out = (await run('export apis')).out.split('---\n').find((each) => each.includes('name: s-kinds\n')) ?? '';
    expect(out).toContain('runtime: orders-key');
    expect(out).toContain('name: s-kinds/client_secret');
    expect(out).not.toContain('hunter5');
    expect((await run('diff -f -', { stdin: out })).code).toBe(0);
    expect((await applied(out.replace('runtime: orders-key', 'runtime: other-key'))).err).toContain('give all of them, or none');
    await run('delete api s-kinds');
  });

  it('of new gateway keys go to a file of their own, and to no output', async () => {
    const manifest = 'apiVersion: stoa.dev/v1\nkind: GatewayKey\nmetadata: { name: two words }\nspec: { environments: [production] }\n';
    const made = await applied(manifest);
    expect(made.out).toBe('GatewayKey/two words created\n');
    const folder = join(cli.dir, 'gateway-keys/full');
    expect(readdirSync(folder)).toEqual(['two-words.key']);
    const secret = readFileSync(join(folder, 'two-words.key'), 'utf8').trim();
    expect(secret).toMatch(/^stoa_gk_/);
    expect(made.out + made.err).not.toContain(secret);
    expect(statSync(join(folder, 'two-words.key')).mode & 0o777).toBe(0o600);
    expect((await applied(manifest)).out).toBe('GatewayKey/two words unchanged\n');
    expect(await applied(manifest.replace('production', 'test'))).toMatchObject({ code: 1, err: expect.stringContaining('revoke it') });
  });
});

describe('export', () => {
  it('of what was made without manifests, with and without a filter, differs from nothing', async () => {
    const document = (path: string) => ({
      openapi: '3.1.0',
      info: { title: 'By hand', version: '1' },
      servers: [{ url: 'https://hand.example' }],
      paths: { [path]: { get: { operationId: 'read', responses: { '200': { description: 'It.' } } } } },
    });
    await plane.request('POST', '/v1/apis', { body: { name: 'by-hand', document: document('/a'), upstream_url: 'https://other.example' } });
    await plane.request('POST', '/v1/apis', {
      body: { name: 'by-hand-too', document: document('/b'), operations: { exclude: [{ method: 'DELETE' }] } },
    });
    const { out } = await run('export apis');
    expect(await run('diff -f -', { stdin: out })).toEqual({ code: 0, out: '', err: '' });
    const unfiltered = out.replace(/ {2}operations:\n(?: {4,}.*\n)+/, '');
    expect(await run('diff -f -', { stdin: unfiltered })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^~ Api\/by-hand-too\n {4}spec\.operations: /),
    });
    for (const name of ['by-hand', 'by-hand-too']) await run(`delete api ${name}`);
  });

  it('applied to an empty server makes the same platform, but for secrets', async () => {
    const exported = await run('export');
    expect(exported.code).toBe(0);
    const there = await cli.run(['--context', 'empty', 'apply', '-f', '-'], { stdin: exported.out });
    expect(there.code).toBe(0);
    const again = await cli.run(['--context', 'empty', 'export']);
    const withoutSecrets = exported.out.replace(/ {2}upstream_auth:\n(?: {4,}.*\n)+/, '');
    expect(again.out).toBe(withoutSecrets);
    expect((await cli.run(['--context', 'empty', 'diff', '-f', '-'], { stdin: again.out })).code).toBe(0);
  });
});

describe('a role that may not read everything', () => {
  const as = async (role: string) => {
    const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: role, role } });
    return { env: { STOA_TOKEN: body.secret } };
  };
  const api = `apiVersion: stoa.dev/v1
kind: Api
metadata: { name: mine, labels: { of: publisher } }
spec: { document: { openapi: 3.1.0, info: { title: M, version: '1' }, servers: [{ url: 'https://m.example' }], paths: {} } }
`;
  const policy = `---\napiVersion: stoa.dev/v1\nkind: Policy\nmetadata: { name: mine, labels: { of: publisher } }
spec: { policy: { kind: rate_limit, config: { limit: 5, window_s: 60 } }, attached_to: [{ api: mine }] }\n`;
  const deployment = `---\napiVersion: stoa.dev/v1\nkind: Deployment\nmetadata: { name: mine }\nspec: { api: mine, targets: { environments: [demo] }, public_path: { prefix: /mine, strip: true } }\n`;

  it('applies, compares and prunes what it may: of no other kind than those of the manifests anything is asked', async () => {
    const publisher = await as('publisher');
    const own = { ...publisher, stdin: api + policy + deployment };
    expect(await run('apply -f -', own)).toEqual({
      code: 0,
      out: 'Api/mine created\nPolicy/mine created\nDeployment/mine created\n',
      err: expect.stringContaining('Deployment/mine: No gateway fits the targets at present.'),
    });
    expect(await run('diff -f -', own)).toEqual({ code: 0, out: '', err: '' });
    const moved = await run('diff -f -', { ...own, stdin: (api + policy + deployment).replace('strip: true', 'host: m.example') });
    expect(moved).toMatchObject({ code: 1, out: expect.stringContaining('spec.public_path.host') });
    const pruned = await run('apply -f - --prune -l of=publisher', { ...publisher, stdin: api + deployment });
    expect(pruned).toMatchObject({ code: 0, out: expect.stringContaining('Policy/mine deleted\n') });
    const key = '---\napiVersion: stoa.dev/v1\nkind: GatewayKey\nmetadata: { name: mine }\n';
    const refused = await run('apply -f -', { ...publisher, stdin: api.replace('publisher', 'another') + key });
    expect(refused).toMatchObject({ code: 4, out: '', err: expect.stringContaining('gateway-keys.read') });
    expect((await run('diff -f -', { ...publisher, stdin: api })).code).toBe(0);
  });

  it('exports what it may, and is told what is left out; what it asks for by its kind is refused', async () => {
    const publisher = await as('publisher');
    const exported = await run('export', publisher);
    expect(exported).toMatchObject({
      code: 0,
      out: expect.stringContaining('kind: Deployment'),
      err: expect.stringMatching(/^teams: they are left out, .*teams\.read[^]*\ngateway-keys: they are left out, .*gateway-keys\.read/),
    });
    expect(exported.out).not.toContain('kind: GatewayKey');
    expect(await run('export gateway-keys', publisher)).toMatchObject({ code: 4, out: '' });
    // A plan without the names of its policies could not be applied anywhere.
    const admin = await as('consumer-admin');
    const partly = await run('export', admin);
    expect(partly.err.match(/^[a-z-]+(?=: they are left out)/gm)).toEqual(['teams', 'policies', 'plans', 'gateway-keys', 'deployments']);
    expect(partly.out).toContain('kind: Consumer');
    await run('delete api mine');
  });
});

describe('the schema of manifests', () => {
  it('judges them without a server', async () => {
    const away = { env: { STOA_CONFIG: '/nowhere/config.yaml' } };
    expect(await run(`validate -f ${example}`, away)).toEqual({ code: 0, out: '10 manifests are sound.\n', err: '' });
    expect((await run('validate -f -', { ...away, stdin: 'kind: Api\n' })).code).toBe(1);
  });

  it('takes in an editor what the command takes', () => {
    const isValid = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(schema);
    const manifests = readdirSync(example)
      .filter((name) => !name.includes('openapi'))
      .flatMap((name) => parseAllDocuments(readFileSync(join(example, name), 'utf8')).map((document) => document.toJS() as unknown));
    expect(manifests.map((manifest) => isValid(manifest))).toEqual(manifests.map(() => true));
    expect(isValid({ apiVersion: 'stoa.dev/v1', kind: 'Consumer', metadata: { name: 'A B' } })).toBe(false);
    expect(isValid({ apiVersion: 'stoa.dev/v1', kind: 'Poem' })).toBe(false);
  });
});
