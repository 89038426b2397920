import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIfPresent, writeDurably } from './durable-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stoa-durable-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('durable files', () => {
  it('are written with mode 0600 unless told otherwise, and replaced whole', async () => {
    const path = join(directory, 'state.json');
    await writeDurably(path, 'a longer first content');
    await writeDurably(path, 'second');
    expect(await readIfPresent(path)).toBe('second');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writeDurably(path, 'third', { mode: 0o644 });
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  it('leave no temporary file behind, not even after a failure', async () => {
    await writeDurably(join(directory, 'a'), 'x');
    await expect(writeDurably(directory, 'cannot replace a directory')).rejects.toThrow();
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('are whole after many writers at once', async () => {
    const path = join(directory, 'shared');
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(5000));
    await Promise.all(contents.map((content) => writeDurably(path, content)));
    expect(contents).toContain(await readIfPresent(path));
  });

  it('that do not exist read as undefined', async () => {
    expect(await readIfPresent(join(directory, 'nothing'))).toBeUndefined();
    await expect(readIfPresent(directory)).rejects.toThrow(/EISDIR/);
  });
});
