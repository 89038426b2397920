import type { CallApprovalQuestion } from '@stoa/generated/schemas.ts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { json, problem } from './testing/fake-control-plane.ts';
import { createTestConnection } from './testing/test-connection.ts';
import type { TestConnection } from './testing/test-connection.ts';

let test: TestConnection;
beforeEach(() => {
  vi.useFakeTimers();
  test = createTestConnection();
});
afterEach(async () => {
  await test.end();
  vi.useRealTimers();
});

const question: Omit<CallApprovalQuestion, 'lease_epoch'> = {
  claim_id: '4f0c5d0e-1111-4222-8333-444455556666',
  policy: 'a-person-says-yes',
  api_id: '0b0c5d0e-1111-4222-8333-444455556666',
  operation_id: 'deleteOrder',
  tool: 'orders_deleteOrder',
  method: 'DELETE',
  path: '/orders/{order_id}',
  consumer_id: '1b0c5d0e-1111-4222-8333-444455556666',
  arguments: { order_id: 7 },
  arguments_hash: `sha256:${'0'.repeat(64)}`,
  wait_s: 3600,
  valid_s: 900,
};

async function registered() {
  const connection = await test.start();
  await vi.waitFor(() => expect(connection.permit()).toBeDefined());
  return connection;
}

it('a question that got no answer is asked once more, in the name of the same attempt and under the lease', async () => {
  const { askCallApproval } = await registered();
  test.server.next('call-approvals', new Error('connection reset'), json({ state: 'granted' }));
  expect(await askCallApproval(question)).toEqual({ state: 'granted' });
  expect(test.server.named('call-approvals').map(({ body }) => body as object)).toEqual(Array(2).fill({ ...question, lease_epoch: 1 }));
});

it.each([
  ['a server that does not know the question', () => problem(404)],
  ['one that has too many', () => problem(429)],
  ['one that answers otherwise', () => json({ state: 'perhaps' })],
  ['one that answers no JSON', () => new Response('yes')],
])('nothing is known from %s, which is asked once', async (_who, answer) => {
  const { askCallApproval } = await registered();
  test.server.always('call-approvals', answer);
  expect(await askCallApproval(question)).toBeUndefined();
  expect(test.server.named('call-approvals')).toHaveLength(1);
});

it('a server that is silent is waited for ten seconds', async () => {
  const { askCallApproval } = await registered();
  const asked = askCallApproval(question);
  await vi.advanceTimersByTimeAsync(10_100);
  expect(await asked).toBeUndefined();
});

it('nobody is asked without a lease', async () => {
  test.server.always('register', () => 'never');
  const { askCallApproval } = await test.start();
  expect(await askCallApproval(question)).toBeUndefined();
  expect(test.server.named('call-approvals')).toEqual([]);
});

it('no more than thirty-two questions are asked at a time', async () => {
  const { askCallApproval } = await registered();
  const asked = Array.from({ length: 33 }, () => askCallApproval(question));
  expect(await asked.at(-1)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(10_100);
  expect(test.server.named('call-approvals')).toHaveLength(64);
});
