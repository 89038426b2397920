import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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

it.each([
  ['http://control-plane.test', true],
  ['http://10.0.0.5:8080', true],
  ['https://control-plane.test', false],
  ['http://127.0.0.1:8080', false],
  ['http://localhost:8080', false],
  ['http://[::1]:8080', false],
])('for %s, that the key travels unencrypted is said: %s', async (controlPlaneUrl, said) => {
  await test.start({ controlPlaneUrl });
  expect(test.said.join('').includes('unencrypted')).toBe(said);
  expect(test.said.join('')).not.toContain('gateway-key');
});

it('names no address to whoever asks for readiness, and does in the log', async () => {
  test.server.always('register', () => new Error('connect ECONNREFUSED 10.0.0.5:8080'));
  const connection = await test.start();
  await vi.advanceTimersByTimeAsync(5000);
  expect(connection.state().reason).toBe('The Control Plane gave no usable answer (registration).');
  expect(test.said.join('')).toContain('10.0.0.5');
});
