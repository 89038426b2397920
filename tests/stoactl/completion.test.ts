import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles } from '@stoa/generated/permissions.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { kinds } from '@stoa/stoactl/kinds.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

const program = join(import.meta.dirname, '../../bin/stoactl');
const patient = { STOA_COMPLETION_TIMEOUT_MS: '60000' };
let plane: TestControlPlane;
let cli: CommandLine;
beforeAll(async () => {
  // However busy this machine is: what completes is not how fast.
  cli = commandLine(patient);
  plane = await startTestControlPlane();
  for (const name of ['shop-assistant', 'shop-partner', 'other']) await plane.request('POST', '/v1/consumers', { body: { name } });
  await plane.request('POST', '/v1/gateway-keys', { body: { name: 'two words' } });
  await cli.run(['context', 'set', 'elsewhere', '--server', 'http://127.0.0.1:9']);
  await cli.run(['context', 'set', 'here', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

/** What may stand in the place of the last word. */
async function candidates(...words: string[]): Promise<string[]> {
  const { code, out, err } = await cli.run(['__complete', '--', ...words]);
  expect([code, err]).toEqual([0, '']);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  it('knows commands, options and their choices, and nothing that is hidden', async () => {
    expect(await candidates('con')).toEqual(['context', 'consumers', 'conform']);
    expect(await candidates('context', '')).toEqual(['list', 'use', 'set', 'tenant', 'rename', 'delete', 'help']);
    expect(await candidates('get', 'apis', '--o')).toEqual(['--output']);
    expect(await candidates('get', '--context')).toEqual(['--context']);
    expect(await candidates('get', 'apis', '-o', 'j')).toEqual(['json']);
    expect(await candidates('get', 'apis', '--output=y')).toEqual(['--output=yaml']);
    expect(await candidates('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(await candidates('')).not.toContain('__complete');
    expect(await candidates('help', 'exp')).toEqual(['export', 'explain']);
  });

  it('knows kinds, fields, contexts, roles, and the names of things on the server', async () => {
    expect(await candidates('get', '')).toEqual(kinds.map(({ plural }) => plural));
    expect(await candidates('describe', 'consumer', 'shop')).toEqual(['shop-assistant', 'shop-partner']);
    expect(await candidates('get', 'consumer/shop-a')).toEqual(['consumer/shop-assistant']);
    expect(await candidates('consumers', 'erase', 'o')).toEqual(['other']);
    expect(await candidates('delete', 'gateway-key', '')).toEqual(['two words']);
    expect(await candidates('explain', 'plan.spec.')).toEqual(['plan.spec.description', 'plan.spec.apis', 'plan.spec.policies']);
    expect(await candidates('context', 'use', '')).toEqual(['elsewhere', 'here']);
    expect(await candidates('--context', 'h')).toEqual(['here']);
    expect(await candidates('users', 'invite', '--role', '')).toEqual(Object.keys(roles));
    expect(await candidates('tokens', 'create', 'x', '--scope', 'plans.')).toEqual(['plans.read', 'plans.write']);
    await plane.request('PUT', '/v1/environments/production', { body: { four_eyes: ['deployments'] } });
    expect(await candidates('deployments', 'promote', 'x', '--to', '')).toEqual(['production']);
    expect(await candidates('apply', '-f', '')).toEqual([':files']);
  });

  it('is silent where nobody is signed in, where the server is away, and where it does not answer in time', async () => {
    expect(await candidates('--context', 'elsewhere', 'get', 'apis', '')).toEqual([]);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await cli.run(['context', 'set', 'silent', '--server', `http://127.0.0.1:${port}`, '--token-file', '-'], { stdin: plane.adminToken });
    const hurried = { env: { STOA_COMPLETION_TIMEOUT_MS: '50' } };
    expect(await cli.run(['__complete', '--', 'get', 'apis', ''], hurried)).toEqual({ code: 0, out: '', err: '' });
    silent.close();
    silent.closeAllConnections();
    await cli.run(['context', 'use', 'here']);
    const unknown = await cli.run(['__complete', '--', 'get', 'apis', ''], { env: { STOA_CONFIG: '/nowhere/config.yaml' } });
    expect(unknown).toEqual({ code: 0, out: '', err: '' });
  });

  it('completes in bash what the program says, names with blanks, and files', async () => {
    const script = `set -e; source <("$stoactl" completion bash)
      try() { COMP_LINE="$stoactl $1"; COMP_POINT=\${#COMP_LINE}; _stoactl stoactl "$2" ''; printf '%s,' "\${COMPREPLY[@]}"; printf '\\n'; }
      try 'get consumers shop' shop; try 'delete gateway-key ' ''; try 'get apis --output=js' js; try 'apply -f package.js' package.js; try 'get unknown ' ''`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-c', script], {
      cwd: join(import.meta.dirname, '../..'),
      env: { PATH: process.env['PATH'], stoactl: program, STOA_CONFIG: join(cli.dir, 'config.yaml'), STOA_KEYRING: 'off', ...patient },
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual(['shop-assistant,shop-partner,', 'two\\ words,', 'json,', 'package.json,', ',', '']);
  });

  it('has a script for each shell that it names', async () => {
    for (const [shell, words] of [
      ['bash', 'complete -F _stoactl stoactl'],
      ['zsh', '#compdef stoactl'],
      ['fish', 'complete -c stoactl'],
    ] as const)
      expect(await cli.run(['completion', shell])).toMatchObject({ code: 0, err: '', out: expect.stringContaining(words) });
    expect((await cli.run(['completion', 'tcsh'])).code).toBe(2);
  });
});
