import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '@stoa/lib/version.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/stoactl');
let plane: TestControlPlane;
let dir = '';
const env = () => ({ PATH: process.env['PATH'], STOA_CONFIG: join(dir, 'config.yaml'), STOA_KEYRING: 'off' });
/** A shell with stdout and stderr as pipes, while servers of this process answer. */
const shell = (script: string) =>
  promisify(execFile)('bash', ['--norc', '-c', `set -eo pipefail; ${script}`], { env: { ...env(), stoactl: program } });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stoactl-'));
  plane = await startTestControlPlane();
  writeFileSync(join(dir, 'token'), plane.adminToken);
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await plane.close();
});

describe('bin/stoactl', () => {
  it('tells its version and explains itself, every exit code with it', () => {
    expect(spawnSync(program, ['--version'], { env: env(), encoding: 'utf8' }).stdout).toBe(`stoactl ${version}\n`);
    const help = spawnSync(program, ['--help'], { env: env(), encoding: 'utf8' });
    expect([help.status, help.stderr]).toEqual([0, '']);
    for (const part of ['Usage: stoactl', 'Exit codes: 0 done', '7 unreachable', 'STOA_TOKEN']) expect(help.stdout).toContain(part);
  });

  it('reads for --help the tree of commands, and neither what a command does nor what reads YAML or speaks with a server', () => {
    const hooks = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });`;
    const main = join(root, 'dist/stoactl/main.mjs');
    const read = (args: string[]) =>
      spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, main, ...args], { env: env(), encoding: 'utf8' })
        .stderr.split('\n')
        .filter((url) => url.startsWith('file:') && url.includes('/dist/stoactl/'));
    const forHelp = read(['--help']);
    expect(forHelp.length).toBeLessThanOrEqual(6);
    expect(forHelp.filter((url) => /\/(yaml|get|context|sign-in|events|watch)-|node_modules/.test(url))).toEqual([]);
    expect(read(['context', 'list']).some((url) => url.includes('/context-'))).toBe(true);
  });

  it('takes a token through a pipe, lists, and ends quietly when its reader has read enough', async () => {
    const { stdout } = await shell(`"$stoactl" context set demo --server ${plane.url} --token-file <(cat "${join(dir, 'token')}")`);
    expect(stdout).toContain('The context demo');
    expect(await shell('"$stoactl" get apis -o json')).toEqual({ stdout: '{\n  "items": []\n}\n', stderr: '' });
    expect(await shell('set +o pipefail; "$stoactl" get apis -o json | head -c 1')).toEqual({ stdout: '{', stderr: '' });
  });

  it('loads neither fetch nor TLS to ask a server on this machine', async () => {
    const tell = `process.once('exit', () => process.stderr.write(process.moduleLoadList.filter((name) => /undici|NativeModule (https|tls)$/.test(name)).join()))`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, join(root, 'dist/stoactl/main.mjs'), 'get', 'gateways', '-o', 'json'],
      { env: env() },
    );
    expect([JSON.parse(stdout), stderr]).toEqual([{ items: [] }, '']);
  });

  it('goes through the proxy of the environment, and past it where NO_PROXY says so', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[],"next_cursor":null}');
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const set = `HTTP_PROXY=http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await shell(`"$stoactl" context set far --server http://stoa.invalid --token-file "${join(dir, 'token')}" 2>/dev/null`);
    expect((await shell(`${set} "$stoactl" get apis -o json`)).stdout).toContain('items');
    await shell(`! ${set} NO_PROXY=stoa.invalid "$stoactl" get apis 2>/dev/null`);
    expect(asked).toEqual(['GET http://stoa.invalid/v1/apis']);
    proxy.close();
    await shell('"$stoactl" context use demo');
  });

  it('writes no escape sequence and no progress to what is no terminal', async () => {
    const { stdout, stderr } = await shell('"$stoactl" get apis --all; NO_COLOR=1 "$stoactl" --help');
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toBe('');
  });
});
