import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
  // The validator compiles an operation at its first call.
  const document = { openapi: '3.1.0', info: { title: 'Small', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
  const { body } = await plane.request<Api>('POST', '/v1/apis', { body: { document } });
  await plane.request('GET', `/v1/apis/${body.api_id}`);
});
afterAll(() => plane.close());

/** As large as the largest in common use: hundreds of schemas that refer to each other, a thousand operations, and examples for most of the bytes. */
function largeDocument(megabytes: number): object {
  const operations = 900;
  const example = 'e'.repeat(Math.floor((megabytes * 1024 * 1024) / operations) - 1200);
  const schema = (n: number) => ({
    type: 'object',
    description: 'A thing of the repository.',
    properties: { id: { type: 'integer' }, owner: { $ref: `#/components/schemas/S${(n * 7) % 400}` }, name: { type: 'string', pattern: '^[a-z]+$' } },
  });
  const operation = (n: number) => ({
    operationId: `repos/op-${n}`,
    tags: [`tag${n % 40}`],
    summary: `Operation ${n}`,
    parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }],
    requestBody: {
      content: { 'application/json': { schema: { $ref: `#/components/schemas/S${n % 400}` }, examples: { default: { value: { example } } } } },
    },
    responses: { 200: { description: 'Done.', content: { 'application/json': { schema: { $ref: `#/components/schemas/S${(n + 1) % 400}` } } } } },
  });
  return {
    openapi: '3.0.3',
    info: { title: 'Large', version: '1' },
    servers: [{ url: 'https://api.example.com' }],
    paths: Object.fromEntries(
      Array.from({ length: operations }, (_, n) => [
        `/repos/{owner}/${n}`,
        { parameters: [{ name: 'owner', in: 'path', required: true, schema: { type: 'string' } }], post: operation(n) },
      ]),
    ),
    components: { schemas: Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`S${n}`, schema(n)])) },
  };
}

/** A program of its own, so that what the client does is no work of the server's. */
const client = `
  const { readFileSync } = require('node:fs');
  const { URL_OF_APIS: url, TOKEN: token, BODY: body } = process.env;
  const headers = { authorization: 'Bearer ' + token };
  (async () => {
    const made = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: readFileSync(body) });
    const api = await made.json();
    const shown = await fetch(url + '/' + api.api_id, { headers });
    const bytes = (await shown.arrayBuffer()).byteLength;
    console.log(JSON.stringify({ status: made.status, detail: api.detail, tools: api.tools, warnings: api.warnings, bytes }));
  })();`;

/** The longest piece of work that this thread does in one go, in ms of its own processor time: others may use the machine. */
function watchThread(): () => number {
  let longest = 0;
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

describe('a large document', () => {
  it.each([
    ['13 MB as an object', 13, false],
    ['31 MB as text', 31, true],
  ])(
    'of %s is taken, kept and shown, and nobody waits 100 ms for it',
    async (_what, megabytes, asText) => {
      const document = largeDocument(megabytes);
      const folder = await mkdtemp(join(tmpdir(), 'stoa-large-'));
      await writeFile(
        join(folder, 'body.json'),
        JSON.stringify({ name: `large-${megabytes}`, document: asText ? JSON.stringify(document) : document }),
      );
      const env = { ...process.env, URL_OF_APIS: `${plane.url}/v1/apis`, TOKEN: plane.adminToken, BODY: join(folder, 'body.json') };
      const longest = watchThread();
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', client], { env });
      const heldMs = longest();
      await rm(folder, { recursive: true });
      const answer = JSON.parse(stdout) as { status: number; tools: number; warnings: string[]; bytes: number };
      expect(answer).toMatchObject({ status: 201, tools: 900, warnings: [expect.stringContaining('operations: {include, exclude}')] });
      expect(answer.bytes).toBeGreaterThan(megabytes * 1024 * 1024 * 0.9);
      expect(heldMs).toBeLessThan(100);
    },
    240_000,
  );
});
