import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Api, Approval, Deployment, Environment } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from './test-control-plane.ts';
import type { TestControlPlane } from './test-control-plane.ts';

type Refused = { code?: string; detail?: string; errors?: { pointer: string; message: string }[] };

/** A Control Plane for the tests of a file, with two who manage it, and an environment and an API for each test. The members are there once a test runs. */
export function approvalsBench() {
  let plane: TestControlPlane;
  let [ada, bob, environment] = ['', '', ''];
  let api: Api;
  let names = 0;
  const nextName = (kind: string): string => `${kind}-${(names += 1)}`;
  const as = async <T>(token: string, method: string, path: string, body?: object, headers = {}) =>
    plane.request<T & Refused>(method, path, { token, headers, ...(body === undefined ? {} : { body }) });
  const mint = async (more: object, token = plane.adminToken) =>
    (await as<{ secret: string; token: { token_id: string } }>(token, 'POST', '/v1/operator-tokens', { name: nextName('token'), ...more })).body;
  const document = (version = '1') => ({
    openapi: '3.1.0',
    info: { title: 'Things', version },
    servers: [{ url: 'https://api.example.com' }],
    paths: {},
  });
  beforeAll(async () => {
    plane = await startTestControlPlane();
    [ada, bob] = (await Promise.all([mint({ role: 'publisher' }), mint({ role: 'admin' })])).map(({ secret }) => secret) as [string, string];
  });
  afterAll(() => plane.close());
  beforeEach(async () => {
    environment = nextName('env');
    api = (await as<Api>(plane.adminToken, 'POST', '/v1/apis', { name: nextName('api'), document: document() })).body;
  });
  return {
    get plane() {
      return plane;
    },
    /** A publisher. */
    get ada() {
      return ada;
    },
    /** An administrator. */
    get bob() {
      return bob;
    },
    get environment() {
      return environment;
    },
    get api() {
      return api;
    },
    nextName,
    as,
    mint,
    document,
    demand: (where: string, four_eyes: string[], token = plane.adminToken) =>
      as<Environment & Approval>(token, 'PUT', `/v1/environments/${where}`, { four_eyes }),
    approve: (token: string, { approval_id: id }: Approval, body = {}) => as<Approval>(token, 'POST', `/v1/approvals/${id}/approve`, body),
    deploy: (more: object = {}) =>
      as<Deployment & Approval>(ada, 'POST', '/v1/deployments', {
        api_id: api.api_id,
        targets: { environments: [environment] },
        revision: 1,
        ...more,
      }),
    limit: (count: number) => ({ kind: 'rate_limit', config: { limit: count, window_s: 60 } }),
  };
}
