import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeConfig, readConfig } from './client-config.ts';
import { configPath } from './config-path.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stoa-config-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const server = 'https://stoa.example';

describe('the configuration of contexts', () => {
  it('has no context while its file is empty, holds nothing but blanks, or is not there', async () => {
    for (const text of ['', '\n', '# mine\n']) {
      const path = join(dir, `empty-${text.length}.yaml`);
      await writeFile(path, text);
      expect(await readConfig(path)).toEqual({ contexts: {} });
    }
    expect(await readConfig(join(dir, 'none.yaml'))).toEqual({ contexts: {} });
  });

  it('is readable by its owner alone, whatever its file was before', async () => {
    const path = join(dir, 'open.yaml');
    await writeFile(path, '', { mode: 0o644 });
    await changeConfig(path, () => ({ current_context: 'a', contexts: { a: { server } } }));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readConfig(path)).toEqual({ current_context: 'a', contexts: { a: { server } } });
  });

  it('loses no change when many are made at once', async () => {
    const path = join(dir, 'many', 'config.yaml');
    const names = Array.from({ length: 12 }, (_, index) => `context-${index}`);
    await Promise.all(names.map((name) => changeConfig(path, (config) => ({ ...config, contexts: { ...config.contexts, [name]: { server } } }))));
    expect(Object.keys((await readConfig(path)).contexts).sort()).toEqual([...names].sort());
  });

  it('keeps what it was when a change fails, and can be changed again', async () => {
    const path = join(dir, 'failing.yaml');
    await changeConfig(path, () => ({ contexts: { a: { server } } }));
    const before = await readFile(path, 'utf8');
    await expect(changeConfig(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await readFile(path, 'utf8')).toBe(before);
    await changeConfig(path, (config) => config);
  });

  it('tells every fault of its file at once, with the name that was probably meant', async () => {
    const path = join(dir, 'faults.yaml');
    await writeFile(path, 'current_contxt: a\ncontexts:\n  a: { sever: https://x }\n  "b c": { server: ftp://x, token: pocket }\n');
    const fault = await readConfig(path).catch((error: Error) => error.message);
    for (const part of [
      'current_contxt is unknown: did you mean current_context?',
      'contexts.a.sever',
      'contexts.a.server must be a URL',
      'b c',
      'token must be one of',
    ])
      expect(fault).toContain(part);
  });

  it('says of a file that is no YAML where it fails', async () => {
    const path = join(dir, 'broken.yaml');
    await writeFile(path, 'contexts: {');
    await expect(readConfig(path)).rejects.toThrow(/broken\.yaml is not YAML: .*line 1/);
  });

  it('is where STOACTL_CONFIG says, or STOA_CONFIG, or else in the folder for configuration of this user', () => {
    expect(configPath({ STOA_CONFIG: '/etc/own.yaml', XDG_CONFIG_HOME: '/x' })).toBe('/etc/own.yaml');
    expect(configPath({ STOACTL_CONFIG: '/etc/contexts.yaml', STOA_CONFIG: '/etc/settings.yaml' })).toBe('/etc/contexts.yaml');
    expect(configPath({ XDG_CONFIG_HOME: '/x' })).toBe('/x/stoa/config.yaml');
    expect(configPath({ HOME: '/home/a' })).toBe('/home/a/.config/stoa/config.yaml');
  });
});
