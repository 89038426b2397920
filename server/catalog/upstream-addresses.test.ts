import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_UPSTREAM_DENY: '10.0.0.0/8,*.denied.example' });
});
afterAll(() => plane.close());

const document = (url: string) => ({ openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url }], paths: {} });
const define = (body: Record<string, unknown>) => plane.request<{ code?: string; detail?: string; api_id?: string }>('POST', '/v1/apis', { body });

it.each([
  'http://169.254.169.254/latest',
  'http://2852039166',
  'http://[::ffff:a9fe:a9fe]',
  'http://0251.0376.0251.0376.',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://0.0.0.0',
])('refuses %s at import, from the document and as upstream_url', async (url) => {
  for (const [index, source] of [{ document: document(url) }, { document: document('http://127.0.0.1:9'), upstream_url: url }].entries()) {
    const { status, body } = await define({ name: `refused-${index}`, ...source });
    expect([status, body]).toEqual([
      422,
      expect.objectContaining({
        code: 'upstream_refused',
        errors: [expect.objectContaining({ pointer: index === 0 ? '/body/document' : '/body/upstream_url' })],
      }),
    ]);
  }
});

it('refuses what a rule denies, and takes loopback and private addresses that none does', async () => {
  expect((await define({ name: 'a', document: document('http://10.1.1.1') })).body.detail).toContain('STOA_UPSTREAM_DENY');
  expect((await define({ name: 'b', document: document('https://x.denied.example') })).status).toBe(422);
  const taken = await define({ name: 'c', document: document('http://192.168.0.1') });
  expect(taken.status).toBe(201);
  const moved = await plane.request('PUT', `/v1/apis/${taken.body.api_id}`, { body: { name: 'c', document: document('http://[fe80::1]') } });
  expect(moved.status).toBe(422);
});
