import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { advanceUntil, consumer } from './testing/fake-control-plane.ts';
import { createTestConnection } from './testing/test-connection.ts';
import type { TestConnection } from './testing/test-connection.ts';
import type { ControlPlaneConnectionOptions } from './types.ts';

vi.mock('@stoa/lib/directory-lock.ts', { spy: true });

let test: TestConnection;

beforeEach(() => {
  vi.useFakeTimers();
  test = createTestConnection();
});

afterEach(async () => {
  await test.end();
  vi.useRealTimers();
});

const instance: ControlPlaneConnectionOptions['instance'] = {
  instance_name: 'edge-1',
  gateway_mode: 'edge_mcp',
  version: '1.0.0',
  features: ['mcp'],
  environment: 'production',
};

/** Runs an instance until it has kept a configuration. */
async function keepOne(): Promise<void> {
  test.desire(test.signer.config(1, [consumer('alice')]));
  const connection = await test.start();
  await advanceUntil(() => test.server.named('ack').length > 0, 1);
  await connection.stop({ deregister: false });
}

describe('a state directory', () => {
  it('belongs to one process', async () => {
    const connection = await test.start();
    await expect(test.start()).rejects.toThrow(
      `The state directory (STOA_STATE_DIR) ${test.stateDir} is in use by another process (pid ${process.pid})`,
    );
    await connection.stop({ deregister: false });
    await test.start();
  });

  it.each([
    ['environment', 'staging'],
    ['instance_name', 'edge-2'],
    ['gateway_mode', 'sidecar'],
  ] as const)('of another %s is not served from, and its configuration is kept aside', async (member, value) => {
    await keepOne();
    const connection = await test.start({ instance: { ...instance, [member]: value } });
    expect(test.restored).toEqual([]);
    expect(connection.state()).toMatchObject({ state: 'none' });
    expect(test.said.join('')).toContain(`was given to an instance with the ${member}`);
    expect(await readdir(test.stateDir)).toContain('last-known-good.json.damaged');
  });

  it('of the same instance is served from, whatever its version and labels are now', async () => {
    await keepOne();
    await test.start({ instance: { ...instance, version: '2.0.0', labels: { region: 'eu' } } });
    expect(test.restored).toMatchObject([{ generation: 1 }]);
  });

  it('whose last good configuration cannot be read keeps nobody from starting', async () => {
    await keepOne();
    const path = join(test.stateDir, 'last-known-good.json');
    await rm(path);
    await mkdir(path);
    const connection = await test.start();
    expect(connection.state()).toMatchObject({ state: 'none' });
    expect(test.said.join('')).toContain('cannot be read');
  });

  it('that cannot even move a damaged file aside keeps nobody from starting', async () => {
    await keepOne();
    await mkdir(join(test.stateDir, 'last-known-good.json.damaged', 'in-the-way'), { recursive: true });
    const connection = await test.start({ instance: { ...instance, environment: 'staging' } });
    expect(connection.state()).toMatchObject({ state: 'none' });
    expect(test.said.join('')).toContain('could not be moved aside');
  });

  it.each(['EROFS', 'ENOSPC'])('that cannot be written (%s) is served from, and that nothing is kept is said', async (code) => {
    await keepOne();
    vi.mocked(lockDirectory).mockRejectedValueOnce(Object.assign(new Error(code), { code }));
    await test.start();
    expect(test.restored).toMatchObject([{ generation: 1 }]);
    expect(test.said.join('')).toContain('Nothing can be written to the state directory');
  });
});
