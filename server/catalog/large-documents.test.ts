import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Api } from '@stoa/generated/schemas.ts';
import { longestJson } from '@stoa/lib/testing/longest-json.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

// That a heartbeat is answered in less than 100 ms meanwhile is measured by experiments/cases/big-document.ts.
let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
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

/** What goes to the database in one go. */
const maxPartBytes = 1024 * 1024;
/** What is told of an API beside its document and operations, which takes a few milliseconds: a fiftieth of the smaller document. */
const smallJson = (13 * 1024 * 1024) / 50;

describe('a large document', () => {
  it.each([
    ['13 MB as an object', 13, false],
    ['31 MB as text', 31, true],
  ])(
    'of %s is taken, kept and shown, and the thread that answers everybody never reads it',
    async (_what, megabytes, asText) => {
      const document = largeDocument(megabytes);
      const body = JSON.stringify({ name: `large-${megabytes}`, document: asText ? JSON.stringify(document) : document });
      const headers = { authorization: `Bearer ${plane.adminToken}`, 'content-type': 'application/json' };
      const events: string[] = [];
      const queries = vi.spyOn(plane.context.db.pool, 'query');
      const { result, characters } = await longestJson(async () => {
        const sent = fetch(`${plane.url}/v1/apis`, { method: 'POST', headers, body }).finally(() => events.push('taken'));
        while (!events.includes('probe')) if ((await fetch(`${plane.url}/healthz`)).ok) events.push('probe');
        const made = await sent;
        const text = await made.text();
        const { api_id: id } = JSON.parse(text) as Api;
        const shown = await (await fetch(`${plane.url}/v1/apis/${id}`, { headers })).arrayBuffer();
        return { status: made.status, text, shown: shown.byteLength };
      });
      expect([result.status, events]).toEqual([201, ['probe', 'taken']]);
      expect(JSON.parse(result.text)).toMatchObject({ tools: 900, warnings: [expect.stringContaining('operations: {include, exclude}')] });
      expect(result.shown).toBeGreaterThan(megabytes * 1024 * 1024 * 0.9);
      expect(characters).toBeLessThan(smallJson);
      const parameters = queries.mock.calls.flatMap((call) => (call as unknown[])[1] ?? []);
      const largest = Math.max(...parameters.map((value) => (value instanceof Uint8Array ? value.byteLength : 0)));
      expect([largest, queries.mock.calls.length > megabytes]).toEqual([maxPartBytes, true]);
    },
    240_000,
  );
});
