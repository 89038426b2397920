import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from './directory-lock.ts';

const words = { kind: 'data directory', holder: 'another control plane' };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stoa-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('the lock of a data directory', () => {
  it('refuses a second holder in one sentence with the directory and the pid, until it is given back', async () => {
    const unlock = await lockDirectory(directory, words);
    await expect(lockDirectory(directory, words)).rejects.toThrow(
      `The data directory ${directory} is in use by another control plane (pid ${process.pid}): stop it, or choose another data directory.`,
    );
    await unlock();
    const unlockAgain = await lockDirectory(directory, words);
    await unlockAgain();
  });

  it('is given to one of many who ask at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory, words)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await readdir(directory)).filter((name) => !/^lock\.\d+$/.test(name))).toEqual([]);
  });

  it('is lost by a holder that was killed', async () => {
    const module = JSON.stringify(new URL('./directory-lock.ts', import.meta.url).href);
    const script = `const { lockDirectory } = await import(${module}); await lockDirectory(${JSON.stringify(directory)}, ${JSON.stringify(words)}); console.log('held'); setInterval(() => {}, 1e6);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    await expect(lockDirectory(directory, words)).rejects.toThrow(`pid ${holder.pid}`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(directory, words)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is given to whoever asks when a power failure left half a lock', async () => {
    await writeFile(join(directory, 'lock.3'), '');
    await lockDirectory(directory, words);
    expect(await readdir(directory)).toEqual(['lock.4']);
  });
});
