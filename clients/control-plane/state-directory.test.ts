import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '@stoa/lib/secret.ts';
import { advanceUntil, consumer, createSigner } from './testing/fake-control-plane.ts';
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
    expect(test.restored).toMatchObject([{ state: { generation: 1 } }]);
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

  it.each(['EROFS', 'ENOSPC', 'EACCES'])('that cannot be written (%s) is served from, and that nothing is kept is said', async (code) => {
    await keepOne();
    vi.mocked(lockDirectory).mockRejectedValueOnce(Object.assign(new Error(code), { code }));
    await test.start();
    expect(test.restored).toMatchObject([{ state: { generation: 1 } }]);
    expect(test.said.join('')).toContain('Nothing can be written to the state directory');
  });

  it('that holds no usage directory and takes none is served from, and that is said', async () => {
    await keepOne();
    await rm(join(test.stateDir, 'usage'), { recursive: true });
    await writeFile(join(test.stateDir, 'usage'), 'in the way');
    const connection = await test.start();
    expect(test.restored).toMatchObject([{ state: { generation: 1 } }]);
    expect(test.said.join('')).toContain('Usage cannot be kept');
    await expect(connection.usage.open().close([{ calls: 1 } as never])).rejects.toThrow();
  });

  it('that does not answer stops the start within its time, before anything listens or is restored', async () => {
    vi.useRealTimers();
    // Whoever opens a pipe to read waits until someone writes, as for a file of a network that is away.
    const pipe = join(test.stateDir, 'last-known-good.json');
    execFileSync('mkfifo', [pipe]);
    const listen = vi.fn();
    const late = test.start({ stateTimeoutMs: 100, listen });
    await expect(late).rejects.toThrow(
      /^The state directory \S+ does not answer within 0.1 s: repair its disk or its network, or choose another STOA_STATE_DIR\.$/,
    );
    expect(listen).not.toHaveBeenCalled();
    expect(test.server.calls).toEqual([]);
    // It answers after all: the directory is given back, to whoever comes next.
    await writeFile(pipe, '');
    await rm(pipe);
    await vi.waitFor(() => test.start(), { timeout: 10_000 });
  });

  it('is given back by a start that could not listen', async () => {
    await expect(test.start({ listen: () => Promise.reject(new Error('taken')) })).rejects.toThrow('taken');
    await test.start();
  });

  it('is restored from before anything listens, and its endpoints are announced', async () => {
    await keepOne();
    const restoredBefore: number[] = [];
    await test.start({
      listen: async () => {
        restoredBefore.push(test.restored.length);
        return { mcp: 'http://edge-1/mcp' };
      },
    });
    expect(restoredBefore).toEqual([1]);
    await advanceUntil(() => test.server.named('register').length > 1);
    expect(test.server.named('register').at(-1)?.body).toMatchObject({ endpoints: { mcp: 'http://edge-1/mcp' } });
  });
});

describe('the last good configuration', () => {
  const file = (name: string) => join(test.stateDir, name);
  const readJson = async (name: string) => JSON.parse(await readFile(file(name), 'utf8')) as Record<string, unknown>;
  const stranger = createSigner();

  it('that another key signed is not served, whatever the file says of that key', async () => {
    await keepOne();
    const kept = await readJson('last-known-good.json');
    const forged = { ...kept, signing_key: stranger.key, config: stranger.config(2, [consumer('mallory')]) };
    await writeFile(file('last-known-good.json'), JSON.stringify(forged));
    await test.start();
    expect(test.restored).toEqual([]);
    expect(test.said.join('')).toContain('The last good configuration cannot be used');
  });

  it('is not served either when its key was written beside it: pinned keys are sealed with the gateway key', async () => {
    await keepOne();
    const kept = await readJson('last-known-good.json');
    const pinned = await readJson('signing-keys.json');
    await writeFile(file('last-known-good.json'), JSON.stringify({ ...kept, config: stranger.config(2, [consumer('mallory')]) }));
    for (const { seal } of [pinned, { seal: undefined }, { seal: '' }, { seal: 1 }]) {
      await writeFile(file('signing-keys.json'), JSON.stringify({ ...pinned, keys: [stranger.key], seal }));
      const connection = await test.start();
      expect(test.restored).toEqual([]);
      await connection.stop({ deregister: false });
      await rename(file('last-known-good.json.damaged'), file('last-known-good.json')).catch(() => {});
    }
    expect(test.said.join('')).toContain('was not written by this instance under its gateway key');
  });

  it('is served under another gateway key once the instance has registered with that', async () => {
    await keepOne();
    const other = { gatewayKey: Secret.of('another gateway key') };
    const first = await test.start(other);
    expect(test.restored).toEqual([]);
    await advanceUntil(() => test.server.named('ack').length > 1, 1);
    await first.stop({ deregister: false });
    await test.start(other);
    expect(test.restored).toMatchObject([{ state: { generation: 1 } }]);
  });
});
