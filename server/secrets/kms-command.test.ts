import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { productFile } from '../product-file.ts';
import { askKms } from './kms-command.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stoa-kms-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function script(text: string): Promise<string> {
  const path = join(dir, `${randomBytes(4).toString('hex')}.sh`);
  await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  return path;
}

describe('the program that reaches a KMS', () => {
  it('is given the verb and the bytes, and nothing of our settings', async () => {
    vi.stubEnv('STOA_MASTER_KEY', 'not for others');
    vi.stubEnv('VAULT_ADDR', 'https://vault.example');
    const seen = join(dir, 'seen');
    const program = await script(`env > ${seen}; echo "verb $1" >> ${seen}; cat`);
    const bytes = randomBytes(32);
    expect(await askKms(program, 'wrap', bytes)).toEqual(bytes);
    const text = await readFile(seen, 'utf8');
    expect(text).toContain('verb wrap\n');
    expect(text).toContain('VAULT_ADDR=https://vault.example');
    expect(text).not.toContain('not for others');
    vi.unstubAllEnvs();
  });

  it.each([
    [
      'says why and fails',
      'cat >/dev/null; echo "permission denied on key stoa" >&2; exit 3',
      /wrap failed \(exit code 3\), saying "permission denied on key stoa": run it by hand/,
    ],
    ['answers something else', 'echo "not base64!"', /did not answer one line of base64/],
    ['answers nothing', 'true', /did not answer one line of base64/],
    [
      'answers without an end',
      'while :; do echo AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; done',
      /an answer of more than 16384 bytes/,
    ],
  ])('that %s is told in a sentence', async (_what, text, sentence) => {
    await expect(askKms(await script(text), 'wrap', randomBytes(32))).rejects.toThrow(sentence);
  });

  it('that hangs is ended with all that it started', async () => {
    const pidFile = join(dir, 'pid');
    const program = await script(`sleep 600 & echo $! > ${pidFile}; wait`);
    await expect(askKms(program, 'unwrap', randomBytes(32), 1_500)).rejects.toThrow(/no answer within 1\.5 s/);
    const pid = Number(await readFile(pidFile, 'utf8'));
    await expect.poll(() => runs(pid), { timeout: 30_000 }).toBe(false);
  });

  it('that is not there is named', async () => {
    await expect(askKms(join(dir, 'nowhere'), 'wrap', randomBytes(32))).rejects.toThrow(/nowhere wrap failed \(it cannot be started: ENOENT\)/);
  });

  it('is shown by an example that works', async () => {
    const key = join(dir, 'kms.pem');
    execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', key], { stdio: 'ignore' });
    vi.stubEnv('EXAMPLE_KMS_KEY', key);
    const example = productFile('examples/kms/openssl-rsa.sh');
    const bytes = randomBytes(32);
    const wrapped = await askKms(example, 'wrap', bytes);
    expect(wrapped.includes(bytes)).toBe(false);
    expect(await askKms(example, 'unwrap', wrapped)).toEqual(bytes);
    await expect(askKms(example, 'unwrap', randomBytes(256))).rejects.toThrow(/unwrap failed/);
    vi.unstubAllEnvs();
  });
});

/** Whether a process is there that is not only waiting to be collected. */
async function runs(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return state !== '' && !/\) [ZX] /.test(state);
}
