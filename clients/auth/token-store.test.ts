import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Keyring } from './keyring.ts';
import { noKeyring } from './keyring.ts';
import { TokenStore } from './token-store.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stoa-tokens-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const token = { access_token: 'stoa_op_0123456789' };
const passphrase = { STOA_KEYRING_PASSPHRASE: 'correct horse' };

function keyringInMemory(): Keyring & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (account) => kept.get(account),
    set: async (account, text) => void kept.set(account, text),
    remove: async (account) => void kept.delete(account),
  };
}

describe('a token', () => {
  it('is kept in the keyring where there is one, and nowhere else', async () => {
    const keyring = keyringInMemory();
    const path = join(dir, 'a.yaml');
    expect(await new TokenStore(path, passphrase, noKeyring).keep('demo', token)).toBe('sealed');
    const store = new TokenStore(path, passphrase, keyring);
    expect(await store.keep('demo', token)).toBe('keyring');
    expect(await store.read('demo', 'keyring')).toEqual(token);
    expect(await readFile(store.path, 'utf8')).toBe('{}\n');
    expect([...keyring.kept.keys()]).toEqual([`demo (${path})`]);
    await store.remove('demo', 'keyring');
    expect(await store.read('demo', 'keyring')).toBeUndefined();
  });

  it('is sealed by the passphrase where there is no keyring: the file does not hold it, and another passphrase does not open it', async () => {
    const path = join(dir, 'b.yaml');
    const store = new TokenStore(path, passphrase, noKeyring);
    expect(await store.keep('demo', token)).toBe('sealed');
    expect(await store.read('demo', 'sealed')).toEqual(token);
    expect(await readFile(store.path, 'utf8')).not.toContain(token.access_token);
    for (const env of [{}, { STOA_KEYRING_PASSPHRASE: 'other' }])
      await expect(new TokenStore(path, env, noKeyring).read('demo', 'sealed')).rejects.toThrow(/STOA_KEYRING_PASSPHRASE/);
  });

  it('is in a file that its owner alone can read, where there is neither', async () => {
    const store = new TokenStore(join(dir, 'new', 'c.yaml'), {}, noKeyring);
    expect(await store.keep('demo', token)).toBe('file');
    expect(await store.read('demo', 'file')).toEqual(token);
    expect((await stat(store.path)).mode & 0o777).toBe(0o600);
    await store.remove('demo', 'file');
    expect(await readFile(store.path, 'utf8')).not.toContain(token.access_token);
  });

  it('from before does not stay in a keyring that takes no other, and goes at the latest when it is removed', async () => {
    const keyring = keyringInMemory();
    const path = join(dir, 'f.yaml');
    const store = new TokenStore(path, {}, keyring);
    const full = new TokenStore(path, {}, { ...keyring, set: noKeyring.set });
    const locked = new TokenStore(path, {}, noKeyring);
    await store.keep('demo', token);
    expect(await full.keep('demo', { access_token: 'stoa_op_next' })).toBe('file');
    expect(keyring.kept.size).toBe(0);
    await store.keep('demo', token);
    expect(await locked.keep('demo', { access_token: 'stoa_op_next' })).toBe('file');
    await store.remove('demo', 'file');
    expect(keyring.kept.size).toBe(0);
  });

  it('of a keyring that is locked is not taken for none', async () => {
    await expect(new TokenStore(join(dir, 'd.yaml'), {}, noKeyring).read('demo', 'keyring')).rejects.toThrow(/unlock it, or sign in again/);
  });

  it('is asked of no keyring when STOACTL_KEYRING, or STOA_KEYRING, is off', async () => {
    const keyring = keyringInMemory();
    for (const env of [{ STOACTL_KEYRING: 'off' }, { STOA_KEYRING: 'off' }])
      expect(await new TokenStore(join(dir, 'e.yaml'), env, keyring).keep('demo', token)).toBe('file');
    expect(keyring.kept.size).toBe(0);
  });
});
