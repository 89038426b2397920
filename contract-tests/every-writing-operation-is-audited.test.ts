import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import { audited } from './suite/audited.ts';
import { titleOf } from './suite/case.ts';

describe('every operation that writes is recorded', () => {
  let controlPlane: ControlPlane;
  const secrets: string[] = [];
  beforeAll(async () => {
    const started = await startControlPlaneSubject();
    controlPlane = {
      ...started,
      async call(operationId, options) {
        const answer = await started.call(operationId, options);
        secrets.push(...(JSON.stringify([answer.body ?? null, answer.headers]).match(/stoa_(?:op|gk|ck|si|se|in)_[A-Za-z0-9_-]{43}/g) ?? []));
        return answer as never;
      },
    };
  });
  afterAll(() => controlPlane.close());
  audited((cites, sentence, run) => it(titleOf(cites, sentence), () => run(controlPlane)));

  it('and no record holds a secret that an operation answered or was given', async () => {
    const [auth, header] = ['a-key-of-the-upstream', 'a-key-in-a-header'];
    const document = {
      openapi: '3.1.0',
      info: { title: 'Pets', version: '1' },
      servers: [{ url: 'http://127.0.0.1:9' }],
      paths: { '/pets': { get: { operationId: 'listPets', responses: { '200': { description: 'Pets.' } } } } },
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
      security: [{ key: [] }],
    };
    const upstream_auth = [{ scheme: 'key', value: auth }];
    expect((await controlPlane.call('createApi', { body: { name: 'with-secrets', document, upstream_auth } })).status).toBe(201);
    const policy = { kind: 'headers', config: { request: { set: { 'X-Key': header } } } };
    expect((await controlPlane.call('createPolicy', { body: { name: 'with-secrets', policy, attached_to: [] } })).status).toBe(201);
    const rows = await controlPlane.query<{ text: string }>(
      'SELECT r::text AS text FROM audit_record r UNION ALL SELECT p::text FROM audit_personal p',
      [],
    );
    const all = rows.map(({ text }) => text).join('\n');
    expect(secrets.length).toBeGreaterThan(10);
    expect(all).toContain('with-secrets');
    expect([...secrets, auth, header].filter((secret) => all.includes(secret))).toEqual([]);
  });
});
