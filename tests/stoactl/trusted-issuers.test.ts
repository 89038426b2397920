import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
const run = (line: string, given = {}) => cli.run(line.split(' '), given);
beforeAll(async () => {
  cli = commandLine();
  plane = await startTestControlPlane();
  await cli.run(['context', 'set', 'here', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
});
afterAll(async () => {
  cli.remove();
  await plane?.close();
});

const manifest = (skewS = 30, secret = 'SECRET') => `apiVersion: stoa.dev/v1
kind: TrustedIssuer
metadata: { name: agents }
spec:
  rules:
    issuer: https://127.0.0.1/realms/agents
    clock_skew_s: ${skewS}
    consumers: [{ claim: azp, value: helpdesk, consumer: support-agent }]
    scopes: ['mcp:tools']
  introspection: { client_id: gateway, client_secret: { valueFrom: { env: ${secret} } } }
---
apiVersion: stoa.dev/v1
kind: Consumer
metadata: { name: support-agent }
`;
const env = { SECRET: 'one', OTHER: 'two' };

it('applies a trusted issuer after the consumers that it names, tells another secret from the same, exports it without, and deletes it', async () => {
  const apply = async (stdin: string) => (await run('apply -f -', { stdin, env })).out;
  expect(await apply(manifest())).toBe('Consumer/support-agent created\nTrustedIssuer/agents created\n');
  expect(await apply(manifest())).toBe('Consumer/support-agent unchanged\nTrustedIssuer/agents unchanged\n');
  expect(await apply(manifest(5))).toContain('TrustedIssuer/agents updated');
  expect(await apply(manifest(5, 'OTHER'))).toContain('TrustedIssuer/agents updated');
  const exported = (await run('export trusted-issuers')).out;
  expect(exported).toContain('name: agents/client_secret');
  expect((await run('diff -f -', { stdin: exported })).code).toBe(0);
  expect((await run('get issuers')).out).toMatch(/agents .*realms\/agents .*support-agent .*mcp:tools/);
  expect((await run('delete trusted-issuer agents')).code).toBe(0);
});

it('tells of a consumer that is nowhere', async () => {
  const stdin = manifest().replace('consumer: support-agent', 'consumer: nobody-here');
  expect(await run('apply -f -', { stdin, env })).toMatchObject({ code: 1, err: expect.stringContaining('refers to Consumer/nobody-here') });
});
